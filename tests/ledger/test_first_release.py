"""A ledger that the first release wrote: read as it is, taken over whole, or left as it was.

`tools/make_first_ledger.py` wrote `first_release/`: entries 0 to 2, an index, and one entry behind the checkpoint.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hauberk.digest import sha256
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.prove import prove
from ledger_world import MODEL, START, World, verified

if TYPE_CHECKING:
    from hauberk.ledger.log import Log

WRITTEN = Path(__file__).parent / "first_release"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    shutil.copytree(WRITTEN, made.log_folder)
    return made


def audited(world: World, log: Log) -> Audited:
    return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START + 9)


def seen(log: Log) -> list[object]:
    """All that a reader sees of a log."""
    return [log.records(), log.envelopes(0, log.size), log.entries_about(MODEL), log.checkpoints(), prove(log, [0, 3])]


def format_of(world: World) -> int:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    database.close()
    return int(version)


def test_it_is_read_and_stays_as_it_is(world: World) -> None:
    before = (world.log_folder / "ledger.sqlite").read_bytes()
    with world.open(read_only=True) as log:
        assert log.size == 5
        assert log.entries_about(MODEL) == [0, 2, 4]
        assert [proof.entry for proof in prove(log, [0, 3])] == [0, 3]
        assert list(log.each_hashed(1, 5)) == list(log.each_envelope(1, 5)) == log.envelopes(1, 5)
        assert audited(world, log).entries == 5
        with pytest.raises(Unavailable):
            log.append_many([verified("e")], START + 3)
    assert (world.log_folder / "ledger.sqlite").read_bytes() == before


def test_it_is_taken_over_when_it_is_opened_for_writing(world: World) -> None:
    with world.open(read_only=True) as log:
        before, report = seen(log), audited(world, log)
    with world.open() as log:
        assert [seen(log), audited(world, log)] == [before, report]
    shutil.rmtree(world.log_folder / "blobs")  # all is in the database now
    with world.open() as log:
        assert [seen(log), audited(world, log)] == [before, report]
        assert log.append_many([verified("a", MODEL), verified("e")], START + 3) == [0, 5]
        world.publish(log, START + 4)
        assert audited(world, log).entries == 7
    assert format_of(world) == 2


@pytest.mark.parametrize("damage", [lambda blob: blob.unlink(), lambda blob: blob.write_bytes(b"{}")])
def test_one_that_lacks_an_envelope_is_not_taken_over_and_stays_readable(world: World, damage: object) -> None:
    with world.open(read_only=True) as log:
        digest = log.entry(2).envelope.hex
    damage(world.log_folder / "blobs" / digest[:2] / digest)  # type: ignore[operator]
    with pytest.raises((Unavailable, Malformed)):
        world.open()
    assert format_of(world) == 1
    with world.open(read_only=True) as log:
        assert log.size == 5
        with pytest.raises((NotVerified, Unavailable)):
            audited(world, log)


def test_one_with_a_hole_is_not_taken_over(world: World) -> None:
    with sqlite3.connect(world.log_folder / "ledger.sqlite") as database:
        database.execute("DELETE FROM entries WHERE number = 1")
    database.close()
    with pytest.raises(NotVerified, match="missing entry: number 1"):
        world.open()
    assert format_of(world) == 1


def test_two_that_open_it_at_once_take_it_over_once(world: World) -> None:
    with world.open(read_only=True) as early:
        with world.open() as log:
            log.append_many([verified("e")], START + 3)
        with world.open() as log:
            assert log.size == 6
        assert early.entries_about(sha256(b"e")) == [5]
