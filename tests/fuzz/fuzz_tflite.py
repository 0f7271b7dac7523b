"""TensorFlow Lite: nothing is raised, and what is said keeps to the bytes and the limits."""

from __future__ import annotations

from fuzz.fuzz_onnx import LIMITS, check, vectors
from hauberk.formats.model.tflite import describe
from hauberk.view import BytesView


def seeds() -> list[bytes]:
    """Return every vector."""
    return vectors("tflite")


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    check(describe(BytesView(data), LIMITS), data)
