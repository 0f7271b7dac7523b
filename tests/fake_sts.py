"""A fake of AWS STS, of its one action that needs no keys: strict about the form and the token, and able to lie.

Source: "AssumeRoleWithWebIdentity", AWS STS API Reference: lengths and letters of each parameter, errors by their codes.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from fake_machine import FakeMachine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_bucket import FakeBucket

ROLE = "arn:aws:iam::123456789012:role/train"
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_PARAMETERS = {"Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken"}
_XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class FakeSts:
    """The fake: which token it knows, how it behaves, and what it was asked."""

    machine: FakeMachine
    url: str = ""
    token: str = "eyJ.web.identity"
    refuses: str = ""
    log: list[dict[str, str]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeSts

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        self.fake.log.append(form)
        if self.fake.refuses:
            return self.refuse(400, self.fake.refuses)
        if self.path != "/" or "Authorization" in self.headers or set(form) != _PARAMETERS:
            return self.refuse(400, "ValidationError")
        if self.headers["Content-Type"] != "application/x-www-form-urlencoded":
            return self.refuse(400, "ValidationError")
        if (form["Action"], form["Version"]) != ("AssumeRoleWithWebIdentity", "2011-06-15"):
            return self.refuse(400, "InvalidAction")
        if not _SESSION.fullmatch(form["RoleSessionName"]) or not 4 <= len(form["WebIdentityToken"]) <= 20_000:
            return self.refuse(400, "ValidationError")
        if form["RoleArn"] != ROLE:
            return self.refuse(403, "AccessDenied")
        if form["WebIdentityToken"] != self.fake.token:
            return self.refuse(400, "InvalidIdentityToken")
        keys = self.fake.machine.keys()
        keys = {"SessionToken" if name == "Token" else name: value for name, value in keys.items()}
        rows = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in keys.items())
        name = "AssumeRoleWithWebIdentity"
        body = f"<{name}Response xmlns='{_XMLNS}'><{name}Result><Credentials>{rows}</Credentials></{name}Result></{name}Response>"
        lies = self.fake.machine.lies
        return self.say(200, "no xml" if "garbage" in lies else f"<!DOCTYPE x>{body}" if "doctype" in lies else body)

    def refuse(self, status: int, code: str) -> None:
        self.say(status, f"<ErrorResponse xmlns='{_XMLNS}'><Error><Code>{code}</Code></Error></ErrorResponse>")

    def say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def fake_sts(bucket: FakeBucket) -> Iterator[FakeSts]:
    """Run the fake on a free port of the loopback address."""
    sts = FakeSts(FakeMachine(bucket))

    class Handler(_Handler):
        fake = sts

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sts.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield sts
    finally:
        server.shutdown()
        server.server_close()
