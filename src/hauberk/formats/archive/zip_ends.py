"""Where the directory of a zip file lies: the last end record whose directory is there, and others that also fit.

Readers look for the end from the back of the file. Some take the last record, some only one whose comment reaches
exactly to the end of the file; some find the directory where the record says, some directly in front of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.formats.archive.zip_records import (
    END,
    END64_BYTES,
    END_BYTES,
    ENTRY,
    LOCAL,
    LOCATOR_BYTES,
    LONGEST_COMMENT,
    read_end,
    read_end64,
    read_entry,
    read_locator,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.archive.zip_records import End
    from hauberk.view import View

TAIL_BYTES = END_BYTES + LONGEST_COMMENT + LOCATOR_BYTES + END64_BYTES
DIRECTORY_BYTES = 1 << 20  # of a directory whose first member is looked for
MOST_ENDS = 64  # end records that are tried; ordinary files have one


@dataclass(frozen=True, slots=True)
class Place:
    """A directory: its end record, its first byte, and how far all offsets in it are off."""

    end: End
    start: int

    @property
    def shift(self) -> int:
        """Return what is added to an offset in the directory: the length of what was put in front of the archive."""
        return self.start - self.end.offset


class _Tail:
    """The last bytes of a view, read once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.base = max(0, view.size - TAIL_BYTES)
        self.data = view.read_at(self.base, TAIL_BYTES)

    def read_at(self, offset: int, length: int) -> bytes:
        at = offset - self.base
        return self.data[at : at + length] if at >= 0 else self.view.read_at(offset, length)


def find_places(view: View) -> list[Place]:
    """Return the directories that a reader may take, the most likely first; an ordinary file has one."""
    tail = _Tail(view)
    ends = list(_ends(tail))
    main = next(((end, starts) for end in ends if (starts := _starts(tail, end))), None)
    if main is None:
        return []
    end, starts = main
    found = [Place(end, start) for start in starts]
    if end.stop != view.size:
        exact = [other for other in ends if other.at < end.at and other.stop == view.size]
        found += [Place(other, start) for other in exact for start in _starts(tail, other)]
    return list({place.start: place for place in reversed(found)}.values())[::-1]


def _ends(tail: _Tail) -> Iterator[End]:
    """Yield the end records, from the back of the file."""
    at = len(tail.data)
    for _ in range(MOST_ENDS):
        at = tail.data.rfind(END, 0, at + len(END) - 1)
        if at < 0:
            return
        end = read_end(tail.data, tail.base, at)
        if end is not None:
            yield _in_zip64(tail, end)


def _in_zip64(tail: _Tail, end: End) -> End:
    """Return the end with the numbers of zip64, where there is such a record."""
    where = read_locator(tail.read_at(end.at - LOCATOR_BYTES, LOCATOR_BYTES)) if end.at >= LOCATOR_BYTES else None
    if where is None:
        return end
    for at in (end.at - LOCATOR_BYTES - END64_BYTES, where):  # in front of the locator, or where the locator says
        if 0 <= at <= end.at and (found := read_end64(tail.read_at(at, END64_BYTES), at, end)) is not None:
            return found
    return end


def _starts(tail: _Tail, end: End) -> list[int]:
    """Return where the directory of an end record begins: as it says, or directly in front of it."""
    if end.count == 0 and end.size == 0:
        return [end.begins]
    if end.size < len(ENTRY):
        return []
    wanted = dict.fromkeys((end.offset, end.begins - end.size))
    return [at for at in wanted if 0 <= at <= end.begins - end.size and tail.read_at(at, len(ENTRY)) == ENTRY]


def archive_range(view: View) -> tuple[int, int] | None:
    """Return where a zip file lies that begins anywhere and ends near the end of a view; None where there is none.

    An end record alone is no zip file: weights hold its four bytes by chance. Its directory must be there, and the
    member that the first entry names.
    """
    place = next(iter(find_places(view)), None)
    if place is None or not place.end.count:
        return None
    data = view.read_at(place.start, min(place.end.size, DIRECTORY_BYTES))
    offsets = []
    at = 0
    while at < len(data):
        try:
            entry = read_entry(data, at)
        except Malformed:
            break
        offsets.append((entry.offset or 0) + place.shift)
        at += entry.length
    start = min(offsets, default=-1)
    if start < 0 or view.read_at(start, len(LOCAL)) != LOCAL:
        return None
    return start, min(place.end.stop, view.size)
