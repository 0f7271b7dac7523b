"""`hauberk gate excuse`: an exception for a statement about data, what it opens, and what is no exception."""

import shutil
import sys
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import DATA_CHECK, EXCEPTION, POLICY
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.statement import Named
from hauberk.verbs.data_manifest import Wanted, make_manifest

CHECKS = "schema: urn:hauberk:data-checks:v1\nname: c\nranges: [{column: amount, max: 10}]\n"
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
"""
WHY = ("--owner", "Grace", "--until", "2999-12-31", "--reason", "a price in cents")


@pytest.fixture(autouse=True)
def failed(fresh):
    """Train on data whose checks failed, under a policy that asks for them."""
    Path("data/train.csv").write_text("amount\n1.5\n20\n3\n")
    Path("checks.yaml").write_text("columns: [{name: amount, type: float}]\n" + CHECKS)
    Path("policy.yaml").write_text(POLICY_OF_DATA)
    Path("learn.py").write_text('import pathlib; pathlib.Path("model/model.joblib").write_bytes(b"\\x80\\x02N.")\n')
    make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))
    assert dispatch(["data", "approve", "week.manifest", "--owner", "Ada", "--checks", "checks.yaml"]) == 1
    shutil.rmtree("model", ignore_errors=True)
    words = ["train", "--data", "week.manifest", "--sandbox", "off", "--", sys.executable, "learn.py"]
    assert dispatch(words) == 0
    project = open_project(".")
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        book.record("approver", POLICY, book.standing.realm.subject, project.read_policy().predicate)
        publish_all(project, book)


def about(predicate):
    with Log.open(open_project(".").ledger) as log:
        thing = Named("dataset/small-train", (digest_path("data/train.csv"),))
        return Book(log, Keyring(open_project("."), lambda _: None), None, clock.now).about(thing, predicate)


def failing():
    (check,) = about(DATA_CHECK)
    return check.id


def gate():
    return dispatch(["gate", "load", "model"])


def test_an_exception_for_a_check_of_data_opens_the_gate_and_is_named(capsys):
    assert gate() == 1
    assert dispatch(["gate", "excuse", str(failing()), *WHY]) == 0
    assert "excused until 2999-12-31T23:59:59Z: the data-check sha256:" in capsys.readouterr().out
    assert gate() == 0
    assert "exception by Grace" in " ".join(capsys.readouterr().out.split())
    (said,) = about(EXCEPTION)
    assert said.statement.predicate == {
        "statement": str(failing()),
        "owner": "Grace",
        "until": "2999-12-31T23:59:59Z",
        "reason": "a price in cents",
    }


def test_the_digits_that_a_gate_prints_are_enough():
    assert dispatch(["gate", "excuse", failing().hex[:12], *WHY]) == 0
    assert gate() == 0


def test_an_exception_excuses_the_statement_and_not_the_next_one():
    assert dispatch(["gate", "excuse", str(failing()), *WHY]) == 0
    assert dispatch(["data", "approve", "week.manifest", "--owner", "Eve", "--checks", "checks.yaml"]) == 1
    project = open_project(".")
    with Log.open(project.ledger) as log:
        publish_all(project, Book(log, Keyring(project, lambda _: None), None, clock.now))
    assert gate() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--until": "2001-01-01"}, "is past"),
        ({"--until": "soon"}, "is no day"),
        ({"--until": "2999-13-01"}, "is no day"),
        ({"--owner": " "}, "needs an owner"),
        ({"--reason": "two\nlines"}, "needs a reason"),
    ],
)
def test_an_exception_has_an_owner_a_reason_and_an_end(change, says, capsys):
    words = dict(zip(WHY[::2], WHY[1::2], strict=True)) | change
    given = [word for pair in words.items() for word in pair]
    assert dispatch(["gate", "excuse", str(failing()), *given]) == 2
    assert says in capsys.readouterr().err
    assert about(EXCEPTION) == []


@pytest.mark.parametrize(("statement", "says"), [("0" * 12, "no statement of the ledger"), ("x", "is no statement")])
def test_there_is_such_a_statement(statement, says, capsys):
    assert dispatch(["gate", "excuse", statement, *WHY]) == 2
    assert says in capsys.readouterr().err


def test_what_passes_is_not_excused(capsys):
    Path("checks.yaml").write_text("columns: [{name: amount, type: float}]\n" + CHECKS.replace("10", "100"))
    assert dispatch(["data", "approve", "week.manifest", "--owner", "Ada", "--checks", "checks.yaml"]) == 0
    passing = next(check.id for check in about(DATA_CHECK) if check.statement.predicate["result"] == "pass")
    assert dispatch(["gate", "excuse", str(passing), *WHY]) == 2
    assert "nothing to excuse" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["producer", "scanner"])
def test_nobody_but_the_approver_excuses(role):
    statement = failing()
    shutil.copy(f".hauberk/keys/{role}.pem", ".hauberk/keys/approver.pem")
    assert dispatch(["gate", "excuse", str(statement), *WHY]) == 1
    assert about(EXCEPTION) == []
    assert gate() == 1
