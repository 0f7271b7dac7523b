"""Vectors of Core ML, Paddle, SentencePiece, OpenVINO and Flax, written byte by byte."""

from __future__ import annotations

import json
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
    Vector("paddle", "program", paddle("relu"), "one operator"),
    Vector("paddle", "unknown", paddle("relu") + data(9, "x"), "a field of no schema", (), "field 9 of a Program"),
)


def paddle_ir(*operators: str) -> bytes:
    """Return a program in JSON of one block, where each operator has the attribute of a path."""
    path = {"AT": {"#": "0.a_str", "D": "/srv/x"}, "N": "file_path"}
    block = {"#": "block_0", "args": [], "ops": [{"#": name, "A": [path], "I": [], "O": []} for name in operators]}
    head = {"magic": "pir", "trainable": True, "version": 4}
    return json.dumps({"base_code": head, "program": {"regions": [{"#": "region_0", "blocks": [block]}]}}).encode()


def paddle_tensor(kind: int, *shape: int, levels: int = 0) -> bytes:
    """Return all of a tensor but its numbers."""
    description = number(1, kind) + b"".join(number(2, size) for size in shape)
    level = struct.pack("<QQ", 8, 1) * levels
    return struct.pack("<IQ", 0, levels) + level[: levels * 16] + struct.pack("<Ii", 0, len(description)) + description


FLOATS = paddle_tensor(5, 3) + bytes(12)
PADDLE_PARAMETERS = (
    Vector("paddle-parameters", "tensors", FLOATS + paddle_tensor(3) + bytes(8), "two tensors"),
    Vector("paddle-parameters", "levels", paddle_tensor(5, 3, levels=1) + bytes(12), "a tensor of sequences"),
    Vector("paddle-parameters", "cut", FLOATS[:-1], "cut short", (), "ends at byte 36 of 35"),
    Vector("paddle-parameters", "behind", FLOATS + b"x", "a byte behind it", (), "ends inside a tensor"),
    Vector("paddle-parameters", "no-tensor", FLOATS + b"x" * 40, "no tensor behind it", (), "no tensor"),
    Vector("paddle-parameters", "kind", paddle_tensor(77, 3) + bytes(12), "no such type", (), "of the type 77"),
    Vector("paddle-parameters", "large", paddle_tensor(5, 1 << 40, 1 << 40), "larger than all", (), "a tensor that"),
    Vector("paddle-parameters", "field", paddle_tensor(5)[:-2] + data(9, ""), "no such field", (), "field 9"),
)
SENTENCEPIECE = (
    Vector("sentencepiece", "piece", PIECE, "a vocabulary of one piece"),
    Vector("sentencepiece", "unknown", PIECE + data(9, "x"), "a field of no schema", (), "field 9 of a Model"),
)
PADDLE_RULES = {
    "graph-runs-code": {
        "fail": {
            "paddle-py-func.pdmodel": paddle("py_func"),
            "paddle-compiles.json": paddle_ir("1.relu", "1.ap_variadic"),
        },
        "pass": {"paddle-relu.pdmodel": paddle("relu"), "paddle-relu.json": paddle_ir("0.combine", "1.relu_", "p")},
    },
    "graph-reads-file": {
        "fail": {
            "paddle-load.pdmodel": paddle("load_combine"),
            "paddle-load.json": paddle_ir("1.load_combine"),
            "paddle-spelled.json": paddle_ir("1.load_combine").replace(b"base_code", b"base_\\u0063ode"),
        },
        "pass": {"paddle-print.json": paddle_ir("1.print"), "paddle-print.pdmodel": paddle("print")},
    },
    "graph-writes-file": {
        "fail": {
            "paddle-save.pdmodel": paddle("save_combine"),
            "paddle-save.json": paddle_ir("1.save_combine"),
            "paddle-in-place.json": paddle_ir("1.check_numerics_"),
        },
        "pass": {"paddle-if.json": paddle_ir("1.if", "2.yield")},
    },
    "graph-opens-network": {
        "fail": {"paddle-send.pdmodel": paddle("send"), "paddle-server.pdmodel": paddle("listen_and_serv")},
        "pass": {"paddle-collective.pdmodel": paddle("c_allreduce_sum")},
    },
    "graph-unknown-operator": {
        "fail": {
            "paddle-custom.pdmodel": paddle("run_shell"),
            "paddle-custom.json": paddle_ir("3.run_shell"),
            "paddle-dialect.json": paddle_ir("77.relu"),
        },
        "pass": {"paddle-pool.pdmodel": paddle("pool2d"), "paddle-while.json": paddle_ir("1.while")},
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

FORMATS = (*COREML, *PADDLE, *PADDLE_PARAMETERS, *SENTENCEPIECE, *OPENVINO, *FLAX)
READERS = {
    "coreml": "hauberk.formats.model.coreml",
    "paddle": "hauberk.formats.model.paddle",
    "paddle-parameters": "hauberk.formats.model.paddle_parameters",
    "sentencepiece": "hauberk.formats.model.sentencepiece",
    "openvino": "hauberk.formats.model.openvino",
    "flax": "hauberk.formats.model.flax",
}
for _rules in (COREML_RULES, PADDLE_RULES, OPENVINO_RULES, FLAX_RULES):
    add(_rules)
