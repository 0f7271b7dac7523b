"""Core ML, Paddle, SentencePiece, OpenVINO, Flax: nothing is raised, and what is said keeps to the bytes."""

from __future__ import annotations

from fuzz.fuzz_onnx import LIMITS, check, vectors
from hauberk.formats.model import coreml, flax, openvino, paddle, sentencepiece
from hauberk.view import BytesView

NAMES = ("coreml", "paddle", "sentencepiece", "openvino", "flax")


def seeds() -> list[bytes]:
    """Return every vector."""
    return [data for name in NAMES for data in vectors(name)]


def one_input(data: bytes) -> None:
    """Describe the bytes as each of the formats."""
    view = BytesView(data)
    for tell in (
        coreml.is_model,
        paddle.is_program,
        sentencepiece.is_vocabulary,
        openvino.is_model,
        flax.is_checkpoint,
    ):
        tell(view)
    for reader in (coreml.describe, paddle.describe, sentencepiece.describe, openvino.describe, flax.describe):
        check(reader(view, LIMITS), data)
