"""A ledger's service over a project, and pods that have no more of the ledger than a key and the service's address."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from functools import partial

from hauberk.edge import clock
from hauberk.edge.listen.server import Bounds, Server
from hauberk.ledger.appender import Appender
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.serve.authority import Watch
from hauberk.serve.callers import Door
from hauberk.serve.ledger import MAX_BODY_BYTES, LedgerService

SERVICE = ".hauberk/ledger/ledger.service"
COPY = ".hauberk/ledger/copy/ledger.sqlite"


@contextmanager
def serving(folder, port=0):
    """Serve the ledger of a project; yield the server, whose `url` it is."""
    ledger = open_project(folder).ledger
    read = partial(Log.open, ledger, read_only=True)
    ignored = []
    with Appender(partial(Log.open, ledger), clock.now) as appender, Watch(read, ignored.append) as watch:
        service = LedgerService(read, appender, watch, Door(0), clock.now, open_read=False, tell=ignored.append)
        bounds = Bounds(MAX_BODY_BYTES)
        with Server("127.0.0.1", port, service.answer, bounds, admit=service.admit, tell=ignored.append) as server:
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


def publish(folder):
    """Publish the ledger of a project, as its owner does."""
    project = open_project(folder)
    with Log.open(project.ledger) as log:
        return publish_all(project, Book(log, Keyring(project, lambda _: None), None, clock.now))
