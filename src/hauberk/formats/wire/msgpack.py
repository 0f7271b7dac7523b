"""MessagePack: one value after the other, without making any of them; byte strings are located and not read.

Source: the MessagePack specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hauberk.errors import Exceeded, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.limits import Limits
    from hauberk.view import View

_WINDOW_BYTES: Final = 4096
# Fixed widths behind the first byte: nil, booleans, floats and integers.
_NUMBERS: Final = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8} | {
    0xD0: 1,
    0xD1: 2,
    0xD2: 4,
    0xD3: 8,
}
_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_TEXTS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENSIONS: Final = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENSIONS: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_LISTS: Final = {0xDC: 2, 0xDD: 4}
_MAPS: Final = {0xDE: 2, 0xDF: 4}


class Value(NamedTuple):
    """A value: what it is, where its bytes are, how many values it holds, and the type of an extension."""

    kind: str
    at: int
    start: int
    end: int
    holds: int = 0
    extension: int = 0


class MsgPack:
    """A view that is read as MessagePack, with the budget of values that is left."""

    def __init__(self, view: View, limits: Limits) -> None:
        self._view = view
        self._left = limits.max_message_fields
        self._deepest = limits.max_message_depth
        self._window = b""
        self._base = 0

    def values(self, start: int, end: int) -> Iterator[tuple[int, Value]]:
        """Yield the depth and each value of the one that begins at an offset; the last one's end is that of all.

        Raises:
            Malformed: a byte that begins no value, or a value beyond the end.
            Exceeded: too many values, or nested too deep.
        """
        at, open_counts = start, [1]
        while open_counts:
            if not open_counts[-1]:
                open_counts.pop()
                continue
            open_counts[-1] -= 1
            self._left -= 1
            if self._left < 0:
                raise Exceeded("more values of MessagePack than the limit")
            if len(open_counts) > self._deepest:
                raise Exceeded(f"values of MessagePack nested deeper than {self._deepest}")
            value = self._value(at, end)
            yield len(open_counts) - 1, value
            at = value.end
            if value.holds:
                open_counts.append(value.holds)

    def whole(self, value: Value) -> int:
        """Return a number that is whole and not below zero; 0 for any other value."""
        first = self._number(value.at, 1, value.end)
        if value.kind != "number" or (first >= 0x80 and not 0xCC <= first <= 0xCF):
            return 0
        return first if first < 0x80 else self._number(value.at + 1, value.end - value.at - 1, value.end)

    def text(self, value: Value) -> str:
        """Return a short text."""
        return self._view.read_at(value.start, min(value.end - value.start, 64)).decode("utf-8", "replace")

    def _value(self, at: int, end: int) -> Value:
        first = self._number(at, 1, end)
        if first < 0x80 or first >= 0xE0:
            return Value("number", at, at, at + 1)
        if first < 0xA0:
            count = first & 15
            return (
                Value("map", at, at + 1, at + 1, 2 * count)
                if first < 0x90
                else Value("list", at, at + 1, at + 1, count)
            )
        if first < 0xC0:
            return self._sized("text", at, at + 1, first & 31, end)
        if first in _NUMBERS:
            return self._sized("number", at, at + 1, _NUMBERS[first], end)
        if first in _FIXED_EXTENSIONS:
            return self._extension(at, at + 1, _FIXED_EXTENSIONS[first], end)
        for kind, widths in (("bytes", _BYTES), ("text", _TEXTS), ("extension", _EXTENSIONS), ("list", _LISTS)):
            if first in widths:
                return self._long(kind, at, widths[first], end)
        if first in _MAPS:
            value = self._long("list", at, _MAPS[first], end)
            return value._replace(kind="map", holds=2 * value.holds)
        raise Malformed(f"the byte {first:#x} at byte {at}, which begins no value")

    def _long(self, kind: str, at: int, width: int, end: int) -> Value:
        length, start = self._number(at + 1, width, end), at + 1 + width
        if kind == "list":
            if length > end - start:
                raise Malformed(f"{length} values at byte {at}, where {end - start} bytes are left")
            return Value(kind, at, start, start, length)
        return (
            self._extension(at, start, length, end)
            if kind == "extension"
            else self._sized(kind, at, start, length, end)
        )

    def _extension(self, at: int, start: int, length: int, end: int) -> Value:
        kind = self._number(start, 1, end)
        return self._sized("extension", at, start + 1, length, end)._replace(
            extension=kind - 256 if kind > 127 else kind
        )

    def _sized(self, kind: str, at: int, start: int, length: int, end: int) -> Value:
        if length > end - start:
            raise Malformed(f"a value of {length} bytes at byte {at}, where {end - start} are left")
        return Value(kind, at, start, start + length)

    def _number(self, at: int, width: int, end: int) -> int:
        if at + width > end:
            raise Malformed(f"a value that is cut short at byte {at}")
        if not self._base <= at or at + width > self._base + len(self._window):
            self._window, self._base = self._view.read_at(at, _WINDOW_BYTES), at
        return int.from_bytes(self._window[at - self._base : at - self._base + width], "big")
