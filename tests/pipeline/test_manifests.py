"""A project whose data have manifests, and whose training is sealed."""

from pathlib import Path

import pytest

from hauberk.edge.sandbox.training import Sealed
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.pipeline.stages import train as stage
from hauberk.verbs import train_run
from hauberk.verbs.data_manifest import Wanted, make_manifest
from projects import edit, go, trained_within


@pytest.fixture(autouse=True)
def _manifest(fresh):
    make_manifest(("data/train.csv",), "train.manifest", Wanted("small-train", None))
    edit(Path("hauberk.yaml"), "path: data/train.csv", "path: data/train.csv, manifest: train.manifest")


NOT_ASKED = "policy.yaml has no gate `train`: whether somebody approved these data was not asked"


def test_a_run_on_the_data_of_the_manifest_goes_to_its_end():
    heard = go(Path.cwd())
    assert heard.how["gate"] == "ran"
    assert heard.notices.count(NOT_ASKED) == 1


def test_a_project_whose_data_have_no_manifest_is_not_told_of_a_gate_about_them():
    edit(Path("hauberk.yaml"), ", manifest: train.manifest", "")
    assert NOT_ASKED not in go(Path.cwd()).notices


def test_a_run_on_other_data_stops_before_anything_is_trained():
    Path("data/train.csv").write_text("1\n2\n4\n")
    with pytest.raises(NotVerified, match=r"data/train\.csv is not the data set of train\.manifest"):
        go(Path.cwd())
    assert not Path("model").exists()


def test_a_manifest_that_is_none_stops_a_run():
    Path("train.manifest").write_text("{}")
    with pytest.raises(Malformed, match=r"train\.manifest"):
        go(Path.cwd())


def seal(how):
    edit(Path("hauberk.yaml"), "environment: requirements.lock", f"environment: requirements.lock, sandbox: {how}")


def test_where_the_sandbox_is_required_and_absent_nothing_is_trained(monkeypatch):
    seal("require")
    monkeypatch.setattr("hauberk.verbs.train_run.available", lambda: "bubblewrap is not installed")
    with pytest.raises(Unavailable, match="there is no sandbox: bubblewrap is not installed"):
        go(Path.cwd())
    assert not Path("model").exists()


def test_where_it_is_wanted_and_absent_that_is_said_loudly(monkeypatch):
    seal("auto")
    monkeypatch.setattr("hauberk.verbs.train_run.available", lambda: "bubblewrap is not installed")
    heard = go(Path.cwd())
    assert heard.how["gate"] == "ran"
    assert any("NO SANDBOX (bubblewrap is not installed)" in notice for notice in heard.notices)


@pytest.fixture
def walls(monkeypatch):
    """Say whether there is a sandbox; what runs in it runs as it does without."""

    def set_up(why_not):
        for module in ("hauberk.verbs.train_run", "hauberk.pipeline.stages.train"):
            monkeypatch.setattr(f"{module}.available", lambda: why_not)

    def run_sealed(command, environment, walls, *, attend):
        done = train_run.run(
            command, cwd=walls.folder, environment=environment, timeout_seconds=walls.seconds, attend=attend
        )
        return Sealed(done.returncode, (), ())

    monkeypatch.setattr("hauberk.verbs.train_run.run_sealed", run_sealed)
    return set_up


def test_a_model_that_was_made_without_a_sandbox_is_made_again_where_there_is_one(walls):
    seal("auto")
    walls("bubblewrap is not installed")
    go(Path.cwd())
    assert trained_within(Path.cwd()) == [{"sandbox": None, "watched": False, "admittedBy": None}]
    assert go(Path.cwd()).how["train"] == "unchanged"
    walls("")
    assert go(Path.cwd()).how["train"] == "ran"
    assert trained_within(Path.cwd())[1:] == [{"sandbox": "bubblewrap", "watched": True, "admittedBy": None}]
    assert go(Path.cwd()).how["train"] == "unchanged"
    walls("bubblewrap is not installed")
    assert go(Path.cwd()).how["train"] == "unchanged"


@pytest.mark.parametrize(("how", "again"), [("off", "unchanged"), ("auto", "ran"), ("require", "unchanged")])
def test_of_older_runs_that_do_not_say_it_only_those_are_repeated_that_may_have_had_no_sandbox(
    walls, how, again, monkeypatch
):
    seal(how)
    walls("")
    with monkeypatch.context() as older:
        real = stage._provenance

        def without(*arguments):
            body = real(*arguments)
            del body["buildDefinition"]["internalParameters"]
            return body

        older.setattr(stage, "_provenance", without)
        go(Path.cwd())
    assert go(Path.cwd()).how["train"] == again
    assert go(Path.cwd()).how["train"] == "unchanged"
