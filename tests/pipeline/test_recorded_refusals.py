"""What was refused stands in the ledger: about which data, for what, and nothing of it opens or closes a gate."""

import sys
from pathlib import Path

import pytest

from hauberk.cli.main import main
from hauberk.edge.sources import digest_path
from hauberk.errors import HauberkError, Misconfigured, NotVerified, Refused
from hauberk.policy.policy import Policy
from hauberk.refused_for import RefusedFor
from projects import edit, go, only_refusal, refusals


@pytest.fixture
def order(small):
    """Train by hand on the data of a manifest, without a sandbox."""
    assert main(["data", "manifest", "data/train.csv", "-o", "set.manifest", "--name", "numbers"]) == 0

    def run(script, *more):
        words = ["train", "--data", "set.manifest", "--output", "out", "--sandbox", "off", "--"]
        return main([*words[:-1], *more, "--", sys.executable, "-c", script])

    return run


def test_data_that_differ_are_refused_and_recorded(small, order):
    approved = digest_path("data/train.csv")
    (small / "data" / "train.csv").write_text("1\n2\n4\n")
    assert order("") == 1
    found = only_refusal(small)
    assert [(thing.label, thing.digests) for thing in found.subjects] == [("dataset/numbers", (approved,))]
    assert (found.predicate["act"], found.predicate["refusedFor"]) == ("train", "data-differ")
    assert str(digest_path("data/train.csv")) in found.predicate["saw"]


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("raise SystemExit(3)", "command-failed"),
        ("pass", "nothing-written"),
        ("open('out/m', 'w').write('x'); open('data/train.csv', 'a').write('9\\n')", "input-changed"),
        ("open('out/m', 'w').write('x'); import os; os.unlink('data/train.csv')", "input-changed"),
        ("open('out/m', 'w').write('x'); import os; os.unlink('data/train.csv'); os.mkdir('data/train.csv')", "input-changed"),
    ],
)  # fmt: skip
def test_a_command_that_is_refused_is_recorded_with_its_words(small, order, script, named):
    assert order(script) == 1
    found = only_refusal(small).predicate
    assert found["refusedFor"] == named
    assert found["command"] == [sys.executable, "-c", script]


WRITES = "import os; open('out/m', 'w').write('x'); "
METRICS = ("--metrics", "m.json", "--expect", "recall>=0.9")


@pytest.mark.parametrize(
    ("script", "more", "named"),
    [
        (f"{WRITES}os.symlink('/etc/hostname', 'out/link')", (), "unfit-output"),
        (f"{WRITES}os.mkfifo('out/pipe')", (), "unfit-output"),
        ("import os; os.mkfifo('out/pipe')", (), "unfit-output"),
        ("import os; os.rmdir('out')", (), "unfit-output"),
        (WRITES, METRICS, "metrics-missing"),
        (f"{WRITES}open('out/m.json', 'w').write('recall')", METRICS, "metrics-missing"),
        (f"{WRITES}open('out/m.json', 'w').write('[0.95]')", METRICS, "metrics-missing"),
        (f"{WRITES}open('out/m.json', 'w').write('{{}}')", METRICS, "metrics-missing"),
        (f"""{WRITES}open('out/m.json', 'w').write('{{"recall": "0.95"}}')""", METRICS, "metrics-missing"),
        (f"{WRITES}open('out/m.json', 'w').write(' ' * (2 << 20))", METRICS, "metrics-missing"),
    ],
)
def test_an_output_that_is_no_model_is_recorded(small, order, script, more, named):
    assert order(script, *more) in (1, 3)
    assert only_refusal(small).predicate["refusedFor"] == named


def test_metrics_that_change_after_they_were_hashed_are_recorded(small, order, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_metrics.read_file", lambda _path, *, limit: b'{"recall": 1}')
    assert order(f"{WRITES}open('out/m.json', 'w').write('{{}}')", *METRICS) == 1
    assert only_refusal(small).predicate["refusedFor"] == "unfit-output"


def test_a_lock_file_that_changes_before_anything_starts_is_recorded(small, order, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_source.read_file", lambda _path, *, limit: b"numpy==2.0.0")
    assert order(WRITES) == 1
    assert only_refusal(small).predicate["refusedFor"] == "input-changed"
    assert not (small / "out").exists()


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("Path('model/model.joblib').write_text('x')", "unfit-output"),
        ("Path('model/link').symlink_to('/etc/hostname')", "unfit-output"),
        ("import os; os.mkfifo('model/pipe')", "unfit-output"),
        ("import shutil; shutil.rmtree('model')", "unfit-output"),
        ("Path('model/model.joblib').unlink()", "nothing-written"),
    ],
)
def test_a_model_of_the_project_that_is_none_is_recorded(small, written, named):
    with (small / "train.py").open("a") as script:
        script.write(f"{written}\n")
    with pytest.raises(HauberkError):
        go(small)
    assert only_refusal(small).predicate["refusedFor"] == named


def test_a_command_that_never_ends_is_recorded_without_a_sandbox_too(small, order, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_run.SECONDS_A_MINUTE", 0.01)
    assert order("import time; time.sleep(100)") == 3
    assert only_refusal(small).predicate["refusedFor"] == "out-of-time"


def test_a_mistake_of_the_person_is_no_refusal(small, order):
    (small / "out").mkdir()
    (small / "out" / "before").write_text("x")
    assert order("") == 2
    assert refusals(small) == []


def test_a_run_of_the_project_is_recorded_too(small):
    edit(small / "train.py", "import pickle", "import pickle\nraise SystemExit(7)")
    with pytest.raises(Refused):
        go(small)
    found = only_refusal(small)
    assert [thing.label for thing in found.subjects] == ["dataset/small-train"]
    assert found.predicate["refusedFor"] == "command-failed"
    assert found.predicate["command"] == ["python", "train.py"]


def test_an_input_that_a_run_changes_and_puts_back_is_recorded(small):
    back = "path = Path('data/train.csv'); kept = path.read_bytes(); path.write_text('9'); path.write_bytes(kept)\n"
    with (small / "train.py").open("a") as script:
        script.write(back)
    with pytest.raises(NotVerified, match="dataset/small-train changed while the command ran, and was put back"):
        go(small)
    assert only_refusal(small).predicate["refusedFor"] == "input-changed"


@pytest.mark.parametrize("path", ["data/train.csv", "train.py", "requirements.lock"])
def test_an_input_that_a_run_removes_is_recorded(small, path):
    with (small / "train.py").open("a") as script:
        script.write(f"Path('{path}').unlink()\n")
    with pytest.raises(NotVerified, match=r"changed while the command ran$"):
        go(small)
    assert only_refusal(small).predicate["refusedFor"] == "input-changed"


def test_a_run_on_other_data_than_the_manifest_is_recorded(tumour):
    approved = digest_path("data/train.csv")
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    with pytest.raises(NotVerified):
        go(tumour)
    assert only_refusal(tumour).subjects[0].digests == (approved,)


def test_an_approval_of_other_bytes_is_recorded_by_the_approver(tumour):
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    words = ["data", "approve", "train.manifest=data/train.csv", "--owner", "Ada", "--checks", "checks.yaml"]
    assert main([*words, "--reference", "other=data/holdout.csv"]) == 1
    found = only_refusal(tumour).predicate
    assert (found["act"], found["refusedFor"]) == ("approve", "data-differ")


def test_a_recorded_refusal_closes_no_gate(tumour):
    edit(tumour / "data" / "train.csv", "20.57", "20.75")
    with pytest.raises(NotVerified):
        go(tumour)
    edit(tumour / "data" / "train.csv", "20.75", "20.57")
    go(tumour)
    assert main(["gate", "load", "model/"]) == 0


def test_a_policy_cannot_ask_for_a_refusal(tumour):
    text = {"predicate": "refusal", "signers": ["producer"]}
    with pytest.raises(Misconfigured, match="no evidence is called 'refusal'"):
        Policy.of(
            {
                "schema": "urn:hauberk:policy:v1",
                "name": "p",
                "version": 1,
                "gates": {
                    "train": {
                        "mode": "enforce",
                        "subject": "dataset/*",
                        "max_evidence_age_hours": 1,
                        "permit_valid_minutes": 1,
                        "require": [text],
                    }
                },
            }
        )


def test_a_refusal_stays_one_where_it_cannot_be_recorded(order, capsys):
    assert order("import shutil; shutil.rmtree('.hauberk/ledger'); raise SystemExit(3)") == 1
    said = capsys.readouterr().err
    assert "the command ended with 3" in said
    assert "this refusal could not be recorded" in said


def test_each_refusal_has_a_line_in_the_documentation():
    page = (Path(__file__).parents[2] / "docs" / "train.md").read_text()
    assert [str(name) for name in RefusedFor if f"`{name}`" not in page] == []
