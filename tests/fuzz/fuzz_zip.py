"""Zip files: nothing is raised, members lie inside the file, and every part opens or says why it does not."""

from __future__ import annotations

from pathlib import Path

from hauberk.checks.model.examine import examine
from hauberk.formats.layouts import describe
from hauberk.limits import Limits
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
LIMITS = Limits(max_parts=200, max_unpacked_bytes=1 << 20, max_nesting_depth=4, max_pickle_opcodes=1 << 12)


def seeds() -> list[bytes]:
    """Return every vector that is a zip file."""
    paths = [*(VECTORS / "formats" / "zip").rglob("*"), *(VECTORS / "rules").rglob("*.zip")]
    return [path.read_bytes() for path in sorted(paths) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes, and examine all that is in them."""
    view = BytesView(data)
    description = describe(view, LIMITS)
    assert all(member.header < len(data) for member in description.members)
    report = examine(view, "it", limits=LIMITS).report
    assert report.digest is not None
