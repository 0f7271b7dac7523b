"""A ledger whose log has another key now: each index and checkpoint is judged by who held the key at its time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import NotVerified
from hauberk.ledger import index, merkle
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.authority import Authority
from hauberk.ledger.entry import Entry
from hauberk.ledger.publish import publish
from hauberk.ledger.replay import index_statement
from hauberk.ledger.witness import serve_once
from hauberk.signature import dsse
from hauberk.signature.note import NoteKind, VerifierKey
from ledger_world import LOG, START, WITNESS, World, verified
from signers import SeedSigner, witness_key

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.ledger.log import Log
    from hauberk.statement import Envelope

NEW = SeedSigner("the log's next key")
NEW_KEY = VerifierKey(LOG.name, NoteKind.ED25519, NEW.public)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A log of an entry and its index, entries 0 and 1, published; its next key is named by what stands at 2."""
    made = World(tmp_path)
    with made.create() as log:
        log.append_many([verified("a")], START)
        made.publish(log, START)
        log.append_many([verified("the next trust")], START)
    return made


def publish_by_the_new_key(world: World, log: Log) -> None:
    witness = partial(
        serve_once,
        state=world.folder / "new",
        log_directory=world.log_folder,
        log=NEW_KEY,
        key=witness_key(WITNESS),
        signer=WITNESS,
        now=START,
    )
    publish(log, signer=NEW, key=NEW_KEY, witnesses=[witness], witness_keys=world.witness_keys, quorum=1, now=START)


def append_index(log: Log, signer: SeedSigner) -> None:
    def make(records: list[bytes]) -> Envelope:
        entries = [Entry.decode(record) for record in records]
        root = merkle.root([merkle.leaf_hash(record) for record in records])
        statement = index_statement(LOG.name, len(records), root, index.of_entries(entries))
        return dsse.sign(statement, [signer])

    log.append_computed(make, START)  # type: ignore[arg-type]


def audited(world: World, until: int) -> Audited:
    former = (Authority(world.key, world.witness_keys, 1, until),)
    with world.open(read_only=True) as log:
        return audit(log, key=NEW_KEY, witness_keys=world.witness_keys, quorum=1, now=START, former=lambda: former)


def test_what_each_key_published_in_its_time_holds(world: World) -> None:
    with world.open() as log:
        publish_by_the_new_key(world, log)
        assert log.size == 4
    assert audited(world, 2) == Audited(4, 2, 2, audited(world, 2).root, 4, START)


def test_an_index_by_the_old_key_behind_its_end_proves_nothing_and_is_true(world: World) -> None:
    with world.open() as log:
        append_index(log, LOG)
        publish_by_the_new_key(world, log)
    assert audited(world, 2).entries == 5


def test_an_index_by_the_new_key_before_its_time_is_found(tmp_path: Path) -> None:
    world = World(tmp_path / "other")
    with world.create() as log:
        log.append_many([verified("a")], START)
        append_index(log, NEW)
        log.append_many([verified("the next trust")], START)
        publish_by_the_new_key(world, log)
    with pytest.raises(NotVerified, match=f"no trusted key has the id {NEW.public.keyid}"):
        audited(world, 2)


def test_an_index_by_nobodys_key_is_found(world: World) -> None:
    with world.open() as log:
        append_index(log, WITNESS)
    with pytest.raises(NotVerified, match=f"no trusted key has the id {WITNESS.public.keyid}"):
        audited(world, 2)


def test_what_the_new_key_published_before_its_time_is_found(world: World) -> None:
    with world.open() as log:
        publish_by_the_new_key(world, log)
    with pytest.raises(NotVerified):
        audited(world, 4)
