"""A connection to a PostgreSQL: questions, answers, and an end that is final.

What the server refuses is an answer, and the connection goes on. Whatever else goes wrong ends it: a stream of which
one message was lost or half read says nothing that can be relied on, and nobody makes another connection in its place.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

from pg8000.core import SYNC_MSG, Context, CoreConnection
from pg8000.exceptions import DatabaseError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from hauberk.edge.postgres_address import Address

_CONNECT_SECONDS = 10
_SILENT_SECONDS = 120  # without a byte, of a server that was stopped, say: longer than any of its own limits here
# A server that is gone without a word is noticed: seconds, but milliseconds in the last.
_NOTICE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 30_000))
_LAST_ANSWERS = 3  # of a server that goes; one that answers on says nothing more that counts
_UNNAMED = b"\x00"
_ASKS_FOR_PASSWORD = (3, 5, 10)  # in the clear, MD5, SASL: postgresql.org/docs/current/protocol-message-formats.html
_IN_THE_CLEAR = 3
_WRONG_PASSWORD = "28P01"  # noqa: S105 - a code
_BIGINT, _BYTEA, _BY_CONTEXT = 20, 17, 0


class LinkError(Exception):
    """What went wrong: the server's words and its SQLSTATE, which is empty where the connection itself is lost."""

    def __init__(self, said: str, state: str = "") -> None:
        """Take both."""
        super().__init__(said)
        self.state = state


class _Wire(CoreConnection):  # type: ignore[misc]
    """The protocol. What the library drops is kept: the last refusal, and how the last command was answered."""

    refusal: dict[str, str] | None = None
    answer = ""

    def __init__(self, address: Address, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        self._is_private = context is not None or address.host.startswith("/")
        super().__init__(
            address.user,
            host=address.host,
            database=address.dbname,
            password=address.secret or None,
            ssl_context=context or False,
            application_name="hauberk",
            startup_params={"client_encoding": "UTF8"},
            sock=sock,
        )
        self._usock.settimeout(_SILENT_SECONDS)  # an append may wait for others, and a large table for its disk

    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: Any) -> None:  # noqa: N802 - the library's name
        kind = int.from_bytes(data[:4], "big")
        if self.password is None and kind in _ASKS_FOR_PASSWORD:
            raise LinkError("no password supplied")
        if kind == _IN_THE_CLEAR and not self._is_private:
            raise LinkError(
                "it asks for the password in the clear, which was not sent: let it ask for SCRAM, or use TLS"
            )
        super().handle_AUTHENTICATION_REQUEST(data, context)

    def handle_ERROR_RESPONSE(self, data: bytes, context: Any) -> None:  # noqa: N802 - the library's name
        super().handle_ERROR_RESPONSE(data, context)
        self.refusal = context.error.args[0]

    def handle_COMMAND_COMPLETE(self, data: bytes, context: Any) -> None:  # noqa: N802, ARG002 - the library's name
        self.answer = data.rstrip(b"\x00").decode("ascii", "replace")

    def ask(self, query: str, values: Sequence[object]) -> list[Any]:
        """Ask one question in one round trip; without values it may be several, one after the other."""
        self.refusal, self.answer = None, ""
        self.notices.clear()
        if not values:
            return self.execute_simple(query).rows or []
        context = Context(query)
        self.send_PARSE(_UNNAMED, query, [_type(value) for value in values])
        self.send_DESCRIBE_STATEMENT(_UNNAMED)
        self.send_BIND(_UNNAMED, [_text(value) for value in values])
        self.send_EXECUTE()
        self._sock.write(SYNC_MSG)
        self._sock.flush()
        self.handle_messages(context)
        return context.rows or []

    @property
    def warning(self) -> str:
        """Return what the server warned of in its last answer, or nothing."""
        said = [notice.get(b"M", b"") for notice in self.notices if b"WARNING" in (notice.get(b"V"), notice.get(b"S"))]
        return b"; ".join(said).decode("utf-8", "replace")

    def end(self) -> None:
        """End the connection at once: whoever holds the error that ended it holds what would keep the socket open."""
        open_socket = self._usock
        with suppress(Exception):
            self.close()
        with suppress(OSError):
            if open_socket is not None:
                open_socket.shutdown(socket.SHUT_RDWR)

    def last_words(self) -> dict[str, str] | None:
        """Return why the server ended the connection, which it says before it goes, where it said so."""
        with suppress(Exception):
            self._usock.settimeout(1)
            for _ in range(_LAST_ANSWERS):
                if self.refusal is None:
                    self.handle_messages(Context(""))
        return self.refusal


class Link:
    """An open connection, for one thread at a time."""

    def __init__(self, address: Address) -> None:
        """Connect; raise `LinkError`, without a state unless the password is wrong."""
        self._lock = Lock()
        self._wire: _Wire | None = None
        self.answer = self.warning = ""
        context = address.context()
        try:
            sock = _socket(address)
            try:
                self._wire = _Wire(address, sock, context)
            except BaseException:
                sock.close()
                raise
        except DatabaseError as error:
            refused = _refused(error.args[0])
            raise LinkError(str(refused), refused.state if refused.state == _WRONG_PASSWORD else "") from None
        except LinkError:
            raise
        except Exception as error:  # noqa: BLE001 - of a server that is none, or that is gone in a message
            raise LinkError(_said(error)) from None

    @property
    def is_closed(self) -> bool:
        """Say whether it has ended."""
        return self._wire is None

    def ask(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question with `$1`, `$2` … where a value goes."""
        with self._lock:
            if self._wire is None:
                raise LinkError("the connection is closed")
            try:
                rows = self._wire.ask(query, values)
                self.answer, self.warning = self._wire.answer, self._wire.warning
            except DatabaseError as error:
                raise _refused(error.args[0]) from None
            except Exception as error:  # noqa: BLE001 - of a server that is none, or that is gone in a message
                words = self._wire.last_words()
                self.close()
                raise (_refused(words) if words else LinkError(_said(error))) from None
            except BaseException:
                self.close()
                raise
            return [tuple(row) for row in rows]

    def close(self) -> None:
        """End it."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.end()


def _said(error: Exception) -> str:
    if isinstance(error.__cause__ or error, TimeoutError):
        return f"it has been silent for too long: {_CONNECT_SECONDS} seconds, or {_SILENT_SECONDS} once it had answered"
    cause = f": {error.__cause__}" if error.__cause__ else ""
    return " ".join(f"{error}{cause}".split()) or type(error).__name__


def _refused(words: dict[str, str]) -> LinkError:
    said = " ".join(words[key] for key in "MD" if key in words)
    return LinkError(" ".join(said.split()) or "no reason", words.get("C", ""))


def _socket(address: Address) -> socket.socket:
    if address.host.startswith("/"):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(_CONNECT_SECONDS)
            sock.connect(f"{address.host}/.s.PGSQL.{address.port}")
        except BaseException:
            sock.close()
            raise
        return sock
    sock = socket.create_connection((address.host, address.port), _CONNECT_SECONDS)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _NOTICE:
        if (option := getattr(socket, name, None)) is not None:  # not every system has each
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
    return sock


def _type(value: object) -> int:
    return _BIGINT if isinstance(value, int) else _BYTEA if isinstance(value, bytes) else _BY_CONTEXT


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return None if value is None else str(value)
