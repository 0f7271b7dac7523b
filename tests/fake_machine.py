"""A fake of the services that give a machine or a container its credentials: strict about each header, and able to lie.

| path                                          | as                                                      | source         |
|-----------------------------------------------|---------------------------------------------------------|----------------|
| /v2/credentials/…                             | the agent of ECS and SageMaker                          | "Task IAM role", Amazon ECS |
| /v1/credentials                               | the agent of EKS, which wants the pod's token           | "Container credential provider", AWS SDKs |
| /latest/…                                     | EC2's metadata service, of which version 1 is off       | "Retrieve security credentials", EC2 |
| /computeMetadata/v1/…                         | Google's, which keeps a token for all but 5 minutes     | "Authenticate workloads", Compute Engine |

The stores that they let into are `FakeBucket` and `FakeGcs`, which learn of each key and its end. No real one is in the
tests: what is tested here is the contract as the references write it down.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_bucket import FakeBucket
    from fake_gcs import FakeGcs

HOUR = 3600
CONTAINER = "/v2/credentials/5a1f"
POD = "/v1/credentials"
POD_TOKEN = "eyJ.pod.token"
ROLE = "train-role"
SCOPES = {f"https://www.googleapis.com/auth/devstorage.{what}" for what in ("read_only", "full_control")}
_ROLES = "/latest/meta-data/iam/security-credentials/"
_TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token"


@dataclass
class FakeMachine:
    """The fake: whom it lets in where, how it behaves, and what it was asked."""

    bucket: FakeBucket | None = None
    gcs: FakeGcs | None = None
    port: int = 0
    lies: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    given: int = 0
    token: tuple[str, float] = ("", 0)

    def keys(self) -> dict[str, str]:
        """Make new keys for the bucket, which hold for an hour."""
        self.given += 1
        until = self.bucket.now() + HOUR if "ended" not in self.lies else self.bucket.now() - 1
        names = f"ASIAFAKE{self.given}", f"secret/{self.given}+=", f"session/{self.given}=="
        self.bucket.keys[names[0]] = (names[1], names[2], until)
        end = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = dict(zip(("AccessKeyId", "SecretAccessKey", "Token"), names, strict=True)) | {"Expiration": end}
        if "no end" in self.lies:
            del said["Expiration"]
        if "odd end" in self.lies:
            said["Expiration"] = "tomorrow"
        if "odd letters" in self.lies:
            said["Token"] += "\r\nX-Injected: 1"
        return said

    def google_token(self) -> dict[str, object]:
        """Return the token that is kept, or a new one when it holds for less than five minutes."""
        now = self.gcs.now()
        if self.token[1] - now < 300:
            self.given += 1
            self.token = (f"ya29.machine{self.given}", now + HOUR - 1)
            self.gcs.tokens[self.token[0]] = self.token[1]
        seconds: object = int(self.token[1] - now)
        for lie, value in (("no end", None), ("odd end", "soon"), ("ended", 0)):
            seconds = value if lie in self.lies else seconds
        text = f"{self.token[0]}\r\nX: 1" if "odd letters" in self.lies else self.token[0]
        return {"access_token": text, "expires_in": seconds, "token_type": "Bearer"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeMachine

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_PUT(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        parts = urlsplit(self.path)
        self.fake.log.append(f"{self.command} {parts.path}")
        if "slow" in self.fake.lies:
            time.sleep(3)
        if "gone" in self.fake.lies:
            return self.say(500, b"")
        if "redirect" in self.fake.lies:
            return self.say(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"})
        if "X-Forwarded-For" in self.headers or int(self.headers.get("Content-Length", "0")):
            return self.say(403, b"")
        if parts.path == CONTAINER:
            return self.json(self.fake.keys()) if "Authorization" not in self.headers else self.say(400, b"")
        if parts.path == POD:
            is_known = self.headers.get("Authorization") == POD_TOKEN
            return self.json(self.fake.keys()) if is_known else self.say(401, b"")
        if parts.path.startswith("/latest/"):
            return self.of_amazon(parts.path)
        if parts.path == _TOKEN:
            return self.of_google(parse_qs(parts.query))
        return self.say(404, b"")

    def of_amazon(self, path: str) -> None:
        if path == "/latest/api/token":
            seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            if self.command != "PUT" or not seconds.isdigit() or not 1 <= int(seconds) <= 21_600:
                return self.say(400, b"")
            return self.say(200, b"<html> a page" if "portal" in self.fake.lies else b"AQAEsession==")
        if self.command != "GET" or self.headers.get("X-aws-ec2-metadata-token") != "AQAEsession==":
            return self.say(401, b"")
        if path == _ROLES:
            return self.say(404, b"") if "no role" in self.fake.lies else self.say(200, ROLE.encode())
        if path != f"{_ROLES}{ROLE}":
            return self.say(404, b"")
        if "failed" in self.fake.lies:
            return self.json({"Code": "AssumeRoleUnauthorizedAccess", "Message": "…"})
        return self.json({"Code": "Success", "Type": "AWS-HMAC", **self.fake.keys()})

    def of_google(self, query: dict[str, list[str]]) -> None:
        flavor = {} if "portal" in self.fake.lies else {"Metadata-Flavor": "Google"}
        asked = set(query.get("scopes", [""])[0].split(",")) - {""}
        if self.command != "GET" or self.headers.get("Metadata-Flavor") != "Google" or asked - SCOPES:
            return self.say(403, b"", flavor)
        if "no role" in self.fake.lies:
            return self.say(404, b"", flavor)
        return self.json(self.fake.google_token(), flavor)

    def json(self, document: object, headers: dict[str, str] | None = None) -> None:
        body = b"no json" if "garbage" in self.fake.lies else json.dumps(document).encode()
        body += b" " * (1 << 17) if "long" in self.fake.lies else b""
        self.say(200, body, {"Content-Type": "application/json", **(headers or {})})

    def say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fake_machine(*, bucket: FakeBucket | None = None, gcs: FakeGcs | None = None) -> Iterator[FakeMachine]:
    """Run the fake on a free port of the loopback address."""
    machine = FakeMachine(bucket, gcs)

    class Handler(_Handler):
        fake = machine

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    machine.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield machine
    finally:
        server.shutdown()
        server.server_close()
