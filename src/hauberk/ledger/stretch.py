"""A stretch of a ledger, recomputed by itself: what an audit shares out among processes, with its words on the wire.

Everything that an entry says of its envelope, the order of their times, and what the computed tables have of them. What
only the whole can show (a time set back between two stretches, an envelope twice, the index) is for `audit` to ask.

As a program, a worker of `hauberk.edge.pool`: the greeting is the log's folder; requests are `stretch START END` and
`index SIZE`, answers JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from hauberk.edge.pool import serve
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified, Unavailable
from hauberk.ledger.entry import MAX_TIME
from hauberk.ledger.index import Totals
from hauberk.ledger.log import Log
from hauberk.ledger.replay import INDEX_TYPE, read_both, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 1024  # entries in memory
_MARK_BYTES = 8  # of an envelope's digest: two that agree in these are looked at whole
_LEAVES = {leaf.__name__: leaf for leaf in (Exceeded, Malformed, NotVerified, Unavailable)}


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was found of the entries from `start` on.

    Attributes:
        start: the number of the first entry.
        indexes: which entries are index statements.
        first: the time of the first entry.
        last: the time of the last one.
        mentions: how many digests the entries speak of, all together.
        marks: the first eight bytes of each envelope's digest, one behind the other, in hex.
    """

    start: int
    indexes: tuple[int, ...]
    first: int
    last: int
    mentions: int
    marks: str


def check_stretch(log: Log, start: int, end: int) -> Stretch:
    """Return what the entries from `start` up to `end` give, at least one; raise the first that does not hold."""
    indexes: list[int] = []
    marks: list[str] = []
    first = last = -1
    mentions = 0
    for place in range(start, end, _AT_ONCE):
        records = log.records(place, min(place + _AT_ONCE, end))
        entries = read_entries(records, until=MAX_TIME, start=place, after=max(last, 0))
        try:
            stored = log.stored_envelopes(place, entries)
        except Malformed as error:
            raise NotVerified(f"rewritten entry: {error.message}", error.hint) from None
        for number, (entry, data) in enumerate(zip(entries, stored, strict=True), place):
            _, statement = read_both(number, entry, data)
            if statement.predicate_type == INDEX_TYPE:
                indexes.append(number)
        log.check_tables(place, records, entries)
        marks += [entry.envelope.hex[: 2 * _MARK_BYTES] for entry in entries]
        mentions += sum(len(entry.subjects) for entry in entries)
        first, last = entries[0].time if first < 0 else first, entries[-1].time
    return Stretch(start, tuple(indexes), first, last, mentions, "".join(marks))


def ask_stretch(start: int, end: int) -> bytes:
    """Return the request for a stretch."""
    return b"stretch %d %d" % (start, end)


def ask_index(size: int) -> bytes:
    """Return the request for the totals of the index over the first `size` entries."""
    return b"index %d" % size


def hear_stretch(answer: bytes) -> Stretch:
    """Return what a worker found; raise what it raised."""
    value = _heard(answer)
    return Stretch(
        value["start"], tuple(value["indexes"]), value["first"], value["last"], value["mentions"], value["marks"]
    )


def hear_index(answer: bytes) -> Totals:
    """Return the totals that a worker computed; raise what it raised."""
    value = _heard(answer)
    return Totals(value["count"], bytes.fromhex(value["root"]))


def _heard(answer: bytes) -> Any:
    value = json.loads(answer)
    if "error" in value:
        _raise(value)
    return value


def _raise(value: Any) -> NoReturn:
    raise _LEAVES[value["error"]](value["message"], value["hint"])


def begin(greeting: bytes) -> Callable[[bytes], bytes]:
    """Open the log of a greeting for as long as the process lives; return what answers requests about it."""
    log = Log.open(greeting.decode(), read_only=True)

    def answer(request: bytes) -> bytes:
        try:
            return _answer(log, request)
        except HauberkError as error:
            what = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
            return json.dumps(what).encode()

    return answer


def _answer(log: Log, request: bytes) -> bytes:
    kind, *numbers = request.split()
    if kind == b"index":
        totals = log.index_totals(int(numbers[0]))
        return json.dumps({"count": totals.count, "root": totals.root.hex()}).encode()
    found = check_stretch(log, int(numbers[0]), int(numbers[1]))
    return json.dumps(
        {
            "start": found.start,
            "indexes": found.indexes,
            "first": found.first,
            "last": found.last,
            "mentions": found.mentions,
            "marks": found.marks,
        }
    ).encode()


if __name__ == "__main__":
    serve(begin)
