"""Forms that are sent to the servers that give keys and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hauberk.edge.remote.client import Client
from hauberk.edge.remote.piece import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.edge.remote.line import Patience

_MAX_ANSWER_BYTES = 1 << 20


def post_form(url: str, fields: Mapping[str, str], *, hint: str, patience: Patience) -> bytes:
    """Return what a server answers to a form; errors as of `Client.send`, `Exceeded` where it is long."""
    form = Document(urlencode(fields))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(form.size)}
    with Client(url, hint=hint, patience=patience) as client:

        def once() -> bytes:
            with client.send(url, method="POST", headers=headers, body=form.pieces) as answer:
                return answer.read(_MAX_ANSWER_BYTES)

        return client.patiently(once)
