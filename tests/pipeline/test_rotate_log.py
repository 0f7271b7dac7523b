"""The keys that sign checkpoints are replaced, and were stolen: what was published stays, and the old key adds nothing."""

import json
import shutil
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.keys import open_signer, write_public_key
from hauberk.errors import NotVerified, Unavailable
from hauberk.gate.standing import former_authorities, standing
from hauberk.ledger.audit import audit
from hauberk.ledger.authority import size_in
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.log import Log
from hauberk.ledger.publish import publish
from hauberk.ledger.witness import serve_once
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.next_trust import newest, show
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.signature import note
from hauberk.signature.note import Note
from projects import go, write_plain_keys

ROOT = ".hauberk/keys/root.pem"
ROLES = pytest.mark.parametrize("role", ["log", "witness"])


@pytest.fixture(autouse=True)
def passphrase(tmp_path, monkeypatch):
    (tmp_path / "passphrase").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))


def key(role):
    return open_signer(f".hauberk/keys/{role}.pem")


def rotate(role, *words):
    return dispatch(["key", "rotate", role, "--root", ROOT, *words])


def head():
    with Log.open(open_project(".").ledger) as log:
        return log.latest_checkpoint()


def trust_now():
    with Log.open(open_project(".").ledger) as log:
        return standing(log).trust


def gate():
    return dispatch(["gate", "load", "model"])


def verify(*words):
    return dispatch(["ledger", "verify", *words])


def by_the_old_keys(trust, log_role="log", witness_role="witness"):
    """Return a note over the whole ledger that the keys of a trust of before sign and cosign."""
    with Log.open(open_project(".").ledger) as log:
        checkpoint = Checkpoint(trust.log.name, log.size, log.tree().root())
    signed = Note.parse(sign(checkpoint, key(log_role)))
    line = note.cosign(signed.text, key(witness_role), trust.witnesses[0].name, clock.now())
    return Note(signed.text, (*signed.signatures, line)).format()


# what stays, and what goes on


@ROLES
def test_what_was_published_before_and_after_is_verified(small, role, capsys):
    Path("kept.txt").write_text(head())
    old = trust_now()
    assert rotate(role) == 0
    assert f"{role}: file:.hauberk/keys/{role}-2.pem" in Path("hauberk.yaml").read_text().replace('"', "")
    new = trust_now()
    assert (old.log != new.log) == (role == "log")
    assert (old.witnesses != new.witnesses) == (role == "witness")
    assert (old.log.name, old.witnesses[0].name) == (new.log.name, new.witnesses[0].name)
    assert verify("--since", "kept.txt") == 0
    assert gate() == 0
    assert dispatch(["passport", "verify", "small.passport", "--root", "root.pub"]) == 0
    assert dispatch(["passport", "export", "load", "model", "-o", "after.passport"]) in (0, 2)
    assert go(Path.cwd()).how["gate"] in ("ran", "skipped")
    assert verify() == 0
    assert dispatch(["ledger", "head"]) == 0


def test_both_are_replaced_again_and_again(small):
    for role in ("log", "witness", "log", "witness"):
        assert rotate(role) == 0
    with Log.open(open_project(".").ledger) as log:
        former = former_authorities(log, standing(log).trust)
        assert [one.until for one in former] == sorted(one.until for one in former)
        assert len(former) == 4
        assert len({one.log for one in former}) == 3
    assert (gate(), verify()) == (0, 0)


def test_a_ledger_whose_keys_were_replaced_is_restored_from_a_copy(small):
    assert (rotate("log"), rotate("witness")) == (0, 0)
    assert dispatch(["ledger", "backup", "copy.sqlite"]) == 0
    shutil.rmtree(".hauberk/ledger")
    assert dispatch(["ledger", "restore", "copy.sqlite"]) == 0
    assert (verify(), gate()) == (0, 0)


def test_a_ledger_that_is_gone_is_not_founded_a_second_time(small, capsys):
    assert dispatch(["ledger", "backup", "copy.sqlite"]) == 0
    shutil.rmtree(".hauberk/ledger")
    for words, code in ((["run"], 3), (["init", "--development"], 1)):
        capsys.readouterr()
        assert dispatch(words) == code
        said = capsys.readouterr().err
        assert "is gone: its witness has signed" in said
        assert "`hauberk ledger restore FILE`" in said
    assert not Path(".hauberk/ledger").exists()
    assert dispatch(["ledger", "restore", "copy.sqlite"]) == 0
    assert dispatch(["init", "--development"]) == 0
    assert (verify(), gate()) == (0, 0)


def test_a_copy_from_before_a_rotation_is_a_rollback_by_name_and_audited_by_its_own_trust(small, capsys):
    assert dispatch(["ledger", "backup", "copy.sqlite"]) == 0
    shutil.copy("trust.json", "kept.json")
    assert rotate("log") == 0
    shutil.rmtree(".hauberk/ledger")
    capsys.readouterr()
    assert dispatch(["ledger", "restore", "copy.sqlite"]) == 1
    assert "rollback: the copy ends with trust version 1, and this project has version 2" in capsys.readouterr().err
    assert not Path(".hauberk/ledger/ledger.sqlite").exists()
    shutil.copy("kept.json", "trust.json")
    assert dispatch(["ledger", "restore", "copy.sqlite", "--check-only"]) == 0
    assert dispatch(["ledger", "restore", "copy.sqlite"]) == 1
    assert "rollback: the witness has signed" in capsys.readouterr().err


def test_a_copy_from_before_a_trust_is_a_rollback_also_where_no_witness_remembers(small, capsys):
    assert dispatch(["ledger", "backup", "copy.sqlite"]) == 0
    assert rotate("producer") == 0  # the keys of log and witness stay, so the copy holds under the new trust
    shutil.rmtree(".hauberk/ledger")
    shutil.rmtree(".hauberk/witness")
    capsys.readouterr()
    assert dispatch(["ledger", "restore", "copy.sqlite"]) == 1
    assert "rollback: the copy ends with trust version 1, and this project has version 2" in capsys.readouterr().err
    assert not Path(".hauberk/ledger/ledger.sqlite").exists()
    assert dispatch(["ledger", "restore", "copy.sqlite", "--although-entries-are-lost"]) == 0
    said = capsys.readouterr().err
    assert "rollback: the copy ends with trust version 1" in said
    assert "nobody here can say whether this was the latest copy" in said
    assert gate() != 0


def test_an_owner_elsewhere_makes_the_key_and_nothing_is_published_without_it(small, capsys):
    write_plain_keys(Path("away"), "new")
    shutil.copy("away/.hauberk/keys/new.pem", "new.pem")
    write_public_key("new.pub", open_signer("new.pem").public)
    before = head()
    assert rotate("log", "--public", "new.pub") == 0
    assert "`hauberk run` publishes it with that key" in capsys.readouterr().out
    assert head() == before
    assert gate() == 3  # the new trust is not in a checkpoint yet
    file = Path("hauberk.yaml")
    file.write_text(file.read_text().replace("file:.hauberk/keys/log.pem", "file:new.pem"))
    go(Path.cwd())
    assert (gate(), verify()) == (0, 0)


def test_an_offline_root_replaces_the_logs_key_only_where_that_is_meant(small, capsys):
    assert dispatch(["key", "rotate", "log"]) == 0
    said = capsys.readouterr().out
    assert "before it is appended, write `log:" in said
    assert dispatch(["trust", "sign", "next-trust.json", "--key", ROOT]) == 0
    assert dispatch(["trust", "append", "signed-trust.json"]) == 1
    assert "another key of the log: the one of before publishes nothing more" in capsys.readouterr().err
    file = Path("hauberk.yaml")
    file.write_text(file.read_text().replace("file:.hauberk/keys/log.pem", "file:.hauberk/keys/log-2.pem"))
    assert dispatch(["trust", "append", "signed-trust.json", "--force"]) == 0
    assert (gate(), verify()) == (0, 0)


# what the old key cannot do any more


@ROLES
def test_drill_a_stolen_key_of_the_log_or_a_witness(small, role, capsys):
    old = trust_now()
    assert rotate(role) == 0
    forged = by_the_old_keys(old)  # the thief has both, even
    with Log.open(open_project(".").ledger) as log:
        log.add_checkpoint(size_in(forged), forged)
    assert verify() == 1
    said = capsys.readouterr().err
    assert "a published checkpoint does not hold" in said
    assert gate() == 1  # a gate does not take it either


@ROLES
def test_drill_the_stolen_key_is_revoked_once_another_has_its_place(small, role):
    stolen = key(role).public.keyid
    assert rotate(role) == 0
    assert dispatch(["gate", "revoke", f"sha256:{stolen}", "--reason", "stolen"]) == 0
    assert (gate(), verify()) == (0, 0)


@ROLES
def test_drill_a_key_that_is_revoked_first_closes_every_gate_until_it_is_replaced(small, role, capsys):
    stolen = key(role).public.keyid
    assert dispatch(["gate", "revoke", f"sha256:{stolen}", "--reason", "stolen"]) == 0
    assert gate() == 1
    assert f"sha256:{stolen}, on which this chain stands, is revoked" in capsys.readouterr().err
    assert rotate(role) == 0
    assert (gate(), verify()) == (0, 0)


def test_drill_a_witness_signs_nothing_for_the_old_key_of_the_log(small):
    project = open_project(".")
    old = trust_now()
    assert rotate("log") == 0
    with Log.open(project.ledger) as log, pytest.raises(Unavailable, match="unknown log: the checkpoint is not signed"):
        publish(
            log,
            signer=key("log"),
            key=old.log,
            witnesses=[
                lambda request: serve_once(
                    request,
                    state=project.witness,
                    log_directory=project.ledger,
                    log=trust_now().log,
                    key=old.witnesses[0],
                    signer=key("witness"),
                    now=clock.now(),
                )
            ],
            witness_keys=old.witnesses,
            quorum=1,
            now=clock.now(),
        )
    assert verify() == 0  # an index by the old key is true, and proves nothing
    show(open_project("."), warn=lambda _: None)
    assert (gate(), verify()) == (0, 0)


def test_a_run_that_publishes_while_the_key_is_replaced_publishes_nothing_by_the_old_one(small, monkeypatch):
    project = open_project(".")
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        signer, before = book.keys.signer, head()

        def rotated(role):
            monkeypatch.setattr(book.keys, "signer", signer)
            assert rotate("log") == 0
            return signer(role)

        monkeypatch.setattr(book.keys, "signer", rotated)
        with pytest.raises(Unavailable, match="the trust was replaced meanwhile"):
            publish_all(project, book)
        assert head() != before  # the rotation has published, by the new key
    show(open_project("."), warn=lambda _: None)
    assert (gate(), verify()) == (0, 0)


def test_a_witness_does_not_believe_a_state_of_a_key_that_it_never_had(small, capsys):
    project, old = open_project("."), trust_now()
    assert rotate("witness") == 0
    new = trust_now()

    def ask(**how):
        with Log.open(project.ledger) as log:
            signed = sign(Checkpoint(new.log.name, log.size, log.tree().root()), key("log"))
        return serve_once(
            f"old {size_in(signed)}\n\n{signed}".encode(),
            log_directory=project.ledger,
            log=new.log,
            now=clock.now(),
            **how,
        )

    write_plain_keys(Path("away"), "stranger")
    stranger = open_signer("away/.hauberk/keys/stranger.pem")
    name = type(new.log)(new.witnesses[0].name, new.witnesses[0].kind, stranger.public)
    with pytest.raises(NotVerified, match="state is not signed by its key"):
        ask(state=project.witness, key=name, signer=stranger)
    with pytest.raises(NotVerified, match="state is not signed by its key"):
        ask(state=project.witness, key=name, signer=stranger, former=old.witnesses)
    assert ask(state=project.witness, key=name, signer=stranger, former=new.witnesses)


# what is no rotation


def test_a_trust_that_the_ledger_does_not_hold_has_no_predecessors(small):
    assert rotate("log") == 0
    with Log.open(open_project(".").ledger) as log:
        held = newest(log)
        edited = type(held.standing.trust).of(dict(held.trust) | {"version": 9})
        assert former_authorities(log, edited) == ()
        keys = {"key": edited.log, "witness_keys": edited.witnesses, "quorum": 1, "now": clock.now()}
        with pytest.raises(NotVerified, match="no trusted key has the id"):
            audit(log, **keys)


def test_an_older_trust_does_not_judge_what_came_after_it(small, capsys):
    kept = Path("trust.json").read_bytes()
    assert rotate("log") == 0
    Path("trust.json").write_bytes(kept)
    assert verify() == 1
    assert "no trusted key has the id" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["log", "witness"])
def test_a_key_that_signs_already_does_not_take_the_place(small, role, capsys):
    other = {"log": "witness", "witness": "log"}[role]
    write_public_key("taken.pub", key(other).public)
    assert rotate(role, "--public", "taken.pub") == 2
    assert "is trusted already" in capsys.readouterr().err
    assert json.loads(Path("trust.json").read_text())["version"] == 1
