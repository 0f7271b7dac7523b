"""A log with two publications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger_world import MODEL, START, World, verified

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a log with two publications: entries 0 and 1, an index; entry 3, an index."""
    made = World(tmp_path)
    with made.create() as log:
        log.append_many([verified("a", MODEL), verified("b")], START)
        made.publish(log, START + 1)
        log.append_many([verified("c")], START + 2)
        made.publish(log, START + 3)
    return made
