"""A small HTTP client: few redirects, bounded answers, credentials that stay with their server.

Credentials are kept by origin and looked up for the URL that is asked, so a redirect to another server cannot take them
along. Every limit is in `Patience` or an argument; nothing is ever read to an end that the other side chooses.
"""

from __future__ import annotations

import functools
import http.client
import re
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urljoin, urlsplit

from hauberk.edge.files import printable
from hauberk.edge.remote.hosts import Closeness, Origin, Reached, reach, shown
from hauberk.edge.remote.line import Connection, Patience
from hauberk.errors import Exceeded, HauberkError, Unavailable
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from email.message import Message

    Body = Callable[[], Iterable[bytes]]
    Authorise = Callable[[str, Mapping[str, str]], Mapping[str, str]]

MAX_REDIRECTS = 5
_MAX_CONNECTIONS = 4
_PIECE = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECT_HINT = "ask the server's owner, or name the address where it is meant to end"
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_ALWAYS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # a range of packed bytes is no range of the file
    "User-Agent": f"hauberk/{VERSION}",
}
PATIENCE = Patience()
OK = frozenset({200})
ERROR_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")  # "Error responses", Amazon S3 API reference
_MAX_COMPLAINT = 4096
# Codes by which S3 and STS say that the keys are no good, some of them with status 400.
NO_GOOD_KEYS = frozenset(
    {
        *("ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
        *("ExpiredTokenException", "InvalidIdentityToken", "IDPRejectedClaim"),  # "Errors", AssumeRoleWithWebIdentity
    }
)

T = TypeVar("T")


class Passing(Exception):  # noqa: N818 - as the errors of this project: what is, not that it is an error
    """A failure that may have passed when it is asked again."""

    def __init__(self, message: str, wait_seconds: float = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class Answer:
    """An answer whose body has not been read. Use it in a `with` statement: what is left of it is dropped."""

    def __init__(self, url: str, response: http.client.HTTPResponse, connection: Connection, within: Closeness) -> None:
        self.url = url
        self.within = within
        self.status = response.status
        self.headers: Message = response.headers
        self._response = response
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._response.isclosed():  # the rest of the body would be read as the next answer
            self._response.close()
            self._connection.close()

    @property
    def length(self) -> int | None:
        """Return the length of the body, if the server says it."""
        return self._response.length

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes; raise `Unavailable` if it ends early, through `Client.patiently`."""
        with _failing(self.url):
            self._connection.expect()
            while piece := self._response.read1(_PIECE):
                yield piece
                self._connection.expect()
            if self._response.length:
                raise Passing(f"{shown(self.url)}: the answer ended {self._response.length} bytes early")

    def read(self, limit: int) -> bytes:
        """Return the body; raise `Exceeded` above `limit` bytes."""
        if self.length is not None and self.length > limit:
            raise _too_long(self.url, limit)
        body = bytearray()
        for piece in self.pieces():
            body += piece
            if len(body) > limit:
                raise _too_long(self.url, limit)
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole small answer."""

    url: str
    status: int
    headers: Message
    body: bytes


class Client:
    """Asks one server that a person named, and those to which it leads. It owns the connections: use it in a `with`."""

    def __init__(
        self,
        named: str,
        *,
        credentials: Mapping[Origin, Authorise] | None = None,
        hint: str = "",
        patience: Patience = PATIENCE,
        reached: Reached | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Make a client; nothing is asked yet.

        Args:
            named: a URL of the server that a person named: how far inside it stands bounds where it may lead.
            credentials: for each origin, what gives the headers that let a request in.
            hint: what to do when the server wants other credentials.
            patience: how slow it may be.
            reached: the addresses of the named server, where they are fixed, and not to be found and judged.
            tls: how certificates are verified, and which one is shown; None for the system's authorities, and none.
        """
        self._named = Origin.of(named)
        self._credentials = dict(credentials or {})
        self._hint = hint
        self._patience = patience
        self._reached = reached
        self._tls = tls
        self._connections: dict[Origin, Connection] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    @functools.cached_property
    def within(self) -> Closeness:
        """Return how far inside the named server stands."""
        return (self._reached or reach(self._named, within=Closeness.LOOPBACK, is_named=True)).closeness

    def admit(self, url: str, authorise: Authorise) -> None:
        """Use these credentials for the origin of a URL."""
        self._credentials[Origin.of(url)] = authorise

    def fetch(
        self, url: str, *, limit: int, headers: Mapping[str, str] | None = None, accept: frozenset[int] = OK
    ) -> Fetched:
        """Return a whole small answer; errors as of `open` and `Answer.read`."""

        def once() -> Fetched:
            with self.open(url, headers=headers, accept=accept) as answer:
                return Fetched(answer.url, answer.status, answer.headers, answer.read(limit))

        return self.patiently(once)

    def patiently(self, ask: Callable[[], T]) -> T:
        """Return what `ask` returns, asking again for failures that may pass; raise `Unavailable` when they do not."""
        for attempt in range(self._patience.retries + 1):
            try:
                return ask()
            except Passing as failure:
                if attempt == self._patience.retries:
                    tries = f", asked {attempt + 1} times" if attempt else ""
                    raise Unavailable(f"{failure}{tries}", "try again later") from None
                wait = max(self._patience.backoff_seconds * 2**attempt, failure.wait_seconds)
                time.sleep(min(wait, self._patience.longest_wait_seconds))
        raise AssertionError("unreachable")

    def open(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        accept: frozenset[int] = OK,
        within: Closeness | None = None,
    ) -> Answer:
        """Ask once, follow redirects, and return the answer with its body unread. Call it through `patiently`.

        Args:
            url: what is asked for.
            headers: of the request.
            accept: the status codes that are answers here; any other is an error.
            within: how far inside the server may stand; None for as far as the named one.

        Raises:
            Unavailable: the server does not answer, or not with one of these.
        """
        within = self.within if within is None else within
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(url, headers or {}, within)
            if answer.status not in _REDIRECTS:
                return _judged(answer, accept, self._hint)
            with answer:
                url, within = _next(answer, within)
        raise Unavailable(f"{shown(url)}: more than {MAX_REDIRECTS} redirects", "name the address where it ends")

    def send(
        self,
        url: str,
        *,
        method: str,
        headers: Mapping[str, str],
        body: Body | None = None,
        accept: frozenset[int] = OK,
    ) -> Answer:
        """Ask once with any method, follow nothing, and return the answer with its body unread; errors as of `open`.

        Args:
            url: of the server that a person named.
            method: as in `PUT`.
            headers: all that the request needs, also what lets it in; its `Content-Length` where it has a body.
            body: gives the pieces of the body, again each time that it is called.
            accept: the status codes that are answers here.
        """
        return _judged(self._ask(url, headers, self.within, method=method, body=body), accept, self._hint)

    def _ask(
        self, url: str, headers: Mapping[str, str], within: Closeness, *, method: str = "", body: Body | None = None
    ) -> Answer:
        origin = Origin.of(url)
        connection = self._connection(origin, within)
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not target.isascii() or not target.isprintable() or " " in target:
            raise Unavailable(f"{shown(url)}: an address with letters that are not encoded", "write them as %XX")
        asked = {**_ALWAYS, **headers}
        authorise = self._credentials.get(origin)
        if authorise is not None and not method:
            asked.update(authorise(url, asked))
        was_open = connection.sock is not None
        try:
            with _failing(url):
                connection.begin_answer()
                connection.request(method or "GET", target, body=body() if body else None, headers=asked)
                connection.begin_answer()  # sending a long body is no part of the answer's time
                connection.expect()
                response = connection.getresponse()
        except Passing:
            connection.close()
            if was_open:  # the server had closed it while it was idle: no fault, so no wait
                return self._ask(url, headers, within, method=method, body=body)
            raise
        except BaseException:
            connection.close()
            raise
        return Answer(url, response, connection, min(within, connection.reached.closeness))

    def _connection(self, origin: Origin, within: Closeness) -> Connection:
        connection = self._connections.pop(origin, None)
        if connection is None or connection.reached.closeness > within:
            if connection is not None:
                connection.close()
            fixed = self._reached if origin == self._named else None
            connection = Connection(
                origin, fixed or reach(origin, within=within), self._patience, self._tls or _context()
            )
        self._connections[origin] = connection
        while len(self._connections) > _MAX_CONNECTIONS:
            oldest = next(iter(self._connections))
            self._connections.pop(oldest).close()
        return connection


@contextmanager
def kept_open(client: Client) -> Iterator[Client]:
    """Close the client if the block fails; whoever gets its result closes it otherwise."""
    try:
        yield client
    except BaseException:
        client.close()
        raise


@functools.cache
def _context() -> ssl.SSLContext:
    """Return the one TLS context: certificates and names are verified, by the system's roots or SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _failing:  # noqa: N801 - reads as a word of the `with` statement
    """The one door from the network's exceptions to ours."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or isinstance(error, HauberkError | Passing):
            return
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Unavailable(
                f"{shown(self._url)}: its certificate does not hold: {printable(error.verify_message)}",
                "ask its owner; a private authority is named by `ca` of ledger.service, --ca or SSL_CERT_FILE",
            ) from None
        if isinstance(error, TimeoutError):
            raise Passing(f"{shown(self._url)}: too slow, or no answer") from None
        if isinstance(error, OSError):
            reason = error.strerror or type(error).__name__
            raise Passing(f"{shown(self._url)}: {printable(reason)}{self._or_tls(error)}") from None
        if isinstance(error, http.client.HTTPException | ValueError):
            raise Passing(f"{shown(self._url)}: no HTTP answer ({type(error).__name__}){self._or_tls(error)}") from None

    def _or_tls(self, error: BaseException) -> str:
        """Ask about HTTPS where plain HTTP was hung up on, or answered by what is no HTTP: so a server of TLS does."""
        met = isinstance(error, ConnectionResetError | http.client.BadStatusLine) and self._url.startswith("http://")
        return "; it was asked by http://: is it https://?" if met else ""


def _judged(answer: Answer, accept: frozenset[int], hint: str) -> Answer:
    """Return an answer whose status is one that was asked for; raise for any other."""
    status, where = answer.status, shown(answer.url)
    if status in accept:
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", ""):
            answer.__exit__()
            packs = f"{where}: the server packs its answer ({printable(encoding)[:40]}), unasked"
            raise Unavailable(packs, "switch that off at the server, or at the proxy before it")
        return answer
    if status in _PASSING:
        answer.__exit__()
        raise Passing(f"{where}: the server answers {status}", _retry_after(answer.headers))
    why = _complaint(answer)
    if status in (401, 403) or why in NO_GOOD_KEYS:
        told = f"{status}, {why}" if why else str(status)
        raise Unavailable(f"{where}: the server lets us not in ({told})", hint or "check the credentials")
    if status in (404, 410):
        raise Unavailable(
            f"{where}: there is no such thing ({status})", f"check the address; {hint}" if hint else "check the address"
        )
    raise Unavailable(f"{where}: the server answers {f'{status}, {why}' if why else status}", "check the address")


def _complaint(answer: Answer) -> str:
    """Return the code by which S3 names an error, from the first bytes of a refusal; its body is dropped."""
    with answer:
        try:
            body = answer.read(_MAX_COMPLAINT)
        except (Passing, HauberkError):
            return ""
    found = ERROR_CODE.search(body)
    return found[1].decode() if found else ""


def _next(answer: Answer, within: Closeness) -> tuple[str, Closeness]:
    """Return where a redirect leads, and how far inside that may be."""
    location = answer.headers.get("Location", "")
    try:
        url = urljoin(answer.url, location)
        to, came = Origin.of(url), Origin.of(answer.url)
    except ValueError:
        raise Unavailable(f"{shown(answer.url)}: a redirect to nowhere", _REDIRECT_HINT) from None
    if not location or (to.scheme != "https" and came.scheme == "https") or to.scheme not in ("http", "https"):
        raise Unavailable(f"{shown(answer.url)}: a redirect to {shown(url)}, which is not https", _REDIRECT_HINT)
    return url, min(within, answer.within)


def _retry_after(headers: Message) -> float:
    text = headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0


def _too_long(url: str, limit: int) -> Exceeded:
    return Exceeded(f"{shown(url)}: the answer is longer than the {limit} bytes that are allowed", "check the address")
