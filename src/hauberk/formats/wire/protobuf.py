"""Protocol Buffers on the wire: fields with their numbers, kinds and places, read one after the other.

Nothing is known here of any schema. A field that is a length and bytes is not read, only located: a tensor of 2 GB
costs what a number costs. Counts and depth are bounded for a whole file. Source: the Protocol Buffers documentation,
"Encoding"; the depth is that of the official parsers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from hauberk.errors import Exceeded, Malformed
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hauberk.limits import Limits
    from hauberk.view import View

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
GROUP: Final = 3
END_GROUP: Final = 4
FIXED32: Final = 5

TELL_LIMITS: Final = replace(DEFAULT_LIMITS, max_message_fields=20_000)  # to tell a format by its first fields
LONGEST_VARINT: Final = 10
_WINDOW_BYTES: Final = 4096
_WIDTHS: Final = {FIXED64: 8, FIXED32: 4}
_LARGEST_NUMBER: Final = (1 << 29) - 1


class Field(NamedTuple):
    """One field: a tuple, because files have millions.

    Attributes:
        number: of the field in its message.
        kind: the wire type; a group is located from behind its start to its end mark.
        value: of a number; 0 for bytes and groups.
        at: offset of the tag.
        start: offset of the value's bytes.
        end: offset behind them.
    """

    number: int
    kind: int
    value: int
    at: int
    start: int
    end: int


class Wire:
    """A view that is read as protobuf, with a window on it and the budget of fields that is left."""

    def __init__(self, view: View, limits: Limits) -> None:
        self.view = view
        self.deepest = limits.max_message_depth
        self._left = limits.max_message_fields
        self._window = b""
        self._base = 0

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """Yield the fields between two offsets.

        Raises:
            Malformed: a tag, a number or a length that no message has there.
            Exceeded: the file has more fields than the limit.
            Unavailable: the view cannot be read.
        """
        at = start
        while at < end:
            self.spend()
            tag, behind = self._varint(at, end)
            number, kind = tag >> 3, tag & 7
            if not 0 < number <= _LARGEST_NUMBER:
                raise Malformed(f"a field of number {number} at byte {at}")
            field = self._value(number, kind, at, behind, end)
            yield field
            at = self._behind_group(field, end) if kind == GROUP else field.end

    def spend(self) -> None:
        """Count one field; raise `Exceeded` where it is one too many."""
        self._left -= 1
        if self._left < 0:
            raise Exceeded("more fields of messages than the limit")

    def _value(self, number: int, kind: int, at: int, start: int, end: int) -> Field:
        if kind == VARINT:
            value, behind = self._varint(start, end)
            return Field(number, kind, value, at, start, behind)
        if kind == BYTES:
            length, start = self._varint(start, end)
            if length > end - start:
                raise Malformed(f"a field of {length} bytes at byte {at}, where {end - start} are left")
            return Field(number, kind, 0, at, start, start + length)
        width = _WIDTHS.get(kind)
        if width is not None:
            if width > end - start:
                raise Malformed(f"a number is cut short at byte {at}")
            return Field(number, kind, int.from_bytes(self._read(start, width), "little"), at, start, start + width)
        if kind == GROUP:
            return Field(number, kind, 0, at, start, end)
        raise Malformed(f"a field of wire type {kind} at byte {at}")

    def _behind_group(self, field: Field, end: int) -> int:
        """Return the offset behind the end mark of a group, without recursion."""
        at, open_groups = field.start, [field.number]
        while open_groups:
            if at >= end or len(open_groups) > self.deepest:
                raise Malformed(f"a group without end, or too deep, at byte {field.at}")
            self.spend()
            tag, behind = self._varint(at, end)
            number, kind = tag >> 3, tag & 7
            if kind == END_GROUP:
                if open_groups.pop() != number:
                    raise Malformed(f"the end of another group at byte {at}")
                at = behind
            elif kind == GROUP:
                open_groups.append(number)
                at = behind
            else:
                at = self._value(number, kind, at, behind, end).end
        return at

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        """Return a number of up to 64 bits, and the offset behind it."""
        if not self._base <= at or at + LONGEST_VARINT > self._base + len(self._window):
            self._window, self._base = self.view.read_at(at, _WINDOW_BYTES), at
        window, index = self._window, at - self._base
        last = min(len(window), end - self._base)
        value = shift = 0
        while index < last:
            byte = window[index]
            index += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value & 0xFFFF_FFFF_FFFF_FFFF, self._base + index
            shift += 7
            if shift >= 7 * LONGEST_VARINT:
                break
        raise Malformed(f"a number without end at byte {at}")

    def _read(self, start: int, length: int) -> bytes:
        index = start - self._base
        if index >= 0 and index + length <= len(self._window):
            return self._window[index : index + length]
        return self.view.read_at(start, length)

    def read(self, field: Field, most: int) -> bytes:
        """Return the bytes of a field, at most so many."""
        return self._read(field.start, min(most, field.end - field.start))


class Message:
    """A part of the wire that is a message: its fields, and the messages in them, down to the deepest."""

    __slots__ = ("depth", "end", "start", "wire")

    def __init__(self, wire: Wire, start: int, end: int, depth: int = 0) -> None:
        if depth > wire.deepest:
            raise Exceeded(f"messages nested deeper than {wire.deepest}")
        self.wire, self.start, self.end, self.depth = wire, start, end, depth

    def __iter__(self) -> Iterator[Field]:
        return self.wire.fields(self.start, self.end)

    def inside(self, field: Field) -> Message:
        """Return the message that a field holds."""
        return Message(self.wire, field.start, field.end, self.depth + 1)

    def text(self, field: Field, most: int) -> str:
        """Return the text of a field, at most so many bytes of it; what is not UTF-8 is escaped."""
        return self.wire.read(field, most).decode("utf-8", "backslashreplace")


# Which wire types a field of a schema may have; a field of another type is an unknown one to every parser.
NUMBER: Final = frozenset({VARINT})
NUMBERS: Final = frozenset({VARINT, BYTES})
SINGLE: Final = frozenset({FIXED32})
SINGLES: Final = frozenset({FIXED32, BYTES})
DOUBLE: Final = frozenset({FIXED64})
DOUBLES: Final = frozenset({FIXED64, BYTES})
DATA: Final = frozenset({BYTES})

if TYPE_CHECKING:
    Shape = Mapping[int, frozenset[int]]


def shape(*, number: str = "", numbers: str = "", data: str = "", single: str = "", double: str = "") -> Shape:
    """Return which wire types the fields of a message have, from lists of their numbers."""
    kinds = ((number, NUMBER), (numbers, NUMBERS), (data, DATA), (single, SINGLES), (double, DOUBLES))
    return {int(one): kind for listed, kind in kinds for one in listed.split()}


def unknown_in(shape: Shape, field: Field) -> bool:
    """Say whether a schema does not have this field, so that a parser that follows it ignores the field."""
    return field.kind not in shape.get(field.number, ())
