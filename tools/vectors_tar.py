"""Tar files, written header by header: what breaks the rules about archives, and what the reader must not follow."""

from __future__ import annotations

import vectors_archives
from vector import Vector

BLOCK = 512
WORDS = b"plain words\n"


def padded(data: bytes) -> bytes:
    """Return data filled up to whole blocks."""
    return data + bytes(-len(data) % BLOCK)


def header(name: bytes, size: int, kind: bytes = b"0", link: bytes = b"", number: bytes | None = None) -> bytes:
    """Return a header; `number` is its size as it stands there, if it is not eleven octal digits."""
    said = b"%011o\0" % size if number is None else number
    block = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + said + b"00000000000\0"
    block += b" " * 8 + kind + link.ljust(100, b"\0") + b"ustar\x0000" + bytes(247)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def member(name: bytes, data: bytes = WORDS, kind: bytes = b"0", link: bytes = b"") -> bytes:
    """Return a header with its data."""
    return header(name, len(data), kind, link) + padded(data)


def link(name: bytes, target: bytes, kind: bytes = b"2") -> bytes:
    """Return a link."""
    return header(name, 0, kind, target)


def extended(*records: bytes, kind: bytes = b"x") -> bytes:
    """Return an extended header with records `key=value`."""
    lines = b""
    for record in records:
        length = len(record) + 3 + (len(record) > 6) + (len(record) > 95)  # the digits of the length count
        lines += b"%d %s\n" % (length, record)
    return member(b"./PaxHeaders/a", lines, kind)


def tar(*pieces: bytes) -> bytes:
    """Return a tar file of these pieces with its end."""
    return b"".join(pieces) + bytes(2 * BLOCK)


A = member(b"a")
PLAIN = tar(A, member(b"d/", b"", b"5"), member(b"d/b"))
SIZED = tar(extended(b"size=12"), A)

for _rule, _fail, _pass in (
    (
        "archive-two-readings",
        {
            "size-by-pax.tar": tar(extended(b"size=12"), header(b"a", 512) + padded(WORDS)),
            "link-with-data.tar": tar(member(b"a", WORDS, b"2", b"b"), member(b"c")),
            "broken-header-between.tar": tar(A, b"x" * BLOCK, member(b"c")),
        },
        {"plain.tar": PLAIN, "same-size-by-pax.tar": SIZED},
    ),
    ("archive-duplicate-member", {"twice.tar": tar(A, A)}, {"plain.tar": PLAIN}),
    (
        "archive-escapes",
        {
            "up.tar": tar(member(b"../a")),
            "absolute.tar": tar(member(b"/etc/a")),
            "up-by-pax.tar": tar(extended(b"path=../../a"), A),
            "up-by-gnu.tar": tar(member(b"././@LongLink", b"../../a\0", b"L"), A),
            "link.tar": tar(link(b"d/a", b"../../b")),
            "absolute-link.tar": tar(link(b"a", b"/etc/passwd")),
            "hard-link.tar": tar(link(b"a", b"../b", b"1")),
            "link-by-pax.tar": tar(extended(b"linkpath=/etc/passwd"), link(b"a", b"b")),
            "link-behind-link.tar": tar(link(b"d", b"."), link(b"d/e", b".."), member(b"d/e/x")),
            "through-link.tar": tar(link(b"d", b"sub"), member(b"./d/x")),
            "link-up-through-link.tar": tar(link(b"a/b", b"."), link(b"e", b"a/b/../../f")),
            "device.tar": tar(link(b"a", b"", b"3")),
        },
        {
            "link-inside.tar": tar(link(b"d/a", b"../b"), member(b"d/b"), member(b"b")),
            "hard-link-inside.tar": tar(A, link(b"b", b"a", b"1")),
        },
    ),
    (
        "archive-foreign-bytes",
        {"behind.tar": PLAIN + padded(b"words"), "two-archives.tar": PLAIN + tar(member(b"c"))},
        {"padded.tar": PLAIN + bytes(8 * BLOCK)},
    ),
    ("archive-odd-name", {"newline.tar": tar(member(b"a\nb"))}, {"spaces.tar": tar(member(b"a b"))}),
):
    vectors_archives.RULES[_rule]["fail"].update(_fail)
    vectors_archives.RULES[_rule]["pass"].update(_pass)

FORMATS = (
    Vector("tar", "plain", PLAIN, "two files and a folder"),
    Vector("tar", "extended", SIZED, "an extended header"),
    Vector(
        "tar", "large-number", tar(header(b"a", 12, number=b"\x80" + bytes(10) + b"\x0c") + padded(WORDS)), "binary"
    ),
    Vector("tar", "no-end", A, "the blocks of zeros at the end are missing"),
    Vector("tar", "cut", A[:-505], "the member is cut off", (), "goes on behind"),
    Vector("tar", "checksum", A.replace(b"0000644", b"0000755"), "was edited", (), "checksum does not hold"),
    Vector("tar", "number", tar(header(b"a", 0, number=b"0000000000x\0")), "no number", (), "not octal"),
    Vector("tar", "negative", tar(header(b"a", 0, number=b"\xff" * 12)), "less than nothing", (), "a size of -1"),
    Vector("tar", "record", tar(member(b"x", b"99 path=a\n", b"x"), A), "a length that does not fit", (), "not fit"),
    Vector("tar", "twice", tar(extended(b"path=b", b"path=c"), A), "a key twice", (), "twice"),
    Vector("tar", "size", tar(extended(b"size=-1"), A), "a size that is no number", (), "no number"),
    Vector("tar", "sparse", tar(member(b"a", WORDS, b"S")), "a file with holes", (), "a sparse file"),
    Vector("tar", "long", tar(header(b"a", 1 << 21, b"x")), "a long extended header", (), "extended header of 2097152"),
)
READERS = {"tar": "hauberk.formats.archive.tar"}
