"""A stretch of a ledger, recomputed by itself: what an audit shares out among processes, with its words on the wire.

Everything that an entry says of its envelope, the order of their times, and what the computed tables have of them. What
only the whole can show (a time set back between two stretches, an envelope twice, the index) is for `audit` to ask.

As a program, a worker of `hauberk.edge.pool`: the greeting is the log's database; requests are
`stretch START END LISTED KEY`, `listed KEY`, `filed SIZE KEY`, `rows` and `indexes SIZE…`, answers JSON.
"""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from itertools import pairwise
from operator import gt
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from hauberk.edge.pool import serve
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified, Unavailable
from hauberk.ledger.entry import Entry, read_leaf
from hauberk.ledger.filed import named_total
from hauberk.ledger.index import Totals, leaves_of
from hauberk.ledger.listed import Total
from hauberk.ledger.log import Log
from hauberk.ledger.replay import INDEX_TYPE, check_order, leads_to, read_both
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AT_ONCE = 1024  # entries in memory
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
        filed: what of them the index of envelopes should have.
        is_filed: whether each is filed under the envelope that it names.
    """

    start: int
    indexes: tuple[int, ...]
    first: int
    last: int
    listed: Total
    filed: Total
    is_filed: bool


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
    first, last = None, 0
    total, named, is_filed = Total(0, 0), Total(0, 0), True
    for place in range(start, end, _AT_ONCE):
        records, are_filed = log.filed_records(place, min(place + _AT_ONCE, end))
        seen = _read_quickly(log, place, records) or _read(log, place, records)
        first = seen.times[0] if first is None else first
        if any(map(gt, (last, *seen.times), seen.times)):
            for number, (before, time) in enumerate(pairwise((last, *seen.times)), place):
                check_order(number, time, before)
        last = seen.times[-1]
        indexes += [number for number, kind in enumerate(seen.kinds, place) if kind == INDEX_TYPE]
        log.check_tree(place, records)
        is_filed = is_filed and are_filed
        named += named_total(place, records, key)
        known = enumerate(seen.subjects[: max(0, listed - place)], place)
        total += Total.over((leaf for number, subjects in known for leaf in leaves_of(number, subjects)), key)
    return Stretch(start, tuple(indexes), first or 0, last, total, named, is_filed)


class _Seen(NamedTuple):
    """What some entries and their envelopes say of each other: of each one its time, subjects and type of predicate."""

    times: list[int]
    subjects: list[tuple[str, ...]]
    kinds: list[str]


def _read_quickly(log: Log, start: int, records: Sequence[bytes]) -> _Seen | None:
    """Return what leaves and their envelopes say, where each leaf is what its envelope gives; None if one is not."""
    seen = _Seen([], [], [])
    try:
        for record, data in zip(records, log.each_envelope(start, start + len(records)), strict=True):
            payload = dsse.decode_payload(data)
            kind, subjects = dsse.decode_subjects(payload)
            time = leads_to(record, data, payload, subjects)
            if time is None:
                return None
            seen.times.append(time)
            seen.subjects.append(subjects)
            seen.kinds.append(kind)
    except (HauberkError, ValueError):  # or one of them is gone by now
        return None
    return seen


def _read(log: Log, start: int, records: Sequence[bytes]) -> _Seen:
    """Return what leaves and their envelopes say, or raise what the first of them has wrong."""
    entries = [read_leaf(number, record, Entry.decode) for number, record in enumerate(records, start)]
    stored, kinds = log.each_envelope(start, start + len(records)), list[str]()
    for number, entry in enumerate(entries, start):
        try:
            data = next(stored, b"")
        except Malformed as error:
            raise NotVerified(f"rewritten entry: {error.message}", error.hint) from None
        _, statement = read_both(number, entry, data)
        kinds.append(statement.predicate_type)
    return _Seen([entry.time for entry in entries], [entry.subjects for entry in entries], kinds)


def ask_stretch(start: int, end: int, *, listed: int, key: bytes) -> bytes:
    """Return the request for a stretch."""
    return b"stretch %d %d %d %s" % (start, end, listed, key.hex().encode())


def ask_listed(key: bytes) -> bytes:
    """Return the request for the total of the table of digests."""
    return b"listed %s" % key.hex().encode()


def ask_filed(size: int, key: bytes) -> bytes:
    """Return the request for the total of what the index of envelopes has of the first `size` entries."""
    return b"filed %d %s" % (size, key.hex().encode())


def ask_rows() -> bytes:
    """Return the request to count the rows of the tables."""
    return b"rows"


def ask_indexes(sizes: Sequence[int]) -> bytes:
    """Return the request for the totals of the indexes over the first entries, for each size."""
    return b" ".join([b"indexes", *(b"%d" % size for size in sizes)])


def hear_stretch(answer: bytes) -> Stretch:
    """Return what a worker found; raise what it raised."""
    value = _heard(answer)
    return Stretch(
        value["start"],
        tuple(value["indexes"]),
        value["first"],
        value["last"],
        Total(*value["listed"]),
        Total(*value["filed"]),
        value["is_filed"],
    )


def hear_listed(answer: bytes) -> Total:
    """Return the total that a worker computed; raise what it raised."""
    return Total(*_heard(answer)["listed"])


def hear_filed(answer: bytes) -> Total | None:
    """Return the total that a worker computed, None where there is none; raise what it raised."""
    found = _heard(answer)["filed"]
    return None if found is None else Total(*found)


def hear_rows(answer: bytes) -> None:
    """Raise what a worker raised that counted the rows."""
    _heard(answer)


def hear_indexes(answer: bytes) -> list[Totals]:
    """Return the totals that a worker computed; raise what it raised."""
    return [Totals(count, bytes.fromhex(root)) for count, root in _heard(answer)["indexes"]]


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

    def said(request: bytes) -> bytes:
        try:
            return answer(log, request)
        except HauberkError as error:
            what = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
            return json.dumps(what).encode()

    return said


def answer(log: Log, request: bytes) -> bytes:
    """Return the answer to a request about an open log, or raise what is wrong with that."""
    kind, *words = request.split()
    if kind == b"indexes":
        totals = log.index_totals(list(map(int, words)))
        return json.dumps({"indexes": [(one.count, one.root.hex()) for one in totals]}).encode()
    if kind == b"rows":
        log.check_totals()
        return b"{}"
    key = bytes.fromhex(words[-1].decode())
    if kind == b"listed":
        total = log.listed_total(key)
        return json.dumps({"listed": [total.count, total.sum]}).encode()
    if kind == b"filed":
        index = log.filed_total(int(words[0]), key)
        return json.dumps({"filed": index and [index.count, index.sum]}).encode()
    start, end, listed = map(int, words[:-1])
    found = check_stretch(log, start, end, listed=listed, key=key)
    return json.dumps(
        {
            "start": found.start,
            "indexes": found.indexes,
            "first": found.first,
            "last": found.last,
            "listed": [found.listed.count, found.listed.sum],
            "filed": [found.filed.count, found.filed.sum],
            "is_filed": found.is_filed,
        }
    ).encode()


if __name__ == "__main__":
    serve(begin)
