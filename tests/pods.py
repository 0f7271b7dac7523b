"""A ledger's service over a project, and pods that have no more of the ledger than a key and the service's address."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from functools import partial

from hauberk.edge import clock
from hauberk.edge.keys import open_signer
from hauberk.edge.listen.server import Bounds, Server
from hauberk.evidence.predicates import REVOCATION
from hauberk.ledger.appender import Appender
from hauberk.ledger.log import Log
from hauberk.ledger.publish import publish as ledger_publish
from hauberk.ledger.service_client import MAX_BODY_BYTES
from hauberk.ledger.witness import serve_once
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.serve.authority import Watch
from hauberk.serve.callers import Door
from hauberk.serve.ledger import LedgerService
from hauberk.statement import Named

SERVICE = ".hauberk/ledger/ledger.service"
COPY = ".hauberk/ledger/copy/ledger.sqlite"


@contextmanager
def serving(folder, *, open_read=False):
    """Serve the ledger of a project; yield the server, whose `url` it is."""
    ledger = open_project(folder).ledger
    read = partial(Log.open, ledger, read_only=True)
    ignored = []
    with Appender(partial(Log.open, ledger), clock.now) as appender, Watch(read, ignored.append) as watch:
        service = LedgerService(read, appender, watch, Door(0), clock.now, open_read=open_read, tell=ignored.append)
        bounds = Bounds(MAX_BODY_BYTES)
        with Server("127.0.0.1", 0, service.answer, bounds, admit=service.admit, tell=ignored.append) as server:
            thread = threading.Thread(target=server.run)
            thread.start()
            try:
                yield server
            finally:
                server.stop()
                thread.join()


def make_pod(owner, folder, url, *, key="gate"):
    """Copy what a project's owner gives to a pod, which is no ledger and one key, and name the service there."""
    shutil.copytree(owner, folder, ignore=shutil.ignore_patterns(".hauberk"))
    keys = folder / ".hauberk" / "keys"
    keys.mkdir(parents=True)
    shutil.copy(owner / ".hauberk" / "keys" / f"{key}.pem", keys)
    name_service(folder, url, key=f"file:.hauberk/keys/{key}.pem")
    return folder


def name_service(folder, url, **said):
    """Write where a ledger's service is."""
    lines = [
        "schema: urn:hauberk:ledger-service:v1",
        f"url: {url}",
        *(f"{name}: {what}" for name, what in said.items()),
    ]
    place = folder / SERVICE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(lines) + "\n")


def key(folder, role):
    return open_signer(str(folder / ".hauberk" / "keys" / f"{role}.pem"))


def publish(folder, *, at=None):
    """Publish the ledger of a project as its owner does, without a process for the witness; return the checkpoint."""
    project, now = open_project(folder), clock.now() if at is None else at
    trust = project.read_trust()
    witness = partial(
        serve_once,
        state=project.witness,
        log_directory=project.ledger,
        log=trust.log,
        key=trust.witnesses[0],
        signer=key(folder, "witness"),
        now=now,
    )
    with Log.open(project.ledger) as log:
        return ledger_publish(
            log,
            signer=key(folder, "log"),
            key=trust.log,
            witnesses=[witness],
            witness_keys=trust.witnesses,
            quorum=1,
            now=now,
        ).note


def revoke(folder, digest):
    """Revoke something at a project's owner, and publish nothing."""
    project = open_project(folder)
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        book.record("approver", REVOCATION, Named(f"digest/{digest}", (digest,)), {"reason": "wrong"})
