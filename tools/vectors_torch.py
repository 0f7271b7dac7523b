"""The vectors of the rules on tensors and PyTorch's files; `make_rule_vectors.py` writes them beside its own.

Each is a smallest valid file with one change. Nothing of ours and no framework is imported: the bytes are written out.
"""

from __future__ import annotations

import json
from typing import Any

from vector import Vector


def safetensors(header: dict[str, Any] | str, data: bytes) -> bytes:
    """Return a safetensors file."""
    text = header if isinstance(header, str) else json.dumps(header, separators=(",", ":"))
    return len(text).to_bytes(8, "little") + text.encode() + data


def tensor(start: int, stop: int, dtype: str = "U8") -> dict[str, Any]:
    """Return the description of a flat tensor of bytes."""
    return {"dtype": dtype, "shape": [stop - start], "data_offsets": [start, stop]}


TWO = {"a": tensor(0, 4), "b": tensor(4, 8)}
ZIP_END = b"PK\x05\x06" + bytes(18)

SAFETENSORS: dict[str, dict[str, bytes]] = {
    "fail": {
        "overlap.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(3, 8)}, bytes(8)),
        "hole.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(5, 8)}, bytes(4) + b"x" + bytes(3)),
        "behind-the-end.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(4, 9)}, bytes(8)),
        "backwards.safetensors": safetensors(
            {"a": tensor(0, 8), "b": {**tensor(0, 8), "data_offsets": [8, 0]}}, bytes(8)
        ),
        "trailing.safetensors": safetensors(TWO, bytes(8) + b"#!/bin/sh\n"),
        "same-name.safetensors": safetensors(
            '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
            bytes(8),
        ),
        "same-name-escaped.safetensors": safetensors(
            '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},'
            '"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
            bytes(8),
        ),
        "shape-twice.safetensors": safetensors(
            '{"a":{"dtype":"U8","shape":[4],"shape":[8],"data_offsets":[0,4]}}', bytes(4)
        ),
        "wrong-size.safetensors": safetensors({"a": {**tensor(0, 8, "F32"), "shape": [3]}}, bytes(8)),
        "metadata-twice.safetensors": safetensors(
            '{"__metadata__":{"a":"1","a":"2"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', bytes(4)
        ),
        "metadata-of-numbers.safetensors": safetensors({"__metadata__": {"a": 1}, "a": tensor(0, 4)}, bytes(4)),
    },
    "pass": {
        "two.safetensors": safetensors(TWO, bytes(8)),
        "metadata.safetensors": safetensors({"__metadata__": {"format": "pt"}, **TWO}, bytes(8)),
        "padded.safetensors": safetensors(json.dumps(TWO) + "   ", bytes(8)),
        "empty-tensor.safetensors": safetensors({"a": tensor(0, 0), "b": tensor(0, 8)}, bytes(8)),
    },
}


def text(value: str, width: int = 8) -> bytes:
    """Return a string of GGUF."""
    return len(value).to_bytes(width, "little") + value.encode()


def key(name: str, kind: int, value: bytes) -> bytes:
    """Return a pair of GGUF's metadata."""
    return text(name) + kind.to_bytes(4, "little") + value


def row(name: str, offset: int, *shape: int, kind: int = 0) -> bytes:
    """Return the description of a tensor."""
    sizes = b"".join(size.to_bytes(8, "little") for size in shape)
    return (
        text(name)
        + len(shape).to_bytes(4, "little")
        + sizes
        + kind.to_bytes(4, "little")
        + offset.to_bytes(8, "little")
    )


def gguf(keys: tuple[bytes, ...], rows: tuple[bytes, ...], data: bytes) -> bytes:
    """Return a GGUF file of version 3."""
    head = b"GGUF\x03\0\0\0" + len(rows).to_bytes(8, "little") + len(keys).to_bytes(8, "little")
    head += b"".join(keys) + b"".join(rows)
    return head + bytes(-len(head) % 32) + data


WORDS = key("tokens", 9, b"\x08\0\0\0\x02" + bytes(7) + text("a") + text("b"))
LISTS = key("a", 9, b"\x09\0\0\0\x01" + bytes(7) + b"\0\0\0\0\x02" + bytes(7) + b"xy")
NAME = key("general.name", 8, text("tiny"))
FLOATS = row("w", 0, 8)

GGUF: dict[str, dict[str, bytes]] = {
    "fail": {
        "elements-overflow.gguf": gguf((NAME,), (row("w", 0, 1 << 62, 4),), bytes(32)),
        "behind-the-end.gguf": gguf((NAME,), (row("w", 0, 9),), bytes(32)),
        "offset-behind-the-end.gguf": gguf((NAME,), (row("w", 1 << 40, 8),), bytes(0)),
        "negative-dimension.gguf": gguf((NAME,), (row("w", 0, (1 << 64) - 1),), bytes(0)),
        "overlap.gguf": gguf((NAME,), (FLOATS, row("v", 0, 8)), bytes(32)),
        "no-whole-blocks.gguf": gguf((NAME,), (row("w", 0, 33, kind=2),), bytes(0)),
        "off-the-alignment.gguf": gguf((NAME,), (row("w", 4, 7),), bytes(32)),
        "same-tensor.gguf": gguf((NAME,), (FLOATS, row("w", 32, 8)), bytes(64)),
        "same-key.gguf": gguf((NAME, NAME), (FLOATS,), bytes(32)),
    },
    "pass": {
        "one.gguf": gguf((NAME,), (FLOATS,), bytes(32)),
        "two.gguf": gguf((NAME,), (FLOATS, row("v", 32, 8)), bytes(64)),
        "quantised.gguf": gguf((NAME,), (row("w", 0, 64, kind=2),), bytes(36) + bytes(28)),
        "tokens.gguf": gguf(
            (key("tokens", 9, b"\x08\0\0\0\x02" + bytes(7) + text("a") + text("b")),), (FLOATS,), bytes(32)
        ),
    },
}

RULES: dict[str, dict[str, dict[str, bytes]]] = {
    "safetensors-inconsistent": SAFETENSORS,
    "gguf-inconsistent": GGUF,
    "gguf-trailing-data": {
        "fail": {"script.gguf": gguf((NAME,), (FLOATS,), bytes(32) + b"#!/bin/sh\necho hi\n")},
        "pass": {"padded.gguf": gguf((NAME,), (row("w", 0, 1),), bytes(32))},
    },
}

ONE = safetensors({"a": tensor(0, 4)}, bytes(4))
NO_SHAPE = safetensors({"a": {"dtype": "U8", "data_offsets": [0, 4]}}, bytes(4))

# parser, name, bytes, why, what is said of it where it is not read to the end
_ROWS = (
    ("safetensors", "one", ONE, "one tensor", ""),
    ("safetensors", "none", safetensors("{}", b""), "no tensor at all", ""),
    ("safetensors", "scalar", safetensors({"a": {**tensor(0, 4, "F32"), "shape": []}}, bytes(4)), "no dimension", ""),
    ("safetensors", "half-bytes", safetensors({"a": {**tensor(0, 1, "F4"), "shape": [2]}}, b"x"), "two of 4 bits", ""),
    ("safetensors", "header-too-long", b"\xff" + ONE[1:], "longer than the file", "a header of"),
    ("safetensors", "header-huge", (1 << 63).to_bytes(8, "little") + b"{", "a length of 2**63", "a header of"),
    ("safetensors", "begins-with-space", safetensors(" {}", b""), "white space before the brace", "does not begin"),
    ("safetensors", "unknown-type", safetensors({"a": tensor(0, 4, "X8")}, bytes(4)), "X8", "not known here"),
    ("safetensors", "no-shape", NO_SHAPE, "", "without dtype"),
    ("safetensors", "negative", safetensors({"a": {**tensor(0, 4), "shape": [-4]}}, bytes(4)), "-4", "whole number"),
    ("safetensors", "fraction", safetensors({"a": {**tensor(0, 4), "shape": [4.0]}}, bytes(4)), "4.0", "whole number"),
    ("safetensors", "one-offset", safetensors({"a": {**tensor(0, 4), "data_offsets": [0]}}, bytes(4)), "", "two data"),
    ("safetensors", "not-utf8", ONE.replace(b'"a"', b'"\xff"'), "a name that is no text", "not UTF-8"),
    ("safetensors", "half-surrogate", safetensors('{"\\ud800":{}}', b""), "half a character", "not UTF-8"),
    ("safetensors", "comma", safetensors('{"a":{},}', b""), "a comma too many", "without dtype"),
    ("safetensors", "behind-the-value", safetensors("{}{}", b""), "two values", "behind the value"),
    ("safetensors", "deep", safetensors('{"__metadata__":{"a":%s}}' % ("[" * 99), b""), "99 lists", "nested deeper"),
    ("gguf", "one", gguf((NAME,), (FLOATS,), bytes(32)), "one tensor", ""),
    ("gguf", "no-tensor", gguf((NAME,), (), b""), "a vocabulary has none", ""),
    ("gguf", "version-1", b"GGUF\x01\0\0\0\0\0\0\0\x01\0\0\0" + text("a", 4) + b"\x08\0\0\0" + text("b", 4) + bytes(3),
     "lengths of 32 bits", ""),
    ("gguf", "big-endian", b"GGUF\0\0\0\x03" + bytes(15) + b"\x01" + bytes(7) + b"\x01a\0\0\0\x00x" + bytes(18),
     "the other byte order", ""),
    ("gguf", "nested-lists", gguf((LISTS,), (), b""),
     "a list in a list", ""),
    ("gguf", "version-4", b"GGUF\x04" + bytes(19), "not known", "version 4"),
    ("gguf", "cut", gguf((NAME,), (FLOATS,), b"")[:60], "cut inside the metadata", "are left"),
    ("gguf", "count-huge", b"GGUF\x03\0\0\0" + b"\xff" * 16, "2**64 tensors", "tensors, where"),
    ("gguf", "string-huge", gguf((key("a", 8, b"\xff" * 8),), (), b""), "a string of 2**64", "are left"),
    ("gguf", "list-huge", gguf((key("a", 9, b"\x08\0\0\0" + b"\xff" * 8),), (), b""), "2**64 strings", "are left"),
    ("gguf", "list-of-long-string", gguf((key("a", 9, b"\x08\0\0\0\x01" + bytes(7) + b"\xff" * 8),), (), b""),
     "its one string is longer than the file", "behind the end"),
    ("gguf", "deep", gguf((key("a", 9, (b"\x09\0\0\0\x01" + bytes(7)) * 9),), (), b""), "nine lists", "nested deeper"),
    ("gguf", "unknown-value", gguf((key("a", 13, b""),), (), b""), "a value of type 13", "of type 13"),
    ("gguf", "alignment-odd", gguf((key("general.alignment", 4, b"\x03\0\0\0"),), (), b""), "3", "an alignment of 3"),
    ("gguf", "alignment-text", gguf((key("general.alignment", 8, text("32")),), (), b""), "text", "whole number"),
    ("gguf", "five-dimensions", gguf((NAME,), (row("w", 0, 1, 1, 1, 1, 1),), bytes(4)), "five", "of 5 dimensions"),
    ("gguf", "unknown-type", gguf((NAME,), (row("w", 0, 8, kind=99),), bytes(32)), "type 99", "of type 99"),
)  # fmt: skip
FORMATS = tuple(Vector(parser, name, data, why, says=says) for parser, name, data, why, says in _ROWS)
READERS = {"safetensors": "hauberk.formats.model.safetensors", "gguf": "hauberk.formats.model.gguf"}
