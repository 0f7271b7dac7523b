"""How Feast lays a view out in Redis: a hash for each entity, shared by all views of a project on that entity.

Its key is the entity's (see `feast_values`) and the name of the project; its fields are, for each feature, the
MurmurHash3 of `view:feature` (32 bits, seed 0, little-endian), and `_ts:view` with the time.
"""

from __future__ import annotations

from typing import Final

from hauberk.errors import Malformed
from hauberk.formats.wire.protobuf import VARINT, Wire
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

_MASK: Final = 0xFFFFFFFF


def key_prefix(column: str) -> bytes:
    """Return how the keys of all entities of a column begin."""
    name = column.encode()
    return b"".join(number.to_bytes(4, "little") for number in (1, 2, len(name))) + name


def field_of(view: str, feature: str) -> bytes:
    """Return the field of a feature."""
    return _murmur3(f"{view}:{feature}".encode()).to_bytes(4, "little")


def time_field(view: str) -> bytes:
    """Return the field of the time."""
    return f"_ts:{view}".encode()


def parse_time(data: bytes) -> float:
    """Return seconds since 1970 out of a google.protobuf.Timestamp; raise `Malformed` where it is none."""
    numbers = {1: 0, 2: 0}
    for field in Wire(BytesView(data), DEFAULT_LIMITS).fields(0, len(data)):
        if field.kind != VARINT or field.number not in numbers:
            raise Malformed("a time of a store of Feast is none", "name a store that Feast wrote")
        numbers[field.number] = field.value - (1 << 64) if field.value >> 63 else field.value
    return numbers[1] if not numbers[2] else numbers[1] + numbers[2] / 1e9


def _murmur3(data: bytes) -> int:
    """Return MurmurHash3_x86_32 with the seed 0 (Austin Appleby, public domain)."""
    state, whole = 0, len(data) & ~3
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        state = (_turned(state, 13) * 5 + 0xE6546B64) & _MASK
    if whole < len(data):
        state ^= _mixed(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        state = ((state ^ state >> shift) * factor) & _MASK
    return state


def _mixed(block: int) -> int:
    return _turned(block * 0xCC9E2D51 & _MASK, 15) * 0x1B873593 & _MASK


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _MASK
