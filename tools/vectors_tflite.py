"""Vectors of TensorFlow Lite, written byte by byte: each structure is followed by what it refers to."""

from __future__ import annotations

import io
import zipfile

from vector import Vector
from vectors_graphs import add, tf_node

Blob = tuple[bytes, int]


def u(value: int, width: int = 4) -> bytes:
    """Return a little-endian number."""
    return value.to_bytes(width, "little")


def table(*fields: bytes | Blob | None) -> Blob:
    """Return a table of numbers and references, with its list of fields before it."""
    inline, places, blobs = b"", [], []
    for one in fields:
        places.append(0 if one is None else 4 + len(inline))
        if isinstance(one, tuple):
            blobs.append((4 + len(inline), one))
            inline += bytes(4)
        elif one is not None:
            inline += one
    listed = u(4 + 2 * len(fields), 2) + u(4 + len(inline), 2) + b"".join(u(place, 2) for place in places)
    out = bytearray(listed + u(len(listed)) + inline)
    for place, (blob, entry) in blobs:
        at = len(listed) + place
        out[at : at + 4] = u(len(out) + entry - at)
        out += blob
    return bytes(out), len(listed)


def text(value: bytes) -> Blob:
    """Return a text, or a vector of bytes."""
    return u(len(value)) + value + b"\x00", 0


def vector(*items: Blob) -> Blob:
    """Return a vector of tables."""
    out = bytearray(u(len(items)) + bytes(4 * len(items)))
    for index, (blob, entry) in enumerate(items):
        at = 4 + 4 * index
        out[at : at + 4] = u(len(out) + entry - at)
        out += blob
    return bytes(out), 0


def model(code: Blob, *operators: Blob, buffer: Blob | None = None) -> bytes:
    """Return a model with one operator code."""
    graph = table(None, None, None, vector(*operators))
    blob, entry = table(u(3), vector(code), vector(graph), None, vector(buffer or table()))
    return u(8 + entry) + b"TFL3" + blob


def custom(name: str) -> Blob:
    """Return the code of a custom operator."""
    return table(u(32, 1), text(name.encode()), None, u(32))


def flex(node: bytes) -> Blob:
    """Return an operator with a node of TensorFlow in its options: a FlexBuffer of two texts."""
    name = b"\x01x\x00"
    length = u(len(node), 2)
    texts = name + length + node + b"\x00"
    at_name, at_node = 1, len(name) + 2
    vector_at = len(texts) + 2
    body = texts + u(2, 2) + u(vector_at - at_name, 2) + u(vector_at + 2 - at_node, 2) + b"\x14\x15"
    root = len(body) - vector_at
    return table(u(0), None, None, None, None, text(body + bytes([root, 10 << 2 | 1, 1])))


def zipped(name: str, content: bytes) -> bytes:
    """Return a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


ADD = table(u(0, 1), None, None, u(0))
IDENTITY = tf_node("y", "Identity", "x")[2:]
READ = tf_node("y", "ReadFile", "x")[2:]
SMALL = model(ADD, table(u(0)))

FORMATS = (
    Vector("tflite", "add", SMALL, "one built-in operator"),
    Vector("tflite", "flex", model(custom("FlexIdentity"), flex(IDENTITY)), "an operator of TensorFlow"),
    Vector("tflite", "labels", SMALL + zipped("labels.txt", b"cat\n"), "labels behind the model"),
    Vector("tflite", "cut", SMALL[:20], "cut short", (), "does not have them"),
    Vector("tflite", "no-code", model(ADD, table(u(7))), "an operator without a code", (), "of number 7"),
    Vector("tflite", "beyond", model(ADD, buffer=table(None, u(1 << 40, 8), u(8, 8))), "no such bytes", (), "beyond"),
    Vector("tflite", "new-operator", model(table(u(127, 1), None, None, u(5000))), "unheard of", (), "operator 5000"),
    Vector(
        "tflite",
        "odd-options",
        model(custom("FlexX"), table(u(0), None, None, None, None, text(b"\x00\x01\x01"))),
        "options that are no vector",
        (),
        "that is no vector",
    ),
)
READERS = {"tflite": "hauberk.formats.model.tflite"}
add(
    {
        "graph-unknown-operator": {
            "fail": {"tflite-custom.tflite": model(custom("RunShell"))},
            "pass": {"tflite-known.tflite": model(custom("TFLite_Detection_PostProcess"))},
        },
        "graph-reads-file": {
            "fail": {
                "tflite-flex.tflite": model(custom("FlexReadFile"), flex(READ)),
                "tflite-hidden-flex.tflite": model(custom("FlexIdentity"), flex(READ)),
            },
            "pass": {"tflite-flex.tflite": model(custom("FlexIdentity"), flex(IDENTITY))},
        },
    }
)
