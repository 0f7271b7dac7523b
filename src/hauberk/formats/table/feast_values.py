"""Values and keys of entities as Feast's online stores hold them.

A value is a message (feast.types.Value) with one member; a key, since version 3 of its serialisation, the number of
columns, then a type, a length and a name for each, then a type, a length and a value for each; all little-endian.
"""

from __future__ import annotations

import struct
from typing import Final

from hauberk.errors import Malformed
from hauberk.formats.wire.protobuf import BYTES, FIXED32, FIXED64, VARINT, Wire
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

_STRING, _BOOL, _NULL = 2, 7, 19
_TEXTS: Final = frozenset({2, 36, 37, 44})  # string, two kinds of UUID, decimal
_NUMBERS: Final = {3: 32, 4: 64, 8: 64}  # int32, int64, seconds of a timestamp: of so many bits
_FLOATS: Final = {(5, FIXED64): "<d", (6, FIXED32): "<f"}
_HINT: Final = "name a store that Feast wrote, with entity_key_serialization_version: 3"


def parse_value(data: bytes) -> str | float | None:
    """Return a number, a text, or None for null or nothing; raise `Malformed` for lists, maps and what is no value."""
    fields = list(Wire(BytesView(data), DEFAULT_LIMITS).fields(0, len(data)))
    if not fields:
        return None
    if len(fields) > 1:
        raise Malformed("a value of Feast with several members", _HINT)
    (field,) = fields
    raw = data[field.start : field.end]
    if field.number in _TEXTS and field.kind == BYTES:
        return _utf8(raw)
    if field.number in _NUMBERS and field.kind == VARINT:
        return _signed(field.value, 64)
    if field.number == _BOOL and field.kind == VARINT:
        return int(bool(field.value))
    if field.number == _NULL and field.kind == VARINT:
        return None
    if (field.number, field.kind) in _FLOATS:
        return float(struct.unpack(_FLOATS[field.number, field.kind], raw)[0])
    raise Malformed(f"a value of Feast that is neither number nor text (member {field.number})", _HINT)


def parse_entity_key(data: bytes) -> tuple[str, str]:
    """Return the one column of a key, and whom it names, as text; raise `Malformed` for any other key."""
    kind, name, of, value, at = _parts(data)
    if kind != _STRING or at != len(data):
        raise Malformed("a key of a store of Feast is none", _HINT)
    if of == _STRING:
        return _utf8(name), _utf8(value)
    if of in _NUMBERS and len(value) * 8 == _NUMBERS[of]:
        return _utf8(name), str(int.from_bytes(value, "little", signed=True))
    raise Malformed(f"an entity of Feast that is neither number nor text (type {of})", _HINT)


def end_of_key(data: bytes) -> int:
    """Return where an entity's key ends in the bytes that begin with it; raise `Malformed` where that is not seen."""
    return _parts(data)[-1]


def _parts(data: bytes) -> tuple[int, bytes, int, bytes, int]:
    """Return type and name of the one column, type and value of the entity, and where they end."""
    count, at = _word(data, 0)
    if count != 1:
        raise Malformed(f"a key of {count} columns in a store of Feast, or of an older version", _HINT)
    kind, at = _word(data, at)
    name, at = _sized(data, at)
    of, at = _word(data, at)
    value, at = _sized(data, at)
    return kind, name, of, value, at


def _word(data: bytes, at: int) -> tuple[int, int]:
    if at + 4 > len(data):
        raise Malformed("a key of a store of Feast is cut short", _HINT)
    return int.from_bytes(data[at : at + 4], "little"), at + 4


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _word(data, at)
    if length > len(data) - at:
        raise Malformed("a key of a store of Feast is cut short", _HINT)
    return data[at : at + length], at + length


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a text of a store of Feast is no UTF-8", _HINT) from None


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
