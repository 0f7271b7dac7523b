"""TensorFlow's graphs: nothing is raised, and what is said keeps to the bytes and the limits."""

from __future__ import annotations

from fuzz.fuzz_onnx import LIMITS, check, vectors
from hauberk.formats.model.tensorflow import saved_model, shapes
from hauberk.view import BytesView

READERS = (
    saved_model.describe,
    saved_model.describe_meta_graph,
    saved_model.describe_graph,
    saved_model.describe_keras_metadata,
    saved_model.describe_fingerprint,
)


def seeds() -> list[bytes]:
    """Return every vector."""
    return vectors("saved_model") + vectors("tensorflow")


def one_input(data: bytes) -> None:
    """Describe the bytes as each of the files."""
    view = BytesView(data)
    for tell in (shapes.is_saved_model, shapes.is_meta_graph, shapes.is_graph, shapes.is_fingerprint):
        tell(view)
    for reader in READERS:
        check(reader(view, LIMITS), data)
