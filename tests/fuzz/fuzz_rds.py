"""R's objects: nothing is raised, and reading twice gives the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hauberk.formats.model import rds
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
LIMITS = replace(DEFAULT_LIMITS, max_document_values=10_000)


def seeds() -> list[bytes]:
    """Return every vector."""
    files = [*(VECTORS / "formats" / "rds").rglob("*"), *(VECTORS / "rules").glob("rds-*/*/*")]
    return [path.read_bytes() for path in sorted(files) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    rds.is_rds(data)
    assert rds.describe(BytesView(data), LIMITS) == rds.describe(BytesView(data), LIMITS)
