"""The trust that a service goes by: followed as long as it runs, whatever goes wrong on the way, and never silently."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from hauberk.cli import ledger_serve
from hauberk.errors import Unavailable
from hauberk.evidence.predicates import TRUST
from hauberk.gate.standing import append
from hauberk.ledger.log import Log
from hauberk.serve.authority import Watch
from serve.test_ledger_service import NOW, founded, said
from simulator import Chain

if TYPE_CHECKING:
    from pathlib import Path

LONG = 30.0  # seconds in which a machine that is busy gets there

WRONG = {
    "ours": Unavailable("the ledger is away"),
    "of SQLite": sqlite3.OperationalError("disk I/O error"),
    "of the system": OSError(5, "Input/output error"),
    "a fault of ours": ValueError("what nobody thought of"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_trust_is_followed_again_after_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr("hauberk.serve.authority._LOOK_SECONDS", 0.01)
    chain, error = Chain(), WRONG[wrong]
    founded(tmp_path / "log", chain)
    away, heard = threading.Event(), threading.Event()
    told: list[str] = []

    def open_log() -> Log:
        if away.is_set():
            raise error
        return Log.open(tmp_path / "log", read_only=True)

    def tell(text: str) -> None:
        told.append(text)
        heard.set()

    watch = Watch(open_log, tell)
    away.set()
    with watch:
        assert heard.wait(LONG)
        assert str(error) in told[0]
        chain.trust_version = 2
        with Log.open(tmp_path / "log") as log:
            append(log, [said(chain, "root", TRUST, chain.make_trust())], now=NOW)
        assert watch.newest.stands.trust.version == 1
        away.clear()
        waited = threading.Event()
        for _ in range(int(LONG * 100)):
            if watch.newest.stands.trust.version == 2:
                break
            waited.wait(0.01)
        assert watch.newest.stands.trust.version == 2
    assert len(told) == 1, "the same is said once"


@pytest.mark.parametrize("wrong", WRONG)
def test_publishing_goes_on_after_what_went_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    tries: list[int] = []
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _: stop.is_set())

    class Gone:
        @property
        def ledger(self) -> Path:
            tries.append(1)
            if len(tries) == 2:
                stop.set()
            raise WRONG[wrong]

    ledger_serve._publish(Gone(), None, 1, stop)  # type: ignore[arg-type]
    assert len(tries) == 2
    assert str(WRONG[wrong]) in capsys.readouterr().err
