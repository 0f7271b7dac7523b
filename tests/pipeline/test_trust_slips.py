"""What goes wrong between the people who draft, sign and append a trust: it is said, and nothing is lost by it."""

import json
import re
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import MODEL_SCAN
from hauberk.gate.standing import standing
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from owners import found, make_key, make_owners, signs
from projects import write_sources

ROOT = ".hauberk/keys/root.pem"


def edited(change=lambda body: None):
    """Draft the next trust and let a person change the file."""
    Path("next-trust.json").unlink(missing_ok=True)
    assert dispatch(["trust", "edit"]) == 0
    body = json.loads(Path("next-trust.json").read_text())
    change(body)
    Path("next-trust.json").write_text(json.dumps(body))


def signed(*words, draft="next-trust.json"):
    return dispatch(["trust", "sign", draft, "--key", ROOT, *words])


def test_whose_trust_it_is_is_told_where_the_difference_is_to_anothers(fresh, capsys):
    with Log.open(open_project(".").ledger, read_only=True) as log:
        (own,) = standing(log).realm.subject.digests
    other = f"sha256:{'0' * 64}"
    for realm in (str(own), other):
        edited(lambda body, realm=realm: body.update(realm=realm))
        capsys.readouterr()
        assert signed("--since", "trust.json") == 0
        assert realm in capsys.readouterr().out.splitlines()[0]


def test_a_trust_that_entered_and_was_not_published_is_published_by_the_same_command(fresh, capsys):
    edited()
    assert signed() == 0
    witness, away = Path(".hauberk/keys/witness.pem"), Path("away.pem")
    witness.rename(away)
    assert dispatch(["trust", "append", "signed-trust.json"]) == 3
    assert "the trust is in the ledger, and not published: " in capsys.readouterr().err
    away.rename(witness)
    with Log.open(open_project(".").ledger, read_only=True) as log:
        size = log.size
    Path("trust.json").unlink()  # as where the machine stopped between the ledger and the file
    assert dispatch(["trust", "append", "signed-trust.json"]) == 0
    out = capsys.readouterr().out
    assert "trust version 2 is in the ledger already" in out
    assert "trust version 2: published in the checkpoint" in out
    assert json.loads(Path("trust.json").read_text())["version"] == 2
    with Log.open(open_project(".").ledger, read_only=True) as log:
        assert log.size == size + 1  # the index of what was published, and no second trust


KINDS = {"ed.pub": KeyKind.ED25519, "p256.pub": KeyKind.ECDSA_P256, "p384.pub": KeyKind.ECDSA_P384}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["key", "rotate", "scanner", "--public", "p384.pub"], "ecdsa-p384, which signs no statement"),
        (["key", "rotate", "root", "--public", "p384.pub"], "ecdsa-p384, which signs no statement"),
        (["key", "rotate", "producer", "--public", "ed.pub"], "models are signed with EC P-256"),
        (["key", "rotate", "log", "--public", "p256.pub"], "ecdsa-p256, and signs no checkpoint"),
        (["key", "rotate", "witness", "--public", "p256.pub"], "ecdsa-p256, and signs no checkpoint"),
        (["trust", "edit", "--root-add", "p384.pub"], "ecdsa-p384, which signs no statement"),
        (["trust", "edit", "--witness-add", "WITNESS"], "lists a witness twice"),
    ],
    ids=" ".join,
)
def test_a_key_that_cannot_sign_that_is_a_wrong_option_and_drafts_nothing(fresh, capsys, words, what):
    for name, kind in KINDS.items():
        make_key(fresh, Path(name).stem, kind)
    (witness,) = json.loads(Path("trust.json").read_text())["witnesses"]["vkeys"]
    capsys.readouterr()
    assert dispatch([witness if word == "WITNESS" else word for word in words]) == 2
    assert what in capsys.readouterr().err
    assert not Path("next-trust.json").exists()


def test_the_signature_of_another_is_not_written_over_by_who_signs_the_draft_and_not_the_file(fresh, tmp_path, capsys):
    make_key(tmp_path, "ada")
    assert dispatch(["trust", "edit", "--root-add", str(tmp_path / "ada.pub"), "--root-threshold", "2"]) == 0
    assert signed() == 0
    by_root, ada = Path("signed-trust.json").read_bytes(), ["--key", str(tmp_path / "ada.pem")]
    capsys.readouterr()
    assert dispatch(["trust", "sign", "next-trust.json", *ada]) == 2
    assert "which would be lost" in capsys.readouterr().err
    assert Path("signed-trust.json").read_bytes() == by_root
    assert dispatch(["trust", "sign", "next-trust.json", *ada, "-o", "by-ada.json"]) == 0
    assert dispatch(["trust", "sign", "signed-trust.json", *ada]) == 0  # which has both
    assert signed() == 2
    edited()
    assert signed() == 0  # another trust: what was signed of the one before is not of this one


@pytest.mark.parametrize("words", [(), ("--force",)])
def test_a_trial_does_not_come_to_look_like_the_real_project(fresh, capsys, words):
    edited(lambda body: body["trust"].update(development=False))
    assert signed() == 0
    capsys.readouterr()
    assert dispatch(["trust", "append", "signed-trust.json", *words]) == 1
    assert "marked as development for good" in capsys.readouterr().err
    assert json.loads(Path("trust.json").read_text())["development"] is True


def test_a_real_project_is_not_made_a_trial_whose_runs_approve_their_policy(tmp_path, monkeypatch, capsys):
    owners, folder = make_owners(tmp_path / "owners", "root"), tmp_path / "small"
    write_sources(folder)
    monkeypatch.chdir(folder)
    found(owners, folder, "root", threshold=1)
    edited(lambda body: body["trust"].update(development=True))
    assert signs(owners, "root", draft="next-trust.json") == 0
    capsys.readouterr()
    assert dispatch(["trust", "append", "signed-trust.json", "--force"]) == 1
    assert "a run would approve its policy itself" in capsys.readouterr().err


def test_what_an_old_key_says_while_the_draft_of_its_rotation_is_away_is_not_lost_without_a_word(small, capsys):
    make_key(small, "new-scanner")
    assert dispatch(["key", "rotate", "scanner", "--public", "new-scanner.pub"]) == 0
    body = json.loads(Path("next-trust.json").read_text())
    old, _ = (grant for grant in body["trust"]["grants"] if grant["predicates"] == [MODEL_SCAN.type])
    old |= dict.fromkeys(("notBefore", "notAfter"), _before_it_scanned(old["signer"]))  # as if it was drafted then
    Path("next-trust.json").write_text(json.dumps(body))
    assert signed() == dispatch(["gate", "load", "model"]) == 0
    capsys.readouterr()
    assert dispatch(["trust", "append", "signed-trust.json"]) == 1
    assert re.search(r"what scanner \(.*\) has said after .* counts no more: 1 statement\n", capsys.readouterr().err)
    assert dispatch(["gate", "load", "model"]) == 0
    assert dispatch(["trust", "append", "signed-trust.json", "--force"]) == 0
    assert dispatch(["gate", "load", "model"]) == 1


def _before_it_scanned(keyid):
    with Log.open(open_project(".").ledger, read_only=True) as log:
        (scanned,) = (n for n in range(log.size) if dsse.decode_envelope(log.envelope(n)).signatures[0].keyid == keyid)
        return format_instant(log.entry(scanned).time - 1)
