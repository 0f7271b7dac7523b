"""Envelopes as they are stored, some megabytes of them in memory: one may be as large as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.database import Database

_BYTES_AT_ONCE: Final = 32 << 20


def stored(database: Database, start: int, end: int) -> list[bytes]:
    """Return what is stored for the entries from `start` up to `end`; raise `Unavailable` where one is missing."""
    query = "SELECT number, data FROM envelopes WHERE number >= ? AND number < ? AND data >= ?"
    found = dict(database.ask(query, (start, end, b""), is_long=True))  # a text is before all bytes: none is read
    for number in range(start, end):
        if not isinstance(found.get(number), bytes):
            raise Unavailable(f"the envelope of entry {number} is missing", "restore the ledger from a copy")
    return [found[number] for number in range(start, end)]


def portions(database: Database, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of stretches of a range that are read at once: each holds one envelope, or some megabytes."""
    query = "SELECT sum(length(data)) FROM envelopes WHERE number >= ? AND number < ?"
    ((whole,),) = database.ask(query, (start, end), is_long=True)
    if start < end and (whole or 0) <= _BYTES_AT_ONCE:
        yield start, end
        return
    first, room = start, _BYTES_AT_ONCE
    lengths = "SELECT number, length(data) FROM envelopes WHERE number >= ? AND number < ? ORDER BY number"
    for number, length in database.ask(lengths, (start, end), is_long=True):
        room -= length or 0
        if room < 0 and number > first:
            yield first, number
            first, room = number, _BYTES_AT_ONCE - (length or 0)
    if first < end:
        yield first, end
