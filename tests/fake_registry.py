"""A fake OCI registry in this process: what docker-registry does not do, and what a bad one does.

It lists referrers itself, wants a token that ends, and each word in `lies` makes it break a promise. What a real one does
is tested in `services`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGIN = "dXNlcjpwYXNz"  # user:pass
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass
class FakeRegistry:
    """What the registry holds, and how it behaves."""

    url: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    lies: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    token: str = ""
    tokens: int = 0
    uses: int = 1 << 30
    page: int | None = None
    leads: str = ""
    uploads: str = "/v2/org/model/blobs/uploads/1"

    @property
    def place(self) -> str:
        return f"oci://{self.url.removeprefix('http://')}/org/model"


@contextmanager
def fake_registry() -> Iterator[FakeRegistry]:
    """Run the fake on a free port of the loopback address."""
    registry = FakeRegistry()

    class Handler(_Handler):
        fake = registry

    for method in ("GET", "HEAD", "PUT", "POST"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    registry.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeRegistry

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            return self.give_token()
        self.fake.log.append(f"{self.command} {parts.path}")
        if not self.is_let_in():
            realm = f'Bearer realm="{self.fake.url}/token",service="fake",scope="repository:org/model:pull"'
            return self.say(401, headers={"WWW-Authenticate": realm})
        path = parts.path.removeprefix("/v2/org/model/")
        kind, _, reference = path.partition("/")
        return getattr(self, f"of_{kind}")(reference)

    def is_let_in(self) -> bool:
        if "token" not in self.fake.lies:
            return True
        self.fake.uses -= 1
        wanted = f"Bearer {self.fake.token}"
        return self.fake.uses > 0 and bool(self.fake.token) and self.headers.get("Authorization") == wanted

    def give_token(self) -> None:
        if self.headers.get("Authorization") != f"Basic {LOGIN}":
            return self.say(401)
        self.fake.tokens += 1
        self.fake.uses = 20
        self.fake.token = f"t{self.fake.tokens}-{self.query['scope'].rpartition(':')[2].replace(',', '+')}"
        return self.say(200, json.dumps({"token": self.fake.token}).encode())

    def of_blobs(self, reference: str) -> None:
        if self.command == "POST":
            where = "http://127.0.0.2:1/elsewhere" if "elsewhere" in self.fake.lies else self.fake.uploads
            return self.say(202, headers={"Location": where})
        if self.command == "PUT":
            digest = f"sha256:{hashlib.sha256(self.body).hexdigest()}"
            if digest != self.query["digest"]:
                return self.say(400)
            self.fake.blobs[digest] = self.body
            return self.say(201)
        data = self.fake.blobs.get(reference)
        if data is None:
            return self.say(404)
        data = b"x" + data[1:] if "rot" in self.fake.lies else data
        begin = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        if begin and "no ranges" not in self.fake.lies:
            self.fake.log.append(f"from {begin}")
            start = int(begin)
            if start >= len(data):
                return self.say(416)
            told = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            return self.say(206, data[start:], told)
        return self.say(200, data)

    def of_manifests(self, reference: str) -> None:
        if self.command == "PUT":
            digest = f"sha256:{hashlib.sha256(self.body).hexdigest()}"
            if "lost index" in self.fake.lies and reference.startswith("sha256-"):
                return self.say(201)
            self.fake.manifests[reference] = self.fake.manifests[digest] = self.body
            about = json.loads(self.body).get("subject")
            told = {"OCI-Subject": about["digest"]} if about and "no referrers" not in self.fake.lies else {}
            return self.say(201, headers=told)
        data = self.fake.manifests.get(reference)
        return self.say(404) if data is None else self.say(200, data)

    def of_referrers(self, reference: str) -> None:
        if "no referrers" in self.fake.lies:
            return self.say(404)
        found = []
        for name, data in self.fake.manifests.items():
            said = json.loads(data)
            if name.startswith("sha256:") and said.get("subject", {}).get("digest") == reference:
                found.append({"mediaType": MANIFEST, "digest": name, "artifactType": said["artifactType"]})
        more = {}
        if (page := self.fake.page) is not None:
            start = int(self.query.get("last", 0))
            found, rest = found[start : start + page], found[start + page :]
            leads = f"<{self.fake.leads}{urlsplit(self.path).path}?last={start + page}>"
            more = {"Link": f'{leads}; rel="next"'} if rest or not page else {}
        return self.say(200, json.dumps({"schemaVersion": 2, "manifests": found}).encode(), more)

    def say(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
