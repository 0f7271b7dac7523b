"""What a witness reads it leaves as it is, and it believes no state but one that it has signed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import NotVerified
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.witness import Witness, read_head, seen_by, serve_once
from ledger.two_publications import NOW
from ledger_world import LOG, START, WITNESS, World
from signers import SeedSigner, witness_key

if TYPE_CHECKING:
    from hauberk.ledger.service_client import LedgerClient

FIRST_RELEASE = Path(__file__).parent / "first_release"


def state_of(world: World) -> Path:
    return world.folder / WITNESS.name.replace("/", "-")


def test_a_state_that_another_key_has_signed_is_believed_where_that_key_is_named(world: World) -> None:
    other = SeedSigner("example.com/witness-after")
    with world.open(read_only=True) as log:
        asked = Request(5, (), sign(Checkpoint(LOG.name, 5, log.tree().root()), LOG)).encode()

    def answer(**more: object) -> bytes:
        return serve_once(
            asked,
            state=state_of(world),
            log_directory=world.log_folder,
            log=world.key,
            key=witness_key(other),
            signer=other,
            now=NOW,
            **more,  # type: ignore[arg-type]
        )

    with pytest.raises(NotVerified, match="the witness's state is not signed by its key"):
        answer()
    assert answer(former=(witness_key(WITNESS),)).startswith("— example.com/witness-after ".encode())


def test_a_ledger_of_the_first_release_is_witnessed_and_stays_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    shutil.copytree(FIRST_RELEASE, world.log_folder)
    before = (world.log_folder / "ledger.sqlite").read_bytes()
    with world.open(read_only=True) as log:
        note = log.latest_checkpoint()
    assert note is not None
    assert world.witness(START + 9)(Request(0, (), note).encode()).startswith("— ".encode())
    assert (world.log_folder / "ledger.sqlite").read_bytes() == before


def test_who_reads_what_a_witness_has_signed_changes_nothing_of_it(world: World) -> None:
    file = state_of(world) / "witness.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    before = file.read_bytes()
    with world.open(read_only=True) as log:
        assert read_head(state_of(world), LOG.name) == log.latest_checkpoint()
    assert file.read_bytes() == before


def test_who_asks_a_witness_how_much_it_has_seen_of_a_log_is_told(world: World) -> None:
    """By it a ledger that is gone is missed, and no second one begun in its place."""
    assert seen_by(state_of(world), LOG.name) == 5
    assert seen_by(state_of(world), "example.com/another") == 0


def test_a_witness_that_was_never_there_or_remembers_nothing_has_seen_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotVerified):
        world.witness(NOW, signer=SeedSigner("new"))(
            b"old 0\n\n" + sign(Checkpoint("other", 5, b"r" * 32), LOG).encode()
        )
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "witness.sqlite").write_bytes(b"no database" * 100)
    for state in ("new", "damaged", "absent"):
        assert seen_by(tmp_path / state, LOG.name) == 0


def test_a_head_that_nobody_can_read_says_not_how_much_was_seen(world: World) -> None:
    with closing(sqlite3.connect(state_of(world) / "witness.sqlite")) as database:
        database.execute("UPDATE heads SET note = 'no note'")
        database.commit()
    assert seen_by(state_of(world), LOG.name) == 0


def test_a_witness_fetches_nothing_over_the_log_itself_nor_where_it_reads_none(world: World) -> None:
    another = Checkpoint(LOG.name, 5, bytes(32))
    own = (world.key, world.log_folder, witness_key(WITNESS), WITNESS)
    Witness(state_of(world), *own).fetch(another)
    with world.open(read_only=True) as log:
        assert log.size == 5
    service: LedgerClient = object()  # type: ignore[assignment]
    Witness(state_of(world), world.key, None, witness_key(WITNESS), WITNESS, service).fetch(another)
