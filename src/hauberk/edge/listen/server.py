"""The server: one thread for each connection, so many at most, and none that waits for a client for ever.

All of a request has to be there in `request_seconds`, and a second more for each `least_rate` bytes of a body; a client
that sends a byte now and then gains nothing. Where all places are taken, whoever has waited longest without a whole
request makes room, so idle and slow clients cannot keep others out. Nothing here says who may ask what.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, TypeVar

from hauberk.edge.files import printable
from hauberk.edge.listen.request import END, MOST_HEAD_BYTES, Asked, Head, Said
from hauberk.errors import Exceeded, HauberkError, Malformed, Unavailable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    Answer = Callable[[Asked], Said]
    Admit = Callable[[Head], object]

T = TypeVar("T")

_PIECE: Final = 1 << 16
_BACKLOG: Final = 128
_FULL: Final = Said(503, b"too many connections: try again\n", headers={"Retry-After": "1"})
_FAULT: Final = Said(500, b"a fault of this service: its owner finds it in the log\n")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a client may take.

    Attributes:
        body_bytes: of one request.
        connections: at once.
        request_seconds: for the head of a request, and for a body besides `least_rate`.
        idle_seconds: between two requests.
        least_rate: bytes a second of a body, and of an answer.
        closing_seconds: for what is being answered when the server is closed.
    """

    body_bytes: int
    connections: int = 128
    request_seconds: float = 10
    idle_seconds: float = 30
    least_rate: int = 64 << 10
    closing_seconds: float = 20


class Server:
    """A server that listens from when it is made; `run` answers. It owns the sockets: use it in a `with` statement."""

    def __init__(
        self,
        host: str,
        port: int,
        answer: Answer,
        bounds: Bounds,
        *,
        tls: ssl.SSLContext | None = None,
        admit: Admit | None = None,
        tell: Callable[[str], None],
    ) -> None:
        """Listen.

        Args:
            host: an address of this machine, or a name of one.
            port: 0 for any that is free.
            answer: is called in many threads; a `HauberkError` that it raises is a fault like any other exception.
            bounds: of each client.
            tls: shake hands by this.
            admit: is called with the head of a request before its body is read; an answer that it returns ends the
                connection, anything else is the request's caller.
            tell: is told of faults, for the log.

        Raises:
            Unavailable: the address cannot be had.
        """
        self._answer, self._bounds, self._tls, self._tell = answer, bounds, tls, tell
        self._admit = admit or _anybody
        self._lock = threading.Lock()
        self._lines: set[_Line] = set()
        self._runs = threading.Lock()
        self._is_closing = False
        self._ended = threading.Condition(self._lock)
        self._wake, self._woken = socket.socketpair()
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            self._listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            self._wake.close()
            self._woken.close()
            reason = error.strerror or "not an address"
            raise Unavailable(f"cannot listen on {printable(host)} port {port}: {reason}", "name another") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Return where the server is found."""
        host, port = self._listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self._tls else 'http'}://{shown}:{port}"

    def run(self) -> None:
        """Answer until `stop` is called, in this thread or another."""
        with self._runs, selectors.DefaultSelector() as selector:
            if self._is_closing:
                return
            selector.register(self._listening, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    return
                self._accept()

    def stop(self) -> None:
        """Have `run` return; may be called by a signal."""
        with contextlib.suppress(OSError):
            self._wake.send(b".")

    def close(self) -> None:
        """Take no more, let what is being answered end, and close what is left then."""
        self._is_closing = True
        self.stop()
        with self._runs:
            self._listening.close()
        until = time.monotonic() + self._bounds.closing_seconds
        with self._lock:
            for line in self._lines:
                line.end_if_waiting()
            while self._lines and (left := until - time.monotonic()) > 0:
                self._ended.wait(left)
            for line in self._lines:
                line.end()
        self._wake.close()
        self._woken.close()

    def _accept(self) -> None:
        try:
            plain, _ = self._listening.accept()
        except OSError:  # it has gone away again, or no descriptor is left
            time.sleep(0.01)
            return
        line = _Line(plain, self._bounds)
        with self._lock:
            has_room = len(self._lines) < self._bounds.connections or self._make_room()
            if has_room:
                self._lines.add(line)
        if has_room:
            try:
                threading.Thread(target=self._attend, args=(line,), daemon=True).start()
            except RuntimeError:  # no thread is left
                with self._lock:
                    self._lines.discard(line)
            else:
                return
        with contextlib.suppress(OSError):
            plain.settimeout(0)
            if self._tls is None:
                plain.send(_FULL.encode(keeps=False))
        plain.close()

    def _make_room(self) -> bool:
        """End the connection that has waited longest for a whole request; say whether there was one.

        Strangers go first: whoever only connects, however often, does not end the request of a caller that was let in.
        """
        waiting = [line for line in self._lines if line.waits_since is not None]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda line: (line.is_let_in, line.waits_since or 0.0))
        oldest.end_if_waiting()
        self._lines.discard(oldest)  # its thread finds that out by itself
        return True

    def _attend(self, line: _Line) -> None:
        try:
            with contextlib.suppress(OSError):  # the client has gone, or is too slow: there is nobody to tell
                line.shake_hands(self._tls)
                while self._converse(line):
                    pass
        finally:
            line.close()
            with self._lock:
                self._lines.discard(line)
                self._ended.notify_all()

    def _converse(self, line: _Line) -> bool:
        """Answer one request; return whether another may follow."""
        try:
            head = line.read_head()
            if head is None:
                return False
            caller = self._safely(head, lambda: self._admit(head))
            if isinstance(caller, Said):
                line.send(caller.encode(keeps=False, bodiless=head.method == "HEAD"))
                return False
            line.is_let_in = caller is not None
            asked = Asked(head, line.read_body(head), caller)
        except HauberkError as error:
            status = 413 if isinstance(error, Exceeded) else 400
            line.send(Said(status, f"{error.message}\n".encode("ascii", "backslashreplace")).encode(keeps=False))
            return False
        said = self._safely(head, lambda: self._answer(asked))
        keeps = head.keeps and said is not _FAULT and not self._is_closing
        line.send(said.encode(keeps=keeps, bodiless=head.method == "HEAD"))
        return keeps

    def _safely(self, head: Head, call: Callable[[], T]) -> T | Said:
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - a fault of one answer must not take the service down, nor be silent
            self._tell(f"a fault at {head.method} {head.path}: {type(error).__name__}: {error}")
            return _FAULT


def _anybody(_: Head) -> None:
    """Let a request in whoever asks."""


class _Line:
    """One connection. What ends it from outside is `end`; its own thread then meets an `OSError`, and closes it."""

    def __init__(self, plain: socket.socket, bounds: Bounds) -> None:
        self._plain, self._bounds = plain, bounds
        self._rest = b""
        self._is_ended = False
        self.is_let_in = False  # whoever asks was let in by the head, and its body comes
        self.waits_since: float | None = time.monotonic()

    def shake_hands(self, tls: ssl.SSLContext | None) -> None:
        self._plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._plain.settimeout(self._bounds.request_seconds)
            shaking = tls.wrap_socket(self._plain, server_side=True, do_handshake_on_connect=False)
            self._plain = shaking  # before it waits for the client: what is ended from outside is this one
            if self._is_ended:
                raise TimeoutError("it made room")
            shaking.do_handshake()

    def read_head(self) -> Head | None:
        """Return the next head, or None where the client has ended; raise `OSError` where it is too slow."""
        self.is_let_in, self.waits_since = False, time.monotonic()
        if not self._rest:
            self._rest = self._receive(self.waits_since + self._bounds.idle_seconds)
        if not self._rest:
            return None
        until = time.monotonic() + self._bounds.request_seconds
        while END not in self._rest:
            if len(self._rest) > MOST_HEAD_BYTES:
                raise Exceeded(f"the head of the request is longer than {MOST_HEAD_BYTES} bytes")
            self._more(until)
        data, _, self._rest = self._rest.partition(END)
        head = Head.parse(data)
        if head.length > self._bounds.body_bytes:
            raise Exceeded(f"a body of {head.length} bytes; {self._bounds.body_bytes} are allowed")
        return head

    def read_body(self, head: Head) -> bytes:
        """Return the body that stands behind a head; from then on the connection does not wait for its client."""
        if head.length and head.headers.get("expect", "").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue" + END)
        until = time.monotonic() + self._bounds.request_seconds + head.length / self._bounds.least_rate
        body = self._body(head.length, until)
        self.waits_since = None
        return body

    def send(self, data: bytes) -> None:
        """Send all of it; raise `OSError` where the client takes it too slowly."""
        self._plain.settimeout(self._bounds.request_seconds + len(data) / self._bounds.least_rate)
        self._plain.sendall(data)

    def end(self) -> None:
        self._is_ended = True
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._plain, socket.SHUT_RDWR)  # not that of TLS, which another thread is reading

    def end_if_waiting(self) -> None:
        if self.waits_since is not None:
            self.end()

    def close(self) -> None:
        self._plain.close()

    def _body(self, length: int, until: float) -> bytes:
        pieces, held = [self._rest], len(self._rest)
        while held < length:
            piece = self._receive(until)
            if not piece:
                raise Malformed("the request ended before its body did")
            pieces.append(piece)
            held += len(piece)
        data = b"".join(pieces)
        self._rest = data[length:]
        return data[:length]

    def _more(self, until: float) -> None:
        piece = self._receive(until)
        if not piece:
            raise Malformed("the request ended before its head did")
        self._rest += piece

    def _receive(self, until: float) -> bytes:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._plain.settimeout(left)
        return self._plain.recv(_PIECE)
