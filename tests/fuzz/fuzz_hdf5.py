"""HDF5: nothing is raised, and what is said keeps to the bytes."""

from __future__ import annotations

from pathlib import Path

from hauberk.checks.model.examine import examine
from hauberk.formats.model.hdf5 import describe
from hauberk.limits import Limits
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
LIMITS = Limits(max_hdf5_structures=3000, max_parts=50)


def seeds() -> list[bytes]:
    """Return every vector, and files that h5py and Keras wrote."""
    paths = [*(VECTORS / "formats" / "hdf5").rglob("*"), *(VECTORS / "frameworks").glob("*.h5")]
    paths += (VECTORS / "rules" / "hdf5-external").rglob("*.h5")
    return [path.read_bytes() for path in sorted(paths) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes, and what lies in them."""
    description = describe(BytesView(data), LIMITS)
    assert all(0 <= (note.location.offset or 0) <= len(data) for note in description.unchecked)
    assert all(0 <= one.offset <= len(data) for one in description.elsewhere)
    assert all(0 <= (part.offset or 0) <= len(data) for part in description.parts)
    examine(BytesView(data), "it", limits=LIMITS)
