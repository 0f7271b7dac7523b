"""safetensors: nothing is raised; what is complete and holds together covers the file exactly."""

from __future__ import annotations

from pathlib import Path

from hauberk.formats.model.safetensors import describe
from hauberk.formats.model.safetensors_places import places
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"


def seeds() -> list[bytes]:
    """Return every vector of the parser and of its rule."""
    folders = (VECTORS / "formats" / "safetensors", VECTORS / "rules" / "safetensors-inconsistent")
    return [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    described = describe(BytesView(data), DEFAULT_LIMITS)
    assert described.tensors <= len(data)
    for part in described.parts:
        assert part.offset is not None
        assert 0 <= part.offset < len(data)
    if not described.unchecked and not described.contradictions:
        assert described.behind is None
        assert not described.parts
        found = places(BytesView(data))
        assert len(found) == described.tensors
        assert all(place.start + place.size <= len(data) for place in found.values())
