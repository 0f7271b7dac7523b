"""Vectors of HDF5, written byte by byte: the oldest superblock and object headers, which have no checksums."""

from __future__ import annotations

import json

from vector import Vector

MAGIC = b"\x89HDF\r\n\x1a\n"
NONE = b"\xff" * 8
ROOT = 96


def u(value: int, width: int) -> bytes:
    """Return a little-endian number."""
    return value.to_bytes(width, "little")


def message(kind: int, body: bytes, flags: int = 0) -> bytes:
    """Return a message of an object header, padded as the library pads it."""
    body += bytes(-len(body) % 8)
    return u(kind, 2) + u(len(body), 2) + bytes([flags, 0, 0, 0]) + body


def header(*messages: bytes) -> bytes:
    """Return an object header of version 1."""
    body = b"".join(messages)
    return b"\x01\x00" + u(len(messages), 2) + u(1, 4) + u(len(body), 4) + bytes(4) + body


def file(*messages: bytes, more: bytes = b"") -> bytes:
    """Return a file: the superblock, the root with a link info, and what else lies behind it."""
    root = header(message(2, b"\x00\x00" + NONE + NONE), message(10, b"\x00\x00"), *messages)
    sizes = bytes([0, 0, 0, 0, 0, 8, 8, 0]) + u(4, 2) + u(16, 2) + bytes(4)
    end = ROOT + len(root) + len(more)
    entry = bytes(8) + u(ROOT, 8) + bytes(24)
    return MAGIC + sizes + bytes(8) + NONE + u(end, 8) + NONE + entry + root + more


def text(name: str, value: bytes) -> bytes:
    """Return an attribute that is one text of fixed length."""
    spelled = name.encode() + b"\x00"
    kind, space = b"\x13\x00\x00\x00" + u(len(value), 4), b"\x01\x00\x00" + bytes(5)
    sizes = u(len(spelled), 2) + u(8, 2) + u(8, 2)
    return message(12, b"\x01\x00" + sizes + spelled + bytes(-len(spelled) % 8) + kind + space + value)


def link(name: str, kind: int, value: bytes) -> bytes:
    """Return a link: 0 to an object, 1 to a path, 64 to another file."""
    return message(6, b"\x01\x08" + bytes([kind, len(name)]) + name.encode() + value)


def dataset(*more: bytes) -> bytes:
    """Return the object header of a dataset of one byte."""
    space, kind = (
        message(1, b"\x01\x01\x00" + bytes(5) + u(1, 8)),
        message(3, b"\x10\x00\x00\x00" + u(1, 4) + u(0, 2) + u(8, 2)),
    )
    return header(space, kind, *more)


def with_dataset(*more: bytes, behind: bytes = b"") -> bytes:
    """Return a file with one dataset, whose header lies behind the root's."""
    at = len(file(link("d", 0, bytes(8))))
    return file(link("d", 0, u(at, 8)), more=dataset(*more) + behind)


CONFIG = json.dumps({"class_name": "Sequential", "config": {"layers": []}}).encode()
EMPTY = file()
ELSEWHERE = b"\x00other.h5\x00/x\x00"
LAYOUT = message(8, b"\x03\x01" + NONE + u(1, 8))
HEAP_AT = len(with_dataset(LAYOUT, message(7, bytes(40))))
HEAP = b"HEAP" + bytes(4) + u(16, 8) + u(1, 8) + u(HEAP_AT + 32, 8) + b"/etc/passwd\x00" + bytes(4)
STORED = with_dataset(
    LAYOUT, message(7, b"\x01\x00\x00\x00" + u(1, 2) + u(1, 2) + u(HEAP_AT, 8) + bytes(16) + u(1, 8)), behind=HEAP
)
CONTIGUOUS = with_dataset(LAYOUT)
VIRTUAL = with_dataset(message(8, b"\x04\x03" + bytes(12)))

FORMATS = (
    Vector("hdf5", "empty", EMPTY, "the smallest file"),
    Vector("hdf5", "attribute", file(text("model_config", CONFIG)), "a configuration in an attribute"),
    Vector("hdf5", "dataset", CONTIGUOUS, "a dataset whose data was never written"),
    Vector("hdf5", "soft-link", file(link("s", 1, u(2, 2) + b"/d")), "a link to a path in the file"),
    Vector("hdf5", "cycle", file(link("self", 0, u(ROOT, 8))), "a group in itself"),
    Vector("hdf5", "user-block", bytes(512) + EMPTY, "a superblock behind an empty user block"),
    Vector("hdf5", "cut", EMPTY[:-4], "cut short", (), "which the file does not have"),
    Vector("hdf5", "behind", EMPTY + b"text", "text behind the end of the file"),
    Vector("hdf5", "short", EMPTY[:40] + u(len(EMPTY) + 8, 8) + EMPTY[48:], "an end beyond the file", (), "are here"),
    Vector("hdf5", "version-9", EMPTY[:8] + b"\x09" + EMPTY[9:], "a superblock of no version", (), "of version 9"),
    Vector("hdf5", "beyond", file(link("d", 0, u(1 << 40, 8))), "an object beyond the end", (), "does not have"),
    Vector("hdf5", "no-header", file(link("d", 0, u(8, 8))), "an object that is none", (), "no object header"),
    Vector("hdf5", "loop", file(message(16, u(ROOT + 16, 8) + u(64, 8))), "continues in itself", (), "in itself"),
    Vector("hdf5", "shared", file(message(12, bytes(16), flags=2)), "a shared attribute", (), "that is shared"),
    Vector("hdf5", "odd-link", file(link("u", 99, u(1, 2) + b"x")), "a link of a user's kind", (), "of kind 99"),
    Vector("hdf5", "no-heap", file(message(17, u(ROOT, 8) + u(ROOT, 8))), "a group without a heap", (), "no HEAP"),
)
READERS = {"hdf5": "hauberk.formats.model.hdf5"}
RULES = {
    "hdf5-external": {
        "fail": {
            "external-link.h5": file(link("e", 64, u(len(ELSEWHERE), 2) + ELSEWHERE)),
            "external-storage.h5": STORED,
            "virtual.h5": VIRTUAL,
        },
        "pass": {"soft-link.h5": file(link("s", 1, u(2, 2) + b"/d")), "dataset.h5": CONTIGUOUS},
    },
}
