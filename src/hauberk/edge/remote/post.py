"""One body sent to a server, and what it answers, bounded in bytes and in time: also where the answer is a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.remote.client import Client, Fetched
from hauberk.edge.remote.piece import Document

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from hauberk.edge.remote.line import Patience


def post(
    url: str,
    body: str,
    *,
    headers: Callable[[], Mapping[str, str]],
    accept: frozenset[int],
    limit: int,
    patience: Patience,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """Send a body to a URL, follow nothing, and return the answer.

    Args:
        url: where to; plain HTTP for this machine only.
        body: all of it.
        headers: gives those of the request besides its length, anew each time that it is asked.
        accept: the statuses that are answers here; any other is an error.
        limit: the most bytes of an answer.
        patience: how long it may take, and how often it is asked again for what may pass.
        tls: as of `Client`.

    Raises:
        Unavailable: no answer, none in time, or not with one of these statuses.
        Exceeded: a longer answer.
        Misconfigured: plain HTTP to another machine.
    """
    document = Document(body)
    with Client(url, patience=patience, tls=tls) as client:

        def once() -> Fetched:
            asked = {**headers(), "Content-Length": str(document.size)}
            with client.send(url, method="POST", headers=asked, body=document.pieces, accept=accept) as answer:
                return Fetched(answer.url, answer.status, answer.headers, answer.read(limit))

        return client.patiently(once)
