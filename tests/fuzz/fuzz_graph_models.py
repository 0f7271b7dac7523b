"""Core ML, Paddle, SentencePiece, OpenVINO, Flax: nothing is raised, and what is said keeps to the bytes."""

from __future__ import annotations

from fuzz.fuzz_onnx import LIMITS, check, vectors
from hauberk.formats.model import coreml, flax, openvino, paddle, paddle_parameters, sentencepiece
from hauberk.view import BytesView

NAMES = ("coreml", "paddle", "paddle-parameters", "sentencepiece", "openvino", "flax")


def seeds() -> list[bytes]:
    """Return every vector."""
    return [data for name in NAMES for data in vectors(name)]


def one_input(data: bytes) -> None:
    """Describe the bytes as each of the formats."""
    view = BytesView(data)
    for tell in (
        coreml.is_model,
        paddle.is_program,
        paddle_parameters.is_parameters,
        sentencepiece.is_vocabulary,
        openvino.is_model,
        flax.is_checkpoint,
    ):
        tell(view)
    for module in (coreml, paddle, sentencepiece, openvino, flax):
        check(module.describe(view, LIMITS), data)
    notes = paddle_parameters.describe(view, LIMITS).unchecked
    assert all(0 <= (note.location.offset or 0) <= len(data) for note in notes)
