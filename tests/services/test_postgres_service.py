"""Pods append to a ledger on PostgreSQL by its service: they have no credentials of the database, and outlive its end."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest

from hauberk.cli.main import main
from hauberk.edge.sources import digest_path
from hauberk.errors import Unavailable
from hauberk.ledger.log import Log
from hauberk.ledger.outbox import Outbox
from hauberk.pipeline.hold import hold
from hauberk.pipeline.project import open_project
from listening import listening
from pipeline.test_ledger_serve import client_of, scan
from pods import make_pod
from projects import edit, go, small_project
from services.test_postgres_ledger import write_place

if TYPE_CHECKING:
    from pathlib import Path

    from services.ledger_server import LedgerServer

pytestmark = pytest.mark.services


def test_a_pod_needs_no_credentials_of_the_database_and_outlives_its_end(
    ledger_postgres: LedgerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ledger_postgres.empty("served")
    folder = tmp_path / "small"
    monkeypatch.setenv("OUR_LEDGER", address)
    write_place(folder / ".hauberk" / "ledger", "env:OUR_LEDGER")
    project = open_project(small_project(folder))
    envelopes = [scan(project, f"m{number}") for number in range(30)]
    with listening("ledger", "serve", "--project", folder, "--listen", "127.0.0.1:0") as (_, url):
        monkeypatch.delenv("OUR_LEDGER")  # from here on this process is a pod
        client = client_of(project, url)
        told = client.append(envelopes[:10])
        ledger_postgres.kill()
        with Outbox(tmp_path / "outbox") as outbox:
            outbox.add(envelopes)
            with pytest.raises(Unavailable, match=r"server|connection"):
                list(outbox.deliver(client.append))
            ledger_postgres.start()
            delivered = deliver_soon(outbox, client)
        assert delivered[:10] == told
    monkeypatch.setenv("OUR_LEDGER", address)
    with Log.open(project.ledger, read_only=True) as log:
        assert [log.envelope(entry) for entry in delivered] == envelopes
    assert main(["ledger", "verify", "--project", str(folder)]) == 0


def test_a_pod_runs_and_asks_the_gate_of_a_ledger_that_it_has_no_credentials_for(
    ledger_postgres: LedgerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = tmp_path / "small"
    monkeypatch.setenv("OUR_LEDGER", ledger_postgres.empty("read"))
    write_place(owner / ".hauberk" / "ledger", "env:OUR_LEDGER")
    go(small_project(owner))
    words = ["ledger", "serve", "--project", owner, "--listen", "127.0.0.1:0", "--publish-every", "1"]
    with listening(*words) as (_, url):
        monkeypatch.delenv("OUR_LEDGER")  # from here on this process is a pod
        pod = make_pod(owner, tmp_path / "pod", url, key="scanner")
        for role in ("producer", "gate", "approver"):
            shutil.copy(owner / ".hauberk" / "keys" / f"{role}.pem", pod / ".hauberk" / "keys")
        (pod / "data" / "train.csv").write_text("1\n2\n9\n")
        monkeypatch.chdir(pod)
        assert main(["run"]) == 0
        assert main(["gate", "load", "model"]) == 0
        edit(pod / ".hauberk" / "ledger" / "ledger.service", "scanner", "approver")
        with hold("model") as held:
            assert main(["gate", "revoke", str(digest_path("model")), "--reason", "wrong"]) == 0
            assert held.wait(60)
        ledger_postgres.kill()
        assert main(["gate", "load", "model"]) == 3
        ledger_postgres.start()
        capsys.readouterr()
        assert ask_soon() == 1
        assert "not-revoked" in capsys.readouterr().out
        assert main(["ledger", "verify"]) == 0


def ask_soon() -> int:
    """Ask the gate until the service has its database back."""
    for _ in range(40):
        if (code := main(["gate", "load", "model"])) != 3:
            return code
        time.sleep(0.25)
    return 3


def deliver_soon(outbox, client):
    """Deliver as a timer does, until the service has its database back."""
    for _ in range(40):
        try:
            return [entry for _, entry in outbox.deliver(client.append)]
        except Unavailable as error:
            last = error
            time.sleep(0.25)
    raise last
