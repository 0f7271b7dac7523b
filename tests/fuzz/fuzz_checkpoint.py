"""Checkpoints: nothing is raised, and what is said keeps to the bytes."""

from __future__ import annotations

from pathlib import Path

from fuzz.fuzz_onnx import vectors
from hauberk.formats.model.tensorflow.checkpoint import describe, is_index
from hauberk.view import BytesView

WRITTEN = Path(__file__).parents[1] / "vectors" / "frameworks" / "tensorflow-checkpoint.index"


def seeds() -> list[bytes]:
    """Return every vector, and what TensorFlow wrote."""
    return [*vectors("checkpoint"), WRITTEN.read_bytes()]


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    view = BytesView(data)
    if is_index(view):
        described = describe(view)
        assert bool(described.raw_files) != bool(described.unchecked)
