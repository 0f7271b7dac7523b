"""Graphs of operators: ONNX and TensorFlow Lite. An operator that no runtime has itself is a finding of the scan."""

from __future__ import annotations

from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.errors import Refused, Unavailable
from hauberk.formats.model import onnx as reader
from hauberk.view import BytesView


def load_onnx(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return an `onnxruntime.InferenceSession` on the CPU; without onnxruntime, the `onnx.ModelProto`."""
    beside = reader.describe(BytesView(data)).files
    if beside:
        raise Refused(
            f"the graph reads its weights from {beside[0].path!r}, a file that is not part of these bytes",
            "save it with the weights inside: onnx.save(onnx.load(path), 'model.onnx')",
        )
    try:
        runtime = imported("onnxruntime")
    except Unavailable as missing:
        try:
            onnx = imported("onnx")
        except Unavailable:
            raise missing from None
        return opened(lambda: onnx.load_from_string(data))
    return opened(lambda: runtime.InferenceSession(data, providers=["CPUExecutionProvider"]))


def load_tflite(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return an `Interpreter` of LiteRT, or of TensorFlow where that is installed instead."""
    try:
        module = imported("ai_edge_litert.interpreter", "ai-edge-litert")
    except Unavailable as missing:
        try:
            module = imported("tensorflow").lite
        except Unavailable:
            raise missing from None
    return opened(lambda: module.Interpreter(model_content=data))
