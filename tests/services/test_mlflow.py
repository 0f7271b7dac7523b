"""Registered models of an MLflow server, whose files it serves itself."""

import json
import urllib.request

import pytest

from hauberk.digest import dir_hash, sha256
from hauberk.errors import Misconfigured, Unavailable
from hauberk.finding import Outcome
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.scan import scan
from hauberk.view import Basis
from services.models import CLEAN, EVIL, array

LARGE = array(10_000_000) + bytes(40_000_000)
FILES = {"MLmodel": b"flavors: {}\n", "data/model.pkl": CLEAN, "data/large.npy": LARGE}


def call(url, path, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/2.0/mlflow/{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def register(url, name, files):
    """Log files to a run and register them as a model's next version."""
    run = call(url, "runs/create", experiment_id="0")["run"]["info"]
    root = run["artifact_uri"].partition("mlflow-artifacts:/")[2]
    for path, data in files.items():
        place = f"{url}/api/2.0/mlflow-artifacts/artifacts/{root}/m/{path}"
        urllib.request.urlopen(urllib.request.Request(place, data, method="PUT"), timeout=30).close()
    source = f"{run['artifact_uri']}/m"
    return call(url, "model-versions/create", name=name, source=source, run_id=run["run_id"])["model_version"][
        "version"
    ]


@pytest.fixture(scope="session")
def filled(mlflow):
    call(mlflow.url, "registered-models/create", name="fraud")
    assert register(mlflow.url, "fraud", FILES) == "1"
    assert register(mlflow.url, "fraud", FILES | {"data/model.pkl": EVIL}) == "2"
    return mlflow


@pytest.fixture
def tracking(filled, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", filled.url)
    return filled


def test_a_version_is_a_directory(tracking):
    seen = scan("mlflow:/models/fraud/1")
    assert sorted(report.path.partition("/1/")[2] for report in seen.reports) == sorted(FILES)
    assert seen.complete


def test_of_a_large_file_only_what_matters_is_read(tracking):
    (report,) = scan("mlflow:/models/fraud/1/data/large.npy").reports
    assert (report.outcome, report.basis) == (Outcome.CLEAN, Basis.CLAIMED)
    assert report.reading.bytes < report.size / 100


def test_a_bad_version_is_found(tracking):
    assert scan("mlflow:/models/fraud/2").outcome is Outcome.MALICIOUS


@pytest.mark.parametrize("address", ["mlflow:/models/fraud/9", "mlflow:/models/lost/1"])
def test_what_is_not_there_is_unavailable(tracking, address):
    with pytest.raises(Unavailable):
        scan(address)


def test_a_file_that_is_not_there_is_wrong_usage(tracking):
    with pytest.raises(Misconfigured, match="no such file"):
        scan("mlflow:/models/fraud/1/lost.pkl")


def test_a_version_is_taken_in_by_its_digest(tracking, tmp_path):
    expected = dir_hash((name, sha256(data).hex) for name, data in FILES.items())
    _, path = intake("mlflow:/models/fraud/1", output=tmp_path / "q", wanted=Wanted(expected))
    assert (path / "data" / "model.pkl").read_bytes() == CLEAN
