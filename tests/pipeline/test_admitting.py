"""The gate `train`: on data that nobody approved, or whose approval was taken back, no command starts."""

import sys

import pytest

from hauberk.cli.main import main
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused
from hauberk.evidence.predicates import SUMMARY
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse
from projects import approve_tumours, edit, go, only_refusal, trained_within


def make_manifest(folder, name):
    (folder / f"{name}.manifest").unlink()
    (folder / f"{name}.manifest.rows").unlink()
    words = ["data", "manifest", f"data/{name}.csv", "-o", f"{name}.manifest", "--name", f"tumour-{name}"]
    assert main(words) == 0


def answers(folder, digest):
    """Return what the gate said about a digest, as the ledger has it."""
    with Log.open(folder / ".hauberk" / "ledger", read_only=True) as log:
        said = [dsse.decode_envelope(log.envelope(entry)) for entry in log.entries_about(digest)]
    statements = [dsse.decode_statement(envelope.payload) for envelope in said]
    return [s.predicate["verificationResult"] for s in statements if s.predicate_type == SUMMARY.type]


def test_data_of_a_manifest_that_nobody_approved_are_not_trained_on(tumour):
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    make_manifest(tumour, "train")
    model = digest_path(tumour / "model")
    with pytest.raises(Refused, match="nothing may learn from dataset/tumour-train") as caught:
        go(tumour)
    assert "data approve" in caught.value.hint
    assert {reason.rule for reason in caught.value.verdict.reasons} == {"data-check.present"}
    found = only_refusal(tumour)
    assert [thing.digests for thing in found.subjects if thing.label == "dataset/tumour-train"] == [
        (digest_path(tumour / "data" / "train.csv"),)
    ]
    assert (found.predicate["act"], found.predicate["refusedFor"]) == ("train", "not-approved")
    assert digest_path(tumour / "model") == model
    assert answers(tumour, digest_path(tumour / "data" / "train.csv")) == ["FAILED"]


def test_once_approved_they_are(tumour):
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    approve_tumours(tumour, "train")
    assert "train" in go(tumour).ran
    assert trained_within(tumour)[-1]["admittedBy"] == str(open_project(tumour).read_policy().digest)
    assert answers(tumour, digest_path(tumour / "data" / "train.csv")) == ["PASSED"]
    assert main(["gate", "load", "model/"]) == 0


def test_data_whose_checks_failed_are_not_trained_on(tumour):
    edit(tumour / "data" / "train.csv", "20.57,", "99999,")
    with pytest.raises(AssertionError):  # `data approve` says no, and signs that
        approve_tumours(tumour, "train")
    with pytest.raises(Refused, match=r"data-check\.result: saw fail"):
        go(tumour)


def test_data_that_were_revoked_are_not_trained_on_again(tumour):
    digest = digest_path(tumour / "data" / "train.csv")
    assert main(["gate", "revoke", str(digest), "--reason", "from the wrong clinic"]) == 0
    edit(tumour / "train.py", "C=0.03", "C=0.04")
    with pytest.raises(Refused, match="not-revoked"):
        go(tumour)
    assert only_refusal(tumour).predicate["refusedFor"] == "not-approved"


def test_a_gate_that_only_warns_says_so_and_lets_the_run_go_on(tumour):
    edit(tumour / "policy.yaml", "mode: enforce                       #", "mode: warn  #")
    edit(tumour / "policy.yaml", "version: 1", "version: 2")
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    make_manifest(tumour, "train")
    heard = go(tumour)
    assert any("would be closed for dataset/tumour-train" in notice for notice in heard.notices)
    assert heard.how["train"] == "ran"
    assert main(["gate", "load", "model/"]) == 1  # the model's own gate still asks for the approval


def test_the_gate_is_asked_by_hand(tumour, capsys):
    assert main(["gate", "train", "train.manifest=data/train.csv"]) == 0
    assert "ALLOWED  train of dataset/tumour-train" in capsys.readouterr().out
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    assert main(["gate", "train", "train.manifest=data/train.csv"]) == 1
    assert "nobody approved these bytes" in capsys.readouterr().out


def train_by_hand(folder, *words):
    command = ["train", "--data", f"train.manifest={folder / 'data' / 'train.csv'}", "--output", "out", *words]
    return main([*command, "--sandbox", "off", "--", sys.executable, "-c", "open('out/m', 'w').write('x')"])


def test_train_by_hand_asks_it_too(tumour, capsys):
    assert train_by_hand(tumour) == 0
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    make_manifest(tumour, "train")
    (tumour / "out" / "m").unlink()
    assert train_by_hand(tumour) == 1
    assert "nothing may learn from dataset/tumour-train" in capsys.readouterr().err
    assert only_refusal(tumour).predicate["refusedFor"] == "not-approved"
    assert not any((tumour / "out").iterdir())


def without_gate(folder, *, name="tumour"):
    """Take the gate out of the policy as it is written, in a project that holds no key that may approve it."""
    edit(folder / "hauberk.yaml", '  approver: "file:.hauberk/keys/approver.pem"\n', "")
    edit(folder / "policy.yaml", "  train: ", "  learn: ")
    edit(folder / "policy.yaml", "name: tumour", f"name: {name}")
    assert "train" not in open_project(folder).read_policy().gates


@pytest.mark.parametrize(
    ("name", "says"), [("tumour", "is not approved"), ("other", "has no gate train, and the approved policy tumour")]
)
def test_an_edit_that_takes_the_gate_away_lets_nothing_start(tumour, capsys, name, says):
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    make_manifest(tumour, "train")
    without_gate(tumour, name=name)
    assert train_by_hand(tumour) == 1
    assert says in capsys.readouterr().err
    assert not (tumour / "out").exists() or not any((tumour / "out").iterdir())
    with pytest.raises(Refused, match=says):
        go(tumour)


def test_without_such_a_gate_train_by_hand_says_that_nobody_was_asked(small, capsys):
    assert main(["data", "manifest", "data/train.csv", "-o", "set.manifest"]) == 0
    words = ["train", "--data", "set.manifest", "--output", "out", "--sandbox", "off", "--"]
    assert main([*words, sys.executable, "-c", "open('out/m', 'w').write('x')"]) == 0
    assert "whether somebody approved these data was not asked" in capsys.readouterr().err
