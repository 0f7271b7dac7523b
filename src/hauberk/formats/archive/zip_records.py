"""The records of a zip file, each read from where it stands: ends, entries of the directory, headers of members.

Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.6; all numbers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
SIGNATURE, DESCRIPTOR = b"PK\x05\x05", b"PK\x07\x08"
END64, LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
ENCRYPTED, DESCRIBED_BEHIND, PATCHED, STRONG, UTF8 = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
LOCAL_BYTES, ENTRY_BYTES, END_BYTES, END64_BYTES, LOCATOR_BYTES = 30, 46, 22, 56, 20
LONGEST_COMMENT = 0xFFFF

_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
# Of APPNOTE.TXT 4.5.2 and 4.6, and what Java, Android and Info-ZIP pad with.
STANDARD_EXTRA = frozenset(b"\x01\x07\x09\x0a\x0c\x0d\x14\x15\x16\x17\x18\x19\x65")
OTHER_EXTRA = frozenset(
    {0x4453, 0x4704, 0x5455, 0x5855, 0x6375, 0x6542, 0x7075, 0x756E}
    | {0x7855, 0x7875, 0x9901, 0xA11E, 0xA220, 0xCAFE, 0xD935}
)
KNOWN_EXTRA = STANDARD_EXTRA | OTHER_EXTRA
PYTORCH_PADDING = 0x4246  # the letters FB, with as many Z behind them as an alignment of 64 bytes needs
LEAST_EXTRA_BYTES = 16

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")


@dataclass(frozen=True, slots=True)
class Header:
    """What both the directory and the member's own header say: `offset` is None in the latter."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    extra: bytes
    length: int  # of the record itself, with name, extra field and comment
    offset: int | None = None
    attributes: int = 0
    system: int = 0

    @property
    def shown(self) -> str:
        """Return the name as a person reads it."""
        return self.name.decode("utf-8" if self.flags & UTF8 else "cp437", "replace")

    @property
    def unicode_path(self) -> str | None:
        """Return the other name that an extra field gives, which some readers prefer."""
        field = next((data for kind, data in extra_fields(self.extra) if kind == _UNICODE_PATH), None)
        return field[5:].decode("utf-8", "replace") if field and field[:1] == b"\x01" else None

    @property
    def is_link(self) -> bool:
        """Return whether the directory calls it a symbolic link, as on Unix."""
        return self.attributes >> 28 == 0o12

    @property
    def is_device(self) -> bool:
        """Return whether the directory calls it a device, a pipe or a socket, which some programs unpack as one."""
        return self.attributes >> 28 in (0o1, 0o2, 0o6, 0o14)


@dataclass(frozen=True, slots=True)
class End:
    """The end of the directory: where it stands, and what it says.

    Attributes:
        at: offset of the record.
        begins: offset of the first record of the end, with those of zip64.
        stop: offset behind its comment, as it says.
        count: how many entries the directory has, as it says.
        size: of the directory, as it says.
        offset: of the directory, as it says.
        lies: what the records of zip64 and the old one say differently.
    """

    at: int
    begins: int
    stop: int
    count: int
    size: int
    offset: int
    lies: str = ""


def read_entry(data: bytes, at: int) -> Header:
    """Return the entry of a directory; raise `Malformed` where there is none."""
    if data[at : at + 4] != ENTRY or at + ENTRY_BYTES > len(data):
        raise Malformed("the directory ends in the middle of an entry, or holds something else")
    (_, made, _, flags, method, _, _, crc, packed, size, names, extras, comments, _, _, attributes, offset) = (
        _ENTRY.unpack_from(data, at)
    )
    length = ENTRY_BYTES + names + extras + comments
    if at + length > len(data):
        raise Malformed("the directory ends in the middle of an entry")
    name = data[at + ENTRY_BYTES : at + ENTRY_BYTES + names]
    extra = data[at + ENTRY_BYTES + names : at + ENTRY_BYTES + names + extras]
    found = Header(name, flags, method, crc, packed, size, extra, length, offset, attributes, made >> 8)
    return _widened(found)


def read_local(data: bytes) -> Header | None:
    """Return the header of a member at the front of bytes; None if there is none, or it does not fit in."""
    if len(data) < LOCAL_BYTES or not data.startswith(LOCAL):
        return None
    _, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack_from(data)
    length = LOCAL_BYTES + names + extras
    if len(data) < length:
        return None
    name, extra = data[LOCAL_BYTES : LOCAL_BYTES + names], data[LOCAL_BYTES + names : length]
    return _widened(Header(name, flags, method, crc, packed, size, extra, length))


def read_end(tail: bytes, base: int, at: int) -> End | None:
    """Return the end record at `at` of the bytes, which begin at offset `base`; None if it is cut off."""
    if at + END_BYTES > len(tail):
        return None
    _, _, _, _, count, size, offset, comment = _END.unpack_from(tail, at)
    here = base + at
    return End(here, here, here + END_BYTES + comment, count, size, offset)


def read_locator(data: bytes) -> int | None:
    """Return where the end record of zip64 is said to stand; None if these bytes are no locator."""
    if len(data) < LOCATOR_BYTES or not data.startswith(LOCATOR):
        return None
    return int(_LOCATOR.unpack_from(data)[2])


def read_end64(data: bytes, at: int, old: End) -> End | None:
    """Return the end as the record of zip64 at offset `at` gives it; None if these bytes are none."""
    if len(data) < END64_BYTES or not data.startswith(END64):
        return None
    _, _, _, _, _, _, _, count, size, offset = _END64.unpack_from(data)
    pairs = (("entries", old.count, FULL16, count), ("size", old.size, FULL32, size))
    told = [f"{what}: {a} or {b}" for what, a, full, b in (*pairs, ("offset", old.offset, FULL32, offset))
            if a not in (full, b)]  # fmt: skip
    return End(old.at, at, old.stop, count, size, offset, "; ".join(told))


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of an extra field, as (kind, data); what is left over is not yielded."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def unknown_extra(header: Header) -> Iterator[tuple[int, bytes]]:
    """Yield the extra fields that nobody knows, and that something could be hidden in."""
    for kind, data in extra_fields(header.extra):
        is_padding = not data.strip(b"Z" if kind == PYTORCH_PADDING else b"\0")
        if kind not in KNOWN_EXTRA and not is_padding and len(data) >= LEAST_EXTRA_BYTES:
            yield kind, data


def _widened(header: Header) -> Header:
    """Return the header with its zip64 numbers: there is one, in this order, for each number that is all ones."""
    numbers = [header.size, header.packed, header.offset]
    wanted = [index for index, number in enumerate(numbers) if number == FULL32]
    if not wanted:
        return header
    field = next((data for kind, data in extra_fields(header.extra) if kind == _ZIP64), b"")
    if len(field) < 8 * len(wanted):
        return header  # a number that is truly all ones; if not, it does not fit the file, which is told elsewhere
    for place, index in enumerate(wanted):
        numbers[index] = int.from_bytes(field[8 * place : 8 * place + 8], "little")
    size, packed, offset = numbers
    return replace(header, size=size or 0, packed=packed or 0, offset=offset)
