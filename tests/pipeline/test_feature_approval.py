"""Feature views in a project: what is signed, about which rows, and which gate it opens and closes."""

import json
import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.errors import HauberkError, Misconfigured
from hauberk.evidence.predicates import DATA_CHECK, PROVENANCE, edges
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.current import current_inputs
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.statement import Named
from hauberk.verbs.feature_view import identity, read_view, training_of
from projects import edit

VIEW = """\
schema: urn:hauberk:feature-view:v1
name: week
entity: who
time: at
features: [{name: spend}]
offline: offline.parquet
training: {path: data/train.csv, time: paid}
"""
TRAIN = 'from pathlib import Path\nPath("model/model.joblib").write_bytes(b"\\x80\\x02N.")\n'
RULE = "      - {predicate: data-check, on: {inputs: feature-view}, signers: [approver], max_age_days: 1}\n"
RIGHT, LEAKING = "who,paid,spend\na,15,1.5\na,25,2.5\n", "who,paid,spend\na,15,2.5\na,25,2.5\n"


@pytest.fixture(autouse=True)
def _ready(fresh):
    Path("week.yaml").write_text(VIEW)
    table = {"who": ["a", "a"], "at": [10, 20], "spend": [1.5, 2.5]}
    pq.write_table(pa.table(table), "offline.parquet")
    Path("data/train.csv").write_text(RIGHT)
    Path("train.py").write_text(TRAIN)
    edit(Path("hauberk.yaml"), "inputs: [train.py, small-train]", "inputs: [train.py, small-train, week]")
    edit(
        Path("hauberk.yaml"),
        "# A plain command that reads",
        "features: [{name: week, path: week.yaml}]\n\n# A plain command that reads",
    )
    edit(Path("policy.yaml"), "    # where the chain may begin", f"{RULE}    # where the chain may begin")


def approve(*more, owner="Ada"):
    return dispatch(["data", "features", "week.yaml", "--owner", owner, *more])


def about(thing, predicate):
    with Log.open(open_project(".").ledger) as log:
        return Book(log, Keyring(open_project("."), lambda _: None), None, clock.now).about(thing, predicate)


def view():
    read = read_view("week.yaml")
    return Named("feature-view/week", (identity(read, digest_path(training_of(read, "week.yaml"))),))


def size():
    with Log.open(open_project(".").ledger) as log:
        return log.size


def test_the_approver_signs_what_was_compared_with_what():
    assert approve() == 0
    (check,) = about(view(), DATA_CHECK)
    body = check.statement.predicate
    assert check.signers == (Keyring(open_project("."), lambda _: None).signer("approver").public.keyid,)
    assert (body["result"], body["owner"], body["rows"]) == ("pass", "Ada", 2)
    assert body["checks"] == [{"check": "feature-point-in-time", "rule": "feature-point-in-time", "result": "pass"}]
    paths = {"offline": "offline.parquet", "training": "data/train.csv"}
    assert body["references"] == [{"name": name, "digest": str(digest_path(at))} for name, at in paths.items()]
    assert edges(check.statement) == ()


def test_a_model_with_a_good_answer_is_let_through_and_its_provenance_names_the_view(capsys):
    assert approve() == 0
    assert dispatch(["run"]) == 0, capsys.readouterr()
    (made,) = about(Named("model/small", (digest_path("model"),)), PROVENANCE)
    assert view() in edges(made.statement)
    assert dispatch(["gate", "load", "model"]) == 0
    assert dispatch(["passport", "verify", "small.passport", "--root", "root.pub", "--model", "model"]) == 0, (
        capsys.readouterr()
    )
    assert dispatch(["run"]) == 0
    assert "unchanged" in capsys.readouterr().out


def test_without_an_answer_the_gate_is_closed(capsys):
    assert dispatch(["run"]) == 1
    said = capsys.readouterr().out
    assert "feature-view/week data-check.present" in said
    assert "nobody has answered for feature-view/week" in said
    assert approve() == 0
    assert dispatch(["run"]) == 0
    assert "nobody has answered" not in capsys.readouterr().out


def test_without_an_answer_it_is_closed_although_no_policy_asks(capsys):
    edit(Path("policy.yaml"), RULE, "")
    assert dispatch(["run"]) == 1
    assert "feature-view/week.input" in capsys.readouterr().out


def test_a_failed_answer_keeps_it_closed_whatever_comes_later(capsys):
    Path("data/train.csv").write_text(LEAKING)
    assert approve() == 1
    (check,) = about(view(), DATA_CHECK)
    assert [found["rule"] for found in check.statement.predicate["findings"]] == ["feature-point-in-time"]
    assert dispatch(["run"]) == 1
    assert "feature-view/week data-check.result" in capsys.readouterr().out
    pq.write_table(pa.table({"who": ["a"], "at": [10], "spend": [2.5]}), "offline.parquet")
    assert approve() == 0
    assert dispatch(["run"]) == 1


def test_an_incomplete_answer_keeps_it_closed(capsys):
    Path("data/train.csv").write_text("who,paid,spend\n")
    assert approve() == 3
    (check,) = about(view(), DATA_CHECK)
    assert check.statement.predicate["result"] == "incomplete"
    assert dispatch(["run"]) == 1
    assert "data-check.result" in capsys.readouterr().out


def test_an_answer_about_other_rows_says_nothing_about_these(capsys):
    assert approve() == 0
    Path("data/train.csv").write_text(LEAKING)
    assert dispatch(["run"]) == 1
    assert "feature-view/week data-check.present" in capsys.readouterr().out


def test_an_answer_about_another_definition_says_nothing_about_this_one(capsys):
    assert approve() == 0
    edit(Path("week.yaml"), "{name: spend}", "{name: spend, tolerance: 10}")
    assert dispatch(["run"]) == 1
    assert "feature-view/week data-check.present" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["view", "rows"])
def test_a_view_or_rows_that_changed_since_close_the_gate_for_the_model(change, capsys):
    assert approve() == 0
    assert dispatch(["run"]) == 0
    if change == "view":
        edit(Path("week.yaml"), "{name: spend}", "{name: spend, tolerance: 10}")
    else:
        Path("data/train.csv").write_text(LEAKING)
    capsys.readouterr()
    assert dispatch(["gate", "load", "model"]) == 1
    assert "feature-view/week changed since" in capsys.readouterr().out.replace("\n", " ")


def test_a_comment_in_the_view_changes_nothing(capsys):
    assert approve() == 0
    assert dispatch(["run"]) == 0
    edit(Path("week.yaml"), "name: week", "# as of July\nname: week")
    assert dispatch(["gate", "load", "model"]) == 0


def test_a_policy_that_asks_for_views_denies_a_model_that_has_none(capsys):
    edit(Path("hauberk.yaml"), "small-train, week]", "small-train]")
    edit(Path("hauberk.yaml"), "features: [{name: week, path: week.yaml}]\n", "")
    assert dispatch(["run"]) == 1
    assert "data-check.inputs" in capsys.readouterr().out


@pytest.mark.parametrize("owner", ["", " ", "two\nlines"])
def test_an_owner_is_one_line(owner):
    before = size()
    assert approve(owner=owner) == 2
    assert size() == before


def test_a_view_without_training_rows_is_not_signed(capsys):
    before = size()
    edit(Path("week.yaml"), "training: {path: data/train.csv, time: paid}\n", "")
    assert approve() == 2
    assert size() == before
    assert "names no training rows" in capsys.readouterr().err


def test_what_cannot_be_read_is_not_signed():
    before = size()
    Path("offline.parquet").write_bytes(b"PAR1")
    assert approve() != 0
    assert size() == before


def test_the_producer_cannot_approve():
    shutil.copy(".hauberk/keys/producer.pem", ".hauberk/keys/approver.pem")
    assert approve() == 1
    assert about(view(), DATA_CHECK) == []


def test_a_project_without_an_owner_is_no_answer_to_sign(capsys):
    before = size()
    assert dispatch(["data", "features", "week.yaml", "--project", "."]) == 2
    assert dispatch(["data", "features", "week.yaml"]) == 0
    assert size() == before


def test_the_answer_as_data_names_its_subject(capsys):
    assert approve("--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["subject"] == {"name": "feature-view/week", "digest": str(view().digests[0])}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("small-train, week]", "small-train]", "add week"),
        ("evaluate.py, small-holdout]", "evaluate.py, small-holdout, week]", "take week out"),
        ("{name: week,", "{name: small-train,", "none that data have"),
        ("{name: week,", "{name: we-ek,", "the name that the view has"),
        ("path: week.yaml", "path: ../week.yaml", "inside of the project"),
        ("path: week.yaml", "file: week.yaml", "file"),
    ],
)
def test_features_that_are_written_wrongly_are_refused(old, new, says):
    edit(Path("hauberk.yaml"), old, new)
    with pytest.raises(Misconfigured) as caught:
        open_project(".")
    assert says in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: week", "name: month", "is the feature view month, not week"),
        ("data/train.csv", "data/holdout.csv", "are none of the data that train reads"),
        ("data/train.csv", "other.csv", "are none of the data that train reads"),
        ("training: {path: data/train.csv, time: paid}\n", "", "names no training rows"),
    ],
)
def test_a_view_that_is_not_about_the_training_data_stops_a_run(old, new, says):
    Path("other.csv").write_text(RIGHT)
    edit(Path("week.yaml"), old, new)
    with pytest.raises(HauberkError, match=says):
        current_inputs(open_project("."))
    assert dispatch(["run"]) == 2
    assert not Path("model/model.joblib").exists()


def test_an_answer_about_an_online_store_is_good_for_a_week(monkeypatch):
    with sqlite3.connect("online.db") as database:
        database.execute("CREATE TABLE week (who TEXT PRIMARY KEY, at, spend)")
        database.execute("INSERT INTO week VALUES ('a', 20, 2.5)")
    Path("online.db").chmod(0o600)
    Path().chmod(0o700)
    Path("week.yaml").write_text(VIEW + "online: sqlite:online.db\n")
    assert approve() == 0
    (check,) = about(view(), DATA_CHECK)
    assert [one["name"] for one in check.statement.predicate["references"]] == ["offline", "training", "online"]
    later = clock.now() + 8 * 86_400
    monkeypatch.setattr(clock, "now", lambda: later)
    assert about(view(), DATA_CHECK) == []
