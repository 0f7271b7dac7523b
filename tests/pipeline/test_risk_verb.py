"""`hauberk gate risk`: two people decide about a model's risks, and the gate that asks for it opens."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hauberk.cli.main import main
from hauberk.edge.keys import open_signer
from hauberk.edge.sources import digest_path
from hauberk.evidence import cosigning
from hauberk.evidence.predicates import RISK_DECISION
from projects import edit, go, recorded, second_person, small_project

NEEDED = "    require:\n      - {predicate: risk-decision, signers: [approver, security], at_least: 2}\n"
SAID = ("--owner", "Grace", "--risk", "recall under 0.9", "--until", "2999-12-31", "--reason", "a person reads these")
ACCEPT = ("gate", "risk", "model/", "--decision", "accept", *SAID)
REJECT = ("gate", "risk", "model/", "--decision", "reject", *SAID)
SECOND = ("--key", ".hauberk/keys/security.pem")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """Make a project whose gate waits for two people to decide."""
    folder = small_project(tmp_path_factory.mktemp("risk") / "small")
    second_person(folder)
    edit(folder / "policy.yaml", "    require:\n", NEEDED)
    assert go(folder).how["gate"] == "denied"
    return folder


@pytest.fixture
def project(waiting, tmp_path, monkeypatch):
    shutil.copytree(waiting, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    return tmp_path / "small"


def gate():
    return main(["gate", "load", "model/"])


def refused(capsys, words, says, code=1):
    """Say that it is refused early, and that nothing enters the ledger."""
    before = len(recorded(Path.cwd(), RISK_DECISION))
    capsys.readouterr()
    assert main([*words]) == code
    assert says in capsys.readouterr().err
    assert len(recorded(Path.cwd(), RISK_DECISION)) == before


def test_two_people_bear_a_risk_and_the_passport_says_so(project, capsys):
    assert main([*ACCEPT, "-o", "draft.json"]) == 0
    shown = capsys.readouterr().out
    assert f"risk-decision that a risk is borne (recall under 0.9): model/small {digest_path('model')}" in shown
    assert "until 2999-12-31T23:59:59Z; Grace answers for it: a person reads these" in shown
    assert gate() == 1
    assert main(["gate", "cosign", "draft.json", *SECOND]) == 0
    assert main(["gate", "append", "draft.json"]) == 0
    assert "signed by approver and security; published" in capsys.readouterr().out
    assert gate() == 0
    assert "risk-decision.present" in capsys.readouterr().out
    assert main(["passport", "export", "model/", "-o", "p.passport"]) == 0
    assert main(["passport", "verify", "p.passport", "--root", "root.pub"]) == 0
    assert "risk-decision.present" in capsys.readouterr().out
    assert main([*REJECT, *SECOND]) == 0  # one of them has thought again: that is enough
    assert "a risk is NOT borne" in capsys.readouterr().out
    assert gate() == 1
    assert "risk-decision.result" in capsys.readouterr().out
    refused(capsys, [*ACCEPT], "1 more of the people")


def test_a_risk_that_is_borne_is_listed_until_it_ends_and_a_no_is_not(project, capsys):
    assert main([*ACCEPT, "-o", "draft.json"]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    assert main(["gate", "append", "draft.json"]) == main([*REJECT, *SECOND]) == 0
    capsys.readouterr()
    assert main(["gate", "exceptions", "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["kind"], one["until"], one["owner"]) == ("risk-decision", "2999-12-31T23:59:59Z", "Grace")
    assert (one["gate"], one["counts"], one["signers"]) == (None, True, ["approver", "security"])
    assert main(["gate", "exceptions"]) == 0
    assert "risk-decision" in capsys.readouterr().out


def test_one_person_does_not_bear_it_alone(project, capsys):
    refused(capsys, [*ACCEPT], "1 more of the people")
    assert main([*ACCEPT, "-o", "draft.json"]) == 0
    refused(capsys, ["gate", "append", "draft.json"], "1 more of the people")
    refused(capsys, ["gate", "cosign", "draft.json"], "approver has signed this already")


@pytest.mark.parametrize("role", ["producer", "scanner"])
def test_a_key_that_may_not_decide_does_not(project, capsys, role):
    refused(capsys, [*ACCEPT, "--key", f".hauberk/keys/{role}.pem", "-o", "d.json"], "may not sign risk-decision")
    assert not Path("d.json").exists()


def test_what_no_gate_asks_for_is_not_decided(project, capsys):
    refused(capsys, [*ACCEPT, "--name", "model/other", "-o", "d.json"], "asks for a risk-decision about model/other")
    edit(Path("policy.yaml"), NEEDED, "    require:\n")
    refused(capsys, [*REJECT], "asks for a risk-decision about model/small")


def test_whom_the_policy_does_not_name_does_not_decide(project, capsys):
    edit(Path("policy.yaml"), "[approver, security], at_least: 2", "[approver]")
    refused(capsys, [*ACCEPT, *SECOND], "does not let security sign this")


def test_a_draft_that_was_edited_is_refused(project, capsys):
    assert main([*ACCEPT, "-o", "draft.json"]) == 0
    body = json.loads(Path("draft.json").read_text())
    payload = body["envelopes"][0]["payload"]
    body["envelopes"][0]["payload"] = payload[:-12] + ("A" if payload[-12] != "A" else "B") + payload[-11:]
    Path("draft.json").write_text(json.dumps(body))
    for action in (["cosign", "draft.json", *SECOND], ["append", "draft.json"]):
        assert main(["gate", *action]) == 1
    assert recorded(project, RISK_DECISION) == []


HIDDEN = {
    "inputs": [{"name": "dataset/other", "digest": {"sha256": "1" * 64}}],
    "findings": [{"rule": "x", "severity": "critical", "location": {}, "saw": "y"}],
    "policy": {"name": "x", "digest": {"sha256": "1" * 64}},
}


@pytest.mark.parametrize("member", HIDDEN)
def test_nobody_signs_what_a_decision_says_beside_what_is_shown(project, capsys, member):
    assert main([*ACCEPT, "-o", "draft.json"]) == 0
    (said,) = cosigning.read(Path("draft.json").read_bytes()).statements
    more = replace(said, predicate={**said.predicate, member: HIDDEN[member]})
    Path("draft.json").write_bytes(cosigning.begin([more], open_signer(".hauberk/keys/approver.pem")).encode())
    for words in (["gate", "cosign", "draft.json", *SECOND], ["gate", "append", "draft.json"]):
        refused(capsys, words, f"it also speaks of {member}, which nobody is shown")


@pytest.mark.parametrize(
    ("option", "text", "what"),
    [
        ("--until", "2020-01-01", "is past"),
        ("--until", "soon", "is no day"),
        ("--risk", "two\nlines", "needs a risk, one printable line, not 'two\\nlines'"),
        ("--reason", " ", "needs a reason, one printable line, not ' '"),
        ("--owner", "", "needs an owner, one printable line, not ''"),
        ("--decision", "perhaps", "--decision"),
    ],
)
def test_words_that_decide_nothing_are_wrong_usage(project, capsys, option, text, what):
    words = list(ACCEPT)
    words[words.index(option) + 1] = text
    refused(capsys, [*words, "-o", "draft.json"], what, code=2)


def test_a_digest_that_is_revoked_is_not_decided_about(project, capsys):
    assert main([*ACCEPT, "-o", "draft.json"]) == main(["gate", "cosign", "draft.json", *SECOND]) == 0
    assert main(["gate", "revoke", str(digest_path("model")), "--reason", "stolen rows"]) == 0
    refused(capsys, ["gate", "append", "draft.json"], "is revoked")
