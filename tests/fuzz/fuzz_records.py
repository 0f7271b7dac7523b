"""TFRecord, MATLAB, TIFF and old XGBoost files: nothing is raised, and every part lies in the file."""

from __future__ import annotations

from pathlib import Path

from hauberk.formats import tiff
from hauberk.formats.model import matlab, records, xgboost_binary
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"
NAMES = ("tfrecord", "matlab", "tiff", "xgboost-binary")


def seeds() -> list[bytes]:
    """Return every vector."""
    return [p.read_bytes() for name in NAMES for p in sorted((VECTORS / name).rglob("*")) if p.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes as each."""
    for reader in (records, matlab, tiff, xgboost_binary):
        described = reader.describe(BytesView(data))
        assert all(part.offset is not None and part.offset <= len(data) for part in described.parts)
    records.is_records(BytesView(data), data[:512])
