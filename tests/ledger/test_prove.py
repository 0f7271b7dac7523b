"""The proof of an entry holds for whoever has the public keys, and in no other form."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import HauberkError, Malformed, NotVerified, Unavailable
from hauberk.ledger.prove import EntryProof, prove
from hauberk.signature.note import Note, cosign
from ledger_world import LOG, MODEL, START, World, verified
from signers import SeedSigner, log_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hauberk.ledger.log import Log


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    with world.create() as opened:
        opened.append_many([verified(name, MODEL, sha256(name.encode())) for name in "abcdef"], START)
        world.publish(opened, START)
        yield opened


def holds(world: World, proof: EntryProof) -> int:
    return proof.verify(log=world.key, witnesses=world.witness_keys, quorum=1).checkpoint.size


def test_every_published_entry_is_proven(world: World, log: Log) -> None:
    proofs = prove(log, range(7))
    assert [holds(world, proof) for proof in proofs] == [7] * 7
    assert [proof.record for proof in proofs] == log.entries()


def test_the_entries_about_a_digest_are_found(log: Log) -> None:
    assert log.entries_about(MODEL) == [0, 1, 2, 3, 4, 5]
    assert log.entries_about(sha256(b"c")) == [2]
    assert log.entries_about(sha256(b"nobody")) == []


def test_a_proof_is_written_as_it_was_read(world: World, log: Log) -> None:
    (proof,) = prove(log, [3])
    again = EntryProof.from_json(json.loads(json.dumps(proof.to_json())))
    assert again == proof
    assert holds(world, again) == 7


def test_lines_of_others_beside_those_that_count_are_ignored(world: World, log: Log) -> None:
    (proof,) = prove(log, [3])
    note = Note.parse(proof.checkpoint)
    line = cosign(note.text, SeedSigner("stranger"), "example.org/stranger", START)
    assert holds(world, replace(proof, checkpoint=Note(note.text, (*note.signatures, line)).format())) == 7


def test_an_entry_that_is_not_published_yet_has_no_proof(log: Log) -> None:
    log.append_many([verified("later")], START)
    for number in (7, 99, -1):
        with pytest.raises(Unavailable, match="covers the first 7 entries"):
            prove(log, [number])


def test_a_log_without_a_checkpoint_proves_nothing(tmp_path: Path) -> None:
    with World(tmp_path / "other").create() as log, pytest.raises(Unavailable, match="no checkpoint yet"):
        prove(log, [0])


def test_a_proof_of_one_entry_is_none_of_another(world: World, log: Log) -> None:
    first, second = prove(log, [0, 1])
    for wrong in (
        replace(first, entry=1),
        replace(first, record=second.record),
        replace(first, proof=second.proof),
        replace(first, proof=()),
        replace(first, record=replace(first.record, time=START + 1)),
    ):
        with pytest.raises(NotVerified):
            holds(world, wrong)


def test_a_proof_holds_only_under_the_logs_key(world: World, log: Log) -> None:
    (proof,) = prove(log, [0])
    with pytest.raises(NotVerified):
        proof.verify(log=log_key(SeedSigner("other")), witnesses=world.witness_keys, quorum=1)
    assert proof.checkpoint.startswith(LOG.name)


@pytest.mark.parametrize(
    "change",
    [
        {"entry": "0"},
        {"entry": True},
        {"entry": -1},
        {"record": None},
        {"record": []},
        {"proof": None},
        {"proof": ["AAAA"]},
        {"checkpoint": None},
        {"extra": 1},
    ],
)
def test_a_proof_with_one_change_in_its_form_is_refused(log: Log, change: dict[str, Any]) -> None:
    (proof,) = prove(log, [0])
    with pytest.raises(Malformed):
        EntryProof.from_json(proof.to_json() | change)


@pytest.mark.parametrize("checkpoint", ["", "note", "a\n1\nAAAA\n\n— b AAAAAAA=\n"])
def test_a_proof_without_a_checkpoint_is_refused(world: World, log: Log, checkpoint: str) -> None:
    (proof,) = prove(log, [0])
    with pytest.raises(HauberkError):
        holds(world, replace(proof, checkpoint=checkpoint))
