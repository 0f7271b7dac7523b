"""FlatBuffers and FlexBuffers: tables, vectors and texts by their offsets, each checked before it is followed.

Source: the FlatBuffers documentation, "Internals" and "FlexBuffers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.limits import Limits
    from hauberk.view import View

_FLEX_VECTOR: Final = 10
_FLEX_TEXTS: Final = frozenset({4, 5, 25})  # a key, a string, a blob


class FlatBuffer:
    """A view that is read as a FlatBuffer, with the budget of reads that is left."""

    def __init__(self, view: View, limits: Limits) -> None:
        self.view = view
        self._left = limits.max_message_fields

    def root(self) -> Table:
        """Return the table that the buffer begins with."""
        return Table(self, self.number(0, 4))

    def number(self, at: int, width: int) -> int:
        """Return the little-endian number at an offset."""
        return int.from_bytes(self.read(at, width), "little")

    def read(self, at: int, length: int) -> bytes:
        """Return exactly so many bytes; raise `Malformed` where the buffer does not have them."""
        self._left -= 1
        if self._left < 0:
            raise Exceeded("more fields of a FlatBuffer than the limit")
        if at < 0 or length < 0 or at + length > self.view.size:
            raise Malformed(f"{length} bytes at offset {at} of a FlatBuffer, which does not have them")
        return self.view.read_at(at, length)


class Table:
    """A table: fields by their numbers, each there or not."""

    __slots__ = ("_buffer", "_fields", "at")

    def __init__(self, buffer: FlatBuffer, at: int) -> None:
        self._buffer, self.at = buffer, at
        back = buffer.number(at, 4)
        listed = at - (back - (1 << 32) if back >= 1 << 31 else back)
        size = buffer.number(listed, 2)
        if size < 4 or size % 2:
            raise Malformed(f"a table at offset {at} of a FlatBuffer that is none")
        data = buffer.read(listed, size)
        self._fields = [int.from_bytes(data[i : i + 2], "little") for i in range(4, size, 2)]

    def _place(self, field: int) -> int | None:
        offset = self._fields[field] if field < len(self._fields) else 0
        return self.at + offset if offset else None

    def number(self, field: int, width: int, default: int = 0) -> int:
        """Return an unsigned number."""
        at = self._place(field)
        return default if at is None else self._buffer.number(at, width)

    def _target(self, field: int) -> int | None:
        at = self._place(field)
        return None if at is None else at + self._buffer.number(at, 4)

    def table(self, field: int) -> Table | None:
        """Return the table that a field holds, or None."""
        at = self._target(field)
        return None if at is None else Table(self._buffer, at)

    def vector(self, field: int, width: int = 1) -> tuple[int, int]:
        """Return (offset of the first item, number of items) of a vector; (0, 0) where it is not there."""
        at = self._target(field)
        if at is None:
            return 0, 0
        count = self._buffer.number(at, 4)
        if at + 4 + count * width > self._buffer.view.size:
            raise Malformed(f"a vector of {count} items at offset {at}, beyond the FlatBuffer")
        return at + 4, count

    def text(self, field: int, most: int) -> str:
        """Return a text, at most so many bytes of it."""
        at, length = self.vector(field)
        return self._buffer.read(at, min(length, most)).decode("utf-8", "backslashreplace") if length else ""

    def tables(self, field: int) -> Iterator[Table]:
        """Yield the tables of a vector."""
        at, count = self.vector(field, 4)
        for index in range(count):
            place = at + 4 * index
            yield Table(self._buffer, place + self._buffer.number(place, 4))


def flex_texts(data: bytes) -> list[tuple[int, int]]:
    """Return (start, end) of each text in the vector that a FlexBuffer is; raise `Malformed` for anything else."""
    if len(data) < 3:
        raise Malformed("a FlexBuffer that is cut short")
    width, kind = data[-1], data[-2]
    place = len(data) - 2 - width
    if width not in (1, 2, 4, 8) or kind >> 2 != _FLEX_VECTOR:
        raise Malformed("a FlexBuffer that is no vector")
    vector = place - _little(data, place, width)
    size = 1 << (kind & 3)
    count = _little(data, vector - size, size)
    if vector + count * (size + 1) > len(data):
        raise Malformed("a FlexBuffer whose vector is cut short")
    found = []
    for index in range(count):
        item = vector + index * size
        kind = data[vector + count * size + index]
        if kind >> 2 not in _FLEX_TEXTS:
            continue
        start = item - _little(data, item, size)
        long = 1 << (kind & 3)
        length = _little(data, start - long, long)
        if start + length > len(data):
            raise Malformed("a FlexBuffer whose text is cut short")
        found.append((start, start + length))
    return found


def _little(data: bytes, at: int, width: int) -> int:
    if at < 0 or at + width > len(data):
        raise Malformed("an offset beyond a FlexBuffer")
    return int.from_bytes(data[at : at + width], "little")
