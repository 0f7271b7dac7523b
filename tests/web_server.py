"""A web server of this process that answers as it is told, well or badly: for tests of what reads from other machines."""

from __future__ import annotations

import hashlib
import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Asked:
    """One request: its path with the query, its headers in lower case, its method and its body."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass
class Said:
    """One answer. `body` may be an endless iterator of pieces; then `length` is not sent unless it is given."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = b""
    length: int | None = None


@dataclass
class Server:
    """A server that runs; `routes` maps a path without query to bytes, an answer, or a function that makes one."""

    url: str
    routes: dict[str, bytes | Said | Callable[[Asked], Said]]
    log: list[Asked] = field(default_factory=list)
    sent: int = 0


@contextmanager
def serving(routes: Mapping[str, bytes | Said | Callable[[Asked], Said]] | None = None) -> Iterator[Server]:
    """Run a server on a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked = Asked(self.path, headers, self.command, body)
            server.log.append(asked)
            route = server.routes.get(self.path.partition("?")[0], Said(404))
            if isinstance(route, bytes):
                route = ranged(route)
            said = route(asked) if callable(route) else route
            try:
                self.answer(said)
            except OSError:
                self.close_connection = True

        def do_POST(self) -> None:
            self.do_GET()

        def do_PATCH(self) -> None:
            self.do_GET()

        def answer(self, said: Said) -> None:
            self.send_response(said.status)
            headers = {name.lower() for name in said.headers}
            for name, value in said.headers.items():
                self.send_header(name, value)
            whole = isinstance(said.body, bytes)
            length = said.length if said.length is not None else len(said.body) if whole else None
            chunked = "transfer-encoding" in headers
            if length is not None and not chunked and "content-length" not in headers:
                self.send_header("Content-Length", str(length))
            if length is None and not chunked:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            for piece in [said.body] if whole else said.body:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                server.sent += len(piece)
            if chunked:
                self.wfile.write(b"0\r\n\r\n")
            if whole and length != len(said.body):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Threads(socketserver.ThreadingMixIn, socketserver.TCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True
        request_queue_size = 32

        def handle_error(self, *_: object) -> None:
            pass

    with Threads(("127.0.0.1", 0), Handler) as listening:
        server = Server(f"http://127.0.0.1:{listening.server_address[1]}", dict(routes or {}))
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


def ranged(data: bytes, *, tag: str | None = None, headers: Mapping[str, str] | None = None) -> Callable[[Asked], Said]:
    """Return a route that serves bytes as good servers do: ranges, a strong tag, conditions on it."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"' if tag is None else tag
    extra = dict(headers or {}) | ({"ETag": tag} if tag else {})

    def answer(asked: Asked) -> Said:
        if asked.headers.get("if-match", tag) != tag:
            return Said(412, extra)
        found = RANGE.fullmatch(asked.headers.get("range", ""))
        if found is None:
            return Said(200, extra, data)
        start, stop = int(found[1]), min(int(found[2] or len(data)) + 1, len(data))
        if start >= len(data):
            return Said(416, extra | {"Content-Range": f"bytes */{len(data)}"})
        return Said(206, extra | {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}, data[start:stop])

    return answer
