"""7z files, written field by field: what breaks the rules about archives, and what the reader must not follow."""

from __future__ import annotations

import lzma
import struct
import zlib

import vectors_archives
from vector import Vector

WORDS = b"plain words\n"


def number(value: int) -> bytes:
    """Return a number below 2**14."""
    return bytes([value]) if value < 128 else bytes([0x80 | value >> 8, value & 255])


def pack_info(*sizes: int, start: int = 0) -> bytes:
    """Return where packed streams lie."""
    return b"\x06" + number(start) + number(len(sizes)) + b"\x09" + b"".join(map(number, sizes)) + b"\0"


def folders(coder: bytes, size: int, crc: int) -> bytes:
    """Return one folder of one coder."""
    return b"\x07\x0b\1\0\1" + coder + b"\x0c" + number(size) + b"\x0a\1" + struct.pack("<I", crc) + b"\0"


def files(names: list[bytes], attributes: list[int] | None = None, empty: bytes = b"") -> bytes:
    """Return the names of the files, and their attributes."""
    texts = b"\0" + b"".join(name.decode().encode("utf-16-le") + b"\0\0" for name in names)
    made = b"\x05" + number(len(names)) + (b"\x0e" + number(len(empty)) + empty if empty else b"")
    made += b"\x11" + number(len(texts)) + texts
    if attributes:
        made += b"\x15" + number(2 + 4 * len(attributes)) + b"\1\0" + struct.pack(f"<{len(attributes)}I", *attributes)
    return made + b"\0"


def whole(packed: bytes, header: bytes, behind: bytes = b"") -> bytes:
    """Return a 7z file of packed streams and a header."""
    end = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(end)) + end + packed + header + behind


def plain(*names: bytes, data: bytes = WORDS, crc: int | None = None, attributes: list[int] | None = None) -> bytes:
    """Return a 7z file in which each file has the same bytes, stored in one folder."""
    packed = data * len(names)
    streams = pack_info(len(packed)) + folders(b"\1\0", len(packed), zlib.crc32(packed))
    if len(names) > 1:
        crcs = struct.pack("<I", zlib.crc32(data) if crc is None else crc) * len(names)
        sizes = b"".join(number(len(data)) for _ in names[1:])
        streams += b"\x08\x0d" + number(len(names)) + b"\x09" + sizes + b"\x0a\1" + crcs + b"\0"
    return whole(packed, b"\1\4" + streams + b"\0" + files(list(names), attributes) + b"\0")


def squeezed(data: bytes, coder: bytes, packed: bytes, crc: int | None = None) -> bytes:
    """Return a 7z file of one file, packed by one coder."""
    streams = pack_info(len(packed)) + folders(coder, len(data), zlib.crc32(data) if crc is None else crc)
    return whole(packed, b"\1\4" + streams + b"\0" + files([b"a"]) + b"\0")


CHAIN = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]
PACKED = lzma.compress(WORDS, lzma.FORMAT_RAW, filters=CHAIN)
LZMA2 = squeezed(WORDS, b"\x21\x21\1\x08", PACKED)
AES = squeezed(WORDS, b"\4\x06\xf1\x07\1", WORDS)
PLAIN = plain(b"a", b"d/b")
LINK = 0o120777 << 16 | 0x8000

for _rule, _fail, _pass in (
    ("archive-duplicate-member", {"twice.7z": plain(b"a", b"a")}, {"plain.7z": PLAIN}),
    (
        "archive-escapes",
        {"up.7z": plain(b"../a"), "link.7z": plain(b"d/a", data=b"../../b", attributes=[LINK])},
        {"link-inside.7z": plain(b"d/a", data=b"../b", attributes=[LINK])},
    ),
    (
        "archive-foreign-bytes",
        {"behind.7z": PLAIN + b"words", "between.7z": whole(b"words", b"\1\0")},
        {"packed.7z": LZMA2, "empty.7z": whole(b"", b"")},
    ),
    (
        "archive-bad-checksum",
        {"stored.7z": plain(b"a", b"b", crc=7), "packed.7z": squeezed(WORDS, b"\x21\x21\1\x08", PACKED, 7)},
        {"plain.7z": PLAIN},
    ),
):
    vectors_archives.RULES[_rule]["fail"].update(_fail)
    vectors_archives.RULES[_rule]["pass"].update(_pass)

FORMATS = (
    Vector("7z", "plain", PLAIN, "two files that are stored"),
    Vector("7z", "lzma2", LZMA2, "a file that is packed"),
    Vector("7z", "empty-file", whole(b"", b"\1" + files([b"a"], empty=b"\x80") + b"\0"), "a file without bytes"),
    Vector("7z", "nothing", whole(b"", b""), "no header at all"),
    Vector("7z", "encrypted", AES, "encrypted", (), "encrypted with AES"),
    Vector("7z", "method", squeezed(WORDS, b"\1\x77", WORDS), "an unknown method", (), "packed by method 77"),
    Vector("7z", "cut", PLAIN[:-1], "one byte less", (), "cut off"),
    Vector("7z", "first-checksum", PLAIN[:8] + b"\0" + PLAIN[9:], "changed", (), "first header's checksum"),
    Vector("7z", "checksum", PLAIN[:-1] + b"\1", "changed", (), "checksum of the header at the end"),
    Vector("7z", "count", whole(b"", b"\1\5\xe0\xff\xff\xff\0"), "too many files", (), "things, where"),
    Vector("7z", "header-ends", whole(b"", b"\1\4\6"), "half a header", (), "ends early"),
    Vector("7z", "kind", whole(b"", b"\x09"), "no header", (), "a header of kind 9"),
    Vector("7z", "field", whole(b"", b"\1\x33"), "an unknown field", (), "a field 51"),
)
READERS = {"7z": "hauberk.formats.archive.sevenzip"}
