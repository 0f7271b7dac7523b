"""`hauberk gate approve`: whose signature lets gates ask by a policy, here or where the approver's key is."""

import json
import shutil
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.keys import generate_key, write_private_key, write_public_key
from hauberk.evidence import cosigning
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import EXCEPTION, POLICY
from hauberk.gate.standing import append, standing
from hauberk.ledger.log import Log
from hauberk.pipeline.approving import read_signed
from hauberk.pipeline.project import open_project
from hauberk.signature.key import KeyKind
from owners import found, make_owners, signs
from projects import edit, recorded, write_sources


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """Found a project in which nobody has approved a policy yet."""
    base = tmp_path_factory.mktemp("approving")
    owners, folder = make_owners(base / "owners", "root"), base / "small"
    write_sources(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found(owners, folder, "root", threshold=1)
    return base


@pytest.fixture
def owners(founded, tmp_path, monkeypatch):
    base = shutil.copytree(founded, tmp_path / "base")
    monkeypatch.chdir(base / "small")
    return base / "owners"


def key(owners, name):
    return str(owners / f"{name}.pem")


def approved():
    with Log.open(open_project(".").ledger, read_only=True) as log:
        return [(one.name, one.version) for one in standing(log).policies.values()]


def realm():
    with Log.open(open_project(".").ledger, read_only=True) as log:
        return str(standing(log).realm.subject.digests[0])


def refuses(capsys, what, *words, code=1):
    """Say that a policy is not approved, and why."""
    before = approved()
    capsys.readouterr()
    assert dispatch(["gate", "approve", *words]) == code
    assert what in capsys.readouterr().err
    assert approved() == before


def next_version(number):
    edit(Path("policy.yaml"), f"version: {number - 1}", f"version: {number}")


# what is approved


def test_the_approver_signs_and_the_gate_asks_by_it(owners, capsys):
    assert dispatch(["gate", "approve", "--key", key(owners, "approver")]) == 0
    assert "policy.yaml (small version 1, " in (out := capsys.readouterr().out)
    assert "is approved: published" in out
    assert "development" not in out
    assert approved() == [("small", 1)]
    assert dispatch(["gate", "approve", "--key", key(owners, "approver")]) == 0
    assert "was approved already" in capsys.readouterr().out
    assert len(recorded(Path.cwd(), POLICY)) == 1


def test_it_is_signed_where_the_key_is_without_a_ledger(owners, tmp_path, monkeypatch):
    digest, home, away = realm(), Path.cwd(), tmp_path / "ada"
    away.mkdir()
    for name in ("hauberk.yaml", "policy.yaml", "trust.json", "root.pub", "train.py", "evaluate.py"):
        shutil.copy(name, away)
    monkeypatch.chdir(away)
    words = ["--key", key(owners, "approver"), "--realm", digest, "-o", "policy.signed.json"]
    assert dispatch(["gate", "approve", *words]) == 0
    monkeypatch.chdir(home)
    assert approved() == []
    assert dispatch(["gate", "approve", "--signed", str(away / "policy.signed.json")]) == 0
    assert approved() == [("small", 1)]


def test_a_later_version_follows_and_the_named_key_signs_without_a_word(owners):
    edit(Path("hauberk.yaml"), "keys:\n", f'keys:\n  approver: "file:{key(owners, "approver")}"\n')
    assert dispatch(["gate", "approve"]) == 0
    next_version(2)
    assert dispatch(["gate", "approve"]) == 0
    assert approved() == [("small", 2)]


def test_a_run_says_who_has_to_approve(owners, capsys):
    assert dispatch(["run"]) == 1
    assert "hauberk gate approve --key KEY" in capsys.readouterr().err


# what is not


@pytest.mark.parametrize("role", ["scanner", "log", "root"])
def test_nobody_else_approves(owners, capsys, role):
    file = owners / "root.pem" if role == "root" else Path(".hauberk", "keys", f"{role}.pem")
    what = "may not sign policy" if role == "scanner" else "no trusted key has the id"
    refuses(capsys, what, "--key", str(file))


def test_without_a_key_nobody_approves(owners, capsys):
    refuses(capsys, 'name it by --key, or write `approver: "file:PATH"` under `keys` in hauberk.yaml')


def test_a_policy_for_another_realm_is_refused(owners, capsys):
    words = ["--key", key(owners, "approver"), "--realm", f"sha256:{'0' * 64}", "-o", "p.json"]
    assert dispatch(["gate", "approve", *words]) == 0
    refuses(capsys, "subject is not this realm", "--signed", "p.json")


def test_a_policy_that_was_edited_after_it_was_signed_is_refused(owners, capsys):
    assert dispatch(["gate", "approve", "--key", key(owners, "approver"), "-o", "p.json"]) == 0
    edit(Path("policy.yaml"), "max_age_days: 30", "max_age_days: 3000")
    refuses(capsys, "does not say what was signed", "--signed", "p.json")


def test_an_older_version_and_one_that_was_replaced_are_refused(owners, capsys):
    words = ["--key", key(owners, "approver")]
    first = Path("policy.yaml").read_text()
    assert dispatch(["gate", "approve", *words]) == 0
    edit(Path("policy.yaml"), "max_age_days: 30", "max_age_days: 20")
    assert dispatch(["gate", "approve", *words]) == 0
    Path("policy.yaml").write_text(first)
    refuses(capsys, "cannot come back under the same version", *words)
    next_version(2)
    assert dispatch(["gate", "approve", *words]) == 0
    Path("policy.yaml").write_text(first)
    refuses(capsys, "is older than the approved version 2", *words)


def test_a_policy_that_is_none_is_not_signed(owners, capsys):
    edit(Path("policy.yaml"), "signers: [scanner]", "signers: []")
    refuses(capsys, "policy", "--key", key(owners, "approver"), code=2)


def test_a_signature_that_was_changed_is_refused(owners, capsys):
    assert dispatch(["gate", "approve", "--key", key(owners, "approver"), "-o", "p.json"]) == 0
    body = json.loads(Path("p.json").read_text())
    sig = body["envelopes"][0]["signatures"][0]["sig"]
    body["envelopes"][0]["signatures"][0]["sig"] = ("A" if sig[0] != "A" else "B") + sig[1:]
    Path("p.json").write_text(json.dumps(body))
    refuses(capsys, "signature", "--signed", "p.json")


def test_two_statements_in_one_file_are_refused(owners, capsys):
    assert dispatch(["gate", "approve", "--key", key(owners, "approver"), "-o", "p.json"]) == 0
    body = json.loads(Path("p.json").read_text())
    Path("p.json").write_text(json.dumps(body | {"envelopes": body["envelopes"] * 2}))
    refuses(capsys, "does not say what was signed", "--signed", "p.json")


def test_a_key_that_ended_approves_nothing_that_it_signed_before(owners, capsys):
    assert dispatch(["gate", "approve", "--key", key(owners, "approver"), "-o", "p.json"]) == 0
    since = format_instant(clock.now() - 60)
    assert dispatch(["key", "revoke", "approver", "--since", since, "-o", "t.json"]) == 0
    assert signs(owners, "root", draft="t.json") == 0
    assert dispatch(["trust", "append", "signed-trust.json", "--force"]) == 0
    refuses(capsys, "may not sign policy", "--signed", "p.json")


def test_a_policy_that_counts_no_more_since_a_theft_is_approved_again_by_the_next_approver(owners, monkeypatch):
    begun = clock.now()
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: begun)
    assert dispatch(["gate", "approve", "--key", key(owners, "approver")]) == 0
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: begun + 2)
    next_version(2)
    assert dispatch(["gate", "approve", "--key", key(owners, "approver")]) == 0
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: begun + 3)
    write_private_key(Path("next.pem"), signer := generate_key(KeyKind.ED25519), passphrase=None)
    write_public_key(Path("next.pub"), signer.public)
    words = ["--since", format_instant(begun + 1), "--public", "next.pub", "--root", key(owners, "root")]
    assert dispatch(["key", "rotate", "approver", *words]) == 0
    assert approved() == [("small", 1)]
    assert dispatch(["gate", "approve", "--key", "next.pem"]) == 0
    assert approved() == [("small", 2)]


@pytest.mark.parametrize("subject", ["model/small", "model/*"])
def test_a_policy_that_was_renamed_does_not_close_the_gate_of_the_one_before(owners, capsys, subject):
    words = ["--key", key(owners, "approver")]
    assert dispatch(["gate", "approve", *words]) == 0
    edit(Path("policy.yaml"), "name: small", "name: tiny")
    edit(Path("policy.yaml"), "subject: model/small", f"subject: {subject}")
    refuses(capsys, "both speak of the gate load, which two policies close", *words)
    edit(Path("policy.yaml"), f"subject: {subject}", "subject: model/other")
    assert dispatch(["gate", "approve", *words]) == 0
    assert sorted(approved()) == [("small", 1), ("tiny", 1)]


def test_where_two_policies_close_a_gate_the_approver_leaves_one(owners, capsys):
    words = ["gate", "approve", "--key", key(owners, "approver")]
    first = Path("policy.yaml").read_text()
    assert dispatch(words) == 0
    Path("policy.yaml").write_text(first.replace("name: small", "name: tiny"))
    assert dispatch([*words, "-o", "thief.json"]) == 0
    with Log.open(open_project(".").ledger) as log:
        append(log, read_signed(Path("thief.json").read_bytes()).envelopes, now=clock.now())
    Path("policy.yaml").write_text(first)
    refuses(capsys, "which two policies close", *words[2:])  # though it is approved
    Path("policy.yaml").write_text(
        first.replace("name: small", "name: tiny")
        .replace("version: 1", "version: 2")
        .replace("model/small", "model/no")
    )
    assert dispatch(words) == 0
    Path("policy.yaml").write_text(first)
    assert dispatch(words) == 0
    with Log.open(open_project(".").ledger, read_only=True) as log:
        held = standing(log).policies.values()
    assert [one.name for one in held if one.covers("load", "model/small")] == ["small"]


def test_a_draft_of_another_kind_is_no_signed_policy(owners, capsys):
    words = ["break-glass", f"dirHash:{'0' * 64}", "--owner", "Ada", "--hours", "4", "--reason", "an outage"]
    edit(
        Path("policy.yaml"),
        "    mode: enforce",
        "    break_glass: {signers: [approver, ada], max_hours: 4}\n    mode: enforce",
    )
    assert dispatch(["gate", *words, "--key", key(owners, "approver"), "-o", "p.json"]) == 0
    refuses(capsys, "is no signed policy", "--signed", "p.json")
    assert cosigning.read(Path("p.json").read_bytes()).statements[0].predicate_type != EXCEPTION.type


def test_a_signed_policy_is_no_draft_of_what_gates_bear(owners, capsys):
    assert dispatch(["gate", "approve", "--key", key(owners, "approver"), "-o", "p.json"]) == 0
    assert read_signed(Path("p.json").read_bytes()).statements[0].predicate_type == POLICY.type
    for action in (["cosign", "p.json", "--key", key(owners, "approver")], ["append", "p.json"]):
        assert dispatch(["gate", *action]) == 1
        assert "is no draft" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--realm", f"sha256:{'0' * 64}"], "write -o FILE beside it"),
        (["--realm", "here", "-o", "p.json"], "sha256:"),
        (["--signed", "p.json", "--key", "k.pem"], "not signed again"),
        (["--signed", "p.json", "-o", "q.json"], "not signed again"),
    ],
)
def test_words_that_do_not_fit_are_refused(owners, capsys, words, what):
    refuses(capsys, what, *words, code=2)


def test_another_file_is_not_written_over(owners, capsys):
    Path("p.json").write_text("{}")
    refuses(capsys, "p.json", "--key", key(owners, "approver"), "-o", "p.json", code=2)
    assert Path("p.json").read_text() == "{}"
