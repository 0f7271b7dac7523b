"""The log of `conftest.py`: after its time, and in somebody else's hands."""

from __future__ import annotations

import sqlite3

from ledger_world import START, World

NOW = START + 100


def change(world: World, command: str, *values: object) -> None:
    """Change the ledger's database as somebody who has the file does."""
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute(command, values)
    database.close()
