"""Vectors of Core ML, Paddle, SentencePiece, OpenVINO and Flax, written byte by byte."""

from __future__ import annotations

import struct

from vector import Vector
from vectors_graphs import add, data, number

# --- Core ML ----------------------------------------------------------------------------------------------------------


def coreml(kind: int, *inner: bytes, more: bytes = b"") -> bytes:
    """Return a model of one kind."""
    return number(1, 4) + data(2, data(1, data(1, "x"))) + data(kind, *inner) + more


def operation(*parts: bytes) -> bytes:
    """Return an ML program with one operation."""
    block = data(2, data(3, *parts))
    function = data(2, data(1, "main"), data(2, data(3, data(1, "ios15"), block)))
    return coreml(502, number(1, 1), function)


def blob(path: str) -> bytes:
    """Return an ML program with a constant in a file."""
    return operation(data(1, "const"), data(5, data(1, "val"), data(2, data(5, data(1, path), number(2, 64)))))


COREML = (
    Vector("coreml", "network", coreml(500, data(1, data(1, "relu"))), "a network of one layer"),
    Vector("coreml", "program", blob("@model_path/weights/weight.bin"), "a program with weights in a file"),
    Vector("coreml", "cut", coreml(500, data(1, data(1, "relu")))[:-2], "cut short", (), "are left"),
    Vector("coreml", "unknown", coreml(900, more=data(77, "x")), "a field of no schema", (), "field 77 of a Model"),
    Vector("coreml", "serialised", coreml(3000, data(1, "x")), "a model of another form", (), "Apple's own"),
)
COREML_RULES = {
    "graph-unknown-operator": {
        "fail": {
            "coreml-layer.mlmodel": coreml(500, data(1, data(1, "a"), data(500, data(10, "RunShell")))),
            "coreml-model.mlmodel": coreml(555, data(10, "RunShell")),
            "coreml-in-pipeline.mlmodel": coreml(202, data(1, coreml(555, data(10, "RunShell")))),
        },
        "pass": {"coreml-layer.mlmodel": coreml(500, data(1, data(1, "a"), data(130, b"")))},
    },
    "graph-reaches-outside": {
        "fail": {
            "coreml-weights.mlmodel": blob("@model_path/../../etc/passwd"),
            "coreml-linked.mlmodel": coreml(556, data(1, data(1, data(1, "/srv/other.mlmodelc")))),
        },
        "pass": {"coreml-weights.mlmodel": blob("@model_path/weights/weight.bin")},
    },
}

# --- Paddle and SentencePiece -----------------------------------------------------------------------------------------


def paddle(operator: str) -> bytes:
    """Return a program of one block with one operator."""
    return data(1, number(1, 0), number(2, (1 << 64) - 1), data(4, data(3, operator))) + data(4, number(1, 0))


PIECE = data(1, data(1, "cat"), b"\x15" + struct.pack("<f", -1.5), number(3, 1))
PADDLE = (
    Vector("paddle", "program", paddle("relu"), "one operator, of which no list is complete", (), "no list says"),
)
SENTENCEPIECE = (
    Vector("sentencepiece", "piece", PIECE, "a vocabulary of one piece"),
    Vector("sentencepiece", "unknown", PIECE + data(9, "x"), "a field of no schema", (), "field 9 of a Model"),
)
PADDLE_RULES = {
    "graph-runs-code": {
        "fail": {"paddle-py-func.pdmodel": paddle("py_func")},
        "pass": {"paddle-relu.pdmodel": paddle("relu")},
    },
}

# --- OpenVINO ---------------------------------------------------------------------------------------------------------


def openvino(version: str, before: str = "", kind: str = "ReLU") -> bytes:
    """Return a model of one layer."""
    layer = f'<layer id="0" name="a" type="{kind}" version="{version}"><data offset="0" size="8"/></layer>'
    return f'<?xml version="1.0"?>{before}<net name="m" version="11"><layers>{layer}</layers></net>'.encode()


OPENVINO = (
    Vector("openvino", "layer", openvino("opset1"), "a layer of the first set"),
    Vector("openvino", "open", openvino("opset1")[:-6], "without its end", (), "not the XML of a model"),
    Vector("openvino", "doctype", openvino("opset1", "<!DOCTYPE net [<!ENTITY a 'b'>]>"), "entities", (), "type"),
)
OPENVINO_RULES = {
    "graph-unknown-operator": {
        "fail": {"openvino-extension.xml": openvino("extension", kind="RunShell")},
        "pass": {"openvino-opset.xml": openvino("opset16")},
    },
}

# --- Flax -------------------------------------------------------------------------------------------------------------


def text(value: str) -> bytes:
    """Return a short text in MessagePack."""
    return bytes([0xA0 | len(value)]) + value.encode()


def flax(extension: int = 1, inside: bytes | None = None) -> bytes:
    """Return a checkpoint of one array."""
    array = b"\x93\x91\x01" + text("float32") + b"\xc4\x04\x00\x00\x80\x3f" if inside is None else inside
    return b"\x81" + text("w") + bytes([0xC7, len(array), extension]) + array


FLAX = (
    Vector("flax", "array", flax(), "one array"),
    Vector("flax", "cut", flax()[:-1], "cut short", (), "are left"),
    Vector("flax", "behind", flax() + b"x", "something behind it", (), "1 bytes behind"),
    Vector("flax", "reserved", flax(inside=b"\xc1"), "a byte that begins no value", (), "begins no value"),
)
FLAX_RULES = {
    "graph-odd-entry": {
        "fail": {
            "flax-extension.msgpack": flax(42),
            "flax-no-array.msgpack": flax(inside=b"\x92\x01\x02"),
        },
        "pass": {"flax-array.msgpack": flax()},
    },
}

FORMATS = (*COREML, *PADDLE, *SENTENCEPIECE, *OPENVINO, *FLAX)
READERS = {
    "coreml": "hauberk.formats.model.coreml",
    "paddle": "hauberk.formats.model.paddle",
    "sentencepiece": "hauberk.formats.model.sentencepiece",
    "openvino": "hauberk.formats.model.openvino",
    "flax": "hauberk.formats.model.flax",
}
for _rules in (COREML_RULES, PADDLE_RULES, OPENVINO_RULES, FLAX_RULES):
    add(_rules)
