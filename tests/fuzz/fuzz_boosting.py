"""UBJSON and CatBoost files: nothing is raised, and nothing is read twice."""

from __future__ import annotations

from pathlib import Path

from hauberk.formats.model import catboost, ubjson
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"


def seeds() -> list[bytes]:
    """Return every vector."""
    return [
        p.read_bytes() for name in ("ubjson", "catboost") for p in sorted((VECTORS / name).rglob("*")) if p.is_file()
    ]


def one_input(data: bytes) -> None:
    """Describe the bytes as both."""
    for reader in (ubjson, catboost):
        assert reader.describe(BytesView(data)).unchecked == reader.describe(BytesView(data)).unchecked
    ubjson.is_ubjson(data)
