"""Pods append to a ledger on PostgreSQL by its service: they have no credentials of the database, and outlive its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from hauberk.cli.main import main
from hauberk.errors import Unavailable
from hauberk.ledger.log import Log
from hauberk.ledger.outbox import Outbox
from hauberk.pipeline.project import open_project
from listening import listening
from pipeline.test_ledger_serve import client_of, scan
from projects import small_project
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


def deliver_soon(outbox, client):
    """Deliver as a timer does, until the service has its database back."""
    for _ in range(40):
        try:
            return [entry for _, entry in outbox.deliver(client.append)]
        except Unavailable as error:
            last = error
            time.sleep(0.25)
    raise last
