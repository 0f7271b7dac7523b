"""NumPy files: nothing is raised; what is read to the end is as long as its header says."""

from __future__ import annotations

from pathlib import Path

from fuzz.fuzz_pickle import LIMITS, check
from hauberk.formats.model.numpy import describe
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"


def seeds() -> list[bytes]:
    """Return every vector."""
    return [path.read_bytes() for path in sorted((VECTORS / "numpy").rglob("*")) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    description = describe(BytesView(data), LIMITS)
    check(description, data)
    if not description.unchecked:
        assert description.streams or [array.offset + array.size for array in description.arrays] == [len(data)]
