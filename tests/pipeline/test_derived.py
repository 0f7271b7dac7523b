"""`hauberk derive` in a project: what it states is in the ledger, and every reader sees it at once."""

import json
import shutil
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import DERIVATION
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import is_published
from projects import recorded

DERIVE = ("derive", "model", "onnx", "--equivalence", "equivalence.json")


@pytest.fixture
def project(finished_small, tmp_path, monkeypatch):
    """Enter a project with what was made from its model, and a measurement."""
    shutil.copytree(finished_small, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    Path("onnx").mkdir()
    Path("onnx", "weights").write_text("converted")
    measured = {"claim": "predictions", "rows": 20, "largestDifference": 1e-7, "tolerance": 1e-5}
    Path("equivalence.json").write_text(json.dumps(measured))
    return tmp_path / "small"


def published():
    project = open_project(".")
    with Log.open(project.ledger, read_only=True) as log:
        return is_published(
            Book(log, Keyring(project, lambda _: None), None, clock.now), max_age_seconds=3600
        ), log.size


def test_what_was_derived_is_published_with_it(project, capsys):
    assert dispatch([*DERIVE]) == 0
    (made,) = recorded(project, DERIVATION)
    assert made.digests == (digest_path("onnx"),)
    shown, size = published()
    assert shown
    assert f"in the ledger, as the producer; published in the checkpoint of size {size}" in capsys.readouterr().out


def test_what_cannot_be_published_is_no_success(project, capsys):
    Path(".hauberk/keys/log.pem").unlink()
    assert dispatch([*DERIVE]) == 3
    assert len(recorded(project, DERIVATION)) == 1
    assert not published()[0]
    told = capsys.readouterr()
    assert "log.pem" in told.err
    assert "is a conversion of" not in told.out


def test_what_trust_lets_nobody_say_is_neither_appended_nor_published(project, capsys):
    shutil.copy(".hauberk/keys/scanner.pem", ".hauberk/keys/producer.pem")
    before = published()
    assert dispatch([*DERIVE]) == 1
    assert recorded(project, DERIVATION) == []
    assert published() == before
