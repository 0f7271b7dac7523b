"""JSON that a server answers with: bounded, a whole document, and of the shape that is expected or refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from hauberk.edge.files import printable
from hauberk.edge.remote.hosts import shown
from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.edge.remote.client import Client, Fetched
    from hauberk.limits import Limits

T = TypeVar("T")


def fetch_json(client: Client, url: str, limits: Limits, headers: Mapping[str, str] | None = None) -> Any:
    """Return the document at a URL; raise `Unavailable` where there is none, `Exceeded` where it is too long."""
    return decode_json(client.fetch(url, limit=limits.max_remote_document_bytes, headers=headers))


def decode_json(answer: Fetched) -> Any:
    """Return the document of an answer; raise `Unavailable` where it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Unavailable(f"{shown(answer.url)}: the server does not answer with JSON", "check the address") from None


def member(document: object, name: str, kind: type[T]) -> T:
    """Return a member of an object; raise `Unavailable` where it is missing or of another kind."""
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Unavailable(f"the server's answer holds no {printable(name)}", "check the address")
    return value
