"""A ledger on another machine, as its service gives it: appended to and read by signed requests."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hauberk.edge.files import printable
from hauberk.edge.remote.client import Client, Fetched
from hauberk.edge.remote.hosts import shown
from hauberk.edge.remote.line import Patience
from hauberk.edge.remote.post import post
from hauberk.errors import (
    Exceeded,
    HauberkError,
    Malformed,
    Misconfigured,
    NotVerified,
    Refused,
    Unavailable,
)
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.key import KeyKind
from hauberk.signature.request import NONCE_BYTES, sign_request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from hauberk.signature.key import Signer

APPEND: Final = "/v1/append"
MOST_ENVELOPES: Final = 1000  # of one request: a service takes no more, and a client sends no more
MAX_BODY_BYTES: Final = 16 << 20  # likewise
PATIENCE: Final = Patience(connect_seconds=5, silence_seconds=30, grace_seconds=30, longest_seconds=120, retries=0)
_MOST_READ_BYTES: Final = DEFAULT_LIMITS.max_document_bytes + (4 << 20)  # the longest envelope of a log, and some more
_MOST_SAID_BYTES: Final = 64 << 10  # of what is read as JSON, which takes thirty times as much memory
_ANSWERS: Final = frozenset({200, 400, 401, 403, 404, 413, 422, 500, 503})
_KINDS: Final = {
    kind.__name__: kind for kind in (Malformed, NotVerified, Exceeded, Unavailable, Misconfigured, Refused)
}

_UNSAID: Final[Mapping[int, tuple[type[HauberkError], str]]] = {  # what stands before a service says so in other words
    404: (Unavailable, "is its url right, with no path too many?"),
    413: (Exceeded, f"a proxy before it takes less than the {MAX_BODY_BYTES >> 20} MiB of a request: let it take them"),
}


@dataclass(frozen=True, slots=True)
class LedgerClient:
    """Where a ledger's service is, and who asks it.

    Attributes:
        url: what stands before the paths of the service.
        origin: of the log that is meant; a service of another one refuses.
        signer: an Ed25519 key that the ledger's trust lists; None where the service lets anybody read.
        clock: Unix seconds.
        tls: how the service's certificate is verified, and which one is shown to it; None for the system's way.
    """

    url: str
    origin: str
    signer: Signer | None
    clock: Callable[[], int]
    patience: Patience = PATIENCE
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if self.signer is not None and self.signer.public.kind is not KeyKind.ED25519:
            raise Misconfigured(
                f"requests are signed by Ed25519 keys, this is {self.signer.public.kind}",
                "name another key that trust lists, as a scanner's; `hauberk key new NAME` makes one",
            )

    def append(self, envelopes: Sequence[bytes]) -> list[int]:
        """Append canonical envelopes, all of them or none, and return their entries, which are durable then.

        Raises:
            Unavailable: the service is away, or not able to; whether it appended is not known: ask again.
            HauberkError: what the service refuses them for, by its own kind.
            Misconfigured: there is no key.
        """
        if self.signer is None:
            raise Misconfigured(f"no key signs what {shown(self.url)} is asked", "name a key that trust lets append")
        body = b"".join(envelope + b"\n" for envelope in envelopes)
        path = f"{self._prefix}{APPEND}"
        answer = post(
            f"{self.url.rstrip('/')}{APPEND}",
            body.decode("ascii"),
            headers=lambda: self._headers("POST", path, body) | {"Content-Type": "application/jsonl"},
            accept=_ANSWERS,
            limit=_MOST_READ_BYTES,
            patience=self.patience,
            tls=self.tls,
        )
        said = _decoded(answer)
        numbers = said.get("entries") if isinstance(said, dict) and said.get("durable") is True else None
        if not isinstance(numbers, list) or not _are_entries(numbers, envelopes):
            raise Unavailable(f"{shown(self.url)} does not say where what it took is", "is it a ledger's service?")
        return numbers

    def read(self, path: str) -> bytes:
        """Return what the service gives under a path, as in `/checkpoint`; errors as of `append`.

        Nothing is followed: what is signed is for this service.
        """
        url, target, limit = f"{self.url.rstrip('/')}{path}", f"{self._prefix}{path}", _MOST_READ_BYTES
        with Client(self.url, patience=self.patience, tls=self.tls) as client:

            def once() -> Fetched:
                headers = self._headers("GET", target, b"")
                with client.send(url, method="GET", headers=headers, accept=_ANSWERS) as answer:
                    return Fetched(answer.url, answer.status, answer.headers, answer.read(limit))

            answer = client.patiently(once)
        _raise_refusal(answer)
        return answer.body

    @property
    def _prefix(self) -> str:
        return urlsplit(self.url).path.rstrip("/")

    def _headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        if self.signer is None:
            return {}
        return sign_request(
            method,
            path,
            body=body,
            signer=self.signer,
            origin=self.origin,
            created=self.clock(),
            nonce=secrets.token_bytes(NONCE_BYTES),
        )


def _are_entries(numbers: list[Any], envelopes: Sequence[bytes]) -> bool:
    """Say whether these can be the entries of envelopes: one for each, as many as there are different ones."""
    is_list = len(numbers) == len(envelopes) and all(type(number) is int and number >= 0 for number in numbers)
    return is_list and len(set(numbers)) == len(set(zip(numbers, envelopes, strict=True))) == len(set(envelopes))


def _decoded(answer: Fetched) -> Any:
    _raise_refusal(answer)
    try:
        return _value(answer.body)
    except (ValueError, RecursionError):
        raise Unavailable(f"{shown(answer.url)} does not answer with JSON", "is it a ledger's service?") from None


def _value(body: bytes) -> Any:
    """Return what a body says in JSON; raise `ValueError` where it says none, or more than a service has to say."""
    if len(body) > _MOST_SAID_BYTES:
        raise ValueError
    return json.loads(body)


def _raise_refusal(answer: Fetched) -> None:
    """Raise what a service refuses, by the kind that it names; a kind that is none of ours is `Unavailable`."""
    if answer.status == 200:
        return
    try:
        said = _value(answer.body)["error"]
        named, message, hint = (str(said[name]) for name in ("kind", "message", "hint"))
    except (ValueError, RecursionError, LookupError, TypeError):
        kind, hint = _UNSAID.get(answer.status, (Unavailable, "try again later"))
        raise kind(f"{shown(answer.url)}: the service answers {answer.status}", hint) from None
    error: type[HauberkError] = _KINDS.get(named, Unavailable)
    raise error(f"{shown(answer.url)}: {printable(message)[:1000]}", printable(hint)[:300])
