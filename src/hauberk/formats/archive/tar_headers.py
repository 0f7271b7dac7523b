"""The headers of a tar file: numbers, names, and the extended ones that change what the next header says.

Source: POSIX.1-2024, pax, "pax Interchange Format" and "ustar Interchange Format"; GNU tar 1.35, "Basic Tar Format";
`tarfile` of CPython 3.11 to 3.14, whose answers are taken where programs differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hauberk.errors import Malformed

BLOCK = 512
CHECKSUM_AT, CHECKSUM_BYTES = 148, 8
USTAR, GNU = b"ustar\x00", b"ustar "
MOST_OCTAL = 8 << 30  # bytes; a larger size does not fit into the eleven digits of a header
LONGEST_EXTENDED = 1 << 20

REGULAR, HARD_LINK, SYMBOLIC_LINK, FOLDER, SPARSE = b"0\x007", b"1", b"2", b"5", b"S"
SPECIAL = {b"3": "a character device", b"4": "a block device", b"6": "a FIFO"}
LONG_NAME, LONG_LINK, EXTENDED, GLOBAL_EXTENDED = b"L", b"K", b"x", b"g"

_RECORD = re.compile(rb"(\d{1,20}) ([^=]+)=")


@dataclass(frozen=True, slots=True)
class Header:
    """One header, as it stands: names are as a person reads them, sizes in bytes."""

    name: str
    size: int
    kind: bytes
    link: str
    is_extended: bool = False  # GNU's old form of sparse files: more of their map follows


def is_header(block: bytes) -> bool:
    """Say whether a block is a header with a checksum that holds."""
    if len(block) < BLOCK or not block[0]:
        return False
    try:
        said = number(block[CHECKSUM_AT : CHECKSUM_AT + CHECKSUM_BYTES])
    except Malformed:
        return False
    rest = block[:CHECKSUM_AT] + b" " * CHECKSUM_BYTES + block[CHECKSUM_AT + CHECKSUM_BYTES : BLOCK]
    unsigned = sum(rest)
    return said in (unsigned, unsigned - 256 * sum(byte > 127 for byte in rest))  # old programs summed signed bytes


def read_header(block: bytes) -> Header:
    """Return what a header says; raise `Malformed` if its checksum does not hold, or a number is none."""
    if not is_header(block):
        raise Malformed("a header whose checksum does not hold")
    size = number(block[124:136])
    if size < 0:
        raise Malformed(f"a size of {size}")
    kind = block[156:157]
    name = text(block[:100])
    if block[257:263] == USTAR and (prefix := text(block[345:500])):
        name = f"{prefix}/{name}"
    return Header(name, size, kind, text(block[157:257]), is_extended=kind == SPARSE and bool(block[482]))


def number(field: bytes) -> int:
    """Return a number: octal digits, or with the highest bit set, the rest as a big-endian integer.

    Raises:
        Malformed: it is neither.
    """
    if field[0] in (0x80, 0xFF):
        return int.from_bytes(field[1:], "big") - (256 ** (len(field) - 1) if field[0] == 0xFF else 0)
    digits = field.partition(b"\0")[0].strip()
    if digits.strip(b"01234567"):
        raise Malformed(f"a number that is not octal: {digits!r}")
    return int(digits or b"0", 8)


def text(field: bytes) -> str:
    """Return a text up to its NUL."""
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def read_extended(data: bytes) -> dict[str, bytes]:
    """Return the records of an extended header: `length key=value` and a newline, each.

    Raises:
        Malformed: a length that does not fit, or a key for the second time.
    """
    found: dict[str, bytes] = {}
    at = 0
    data = data.rstrip(b"\0")
    while at < len(data):
        match = _RECORD.match(data, at)
        length = int(match[1]) if match else 0
        stop = at + length
        if match is None or stop > len(data) or stop <= match.end() or data[stop - 1 : stop] != b"\n":
            raise Malformed("an extended header with a record whose length does not fit")
        key = match[2].decode("utf-8", "replace")
        if key in found and found[key] != data[match.end() : stop - 1]:
            raise Malformed(f"an extended header with {key!r} twice")
        found[key] = data[match.end() : stop - 1]
        at = stop
    return found
