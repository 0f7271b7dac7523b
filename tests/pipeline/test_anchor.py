"""`hauberk ledger anchor` at a prompt, against a fake of S3."""

from __future__ import annotations

import shutil

import pytest

from fake_bucket import ACCESS, SECRET, fake_bucket
from hauberk.cli.main import main
from s3_login import log_in

PLACE = "s3://sets/small"


@pytest.fixture
def store(monkeypatch):
    with fake_bucket() as one:
        log_in(monkeypatch, one.url, ACCESS, SECRET)
        yield one


def test_a_project_is_anchored_and_a_rollback_is_found(small, store, capsys):
    ledger = small / ".hauberk" / "ledger"
    shutil.copytree(ledger, small / "old")
    assert main(["run"]) == 0
    assert main(["gate", "revoke", "dirHash:" + "0" * 64, "--reason", "x"]) == 0
    assert main(["ledger", "anchor", PLACE, "--retain", "7y"]) == 0
    assert "anchored in" in capsys.readouterr().out
    assert main(["ledger", "anchor", PLACE, "--check"]) == 0
    assert "the ledger holds what is anchored" in capsys.readouterr().out
    shutil.rmtree(ledger)
    shutil.copytree(small / "old", ledger)
    assert main(["ledger", "anchor", PLACE, "--check"]) == 1
    assert "rollback" in capsys.readouterr().err
    assert main(["ledger", "anchor", PLACE, "--retain", "7y"]) == 1


def test_what_others_put_there_is_told(small, store, capsys):
    assert main(["ledger", "anchor", PLACE, "--retain", "90d"]) == 0
    store.add("small/0", b"x")
    assert main(["ledger", "anchor", PLACE, "--check"]) == 3
    assert "small/0: not the key" in capsys.readouterr().err


def test_an_empty_prefix_proves_nothing(small, store, capsys):
    assert main(["ledger", "anchor", PLACE, "--check"]) == 1
    assert "no checkpoint that this trust takes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([PLACE], 2),
        ([PLACE, "--retain", "soon"], 2),
        ([PLACE, "--retain", "1d", "--check"], 2),
        (["gs://sets/small", "--check"], 2),
        (["folder", "--check"], 2),
        (["s3://sets/small?versionId=3", "--check"], 2),
    ],
)
def test_what_is_asked_wrongly_is_refused(small, store, words, code):
    assert main(["ledger", "anchor", *words]) == code
    assert store.objects == {}
