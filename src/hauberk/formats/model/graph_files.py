"""Files that hold computation graphs: how each is told from its bytes, and what reads it.

Protocol Buffers have no magic number, so each is told by how its messages are laid out. None of them can begin as a
pickle that does something; pickles are asked for first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.formats.model import coreml, flax, hdf5, onnx, openvino, paddle, paddle_parameters, sentencepiece
from hauberk.formats.model.tensorflow import checkpoint, saved_model, shapes
from hauberk.formats.wire import hdf5 as wire_hdf5

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.contents import Reader
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class GraphFile:
    """A format's name; whether a view and its first bytes are one; what reads it."""

    name: str
    fits: Callable[[View, bytes], bool]
    describe: Reader


def _whole(fits: Callable[[View], bool]) -> Callable[[View, bytes], bool]:
    return lambda view, _head: fits(view)


def _protobuf(fits: Callable[[View], bool]) -> Callable[[View, bytes], bool]:
    """Ask only where the first byte can begin a field that is no group, which most texts do not."""
    return lambda view, head: bool(head) and head[0] & 7 in _WIRE_TYPES and fits(view)


def _zeros(fits: Callable[[View], bool]) -> Callable[[View, bytes], bool]:
    return lambda view, head: head.startswith(bytes(4)) and fits(view)


_WIRE_TYPES: Final = frozenset({0, 1, 2, 5})
GRAPH_FILES: Final = (
    GraphFile("onnx", _protobuf(onnx.is_model), onnx.describe),
    GraphFile("coreml", _protobuf(coreml.is_model), coreml.describe),
    GraphFile("tensorflow-meta-graph", _protobuf(shapes.is_meta_graph), saved_model.describe_meta_graph),
    GraphFile("tensorflow-saved-model", _protobuf(shapes.is_saved_model), saved_model.describe),
    GraphFile("tensorflow-graph", _protobuf(shapes.is_graph), saved_model.describe_graph),
    GraphFile("paddle-program", _protobuf(paddle.is_program), paddle.describe),
    GraphFile("paddle-parameters", _zeros(paddle_parameters.is_parameters), paddle_parameters.describe),
    GraphFile("sentencepiece", _protobuf(sentencepiece.is_vocabulary), sentencepiece.describe),
    GraphFile("openvino-ir", _whole(openvino.is_model), openvino.describe),
    GraphFile("keras-metadata", _protobuf(shapes.is_keras_metadata), saved_model.describe_keras_metadata),
    GraphFile("tensorflow-checkpoint-index", _whole(checkpoint.is_index), checkpoint.describe),
    GraphFile("tensorflow-fingerprint", _protobuf(shapes.is_fingerprint), saved_model.describe_fingerprint),
    GraphFile("flax-msgpack", _whole(flax.is_checkpoint), flax.describe),
    GraphFile("hdf5-user-block", _whole(lambda view: wire_hdf5.superblock_at(view) is not None), hdf5.describe),
)
