"""One connection: to an address that was judged, over TLS that was verified, never slower than patience allows.

A time-out for each read alone lets a server send one byte every nine seconds for ever. So every read also has a
deadline that moves with what has come: `grace_seconds` for an answer, then at least `least_rate` bytes a second. The
same holds for what is sent. And of what has come, `_MOST_UNREAD` bytes at most may pass before somebody gets something
of them: headers before the answer, and what stands between and behind the pieces of a body, have no end otherwise.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.files import printable, read_file
from hauberk.errors import Exceeded, Misconfigured, Unavailable

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath
    from hauberk.edge.remote.hosts import Origin, Reached

_MOST_CA_BYTES: Final = 1 << 20
_MOST_UNREAD: Final = 4 << 20
_SENT_AT_ONCE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may take, and how often it is asked again.

    Attributes:
        connect_seconds: for a connection and its handshake.
        silence_seconds: between two pieces of an answer.
        grace_seconds: for an answer before `least_rate` counts.
        longest_seconds: for all of an answer, however fast it comes: one may have no end.
        least_rate: bytes a second, of what comes and of what is sent.
        retries: after the first try, for what may pass: a broken connection, 429, 5xx.
        backoff_seconds: before the first of them; twice as long before the next.
        longest_wait_seconds: the most that a server's Retry-After is heeded.
    """

    connect_seconds: float = 10
    silence_seconds: float = 20
    grace_seconds: float = 30
    longest_seconds: float = math.inf
    least_rate: int = 16 << 10
    retries: int = 3
    backoff_seconds: float = 0.5
    longest_wait_seconds: float = 20


class Connection(http.client.HTTPConnection):
    """A connection that is opened when it is first used, and again after it was closed."""

    def __init__(self, origin: Origin, reached: Reached, patience: Patience, context: ssl.SSLContext) -> None:
        super().__init__(origin.host, origin.port, timeout=patience.connect_seconds)
        self.reached = reached
        self._origin = origin
        self._patience = patience
        self._context = context
        self._paced: Line | None = None

    def connect(self) -> None:
        """Connect to the first address that answers, then shake hands if the scheme wants it; raise `OSError`."""
        self.sock = self._paced = open_line(self._origin, self.reached, self._patience, self._context)

    def begin_answer(self) -> None:
        """Start the clock of the answer to a request that is sent now."""
        if self._paced is not None:
            self._paced.begin()

    def expect(self) -> None:
        """Let the next piece of the answer come, with what stands before it."""
        if self._paced is not None:
            self._paced.expect()


def open_line(origin: Origin, reached: Reached, patience: Patience, context: ssl.SSLContext) -> Line:
    """Connect to the first address that answers, then shake hands if the scheme is `https`; raise `OSError`."""
    failure: OSError = OSError("no address")
    for family, address in reached.addresses:
        try:
            plain = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # of a family that this machine has not, as without IPv6
            failure = error
            continue
        try:
            plain.settimeout(patience.connect_seconds)
            plain.connect(address)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if origin.scheme == "https":
                plain = context.wrap_socket(plain, server_hostname=origin.host)
            return Line(plain, patience)
        except ssl.SSLCertVerificationError:
            plain.close()
            raise
        except OSError as error:
            plain.close()
            failure = error
    raise failure


def tls_context(ca: StrPath | None) -> ssl.SSLContext:
    """Return how certificates are verified: by the system's authorities, or by those of a PEM file.

    Raises:
        Misconfigured: the file holds no certificate.
        Unavailable: it cannot be read.
    """
    try:
        text = None if ca is None else read_file(ca, limit=_MOST_CA_BYTES).decode("ascii")
        context = ssl.create_default_context(cadata=text)
    except (ValueError, ssl.SSLError):
        raise Misconfigured(f"{printable(ca or '')} holds no certificate", "name a PEM file") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def client_context(ca: StrPath | None, certificate: StrPath | None, key: StrPath | None) -> ssl.SSLContext:
    """Return how certificates are verified, and which one is shown to a server that asks for one.

    Raises:
        Misconfigured: a file holds no certificate or key, the key is encrypted or not the certificate's, or one of both
            is missing.
        Unavailable: one cannot be read.
    """
    context = tls_context(ca)
    if certificate is None and key is None:
        return context
    if certificate is None or key is None:
        raise Misconfigured("a certificate to show needs its key, and a key its certificate", "name both, or none")
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise Misconfigured(f"{printable(certificate)} and its key: {error.reason}", "name two PEM files") from None
    except OSError as error:
        raise Unavailable(
            f"{printable(certificate)} or {printable(key)}: {error.strerror}", "check the paths"
        ) from None
    return context


def _no_password() -> str:
    raise Misconfigured("the key of the TLS certificate is encrypted", "give one that is not, readable by us only")


class Line:
    """A socket with the clock of its answer; what `http.client` wants of a socket, and no more."""

    def __init__(self, plain: socket.socket, patience: Patience) -> None:
        self._plain = plain
        self._patience = patience
        self._readers = 0
        self._is_closed = False
        self._unread: int | None = None  # counted where somebody says what he expects
        self.begin()

    def begin(self, within: float = math.inf) -> None:
        """Start the clock of an answer, all of which is there in so many seconds."""
        self._begun, self._received = time.monotonic(), 0
        self._longest = min(within, self._patience.longest_seconds)
        self._sending, self._sent = 0.0, 0

    def expect(self) -> None:
        """Count what comes from now on, until this is called again: it is a few bytes more than somebody gets."""
        self._unread = 0

    def sendall(self, data: Any) -> None:
        """Send all of it; raise `TimeoutError` where the other side takes it too slowly."""
        rest, patience = memoryview(data).cast("B"), self._patience
        self._sending = self._sending or time.monotonic()
        while rest:
            left = self._sending + patience.grace_seconds + self._sent / patience.least_rate - time.monotonic()
            if left <= 0:
                raise TimeoutError("too slow")
            self._plain.settimeout(min(left, patience.silence_seconds))
            count = self._plain.send(rest[:_SENT_AT_ONCE])
            self._sent, rest = self._sent + count, rest[count:]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what comes in as a file, which keeps the line open until it is closed."""
        self._readers += 1
        return io.BufferedReader(_Reader(self), 1 << 16)

    def receive(self, into: Any) -> int:
        """Read into a buffer; raise `TimeoutError` where the answer is too slow."""
        allowed = self._patience.grace_seconds + self._received / self._patience.least_rate
        left = self._begun + min(allowed, self._longest) - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._plain.settimeout(min(left, self._patience.silence_seconds))
        count = self._plain.recv_into(into)
        self._received, self._sending, self._sent = self._received + count, 0.0, 0
        if self._unread is not None:
            self._unread += count
            if self._unread > _MOST_UNREAD:
                raise Exceeded(
                    f"{_MOST_UNREAD} bytes came of an answer, and nothing that can be read",
                    "the server sends headers without an end: check the address, and ask its owner",
                )
        return count

    def release(self) -> None:
        """Take one reader away."""
        self._readers -= 1
        self._end()

    def close(self) -> None:
        """Close the line, once no reader needs it."""
        self._is_closed = True
        self._end()

    def _end(self) -> None:
        """Close the socket once neither the connection nor a body needs it: http.client closes before it reads."""
        if self._is_closed and self._readers <= 0:
            self._plain.close()


class _Reader(io.RawIOBase):
    """What comes in on a connection."""

    def __init__(self, paced: Line) -> None:
        self._paced = paced

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self._paced.receive(into)

    def close(self) -> None:
        if not self.closed:
            self._paced.release()
        super().close()
