"""Graphs of operators: ONNX and TensorFlow Lite. An operator that no runtime has itself is a finding of the scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.errors import Exceeded, Malformed, Refused, Unavailable
from hauberk.formats.model import onnx as reader
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BYTES: Final = (1 << 31) - 1  # of a protocol buffer


def load_onnx(data: bytes, _: frozenset[tuple[str, str]], beside: Mapping[str, bytes]) -> object:
    """Return an `onnxruntime.InferenceSession` on the CPU; without onnxruntime, the `onnx.ModelProto`.

    Weights in other files are put in from the bytes that were examined beside it; neither library opens a file.
    """
    if outside := reader.describe(BytesView(data)).files:
        missing = [file.path for file in outside if _place(file.path) not in beside]
        if missing:
            raise Refused(
                f"the graph reads its weights from {missing[0]!r}, which is not here",
                "open the directory that holds both, or save it with the weights inside",
            )
        data = opened(lambda: _whole(imported("onnx"), data, beside))
    try:
        runtime = imported("onnxruntime")
    except Unavailable as missing:
        try:
            onnx = imported("onnx")
        except Unavailable:
            raise missing from None
        return opened(lambda: onnx.load_from_string(data))
    return opened(lambda: runtime.InferenceSession(data, providers=["CPUExecutionProvider"]))


def _place(path: str) -> str:
    return path.removeprefix("./")


def _whole(onnx: Any, data: bytes, beside: Mapping[str, bytes]) -> bytes:
    """Return the graph with its weights inside.

    Source: onnx/onnx.proto, `TensorProto.external_data`: location, offset and length as decimal texts; without a
    length, to the end of the file.
    """
    model = onnx.load_from_string(data)
    for tensor in onnx.external_data_helper._get_all_tensors(model):  # noqa: SLF001 - all there are, in every graph
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        told = {entry.key: entry.value for entry in tensor.external_data}
        held = beside[_place(told["location"])]
        begin = int(told.get("offset", 0))
        end = begin + int(told["length"]) if "length" in told else len(held)
        if not 0 <= begin <= end <= len(held):
            raise Malformed(f"a tensor from byte {begin} to {end} of {told['location']}, which has {len(held)}")
        tensor.raw_data = held[begin:end]
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]
    if model.ByteSize() > _MOST_BYTES:
        raise Exceeded("a graph and its weights over 2 GiB, which one message cannot hold", "open it with its runtime")
    inside: bytes = model.SerializeToString()
    return inside


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
