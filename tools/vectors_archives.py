"""Archives and packed streams, written record by record: what breaks each rule, and what each reader must not follow.

The payload in them is a pickle that is never loaded, or a few words of text.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from dataclasses import dataclass, replace

from vector import Vector

PICKLE = b"cdatetime\ndate\n(I2026\nI1\nI2\ntR."
WORDS = b"plain words\n"


@dataclass(frozen=True)
class Member:
    """A member of a zip file; what the directory says is `...`, what its own header says is `own_...` if it differs."""

    name: bytes
    data: bytes = WORDS
    method: int = 0
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    attributes: int = 0
    extra: bytes = b""
    own_name: bytes | None = None
    own_flags: int | None = None
    own_method: int | None = None
    own_size: int | None = None
    behind: bytes = b""
    listed: bool = True

    @property
    def packed(self) -> bytes:
        """Return the bytes as they stand in the file."""
        if self.method != 8:
            return self.data
        made = zlib.compressobj(9, zlib.DEFLATED, -15)
        return made.compress(self.data) + made.flush()

    def numbers(self) -> tuple[int, int, int]:
        """Return checksum, packed size and size."""
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return crc, len(self.packed), len(self.data) if self.size is None else self.size

    def local(self) -> bytes:
        """Return the member with its own header."""
        name = self.name if self.own_name is None else self.own_name
        flags = self.flags if self.own_flags is None else self.own_flags
        method = self.method if self.own_method is None else self.own_method
        crc, packed, size = self.numbers()
        size = size if self.own_size is None else self.own_size
        head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 33, crc, packed, size, len(name), 0)
        return head + name + self.packed + self.behind

    def entry(self, offset: int) -> bytes:
        """Return its entry in the directory."""
        lengths = (len(self.name), len(self.extra), 0, 0, 0, self.attributes, offset)
        fixed = (b"PK\1\2", 0x314, 20, self.flags, self.method, 0, 33, *self.numbers())
        return struct.pack("<4sHHHHHHIIIHHHHHII", *fixed, *lengths) + self.name + self.extra


def end(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """Return the end of a directory."""
    return struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, offset, len(comment)) + comment


def zipped(*members: Member, count: int | None = None, comment: bytes = b"", base: int = 0) -> bytes:
    """Return a zip file; `base` is what is in front of it."""
    body, entries, listed = b"", b"", 0
    for member in members:
        if member.listed:
            entries += member.entry(base + len(body))
            listed += 1
        body += member.local()
    return body + entries + end(listed if count is None else count, len(entries), base + len(body), comment)


def zip64(member: Member, lie: int = 0) -> bytes:
    """Return a zip file with the records of zip64, of which the old one says a number that is off by `lie`."""
    body, entry = member.local(), member.entry(0)
    where = len(body) + len(entry)
    new = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entry), len(body))
    return body + entry + new + struct.pack("<4sIQI", b"PK\6\7", 0, where, 1) + end(1 + lie, len(entry), len(body))


def two_directories() -> bytes:
    """Return a zip file whose comment holds a second directory and its end, which says that a comment follows."""
    first, entry = zipped(A), A.entry(0)
    second = entry + end(1, len(entry), len(first))[:-2] + b"\1\0"
    return first[:-2] + struct.pack("<H", len(second)) + second


def shared() -> bytes:
    """Return a zip file in which one member lies in the data of another."""
    inner = Member(b"b").local()
    outer = Member(b"a", inner)
    body = outer.local()
    entries = outer.entry(0) + Member(b"b").entry(len(body) - len(inner))
    return body + entries + end(2, len(entries), len(body))


def nested(depth: int) -> bytes:
    """Return zip files, one in the other."""
    data = PLAIN
    for _ in range(depth):
        data = zipped(Member(b"a.zip", data))
    return data


def tampered(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return the data with the first `old` made `new`, which must be as long."""
    return data[: data.index(old)] + new + data[data.index(old) + len(old) :]


A, B = Member(b"a"), Member(b"b.txt")
PLAIN, PACKED = zipped(A, B), zipped(replace(A, method=8))
STREAMED = replace(A, flags=8, method=8, data=WORDS * 9)
CRC, SMALL, LARGE = STREAMED.numbers()
DESCRIBED = replace(STREAMED, behind=b"PK\7\10" + struct.pack("<III", CRC, SMALL, LARGE))
ACCENT = Member("\u00e9".encode(), flags=1 << 11)
LINK = 0o120777 << 16
HEADER = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }"
ZEROS_HEADER = b"{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }" % (65 << 20)
ZEROS = b"\x93NUMPY\1\0" + (118).to_bytes(2, "little") + ZEROS_HEADER.ljust(117) + b"\n" + bytes(65 << 20)
ARRAY = b"\x93NUMPY\1\0" + (118).to_bytes(2, "little") + HEADER.ljust(117) + b"\n" + bytes(32)

RULES: dict[str, dict[str, dict[str, bytes]]] = {
    "archive-two-readings": {
        "fail": {
            "names.zip": zipped(replace(A, own_name=b"c")),
            "methods.zip": zipped(replace(A, own_method=8)),
            "sizes.zip": zipped(replace(A, own_size=4)),
            "encryption-in-one.zip": zipped(replace(A, own_flags=1, crc=0)),
            "count.zip": zipped(A, B, count=1),
            "zip64.zip": zip64(A, 1),
            "two-directories.zip": two_directories(),
            "nul-in-name.zip": zipped(Member(b"a\0b")),
            "unicode-path.zip": zipped(replace(A, extra=struct.pack("<HHBI", 0x7075, 6, 1, 0) + b"b")),
            "size-of-stored.zip": zipped(replace(A, size=4)),
            "size-of-packed.zip": zipped(replace(A, method=8, size=4)),
        },
        "pass": {"plain.zip": PLAIN, "packed.zip": PACKED, "zip64.zip": zip64(A), "described.zip": zipped(DESCRIBED)},
    },
    "archive-hidden-member": {
        "fail": {"between.zip": zipped(A, replace(B, listed=False), Member(b"c"))},
        "pass": {"listed.zip": zipped(A, B, Member(b"c"))},
    },
    "archive-duplicate-member": {
        "fail": {"twice.zip": zipped(A, replace(A, data=b"other words\n"))},
        "pass": {"another-name.zip": PLAIN, "a-folder-twice.zip": zipped(Member(b"d/", b""), Member(b"d/", b""))},
    },
    "archive-overlapping-members": {
        "fail": {"inside.zip": shared()},
        "pass": {"nested-zip.zip": zipped(Member(b"a.zip", PLAIN))},
    },
    "archive-escapes": {
        "fail": {
            "up.zip": zipped(Member(b"../a")),
            "up-by-backslash.zip": zipped(Member(b"..\\a")),
            "up-by-wide-dots.zip": zipped(Member("\uff0e\uff0e/a".encode(), flags=1 << 11)),
            "absolute.zip": zipped(Member(b"/etc/a")),
            "drive.zip": zipped(Member(b"C:/a")),
            "link.zip": zipped(Member(b"d/a", b"../../b", attributes=LINK)),
            "pipe.zip": zipped(Member(b"a", attributes=0o010644 << 16)),
            "through-link.zip": zipped(Member(b"d", b"b", attributes=LINK), Member(b"d/x")),
            "absolute-link.zip": zipped(Member(b"a", b"/etc/passwd", attributes=LINK)),
        },
        "pass": {
            "inside.zip": zipped(Member(b"d/a..b")),
            "link-inside.zip": zipped(Member(b"d/a", b"../b", attributes=LINK)),
        },
    },
    "archive-false-encryption": {
        "fail": {"stored.zip": zipped(replace(A, flags=1)), "packed.zip": zipped(replace(A, flags=1, method=8))},
        "pass": {"encrypted.zip": zipped(replace(A, flags=1, data=bytes(range(128, 152)), crc=7, size=12))},
    },
    "archive-starts-code": {
        "fail": {
            "path.zip": zipped(replace(A, name=b"a.pth", data=b"import os; os.getcwd()\n")),
            "module.zip": zipped(replace(A, name=b"lib/sitecustomize.py", data=b"print(1)\n")),
            "package.zip": zipped(replace(A, name=b"usercustomize/__init__.py", data=b"print(1)\n")),
            "beside.pth": b"../lib\nimport os; os.getcwd()\n",
        },
        "pass": {
            "folders.zip": zipped(replace(A, name=b"a.pth", data=b"../lib\n# import\n")),
            "model.zip": zipped(replace(A, name=b"model.pth", data=PICKLE)),
            "other.zip": zipped(replace(A, name=b"customize.py", data=b"import os\n")),
        },
    },
    "archive-foreign-bytes": {
        "fail": {
            "in-front.zip": b"\x80 in front" + zipped(A),
            "behind.zip": PLAIN + b"words",
            "between.zip": zipped(replace(A, behind=b"words"), B),
            "behind-gzip.gz": gzip.compress(WORDS, mtime=0) + b"words",
            "behind-zlib.z": zlib.compress(WORDS) + b"words",
            "behind-bzip2.bz2": bz2.compress(WORDS) + b"words",
            "behind-xz.xz": lzma.compress(WORDS) + b"words",
        },
        "pass": {
            "padded.zip": zipped(replace(A, behind=bytes(8)), B),
            "comment.zip": zipped(A, comment=b"words"),
            "a-pickle.gz": gzip.compress(PICKLE, mtime=0),
            "a-pickle.z": zlib.compress(PICKLE),
            "a-pickle.bz2": bz2.compress(PICKLE),
            "a-pickle.xz": lzma.compress(PICKLE),
            "a-pickle.lzma": lzma.compress(PICKLE, lzma.FORMAT_ALONE),
            "a-pickle-of-old-joblib.z": b"ZF" + hex(len(PICKLE)).encode().ljust(19) + zlib.compress(PICKLE),
            "arrays.npz": zipped(Member(b"a.npy", ARRAY), Member(b"b.npy", ARRAY, method=8)),
            "two-members.gz": gzip.compress(WORDS, mtime=0) * 2,
            "padded.xz": lzma.compress(WORDS) + bytes(8),
        },
    },
    "archive-bomb": {
        "fail": {
            "zeros.bz2": bz2.compress(bytes(65 << 20)),
            "letters.txt.bz2": bz2.compress(b"a" * (65 << 20)),
            "seventeen-deep.zip": nested(17),
        },
        "pass": {
            "a-chunk-of-zeros.bz2": bz2.compress(bytes(64 << 20)),
            "zeros.npy.bz2": bz2.compress(ZEROS),
            "fifteen-deep.zip": nested(15),
        },
    },
    "archive-bad-checksum": {
        "fail": {"stored.zip": tampered(PLAIN, b"plain", b"PLAIN"), "packed.zip": zipped(replace(A, method=8, crc=7))},
        "pass": {"plain.zip": PLAIN},
    },
    "archive-odd-name": {
        "fail": {"backslash.zip": zipped(Member(b"d\\a")), "newline.zip": zipped(Member(b"a\nb"))},
        "pass": {
            "spaces.zip": zipped(Member(b"a b")),
            "not-ascii.zip": zipped(ACCENT),
        },
    },
    "file-is-executable": {
        "fail": {
            "elf.bin": b"\x7fELF\2\1\1" + bytes(60),
            "pe.bin": b"MZ\x90\0" + bytes(60),
            "llamafile.bin": b"MZqFpD='\n" + bytes(60),
            "mach-o.bin": b"\xcf\xfa\xed\xfe" + bytes(60),
            "java-class.bin": b"\xca\xfe\xba\xbe" + bytes(60),
            "bytecode.bin": b"\xa7\r\r\n" + bytes(12) + b"\xe3" + bytes(40),
            "wasm.bin": b"\0asm\1\0\0\0",
            "elf-in-a-zip.zip": zipped(Member(b"lib/model.so", b"\x7fELF\2\1\1" + bytes(60))),
            "with-a-zip-behind.bin": b"\x7fELF\2\1\1" + bytes(60) + zipped(A),
        },
        "pass": {"text.txt": b"MZ are two letters\n"},
    },
    "file-two-formats": {
        "fail": {
            "npy-and-zip.npy": ARRAY + zipped(A),
        },
        "pass": {
            "npy.npy": ARRAY,
            "end-alone.npy": ARRAY[:-22] + end(1, 99, 7),
            "npy-in-a-zip.zip": zipped(Member(b"a", ARRAY)),
        },
    },
}

FORMATS = (
    Vector("zip", "plain", PLAIN, "two members"),
    Vector("zip", "packed", PACKED, "a member that is packed"),
    Vector("zip", "empty", end(0, 0, 0), "no member at all"),
    Vector("zip", "zip64", zip64(A), "the records of zip64"),
    Vector("zip", "described", zipped(DESCRIBED), "sizes behind the member"),
    Vector("zip", "cut", PLAIN[:-30], "the end is missing", (), "no directory at the end"),
    Vector("zip", "comment-cut", zipped(A, comment=b"words")[:-2], "half a comment", (), "comment of the archive is"),
    Vector("zip", "nowhere", PLAIN.replace(b"PK\3\4", b"XX\3\4"), "no member there", (), "where no member begins"),
    Vector("zip", "entry-cut", tampered(PLAIN, b"PK\1\2", b"PK\1\3"), "no directory there", (), "no directory at the"),
)
READERS = {"zip": "hauberk.formats.layouts"}
