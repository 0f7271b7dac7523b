"""`hauberk ledger deployed` and `where`, as a person types them, in a project with real keys, ledger and witness."""

import json
from dataclasses import replace

import pytest

from hauberk.callables.versions import tables
from hauberk.cli import ledger as cli_ledger
from hauberk.cli import ledger_where
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.edge.sources import digest_path
from hauberk.errors import Unavailable
from hauberk.evidence.predicates import DEPLOYMENT
from hauberk.pipeline.project import open_project
from projects import go, recorded, small_project

PLACE = ["--environment", "production", "--service", "scoring", "--by", "argo-cd"]


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("where") / "small")
    go(folder)
    return folder


@pytest.fixture
def ledger(founded, capsys):
    """Return what calls an action of the verb in the project, and returns its exit code and what it wrote."""

    def call(*words):
        capsys.readouterr()
        code = main(["ledger", *words, "--project", str(founded)])
        return code, capsys.readouterr().out

    return call


@pytest.fixture(scope="module")
def model(founded):
    return str(digest_path(founded / "model"))


@pytest.fixture(scope="module")
def data(founded):
    return str(digest_path(founded / "data" / "train.csv"))


def test_from_the_start_to_the_end_of_a_deployment(ledger, founded, model, data):
    assert ledger("where", model)[1].splitlines()[2] == "nothing runs that is it or depends on it"
    code, said = ledger("deployed", str(founded / "model"), *PLACE, "--host", "web-1")
    assert (code, said.split(":")[1].split(" ")[1:]) == (0, ["runs", "in", "production/web-1/scoring"])

    code, said = ledger("where", data, "--format", "json")
    found = json.loads(said)
    assert code == 0
    assert found["schema"] == "urn:hauberk:where:v1"
    assert found["asked"]["digest"] == data
    (one,) = found["live"]
    assert one["digest"] == model
    assert one["runs"][0]["place"] == {"environment": "production", "host": "web-1", "service": "scoring"}
    assert one["runs"][0]["verified"] is True
    assert [step["predicate"] for step in one["through"]] == ["slsa-provenance"]

    assert "production/web-1/scoring since" in ledger("where", "--live")[1]
    assert ledger("deployed", model, *PLACE, "--host", "web-1", "--ended")[0] == 0
    assert ledger("where", data, "--format", "json")[1].count('"live": []') == 1
    assert [one.predicate["state"] for one in recorded(founded, DEPLOYMENT)] == ["started", "ended"]


def test_a_model_that_an_older_table_judged_is_told_with_where_it_runs(ledger, model, monkeypatch):
    monkeypatch.setattr(cli_ledger, "tables", lambda: [replace(one, digest=sha256(b"new")) for one in tables()])
    assert "runs  nowhere that is known" in ledger("where", "--table", "numpy")[1]
    assert ledger("deployed", model, *PLACE)[0] == 0
    code, said = ledger("where", "--table", "numpy")
    assert code == 1
    assert "runs in 1  production/scoring since" in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["where", "sha256:" + "0" * 64], 3),
        (["where", "sha256:12"], 2),
        (["where", "--live", "--rule", "x"], 2),
        (["where", "sha256:" + "0" * 64, "--callable", "os.system"], 2),
        (["where", "--live", "sha256:" + "0" * 64], 2),
        (["where", "--again"], 2),
        (["where", "--format", "json"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--ended"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--ended", "--until", "2100-01-01T00:00:00Z"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--at", "2100-01-01T00:00:00Z"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--at", "yesterday"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--until", "2001-01-01T00:00:00Z"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--name", "fraud"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--cluster", "eu 1"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE, "--host", "../../x"], 2),
        (["deployed", "sha256:" + "0" * 64, *PLACE[:-1], "a\nb"], 2),
        (["deployed", "nowhere/model", *PLACE], 3),
    ],
)
def test_what_is_wrong_is_refused_and_records_nothing(ledger, founded, words, code):
    before = len(recorded(founded, DEPLOYMENT))
    assert ledger(*words)[0] == code
    assert len(recorded(founded, DEPLOYMENT)) == before


def test_a_ledger_whose_folder_cannot_be_written_is_read_without_a_table(ledger, founded, model, monkeypatch, capsys):
    class Kept(ledger_where.Edges):
        @classmethod
        def open(cls, folder):
            if folder == open_project(founded).ledger:
                raise Unavailable("edges.sqlite: attempt to write a readonly database")
            return super().open(folder)

    monkeypatch.setattr(ledger_where, "Edges", Kept)
    assert main(["ledger", "where", model, "--project", str(founded)]) == 0
    assert "cannot be kept" in capsys.readouterr().err


def test_revoked_data_make_the_exit_code_1(ledger, founded, model, data, capsys):
    ledger("deployed", model, *PLACE)
    assert ledger("where", data)[0] == 0
    assert main(["gate", "revoke", data, "--reason", "personal data", "--project", str(founded)]) == 0
    code, said = ledger("where", data)
    assert code == 1
    assert "revoked: personal data" in said
    assert "production/scoring since" in said
    assert ledger("where", "--live")[0] == 1
    assert ledger("where", "--live", "--again", "--format", "json")[0] == 1
