"""A FlatBuffer written front to back, as much as a TFLite model needs (schema version 3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Fields in the order of the schema: a number with its struct format, text, a list of tables, bytes, or None for absent."""

    fields: tuple[Any, ...]


def buffer(root: Table, identifier: bytes) -> bytes:
    """Return a FlatBuffer: every part lies behind what points at it, as readers expect."""
    out = bytearray(8)
    out[4:8] = identifier
    waiting: list[tuple[int, Any]] = [(0, root)]
    while waiting:
        place, value = waiting.pop(0)
        while len(out) % 8:
            out.append(0)
        at = _write(out, value, waiting)
        struct.pack_into("<I", out, place, at - place)
    return bytes(out)


def _write(out: bytearray, value: Any, waiting: list[tuple[int, Any]]) -> int:
    """Write one part, note what it points at, and return where it begins."""
    if isinstance(value, str | bytes):
        raw = value.encode() if isinstance(value, str) else value
        at = len(out)
        out.extend(struct.pack("<I", len(raw)) + raw + b"\0")
        return at
    if isinstance(value, list):
        at = len(out)
        out.extend(struct.pack("<I", len(value)))
        for item in value:
            if isinstance(item, int):
                out.extend(struct.pack("<i", item))
            else:
                waiting.append((len(out), item))
                out.extend(bytes(4))
        return at
    assert isinstance(value, Table)
    vtable = len(out)
    out.extend(struct.pack("<HH", 4 + 2 * len(value.fields), 4 + 4 * len(value.fields)))
    out.extend(b"".join(struct.pack("<H", 0 if f is None else 4 + 4 * i) for i, f in enumerate(value.fields)))
    while len(out) % 4:
        out.append(0)
    at = len(out)
    out.extend(struct.pack("<i", at - vtable))
    for item in value.fields:
        here = len(out)
        out.extend(bytes(4))
        if isinstance(item, tuple):
            struct.pack_into(item[0], out, here, item[1])
        elif item is not None:
            waiting.append((here, item))
    return at


def tflite_model(codes: list[tuple[int, str]]) -> bytes:
    """Return a model whose only subgraph runs each of these operators (builtin code, custom name) once."""
    operator_codes = [Table((("<b", min(code, 127)), name or None, ("<i", 1), ("<i", code))) for code, name in codes]
    tensor = Table(([1, 2], ("<b", 0), ("<I", 0), "x"))
    operators = [Table((("<I", place), [0], [0])) for place in range(len(codes))]
    subgraph = Table(([tensor], [0], [0], operators, "main"))
    root = Table((("<I", 3), operator_codes, [subgraph], "made by hand", [Table(())]))
    return buffer(root, b"TFL3")
