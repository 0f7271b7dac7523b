"""GGUF: nothing is raised; what is named inside lies inside."""

from __future__ import annotations

from pathlib import Path

from hauberk.formats.model.gguf import describe
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"


def seeds() -> list[bytes]:
    """Return every vector of the parser and of its rules."""
    folders = (VECTORS / "formats" / "gguf", VECTORS / "rules" / "gguf-inconsistent")
    return [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    described = describe(BytesView(data), DEFAULT_LIMITS)
    assert described.tensors <= len(data)
    assert all(part.offset is not None and 0 <= part.offset <= len(data) for part in described.parts)
    assert described.behind is None or described.behind < len(data)
