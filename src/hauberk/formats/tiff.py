"""TIFF pictures: tables of fields that say where everything lies, and what lies behind all of it.

Nothing in a picture is executed. What stands behind the last byte that a table names was put there for another reader,
and is examined as a file of its own. Source: TIFF 6.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from hauberk.errors import Malformed
from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.model.spans import part_of
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

MAGICS: Final = (b"II*\0", b"MM\0*")
_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_PLACES: Final = {273: 279, 324: 325}  # where strips and tiles lie, and how long they are
_TABLES: Final = frozenset({330, 34665, 34853, 40965})
_MOST_TABLES: Final = 4096
_MOST_PLACES: Final = 1 << 20


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return what stands behind a picture. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    del limits
    picture = _Picture(view, "little" if view.read_at(0, 2) == b"II" else "big")
    try:
        end = picture.end()
    except Malformed as error:
        return Described(unchecked=(Unchecked(UncheckedCode.MALFORMED, error.message),))
    rest = view.read_at(end, 1 << 10)
    if not rest.strip(b"\0") and len(rest) == view.size - end:
        return Described()
    return Described(parts=(part_of(view, "(behind the end)", end, view.size),))


class _Picture:
    """A walk through the tables of a picture."""

    def __init__(self, view: View, order: Literal["little", "big"]) -> None:
        self._view, self._order = view, order

    def end(self) -> int:
        """Return the offset behind everything that the tables name."""
        end, seen, waiting = 8, set(), [self._number(4, 4)]
        while waiting:
            at = waiting.pop()
            if not at or at in seen:
                continue
            seen.add(at)
            if len(seen) > _MOST_TABLES:
                raise Malformed(f"more than {_MOST_TABLES} tables")
            count = self._number(at, 2)
            behind = at + 2 + 12 * count
            end = max(end, behind + 4, self._fields(at + 2, count, waiting))
            waiting.append(self._number(behind, 4))
        if end > self._view.size + 3:
            raise Malformed(f"a picture of {end} bytes, of which {self._view.size} are here")
        return min(end, self._view.size)

    def _fields(self, at: int, count: int, waiting: list[int]) -> int:
        """Return where the last thing ends that a table names, and keep the tables in it."""
        end = 0
        listed: dict[int, list[int]] = {}
        for place in range(at, at + 12 * count, 12):
            tag, kind, length = self._number(place, 2), self._number(place + 2, 2), self._number(place + 4, 4)
            size = _WIDTHS.get(kind, 0) * length
            start = place + 8 if size <= 4 else self._number(place + 8, 4)
            end = max(end, start + size if size > 4 else 0)
            if tag in _TABLES or tag in _PLACES or tag in _PLACES.values():
                listed[tag] = self._numbers(start, length, _WIDTHS.get(kind, 0))
        for tag in _TABLES & listed.keys():
            waiting += listed[tag]
        for where, how in _PLACES.items():
            ends = (one + size for one, size in zip(listed.get(where, ()), listed.get(how, ()), strict=False))
            end = max(end, *ends, 0)
        return end

    def _numbers(self, at: int, count: int, width: int) -> list[int]:
        if width not in (2, 4) or count > _MOST_PLACES:
            raise Malformed(f"{count} places of {width} bytes each")
        data = self._read(at, count * width)
        return [int.from_bytes(data[one : one + width], self._order) for one in range(0, len(data), width)]

    def _number(self, at: int, width: int) -> int:
        return int.from_bytes(self._read(at, width), self._order)

    def _read(self, at: int, length: int) -> bytes:
        data = self._view.read_at(at, length) if at + length <= self._view.size else b""
        if len(data) != length:
            raise Malformed(f"{length} bytes at byte {at}, behind the end of the file")
        return data
