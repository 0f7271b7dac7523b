"""A ledger on a SQLite file keeps what every store promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger_world import World
from store_contract import StoreContract

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


class TestSqlite(StoreContract):
    """The contract, on a file."""
