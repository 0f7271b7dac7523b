"""Tar files: nothing is raised, members begin inside the file, and every part opens."""

from __future__ import annotations

from pathlib import Path

from hauberk.checks.model.examine import examine
from hauberk.formats.archive.tar import describe
from hauberk.limits import Limits
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
LIMITS = Limits(max_parts=200, max_unpacked_bytes=1 << 20, max_nesting_depth=4, max_pickle_opcodes=1 << 12)


def seeds() -> list[bytes]:
    """Return every vector that is a tar file."""
    paths = [*(VECTORS / "formats" / "tar").rglob("*"), *(VECTORS / "rules").rglob("*.tar")]
    return [path.read_bytes() for path in sorted(paths) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes, and examine all that is in them."""
    view = BytesView(data)
    assert all(member.start <= len(data) + 512 for member in describe(view, LIMITS).members)
    examine(view, "it", limits=LIMITS)
