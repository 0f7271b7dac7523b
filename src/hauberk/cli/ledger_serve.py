"""`hauberk ledger serve`: let others append to the ledger and read it, by signed requests."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from hauberk.cli.output import complain, warn
from hauberk.cli.serving import add_listening, serve
from hauberk.edge import clock
from hauberk.errors import HauberkError, Misconfigured
from hauberk.ledger.appender import Appender
from hauberk.ledger.log import Log
from hauberk.ledger.service_client import MAX_BODY_BYTES
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import is_published, publish_all
from hauberk.serve.authority import Watch
from hauberk.serve.callers import Door
from hauberk.serve.ledger import LedgerService

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.pipeline.project import Project

_LEAST_SECONDS = 1


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the action."""
    parser = actions.add_parser("serve", help="let others append and read, by signed requests", allow_abbrev=False)
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    add_listening(parser, required=True)
    parser.add_argument("--client-ca", metavar="PEM", help="let in only who has a certificate of these authorities")
    parser.add_argument(
        "--open-read", action="store_true", help="let anybody read the whole ledger, without a signed request"
    )
    parser.add_argument(
        "--publish-every",
        type=int,
        metavar="SECONDS",
        help="publish what was appended, and the time, so often; needs the log's key",
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Serve until SIGTERM."""
    project = open_project(options.project)
    open_log = partial(Log.open, project.ledger)
    with ExitStack() as stack:
        appender = stack.enter_context(Appender(open_log, clock.now))
        read = partial(Log.open, project.ledger, read_only=True)
        watch = stack.enter_context(Watch(read, complain))
        if options.publish_every is not None:
            stack.enter_context(_publishing(project, options.publish_every))
        service = LedgerService(
            open_log=read,
            appender=appender,
            watch=watch,
            door=Door(clock.now()),
            clock=clock.now,
            open_read=options.open_read,
            tell=complain,
        )
        return serve(
            options,
            service.answer,
            admit=service.admit,
            body_bytes=MAX_BODY_BYTES,
            what=f"the ledger {watch.newest.stands.trust.log.name}",
            clients=options.client_ca,
        )


@contextmanager
def _publishing(project: Project, seconds: int) -> Iterator[None]:
    """Publish again and again in a thread, from a key that is opened, and a passphrase that is asked for, first."""
    if seconds < _LEAST_SECONDS:
        raise Misconfigured(f"--publish-every {seconds}", f"at least {_LEAST_SECONDS} s")
    keys = Keyring(project, warn)
    keys.signer("log")
    stop = threading.Event()
    thread = threading.Thread(target=_publish, args=(project, keys, seconds, stop), name="publish", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _publish(project: Project, keys: Keyring, seconds: int, stop: threading.Event) -> None:
    while not stop.wait(seconds):
        try:
            with Log.open(project.ledger) as log:
                book = Book(log, keys, None, clock.now)
                if not is_published(book, max_age_seconds=seconds):
                    publish_all(project, book)
        except HauberkError as error:
            complain(error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - a thread that ended would publish nothing more, and nobody would know
            complain(f"our own fault: nothing was published: {type(error).__name__}: {error}", "it is tried again")
