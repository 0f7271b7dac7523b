"""ONNX: nothing is raised, and what is said keeps to the bytes and the limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.formats.model.onnx import describe, is_model
from hauberk.limits import Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.formats.model.graph import GraphDescription

VECTORS = Path(__file__).parents[1] / "vectors"
LIMITS = Limits(max_graph_operators=100, max_message_fields=5000, max_message_depth=20)


def vectors(name: str) -> list[bytes]:
    """Return the vectors of a format, and those of the rules whose names begin with it."""
    paths = [*(VECTORS / "formats" / name).rglob("*"), *(VECTORS / "rules").rglob(f"{name}-*")]
    return [path.read_bytes() for path in sorted(paths) if path.is_file()]


def seeds() -> list[bytes]:
    """Return every vector."""
    return vectors("onnx")


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    is_model(BytesView(data))
    check(describe(BytesView(data), LIMITS), data)


def check(description: GraphDescription, data: bytes) -> None:
    """Hold a description to the bytes that it is of."""
    for kept in (description.operators, description.files, description.oddities):
        assert len(kept) <= LIMITS.max_graph_operators
        assert all(0 <= one.offset <= len(data) for one in kept)
    assert all(0 <= (note.location.offset or 0) <= len(data) for note in description.unchecked)
