"""What commands that serve have in common: where they listen, and that a signal ends them in order."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import complain, say
from hauberk.edge.listen.place import place
from hauberk.edge.listen.server import Bounds, Server

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from hauberk.edge.listen.request import Asked, Head, Said


def add_listening(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Declare where a command listens."""
    parser.add_argument(
        "--listen", required=required, metavar="HOST:PORT", help="answer over HTTP there until it is stopped"
    )
    parser.add_argument("--tls-certificate", metavar="PEM", help="the certificate of this service, for HTTPS")
    parser.add_argument("--tls-key", metavar="PEM", help="its private key, not encrypted")
    parser.add_argument(
        "--connections", type=int, default=128, metavar="N", help="how many may be open at once (default: 128)"
    )


def serve(
    options: argparse.Namespace,
    answer: Callable[[Asked], Said],
    *,
    body_bytes: int,
    what: str,
    clients: str | None = None,
    admit: Callable[[Head], object] | None = None,
) -> int:
    """Answer requests until SIGTERM; what is being answered then is answered to its end."""
    where = place(options.listen, certificate=options.tls_certificate, key=options.tls_key, clients=clients)
    bounds = Bounds(body_bytes, connections=max(1, options.connections))
    server = Server(where.host, where.port, answer, bounds, tls=where.tls, admit=admit, tell=complain)
    with server, _stopped_by(server):
        say(f"{what} listens on {server.url}")
        server.run()
    return Exit.CLEAN


@contextmanager
def _stopped_by(server: Server) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, lambda *_: server.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
