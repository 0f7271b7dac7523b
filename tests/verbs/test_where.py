"""`hauberk ledger where`: whom a changed table concerns, told from the statements of a real run."""

from dataclasses import replace

import pytest

from hauberk.callables.versions import DANGEROUS, tables
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.verbs.where import Question, where
from projects import go, small_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("where") / "small")
    go(folder)
    return folder


def asked(project, question=Question(), known=None, now=None):  # noqa: B008 - frozen
    opened = open_project(project)
    with Log.open(opened.ledger, read_only=True) as log:
        time = log.entries()[-1].time if now is None else now
        return where(log, trust=opened.read_trust(), tables=known or tables(), asked=question, now=time)


def newer(source):
    return tuple(replace(one, digest=sha256(b"new")) if one.source == source else one for one in tables())


def test_each_table_has_a_release_and_a_digest():
    assert {one.source for one in tables()} >= {"stdlib", "numpy", "sklearn", DANGEROUS}
    assert len({one.digest for one in tables()}) == len(tables())
    assert next(one for one in tables() if one.source == "numpy").release.startswith("numpy ")


def test_a_model_that_the_installed_tables_judged_is_not_concerned(project):
    assert asked(project) == ()


def test_a_model_that_an_older_table_judged_is(project):
    (one,) = asked(project, known=newer("numpy"))
    assert one.label.startswith("model/")
    assert len(one.why) == 1
    assert one.why[0].startswith("numpy: judged by numpy ")
    assert one.why[0].endswith(", changed")


def test_a_table_that_it_did_not_have_is_said(project):
    (one,) = asked(project, known=(*tables(), replace(tables()[0], source="brand-new")))
    assert one.why == (f"brand-new: judged by no such table, installed is {tables()[0].release}",)


def test_another_table_does_not_concern_it(project):
    assert asked(project, Question(table="numpy"), known=newer("scipy")) == ()
    assert asked(project, Question(table="scipy"), known=newer("scipy"))


def test_a_rule_that_was_not_broken_concerns_nobody(project):
    assert asked(project, Question(rule="pickle-runs-process"), known=newer("numpy")) == ()


def test_a_callable_may_be_in_a_model_that_an_older_table_judged(project):
    assert asked(project, Question(callable="numpy.dtype")) == ()
    (one,) = asked(project, Question(callable="numpy.dtype"), known=newer("numpy"))
    assert one.why[0].startswith("it may use numpy.dtype: numpy: judged by")


def test_a_scan_that_expired_is_one_to_make_again(project):
    (one,) = asked(project, now=4_000_000_000)
    assert "its scan has expired" in one.why


def test_the_verb_says_it_in_its_exit_code(project, capsys):
    assert main(["ledger", "where", "--project", str(project)]) == 0
    assert capsys.readouterr().out == "no model of the ledger is concerned\n"
    assert main(["ledger", "where", "--project", str(project), "--table", "nunpy"]) == 2


def test_a_revoked_model_is_left_out(project):
    (one,) = asked(project, known=newer("numpy"))
    assert main(["gate", "revoke", str(one.digest), "--reason", "leaked", "--project", str(project)]) == 0
    assert asked(project, known=newer("numpy")) == ()
