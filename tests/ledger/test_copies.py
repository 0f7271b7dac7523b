"""A ledger that is no file is copied row by row, to a file and back: here a SQLite file that says it is none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hauberk.edge.database import SqliteDatabase
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.ledger import copies
from hauberk.ledger import log as module
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.copies import copy
from hauberk.ledger.log import Log
from hauberk.ledger.places import SERVER
from ledger_world import MODEL, START, World, statement, verified

if TYPE_CHECKING:
    import os
    from pathlib import Path


class Served(SqliteDatabase):
    """A database that is not copied as a file."""

    def copy_to(self, target: str | os.PathLike[str]) -> bool:
        return False


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "world")
    with world.create() as log:
        log.append_many([verified("a", MODEL), verified("b")], START)
        world.publish(log, START)
        log.append_many([verified("c", MODEL)], START + 1)
        world.publish(log, START + 1)
        log.append_many([verified("d")], START + 2)
    return world


def audited(world: World, log: Log) -> Audited:
    return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START + 9)


@pytest.mark.parametrize("at_once", [1000, 2])
def test_a_copy_row_by_row_is_the_ledger(
    world: World, tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_AT_ONCE", at_once)
    with closing(Served(world.log_folder / "ledger.sqlite")) as server:
        copy(server, tmp_path / "copy")
    with world.open() as log, Log.open_file(tmp_path / "copy") as made:
        assert audited(world, made) == audited(world, log)
        assert made.checkpoints() == log.checkpoints()
        assert made.envelopes(0, 6) == log.envelopes(0, 6)
        assert made.entries_about(MODEL) == log.entries_about(MODEL) == [0, 3]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy", "world"]


def test_a_long_statement_is_copied_too(world: World, tmp_path: Path) -> None:
    with world.open() as log:
        log.append_many(
            [verified("long", said=replace(statement("long"), predicate={"n": "x" * 1_000_000}))], START + 3
        )
    with closing(Served(world.log_folder / "ledger.sqlite")) as server:
        copy(server, tmp_path / "copy")
    with world.open() as log, Log.open_file(tmp_path / "copy") as made:
        assert made.envelope(6) == log.envelope(6) > b""
        assert audited(world, made) == audited(world, log)


def test_nothing_is_left_of_a_copy_that_fails(world: World, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"")
    with closing(Served(world.log_folder / "ledger.sqlite")) as server, pytest.raises(Misconfigured):
        copy(server, tmp_path / "copy")
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("DROP TABLE envelopes")
    database.close()
    with (
        closing(Served(world.log_folder / "ledger.sqlite")) as server,
        pytest.raises(Malformed, match="no such table: envelopes"),
    ):
        copy(server, tmp_path / "other")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy", "world"]


def test_a_checkpoint_over_more_than_was_copied_is_left_out(world: World, tmp_path: Path) -> None:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("DELETE FROM entries WHERE number >= 4")
    database.close()
    with closing(Served(world.log_folder / "ledger.sqlite")) as server:
        copy(server, tmp_path / "copy")
    with Log.open_file(tmp_path / "copy") as made, world.open() as log:
        assert made.size == 4
        assert made.checkpoints() == log.checkpoints()[:1]


def test_a_row_far_below_all_is_copied_so_that_an_audit_finds_it(world: World, tmp_path: Path) -> None:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("INSERT INTO entries SELECT -(1 << 52), record, 'x' FROM entries WHERE number = 0")
    database.close()
    with (
        closing(Served(world.log_folder / "ledger.sqlite")) as server,
        pytest.raises(NotVerified, match="missing entry"),
    ):
        copy(server, tmp_path / "copy")


def test_a_ledger_moves_to_a_server_once(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / SERVER).write_text("postgresql://fake\n")
    opened = module.open_place
    monkeypatch.setattr(
        module,
        "open_place",
        lambda path, **how: Served(tmp_path / "server", create=True) if path.name == SERVER else opened(path, **how),
    )
    with world.open() as log:
        log.copy_into(folder)
        with pytest.raises(Misconfigured, match="is there already"):
            log.copy_into(folder)
        with Log.open_file(tmp_path / "server") as made:
            assert audited(world, made) == audited(world, log)
            assert made.checkpoints() == log.checkpoints()
