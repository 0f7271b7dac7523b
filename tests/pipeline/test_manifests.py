"""A project whose data have manifests, and whose training is sealed."""

from pathlib import Path

import pytest

from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.verbs.data_manifest import Wanted, make_manifest
from projects import edit, go


@pytest.fixture(autouse=True)
def _manifest(fresh):
    make_manifest(("data/train.csv",), "train.manifest", Wanted("small-train", None))
    edit(Path("hauberk.yaml"), "path: data/train.csv", "path: data/train.csv, manifest: train.manifest")


def test_a_run_on_the_data_of_the_manifest_goes_to_its_end():
    assert go(Path.cwd()).how["gate"] == "ran"


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
