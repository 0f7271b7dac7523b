"""`hauberk data approve` in a project: what is signed, by whom, and which gate it opens and closes."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import decode, encode
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.sandbox import suites
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import DATA_CHECK, DATASET_MANIFEST, POLICY, REFUSAL
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.signature import jcs
from hauberk.statement import Named
from hauberk.verbs import data_check, data_suite
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_open import read_manifest

CHECKS = """\
schema: urn:hauberk:data-checks:v1
name: small-train
columns: [{name: amount, type: float}]
ranges: [{column: amount, min: 0, max: 100}]
"""
LEARN = 'import pathlib; pathlib.Path("model/model.joblib").write_bytes(b"\\x80\\x02N.")\n'
POLICY_OF_DATA = """\
schema: urn:hauberk:policy:v1
name: small
version: 9
gates:
  load:
    mode: enforce
    subject: model/small
    max_evidence_age_hours: 168
    permit_valid_minutes: 60
    require:
      - {predicate: slsa-provenance, signers: [producer]}
      - {predicate: data-check, on: {inputs: dataset}, signers: [approver]}
    boundaries: [source, environment]
    distinct_signers: [[producer, approver]]
"""


@pytest.fixture(autouse=True)
def _ready(fresh):
    Path("data/train.csv").write_text("amount\n1.5\n20\n3\n")
    Path("checks.yaml").write_text(CHECKS)
    make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))


def approve(*more, owner="Ada"):
    return dispatch(["data", "approve", "week.manifest", "--owner", owner, "--checks", "checks.yaml", *more])


def opened():
    return Log.open(open_project(".").ledger)


def about(thing, predicate):
    with opened() as log:
        return Book(log, Keyring(open_project("."), lambda _: None), None, clock.now).about(thing, predicate)


def data_set():
    return Named("dataset/small-train", (digest_path("data/train.csv"),))


def size():
    with opened() as log:
        return log.size


def test_the_producer_signs_what_the_data_are_and_the_approver_what_they_hold():
    assert approve() == 0
    (manifest,), (check,) = about(data_set(), DATASET_MANIFEST), about(data_set(), DATA_CHECK)
    keys = Keyring(open_project("."), lambda _: None)
    assert manifest.signers == (keys.signer("producer").public.keyid,)
    assert check.signers == (keys.signer("approver").public.keyid,)
    said, body = manifest.statement.predicate, check.statement.predicate
    rows = json.loads(Path("week.manifest").read_text())["rows"]
    assert said["manifest"] == body["manifest"] == str(digest_path("week.manifest"))
    assert said["rowsRoot"] == rows["root"]
    assert (body["result"], body["owner"], body["rows"]) == ("pass", "Ada", 3)
    assert [(one["rule"], one["result"]) for one in body["checks"]] == [("data-schema", "pass"), ("data-range", "pass")]
    assert body["policy"]["name"] == "small-train"


def test_a_manifest_that_is_recorded_is_not_recorded_again():
    assert approve() == approve(owner="Grace") == 0
    assert len(about(data_set(), DATASET_MANIFEST)) == 1
    assert len(about(data_set(), DATA_CHECK)) == 2


def test_a_check_that_fails_is_recorded_as_that():
    Path("checks.yaml").write_text(CHECKS.replace("max: 100", "max: 10"))
    assert approve() == 1
    (check,) = about(data_set(), DATA_CHECK)
    assert check.statement.predicate["result"] == "fail"
    assert [found["rule"] for found in check.statement.predicate["findings"]] == ["data-range"]


def test_a_check_that_cannot_be_computed_is_recorded_as_incomplete():
    Path("checks.yaml").write_text(CHECKS + "shift: [{columns: [amount]}]\n")
    assert approve() == 3
    (check,) = about(data_set(), DATA_CHECK)
    assert check.statement.predicate["result"] == "incomplete"


def test_other_data_than_the_manifests_are_refused_and_nothing_but_that_is_recorded(capsys):
    before = size()
    Path("data/train.csv").write_text("amount\n1.5\n20\n4\n")
    assert approve() == 1
    assert size() == before + 1
    assert about(data_set(), DATA_CHECK) == []
    assert "not those of the manifest small-train: other bytes in train.csv" in capsys.readouterr().err


def test_another_data_set_than_its_manifest_is_refused(capsys):
    Path("old.csv").write_text("amount\n1\n")
    make_manifest(("old.csv",), "old.manifest", Wanted("old", None))
    Path("old.csv").write_text("amount\n2\n")
    Path("checks.yaml").write_text(CHECKS + "duplicates: [{columns: [amount]}]\n")
    before = size()
    assert approve("--reference", "old.manifest") == 1
    assert size() == before
    assert "old has the digest" in capsys.readouterr().err


@pytest.mark.parametrize("owner", ["", " ", "two\nlines"])
def test_an_owner_is_one_line(owner):
    before = size()
    assert approve(owner=owner) == 2
    assert size() == before


def test_without_the_approvers_key_nothing_is_recorded(capsys):
    before = size()
    Path(".hauberk/keys/approver.pem").unlink()
    assert approve() == 3
    assert size() == before
    assert "approver.pem" in capsys.readouterr().err


def test_the_producer_cannot_approve():
    shutil.copy(".hauberk/keys/producer.pem", ".hauberk/keys/approver.pem")
    assert approve() == 1
    assert about(data_set(), DATA_CHECK) == []


def published(*, policy=False):
    project = open_project(".")
    with opened() as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        if policy:
            book.record("approver", POLICY, book.standing.realm.subject, project.read_policy().predicate)
        publish_all(project, book)


def test_a_model_that_was_trained_on_data_that_nobody_approved_stays_closed(capsys):
    Path("policy.yaml").write_text(POLICY_OF_DATA)
    Path("learn.py").write_text(LEARN)
    shutil.rmtree("model", ignore_errors=True)
    words = ["train", "--data", "week.manifest", "--sandbox", "off", "--", sys.executable, "learn.py"]
    assert dispatch(words) == 0
    published(policy=True)
    capsys.readouterr()
    assert dispatch(["gate", "load", "model"]) == 1
    assert "dataset/small-train data-check.present" in capsys.readouterr().out
    assert approve() == 0
    published()
    capsys.readouterr()
    assert dispatch(["gate", "load", "model"]) == 0, capsys.readouterr().out


def test_data_whose_checks_failed_keep_the_model_closed(capsys):
    Path("checks.yaml").write_text(CHECKS.replace("max: 100", "max: 10"))
    Path("policy.yaml").write_text(POLICY_OF_DATA)
    Path("learn.py").write_text(LEARN)
    assert approve() == 1
    assert dispatch(["train", "--data", "week.manifest", "--sandbox", "off", "--", sys.executable, "learn.py"]) == 0
    published(policy=True)
    capsys.readouterr()
    assert dispatch(["gate", "load", "model"]) == 1
    assert "dataset/small-train data-check.result" in capsys.readouterr().out
    Path("checks.yaml").write_text(CHECKS)
    assert approve() == 0
    published()
    assert dispatch(["gate", "load", "model"]) == 1  # a later pass takes back no failure: law 3


def refused(capsys, *more, exit_code=1, says):
    """Expect that an approval is refused, and that nothing is signed but that; what differs is a refusal."""
    before, thing = size(), Named("dataset/small-train", (read_manifest("week.manifest").digest,))
    refusals = len(about(thing, REFUSAL))
    assert approve(*more) == exit_code
    assert says in capsys.readouterr().err
    assert size() - before == len(about(thing, REFUSAL)) - refusals == says.startswith("the rows are not")


def test_a_manifest_with_the_rows_of_another_week_is_not_signed(capsys):
    old = make_manifest(("data/train.csv",), "old.manifest", Wanted("small-train", None))
    Path("data/train.csv").write_text("amount\n1.5\n99\n3\n")
    new = make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))
    Path("week.manifest").write_bytes(encode(replace(new, rows=old.rows)))
    shutil.copy("old.manifest.rows", "week.manifest.rows")
    assert dispatch(["data", "diff", "old.manifest", "week.manifest"]) == 0  # which reads no data
    refused(capsys, says="the rows are not those of the manifest small-train: other root, sha256")


LIES = {
    "its kind": {"notes.txt": {"kind": "image"}},
    "its size": {"notes.txt": {"size": 7}},
    "whose rows they are": {"more.csv": {"rows": 2}, "train.csv": {"rows": 2}},
}


@pytest.mark.parametrize("about_what", LIES)
def test_a_manifest_that_lies_about_a_file_is_not_signed(about_what, capsys):
    Path("notes.txt").write_text("about")
    Path("more.csv").write_text("amount\n4\n")
    new = make_manifest(("data/train.csv", "more.csv", "notes.txt"), "week.manifest", Wanted("small-train", None))
    assert approve() == 0
    files = tuple(replace(file, **LIES[about_what].get(file.path, {})) for file in new.files)
    Path("week.manifest").write_bytes(encode(replace(new, files=files)))
    refused(capsys, says="the rows are not those of the manifest small-train: other files")


def test_what_is_signed_is_the_manifest_that_was_read(monkeypatch):
    wanted = str(digest_path("week.manifest"))

    def swapped(data):
        Path("week.manifest").write_bytes(b"another")
        return decode(data)

    monkeypatch.setattr("hauberk.verbs.data_open.decode", swapped)
    assert approve() == 0
    for predicate in (DATASET_MANIFEST, DATA_CHECK):
        (found,) = about(data_set(), predicate)
        assert found.statement.predicate["manifest"] == wanted


def test_rows_with_a_salt_are_made_again_with_it(capsys):
    made = ["data", "manifest", "data/train.csv", "-o", "week.manifest", "--name", "small-train", "--key", "amount"]
    assert dispatch([*made, "--source", "amount"]) == 0
    assert approve() == 0
    Path("other.salt").write_text(f"hauberk-salt-1 {'0' * 64}\n")
    Path("other.salt").chmod(0o600)
    refused(capsys, "--salt", "other.salt", exit_code=2, says="is not the salt of small-train")
    refused(capsys, "--salt", "no.salt", exit_code=3, says="no.salt")


def test_rows_of_persons_are_made_again_with_their_salts(capsys):
    made = ["data", "manifest", "data/train.csv", "-o", "week.manifest", "--name", "small-train", "--person", "amount"]
    assert dispatch([*made, "--person-salts", "mine.persons"]) == 0
    assert approve("--person-salts", "mine.persons") == 0
    assert dispatch(["data", "manifest", "data/train.csv", "-o", "o", "--person", "amount"]) == 0
    refused(capsys, exit_code=2, says="holds other salts")
    erase = ["data", "erase", "week.manifest", "data/train.csv", "--person-id", "20", "-o", "erased.json"]
    assert dispatch([*erase, "--person-salts", "mine.persons"]) == 0
    refused(capsys, "--person-salts", "mine.persons", says="1 person without a salt")


def test_images_are_approved_as_rows():
    Path("pictures/cat").mkdir(parents=True)
    Path("pictures/cat/1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    make_manifest(("pictures",), "week.manifest", Wanted("small-train", None))
    Path("checks.yaml").write_text("schema: urn:hauberk:data-checks:v1\nname: small-train\nrows: [{min: 1}]\n")
    assert approve() == 0


# suites of other programs; these are fakes, the programs themselves are in tests/frameworks/test_suites.py

SUITE = '{"name": "week", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "amount"}}]}'
SAID = {"version": "1.24.1", "pandas": "3.1.1", "rows": 3, "success": True, "answers": [["pass", None, None, None, ""]]}


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """Put a program that gives this answer in the place of the one that runs suites."""
    Path("suite.json").write_text(SUITE)

    def answers(**changes):
        script = tmp_path / "judge.py"
        script.write_text(f"import os; os.write(1, {json.dumps(SAID | changes).encode()!r})")
        monkeypatch.setattr(suites, "JUDGE", script)
        monkeypatch.setattr(data_suite, "require_tool", lambda _: None)

    return answers


def approve_by_suite(*more):
    return dispatch(["data", "approve", "week.manifest", "--owner", "Ada", "--suite", "suite.json", *more])


def test_what_a_suite_said_is_signed(judged, capsys):
    judged()
    assert approve_by_suite() == 0
    ((check,), (manifest,)) = about(data_set(), DATA_CHECK), about(data_set(), DATASET_MANIFEST)
    body = check.statement.predicate
    assert body["result"] == "pass"
    assert body["policy"] is None
    assert body["manifest"] == manifest.statement.predicate["manifest"]
    assert body["checks"] == [{"check": "suites[0]", "rule": "data-suite", "result": "pass"}]
    (suite,) = body["suites"]
    assert suite == {
        "name": "week",
        "digest": str(sha256(jcs.encode(json.loads(SUITE)))),
        "tool": {"name": "great_expectations", "version": "1.24.1", "pandas": "3.1.1"},
        "sandbox": suites.walls_missing() == "",
        "result": "pass",
        "expectations": [
            {"expectation": "expectations[0] expect_column_to_exist amount", "result": "pass", "saw": "holds"}
        ],
    }
    assert f"judged by week, {suite['digest']}" in capsys.readouterr().out


def test_a_suite_that_fails_is_signed_as_that(judged):
    judged(success=False, answers=[["fail", 2, 3, 1, ""]])
    assert approve_by_suite("--checks", "checks.yaml") == 1
    (check,) = about(data_set(), DATA_CHECK)
    body = check.statement.predicate
    assert body["result"] == body["suites"][0]["result"] == "fail"
    (found,) = body["findings"]
    seen = "expectations[0] expect_column_to_exist amount: 2 of 3 values do not hold; the first is in row 1"
    assert (found["rule"], found["saw"]) == ("data-suite", f"great_expectations: {seen}")


def test_a_suite_that_fails_as_a_whole_and_nowhere_fails(judged):
    judged(success=False)
    assert approve_by_suite() == 1
    (check,) = about(data_set(), DATA_CHECK)
    assert "the suite as a whole: does not hold" in check.statement.predicate["findings"][0]["saw"]


def test_a_suite_that_says_success_where_something_fails_fails(judged):
    judged(answers=[["fail", None, None, None, "absent"]])
    assert approve_by_suite() == 1


@pytest.mark.parametrize("changes", [{"rows": 2}, {"answers": []}, {"failed": "it raised"}])
def test_a_suite_that_was_not_judged_whole_is_incomplete(judged, changes):
    judged(**changes)
    assert approve_by_suite("--checks", "checks.yaml") == 3
    (check,) = about(data_set(), DATA_CHECK)
    body = check.statement.predicate
    assert body["result"] == body["suites"][0]["result"] == "incomplete"
    assert [one["result"] for one in body["suites"][0]["expectations"]] == ["incomplete"]


def test_where_a_file_cannot_be_read_no_suite_is_judged(judged):
    judged()
    Path("cut.parquet").write_bytes(b"PAR1 cut")
    with data_suite.rehearsal() as rehearsed:
        found = data_check.check_data(None, ("data/train.csv", "cut.parquet"), (), now=0, also=rehearsed.add)
        suite = data_suite.open_suite("suite.json")
        (one,) = rehearsed.judge((suite,), unread=found.unchecked[0].detail)
    assert rehearsed.rows == 3
    assert one.result == "incomplete"
    assert "cut.parquet" in one.unchecked[0].detail


def test_files_with_other_columns_are_judged_by_no_suite(judged):
    judged()
    Path("other.csv").write_text("price\n1\n")
    with data_suite.rehearsal() as rehearsed:
        data_check.check_data(None, ("data/train.csv", "other.csv"), (), now=0, also=rehearsed.add)
        (one,) = rehearsed.judge((data_suite.open_suite("suite.json"),), unread="")
    assert "other columns" in one.unchecked[0].detail


def test_other_data_than_the_manifests_are_judged_by_no_suite(judged, capsys):
    judged()
    approved = data_set()
    Path("data/train.csv").write_text("amount\n1.5\n20\n4\n")
    assert approve_by_suite() == 1
    assert about(approved, DATA_CHECK) == about(data_set(), DATA_CHECK) == []
    assert "not those of the manifest" in capsys.readouterr().err


def test_an_approval_asks_for_something(capsys):
    assert dispatch(["data", "approve", "week.manifest", "--owner", "Ada"]) == 2
    assert "--checks checks.yaml, or --suite suite.json" in capsys.readouterr().err


def test_a_suite_with_what_is_not_run_is_refused_before_anything_is_read(judged, capsys):
    judged()
    before = size()
    Path("suite.json").write_text(SUITE.replace("expect_column_to_exist", "unexpected_rows_expectation"))
    assert approve_by_suite("--checks", "checks.yaml") == 2
    assert size() == before
    assert "unexpected_rows_expectation" in capsys.readouterr().err


def test_without_a_sandbox_that_is_said_and_signed(judged, monkeypatch, capsys):
    judged()
    monkeypatch.setattr(suites, "available", lambda: "bubblewrap is not installed")
    assert approve_by_suite() == 0
    (check,) = about(data_set(), DATA_CHECK)
    assert check.statement.predicate["suites"][0]["sandbox"] is False
    assert "suites run without a sandbox" in capsys.readouterr().err


def gated(capsys, digest):
    """Train, publish, and return what a gate says that wants data judged by this."""
    Path("policy.yaml").write_text(
        POLICY_OF_DATA.replace("[approver]}\n    b", f"[approver], judged_by: '{digest}'}}\n    b")
    )
    Path("learn.py").write_text(LEARN)
    shutil.rmtree("model", ignore_errors=True)
    words = ["train", "--data", "week.manifest", "--sandbox", "off", "--", sys.executable, "learn.py"]
    assert dispatch(words) == 0
    published(policy=True)
    capsys.readouterr()
    code = dispatch(["gate", "load", "model"])
    return code, capsys.readouterr().out  # in columns, whose lines are wrapped


def test_a_gate_that_names_a_suite_opens_for_data_that_it_judged(judged, capsys):
    judged()
    assert approve_by_suite() == 0
    code, said = gated(capsys, sha256(jcs.encode(json.loads(SUITE))))
    assert code == 0, said


def test_a_gate_that_names_checks_opens_for_data_that_they_judged(capsys):
    assert approve() == 0
    (check,) = about(data_set(), DATA_CHECK)
    code, said = gated(capsys, f"sha256:{check.statement.predicate['policy']['digest']['sha256']}")
    assert code == 0, said


def test_a_gate_that_names_a_suite_stays_closed_for_data_that_another_judged(judged, capsys):
    judged()
    assert approve_by_suite("--checks", "checks.yaml") == 0
    wanted = sha256(jcs.encode(json.loads(SUITE.replace("week", "year"))))
    code, said = gated(capsys, wanted)
    assert code == 1
    assert "check.present" in said
    assert "judged by" in said


def test_a_gate_that_names_a_suite_stays_closed_for_data_that_it_could_not_judge(judged, capsys):
    judged(failed="it raised")
    assert approve_by_suite() == 3
    code, said = gated(capsys, sha256(jcs.encode(json.loads(SUITE))))
    assert code == 1
    assert "check.present" in said
    assert "check.result" in said
