"""`hauberk train` in a project: what it adds to the ledger, and who signs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import BOUNDARY, PROVENANCE, REFUSAL, TEST_RESULT, edges
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse
from hauberk.statement import Named
from hauberk.verbs.data_manifest import Wanted, make_manifest

SCRIPT = """\
import json
from pathlib import Path
Path("model/m.json").write_text(json.dumps({"recall": 0.9, "rows": len(Path("data/train.csv").read_text())}))
"""


@pytest.fixture(autouse=True)
def _ready(fresh):
    Path("learn.py").write_text(SCRIPT)
    make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))
    shutil.rmtree("model", ignore_errors=True)


def train(*more):
    return dispatch(["train", "--data", "week.manifest", "--sandbox", "off", *more, "--", sys.executable, "learn.py"])


def about(thing, predicate):
    with Log.open(open_project(".").ledger) as log:
        return Book(log, Keyring(open_project("."), lambda _: None), None, clock.now).about(thing, predicate)


def test_the_producer_signs_where_the_model_came_from():
    assert train("--metrics", "m.json", "--expect", "recall>=0.9") == 0
    project = open_project(".")
    model = Named(project.label, (digest_path("model"),))
    (found,) = about(model, PROVENANCE)
    assert found.signers == (Keyring(project, lambda _: None).signer("producer").public.keyid,)
    assert {named.label for named in edges(found.statement)} >= {"dataset/small-train", "source/learn.py"}
    script = Named("source/learn.py", (digest_path("learn.py"),))
    assert [one.statement.predicate["kind"] for one in about(script, BOUNDARY)] == ["source"]
    assert [one.statement.predicate["result"] for one in about(model, TEST_RESULT)] == ["PASSED"]


def test_a_script_beside_another_project_is_not_the_one_of_this_name_there(tmp_path, monkeypatch):
    """The project's own script is committed; the one that ran is not."""
    project = Path.cwd()
    for words in (
        ("init", "-q"),
        ("add", "learn.py"),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"),
    ):
        subprocess.run(["git", *words], check=True)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "lib").mkdir(parents=True)
    (elsewhere / "lib/more.py").write_text("")
    shutil.copytree("data", elsewhere / "data")
    shutil.copy("week.manifest", elsewhere)
    (elsewhere / "learn.py").write_text(SCRIPT + "# another one\n")
    monkeypatch.chdir(elsewhere)
    assert train("--project", str(project), "--input", "lib") == 0
    named = (Named("source/learn.py", (digest_path("learn.py"),)), Named("source/lib", (digest_path("lib"),)))
    monkeypatch.chdir(project)
    for thing in named:
        assert [one.statement.predicate["origin"] for one in about(thing, BOUNDARY)] == ["local"]


def test_of_a_run_that_was_refused_nothing_but_the_refusal_is_recorded():
    with Log.open(open_project(".").ledger) as log:
        before = log.size
    Path("data/train.csv").write_text("9\n")
    assert train() == 1
    with Log.open(open_project(".").ledger) as log:
        assert log.size == before + 1
        statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(before)).payload)
    assert statement.predicate_type == REFUSAL.type


def test_without_the_producers_key_it_is_refused_by_name_and_nothing_runs(capsys):
    Path(".hauberk/keys/producer.pem").unlink()
    assert train() == 3
    assert "producer.pem" in capsys.readouterr().err
    assert not Path("model").exists()
