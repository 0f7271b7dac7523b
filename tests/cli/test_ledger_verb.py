"""`hauberk ledger` as a person types it, and its witness as the child process that a log starts."""

import json
import os
import re
import shutil
import sqlite3
import sys
from types import SimpleNamespace

import pytest

from hauberk.cli import ledger
from hauberk.cli.main import main
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.edge.process import exchange
from hauberk.errors import NotVerified, Unavailable
from hauberk.ledger.prove import EntryProof
from hauberk.ledger.publish import publish
from hauberk.signature.key import KeyKind
from hauberk.signature.note import NoteKind, VerifierKey
from ledger_world import LOG, MODEL, START, WITNESS, World, verified

PROGRAM = (sys.executable, "-c", "import sys; from hauberk.cli.main import main; sys.exit(main(sys.argv[1:]))")


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Return a log with one published statement, in the place of a project's."""
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("tumour", MODEL)], START)
        world.publish(log, START + 1)
    trust = SimpleNamespace(log=world.key, witnesses=world.witness_keys, quorum=1)
    state = tmp_path / WITNESS.name.replace("/", "-")
    project = SimpleNamespace(ledger=world.log_folder, witness=state, read_trust=lambda: trust)
    monkeypatch.setattr(ledger, "open_project", lambda _folder: project)
    return world


def test_proofs_replace_older_proofs_and_nothing_else(world, tmp_path):
    (tmp_path / "hauberk.yaml").write_text("precious")
    assert main(["ledger", "prove", "0", "--output", str(tmp_path / "proofs.json")]) == 0
    assert main(["ledger", "prove", "1", "--output", str(tmp_path / "proofs.json")]) == 0
    assert main(["ledger", "prove", "0", "--output", str(tmp_path / "hauberk.yaml")]) == 2
    assert (tmp_path / "hauberk.yaml").read_text() == "precious"


@pytest.fixture
def child(tmp_path):
    """Return a witness with a key of its own, and how a log asks it: in a process of its own."""
    signer = generate_key(KeyKind.ED25519)
    write_private_key(tmp_path / "witness.pem", signer, passphrase=None)
    key = VerifierKey("example.com/child", NoteKind.COSIGNATURE_V1, signer.public)

    def ask(request, *, vkey=None):
        options = ["--state", tmp_path / "child", "--key", tmp_path / "witness.pem", "--log", tmp_path / "log"]
        vkeys = ["--vkey", vkey or key.format(), "--log-vkey", World(tmp_path).key.format()]
        command = [*PROGRAM, "ledger", "witness", *map(str, options), *vkeys]
        return exchange(command, request, environment=dict(os.environ), timeout_seconds=30)

    return SimpleNamespace(key=key, ask=ask)


def drop(world, *commands):
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        for command in commands:
            database.execute(command)
    database.close()


def test_a_table_that_lies_is_computed_again(world, capsys):
    drop(world, "DELETE FROM about")
    assert main(["ledger", "verify"]) == 1
    assert "lying table" in capsys.readouterr().err
    assert main(["ledger", "rebuild"]) == 0
    assert "computed again from 2 entries" in capsys.readouterr().out
    assert main(["ledger", "verify"]) == 0


def test_an_entry_that_is_gone_is_not_computed_again(world, capsys):
    drop(world, "DELETE FROM entries WHERE number = 0")
    assert main(["ledger", "rebuild"]) == 1
    assert "missing entry: number 0" in capsys.readouterr().err


def test_a_ledger_is_backed_up_lost_and_restored(world, tmp_path, capsys):
    assert main(["ledger", "backup", str(tmp_path / "copy")]) == 0
    assert "the first 2 entries" in capsys.readouterr().out
    assert main(["ledger", "backup", str(tmp_path / "copy")]) == 2
    assert main(["ledger", "restore", str(tmp_path / "copy")]) == 2
    assert "restoring replaces nothing" in capsys.readouterr().err
    shutil.rmtree(world.log_folder)
    assert main(["ledger", "restore", str(tmp_path / "copy"), "--check-only"]) == 0
    assert not world.log_folder.exists()
    assert main(["ledger", "restore", str(tmp_path / "copy")]) == 0
    assert main(["ledger", "verify"]) == 0


def test_a_copy_that_lacks_what_the_witness_signed_is_restored_only_on_demand(world, tmp_path, capsys):
    assert main(["ledger", "backup", str(tmp_path / "copy")]) == 0
    with world.open() as log:
        log.append_many([verified("later")], START + 2)
        world.publish(log, START + 2)
    assert main(["ledger", "restore", str(tmp_path / "copy"), "--check-only"]) == 0
    assert re.search("behind +2 entries", capsys.readouterr().out)
    shutil.rmtree(world.log_folder)
    assert main(["ledger", "restore", str(tmp_path / "copy")]) == 1
    assert "rollback: the witness has signed 2 entries more" in capsys.readouterr().err
    assert not world.log_folder.exists()
    assert main(["ledger", "restore", str(tmp_path / "copy"), "--although-entries-are-lost"]) == 0
    assert "2 entries are lost" in capsys.readouterr().err
    assert main(["ledger", "verify"]) == 1


def test_the_head_is_the_note_that_was_published(world, capsys):
    assert main(["ledger", "head"]) == 0
    with world.open(read_only=True) as log:
        assert capsys.readouterr().out == log.latest_checkpoint()


def test_a_log_that_published_nothing_has_no_head(world, tmp_path, monkeypatch):
    empty = World(tmp_path / "other")
    empty.create().close()
    project = SimpleNamespace(ledger=empty.log_folder, read_trust=ledger.open_project(".").read_trust)
    monkeypatch.setattr(ledger, "open_project", lambda _folder: project)
    assert main(["ledger", "head"]) == 3


def test_a_head_of_another_log_is_not_verified(world, monkeypatch, child):
    trust = SimpleNamespace(log=world.key, witnesses=(child.key,), quorum=1)
    project = SimpleNamespace(ledger=world.log_folder, read_trust=lambda: trust)
    monkeypatch.setattr(ledger, "open_project", lambda _folder: project)
    assert main(["ledger", "head"]) == 1


@pytest.mark.parametrize("what", [str(MODEL), "0"])
def test_what_prove_prints_verifies(world, capsys, what):
    assert main(["ledger", "prove", what]) == 0
    [proof] = json.loads(capsys.readouterr().out)
    attested = EntryProof.from_json(proof).verify(log=world.key, witnesses=world.witness_keys, quorum=1)
    assert attested.checkpoint.size == 2


def test_a_digest_that_no_entry_speaks_of_is_no_success(world):
    assert main(["ledger", "prove", "sha256:" + "00" * 32]) == 1


def test_an_entry_that_no_checkpoint_covers_is_unavailable(world):
    assert main(["ledger", "prove", "2"]) == 3


@pytest.mark.parametrize("what", ["tumour", "-1", "²"])
def test_what_is_neither_a_number_nor_a_digest_is_wrong_usage(world, what):
    assert main(["ledger", "prove", what]) == 2


def test_a_whole_ledger_verifies(world, capsys):
    assert main(["ledger", "verify"]) == 0
    written = capsys.readouterr()
    assert "  entries      2\n" in written.out
    assert "with the witness's memory\n" in written.out
    assert "warning" not in written.err


def test_a_ledger_without_its_checkpoints_is_no_proof_of_anything_and_said_so(world, capsys):
    drop(world, "DELETE FROM checkpoints")
    assert main(["ledger", "verify"]) == 0
    said = capsys.readouterr().err
    assert "no checkpoint belongs to the index statement of entry 1" in said
    assert "the witness has cosigned the first 2 entries, the newest checkpoint here covers 0" in said


def test_a_tail_that_was_cut_off_with_its_checkpoint_is_remembered_by_the_witness(world, capsys):
    drop(world, "DELETE FROM checkpoints", "DELETE FROM entries WHERE number = 1")
    assert main(["ledger", "verify"]) == 1
    assert "dropped tail: what the witness remembers covers 2 entries, the log has 1" in capsys.readouterr().err


def test_a_witness_without_memory_is_not_compared_with_and_said_so(world, tmp_path, capsys):
    (tmp_path / WITNESS.name.replace("/", "-") / "witness.sqlite").unlink()
    assert main(["ledger", "verify"]) == 0
    assert "not with the witness's memory" in capsys.readouterr().out


def test_a_ledger_without_its_table_of_entries_is_to_be_restored(world, capsys):
    drop(world, "DROP TABLE entries")
    assert main(["ledger", "verify"]) == 1
    assert "next: restore it from a copy" in capsys.readouterr().err


def test_a_ledger_that_continues_an_earlier_head_verifies(world, tmp_path, capsys):
    main(["ledger", "head"])
    (tmp_path / "head.note").write_text(capsys.readouterr().out)
    with world.open() as log:
        log.append_many([verified("another")], START + 2)
        world.publish(log, START + 3)
    assert main(["ledger", "verify", "--since", str(tmp_path / "head.note")]) == 0


def test_a_ledger_that_lost_what_an_earlier_head_covers_does_not_verify(world, tmp_path, capsys):
    longer = World(tmp_path / "longer")
    with longer.create() as log:
        log.append_many([verified("tumour", MODEL), verified("another")], START)
        (tmp_path / "head.note").write_text(longer.publish(log, START + 1).note)
    assert main(["ledger", "verify", "--since", str(tmp_path / "head.note")]) == 1
    assert "dropped tail" in capsys.readouterr().err


def test_a_witness_in_a_process_of_its_own_cosigns(world, child):
    with world.open() as log:
        published = publish(
            log,
            signer=LOG,
            key=world.key,
            witnesses=[child.ask],
            witness_keys=(child.key,),
            quorum=1,
            now=START + 5,
        )
    assert published.attested.checkpoint.size == 2


def test_a_witness_refuses_what_is_no_request(world, child):
    with pytest.raises(NotVerified, match="not a request to a witness"):
        child.ask(b"sign this\n")


def test_a_witness_without_a_verifier_key_is_wrong_usage(world, child):
    with pytest.raises(Unavailable, match="ended with 2 and said: hauberk: not a verifier key"):
        child.ask(b"old 0\n\n", vkey="nonsense")
