"""A stretch of a ledger, recomputed by itself: what an audit shares out among processes, with its words on the wire.

Everything that an entry says of its envelope, the order of their times, and what the computed tables have of them. What
only the whole can show (a time set back between two stretches, an envelope twice, the index) is for `audit` to ask.

As a program, a worker of `hauberk.edge.pool`: the greeting is the log's database; requests are
`stretch START END LISTED KEY`, `listed KEY` and `index SIZE`, answers JSON.
"""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from hauberk.edge.pool import serve
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified, Unavailable
from hauberk.ledger.entry import Entry, read_leaf
from hauberk.ledger.index import Totals, leaves_of
from hauberk.ledger.listed import Total
from hauberk.ledger.log import Log
from hauberk.ledger.replay import INDEX_TYPE, check_order, leads_to, read_both
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AT_ONCE = 1024  # entries in memory
_MARK = slice(len('{"envelope":"sha256:'), len('{"envelope":"sha256:') + 16)  # eight bytes of a digest, in hex
_LEAVES = {leaf.__name__: leaf for leaf in (Exceeded, Malformed, NotVerified, Unavailable)}


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was found of the entries from `start` on.

    Attributes:
        start: the number of the first entry.
        indexes: which entries are index statements.
        first: the time of the first entry.
        last: the time of the last one.
        listed: what of them the table of digests should have.
        marks: the first eight bytes of each envelope's digest, one behind the other, in hex.
        misfiled: the first entry that is filed under another envelope than it names: that one could come again.
    """

    start: int
    indexes: tuple[int, ...]
    first: int
    last: int
    listed: Total
    marks: str
    misfiled: int | None = None


def check_stretch(log: Log, start: int, end: int, *, listed: int, key: bytes) -> Stretch:
    """Return what the entries from `start` up to `end` give, at least one; raise the first that does not hold.

    Args:
        log: open, for reading is enough.
        start: the first entry.
        end: behind the last one.
        listed: how many entries the table of digests covers.
        key: of this audit, for the totals.
    """
    indexes: list[int] = []
    marks: list[str] = []
    times: list[int] = []
    total, misfiled = Total(0, 0), None
    for place in range(start, end, _AT_ONCE):
        records = log.records(place, min(place + _AT_ONCE, end))
        seen = _read_quickly(log, place, records) or _read(log, place, records)
        for number, one in enumerate(seen, place):
            check_order(number, one.time, times[-1] if times else 0)
            times[1:] = [one.time]
            if one.is_index:
                indexes.append(number)
        log.check_tree(place, records)
        misfiled = log.misfiled(place, records) if misfiled is None else misfiled
        marks += [record[_MARK].decode("ascii") for record in records]
        known = enumerate(seen[: max(0, listed - place)], place)
        total += Total.over((leaf for number, one in known for leaf in leaves_of(number, one.subjects)), key)
    return Stretch(start, tuple(indexes), times[0], times[-1], total, "".join(marks), misfiled)


class _Seen(NamedTuple):
    """What an entry and its envelope say of each other."""

    time: int
    subjects: tuple[str, ...]
    is_index: bool


def _read_quickly(log: Log, start: int, records: Sequence[bytes]) -> list[_Seen] | None:
    """Return what leaves and their envelopes say, where each leaf is what its envelope gives; None if one is not."""
    seen = []
    try:
        for record, data in zip(records, log.each_envelope(start, start + len(records)), strict=True):
            payload = dsse.decode_payload(data)
            kind, subjects = dsse.decode_subjects(payload)
            time = leads_to(record, data, payload, subjects)
            if time is None:
                return None
            seen.append(_Seen(time, subjects, kind == INDEX_TYPE))
    except HauberkError:
        return None
    return seen


def _read(log: Log, start: int, records: Sequence[bytes]) -> list[_Seen]:
    """Return what leaves and their envelopes say, or raise what the first of them has wrong."""
    entries = [read_leaf(number, record, Entry.decode) for number, record in enumerate(records, start)]
    stored, seen = log.each_envelope(start, start + len(records)), list[_Seen]()
    for number, entry in enumerate(entries, start):
        try:
            data = next(stored, b"")
        except Malformed as error:
            raise NotVerified(f"rewritten entry: {error.message}", error.hint) from None
        _, statement = read_both(number, entry, data)
        seen.append(_Seen(entry.time, entry.subjects, statement.predicate_type == INDEX_TYPE))
    return seen


def ask_stretch(start: int, end: int, *, listed: int, key: bytes) -> bytes:
    """Return the request for a stretch."""
    return b"stretch %d %d %d %s" % (start, end, listed, key.hex().encode())


def ask_listed(key: bytes) -> bytes:
    """Return the request for the total of the table of digests."""
    return b"listed %s" % key.hex().encode()


def ask_index(size: int) -> bytes:
    """Return the request for the totals of the index over the first `size` entries."""
    return b"index %d" % size


def hear_stretch(answer: bytes) -> Stretch:
    """Return what a worker found; raise what it raised."""
    value = _heard(answer)
    return Stretch(
        value["start"],
        tuple(value["indexes"]),
        value["first"],
        value["last"],
        Total(*value["listed"]),
        value["marks"],
        value["misfiled"],
    )


def hear_listed(answer: bytes) -> Total:
    """Return the total that a worker computed; raise what it raised."""
    return Total(*_heard(answer)["listed"])


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
    log = Log.open_file(greeting.decode(), read_only=True)
    gc.disable()  # a stretch makes a hundred thousand records and no cycle of them

    def answer(request: bytes) -> bytes:
        try:
            return _answer(log, request)
        except HauberkError as error:
            what = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
            return json.dumps(what).encode()

    return answer


def _answer(log: Log, request: bytes) -> bytes:
    kind, *words = request.split()
    if kind == b"index":
        totals = log.index_totals(int(words[0]))
        return json.dumps({"count": totals.count, "root": totals.root.hex()}).encode()
    key = bytes.fromhex(words[-1].decode())
    if kind == b"listed":
        total = log.listed_total(key)
        return json.dumps({"listed": [total.count, total.sum]}).encode()
    start, end, listed = map(int, words[:-1])
    found = check_stretch(log, start, end, listed=listed, key=key)
    return json.dumps(
        {
            "start": found.start,
            "indexes": found.indexes,
            "first": found.first,
            "last": found.last,
            "listed": [found.listed.count, found.listed.sum],
            "marks": found.marks,
            "misfiled": found.misfiled,
        }
    ).encode()


if __name__ == "__main__":
    serve(begin)
