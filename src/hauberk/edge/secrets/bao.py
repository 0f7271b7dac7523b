"""Asks an OpenBao or Vault server: JSON over HTTPS, bounded answers, no redirect, nothing asked twice by itself.

The token travels in a header, everything else in the body: nothing that is secret stands in an address.
"""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hauberk.edge.files import printable
from hauberk.edge.remote.hosts import Closeness, Origin, reach, shown
from hauberk.edge.remote.line import Connection, Patience, tls_context
from hauberk.errors import Unavailable
from hauberk.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE: Final = Patience(connect_seconds=10, silence_seconds=30, grace_seconds=40, longest_seconds=60)
_MOST_BYTES: Final = 1 << 20
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What the server answered: the status of HTTP, and the document or nothing."""

    status: int
    document: dict[str, Any]

    @property
    def is_yes(self) -> bool:
        """Return whether the server did what it was asked."""
        return self.status in (200, 204)

    @property
    def is_sealed(self) -> bool:
        """Return whether the server cannot read its own store."""
        return self.status == http.client.SERVICE_UNAVAILABLE and "sealed" in self.words

    @property
    def words(self) -> str:
        """Return the errors that it told, on one line."""
        errors = self.document.get("errors")
        told = (
            [" ".join(error.split()) for error in errors if isinstance(error, str)] if isinstance(errors, list) else []
        )
        return printable("; ".join(told)) or "nothing"


class Server:
    """One server that a person named. It holds the token of a login, and no connection."""

    def __init__(self, url: str, *, ca: Path | None = None, namespace: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = ""
        self._origin = Origin.of(url)
        self._namespace = namespace
        self._context = tls_context(ca)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Return the answer, whatever its status.

        Raises:
            Unavailable: nobody answers, not over TLS that holds, not with JSON, or with a redirect.
            Misconfigured: plain HTTP to another machine.
        """
        where = shown(f"{self.url}/v1/{path}")
        reached = reach(self._origin, within=Closeness.LOOPBACK, is_named=True)
        connection = Connection(self._origin, reached, PATIENCE, self._context)
        try:
            connection.request(method, self._target(path), _encoded(body), self._headers(body))
            connection.begin_answer()
            response = connection.getresponse()
            data = response.read(_MOST_BYTES + 1)
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(
                f"{where}: its certificate does not hold: {printable(error.verify_message)}",
                "ask its owner; a private authority is named by `ca`",
            ) from None
        except TimeoutError:
            raise Unavailable(f"{where}: too slow, or no answer", "see whether the server is well") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise Unavailable(f"{where}: {printable(str(reason))}", "see whether the server is up") from None
        finally:
            connection.close()
        return _decoded(where, response.status, data)

    def _target(self, path: str) -> str:
        return f"{urlsplit(self.url).path}/v1/{path}"

    def _headers(self, body: dict[str, Any] | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": f"hauberk/{VERSION}", "X-Vault-Request": "true"}
        if self._namespace is not None:
            headers["X-Vault-Namespace"] = self._namespace
        if self.token:
            headers["X-Vault-Token"] = self.token
        return headers if body is None else {**headers, "Content-Type": "application/json"}


def _encoded(body: dict[str, Any] | None) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _decoded(where: str, status: int, data: bytes) -> Answer:
    if status in _REDIRECTS:
        raise Unavailable(f"{where}: the server sends us elsewhere ({status})", "name the address where it ends")
    if len(data) > _MOST_BYTES:
        raise Unavailable(f"{where}: an answer of more than {_MOST_BYTES} bytes", "check the path")
    try:
        document = json.loads(data) if data.strip() else {}
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Unavailable(f"{where}: the server does not answer with JSON ({status})", "check the address")
    return Answer(status, document)
