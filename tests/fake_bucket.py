"""A fake of S3 in this process: strict about what it is asked, and able to lie, for tests of what asks it.

It verifies every signature by code of its own, and that it is of now, keeps versions, compares checksums, honours
`If-None-Match` and object locks; each word in `lies` makes it break one of these promises. Keys of a session end: each
request takes `pace` seconds of its clock. What a real server does is tested in `services`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCESS, SECRET = "AKIDFAKE", "secret/of+the=fake"
SETTINGS = {
    "versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    "object-lock": "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
    "encryption": "<C><Rule><D><SSEAlgorithm>aws:kms</SSEAlgorithm></D></Rule></C>",
    "publicAccessBlock": "<P><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
    "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></P>",
    "policyStatus": "<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>",
    "acl": "<AccessControlPolicy/>",
}


@dataclass(frozen=True)
class Version:
    """One version of an object."""

    id: str
    data: bytes
    mode: str = ""
    until: str = ""
    checksum: str = ""
    tag: str = ""


@dataclass
class FakeBucket:
    """The bucket of the fake, and how it behaves."""

    url: str = ""
    name: str = "sets"
    objects: dict[str, list[Version]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    lies: set[str] = field(default_factory=set)
    log: list[tuple[str, str]] = field(default_factory=list)
    expires_after: int = 1 << 30
    keys: dict[str, tuple[str, str, float]] = field(default_factory=lambda: {ACCESS: (SECRET, "", float("inf"))})
    ahead: float = 0
    pace: float = 0
    page: int = 1000
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    meanwhile: Callable[[], object] = lambda: None

    def now(self) -> float:
        """Return what the clock of the service says."""
        return time.time() + self.ahead

    def add(self, key: str, data: bytes, **members: str) -> str:
        """Make a version, and return its id."""
        number = sum(map(len, self.objects.values())) + 1
        made = Version(f"v{number}", data, checksum=_base64(data), tag=f'"{hashlib.md5(data).hexdigest()}"')
        self.objects.setdefault(key, []).append(replace(made, **members))
        return made.id

    def newest(self, key: str) -> Version:
        """Return the newest version of an object."""
        return self.objects[key][-1]


@contextmanager
def fake_bucket(name: str = "sets") -> Iterator[FakeBucket]:
    """Run the fake on a free port of the loopback address."""
    bucket = FakeBucket(name=name)

    class Handler(_Handler):
        fake = bucket

    for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeBucket

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        name, _, key = unquote(parts.path)[1:].partition("/")
        self.fake.log.append((self.command, self.path))
        self.access = self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
        self.secret, self.session, until = self.fake.keys.get(self.access, ("", "", 0))
        self.is_late = self.fake.now() >= until
        self.fake.ahead += self.fake.pace
        if name != self.fake.name:
            self.refuse(404, "NoSuchBucket")
        elif "Authorization" not in self.headers and "open" not in self.fake.lies:
            self.refuse(403, "AccessDenied")
        elif len(self.fake.log) > self.fake.expires_after or (self.secret and self.is_late):
            self.refuse(400, "ExpiredToken")
        elif "Authorization" in self.headers and not self.is_signed():
            self.refuse(403, "SignatureDoesNotMatch")
        elif key:
            getattr(self, f"object_{self.command.lower()}")(key)
        else:
            self.of_bucket()

    def is_signed(self) -> bool:
        given = self.headers["Authorization"]
        scope = given.partition(f"Credential={self.access}/")[2].partition(",")[0]
        names = given.partition("SignedHeaders=")[2].partition(",")[0]
        sent = {name.lower() for name in self.headers if name.lower().startswith("x-amz-")} | {"host"}
        digest = hashlib.sha256(self.body).hexdigest()
        if set(names.split(";")) != sent or self.headers["x-amz-content-sha256"] != digest or not self.secret:
            return False
        signed_at = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        if abs(self.fake.now() - self.fake.pace - signed_at) > 900:
            return False
        if self.headers.get("x-amz-security-token", "") != self.session:
            return False
        parts = urlsplit(self.path)
        query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(self.query.items()))
        rows = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names.split(";"))
        whole = f"{self.command}\n{parts.path}\n{query}\n{rows}\n{names}\n{digest}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        text = "\n".join(
            ["AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope, hashlib.sha256(whole.encode()).hexdigest()]
        )
        return given.endswith(f"Signature={hmac.new(key, text.encode(), 'sha256').hexdigest()}")

    def of_bucket(self) -> None:
        if "versions" in self.query:
            return self.of_versions()
        if "list-type" in self.query:
            prefix = self.query.get("prefix", "")
            rows = "".join(
                f"<Contents><Key>{quote(key)}</Key><Size>{len(made[-1].data)}</Size>"
                f"<ETag>{escape(made[-1].tag)}</ETag></Contents>"
                for key, made in sorted(self.fake.objects.items())
                if key.startswith(prefix)
            )
            return self.say(200, f"<L><EncodingType>url</EncodingType>{rows}</L>".encode())
        (asked,) = [name for name in SETTINGS if name in self.query]
        said = self.fake.settings.get(asked, "!NotImplemented")
        if said.startswith("!"):
            return self.refuse(501 if said == "!NotImplemented" else 404, said[1:])
        return self.say(200, said.encode())

    def of_versions(self) -> None:
        if "no list of versions" in self.fake.lies:
            return self.refuse(501, "NotImplemented")
        after = (self.query.get("key-marker", ""), self.query.get("version-id-marker", ""))
        found = [
            (key, one.id)
            for key, made in sorted(self.fake.objects.items())
            for one in reversed(made)
            if key.startswith(self.query.get("prefix", ""))
        ]
        start = found.index(after) + 1 if after in found and "endless" not in self.fake.lies else 0
        page = found[start : start + min(int(self.query["max-keys"]), self.fake.page)]
        rows = "".join(f"<Version><Key>{quote(k)}</Key><VersionId>{v}</VersionId></Version>" for k, v in page)
        more = ""
        if "endless" in self.fake.lies or start + len(page) < len(found):
            key, version = page[-1]
            more = f"<NextKeyMarker>{quote(key)}</NextKeyMarker><NextVersionIdMarker>{version}</NextVersionIdMarker>"
        text = f"<L><IsTruncated>{'true' if more else 'false'}</IsTruncated>{more}{rows}</L>"
        return self.say(200, text.encode())

    def object_get(self, key: str) -> None:
        self.fake.meanwhile()
        made = self.fake.objects.get(key, [])
        version = self.query.get("versionId", "")
        if version and "other version" not in self.fake.lies:
            made = [one for one in made if one.id == version]
        if not made:
            return self.refuse(404, "NoSuchVersion" if version else "NoSuchKey")
        found = made[-1]
        if "retention" in self.query:
            return self.refuse(404, "NoSuchObjectLockConfiguration")
        data, headers = found.data, self.told(found)
        if "cut" in self.fake.lies:
            data = data[:-1]
        if "longer" in self.fake.lies:
            data += b"\n"
        if "rot" in self.fake.lies:
            data = bytes([data[0] ^ 1]) + data[1:] if data else data
        if self.headers.get("Range") == "bytes=0-0":
            ranged = f"bytes {'0-0' if data else '*'}/{len(data)}"
            return self.say(206 if data else 416, data[:1], {**headers, "Content-Range": ranged})
        if self.headers.get("x-amz-checksum-mode") == "ENABLED" and "no checksum" not in self.fake.lies:
            headers["x-amz-checksum-sha256"] = _base64(b"other") if "checksum" in self.fake.lies else found.checksum
        return self.say(200, data, headers)

    object_head = object_get

    def told(self, found: Version) -> dict[str, str]:
        headers = {"ETag": found.tag}
        if "no versions" not in self.fake.lies:
            headers["x-amz-version-id"] = found.id
        if found.mode and "no lock" not in self.fake.lies:
            until = found.until
            if "short lock" in self.fake.lies:
                until = (datetime.fromisoformat(until) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            mode = "GOVERNANCE" if "governance" in self.fake.lies else found.mode
            headers |= {"x-amz-object-lock-mode": mode, "x-amz-object-lock-retain-until-date": until}
        if "no encryption" not in self.fake.lies:
            headers["x-amz-server-side-encryption"] = "AES256"
        return headers

    def object_put(self, key: str) -> None:
        said = self.headers.get("x-amz-checksum-sha256", "")
        if said != _base64(self.body):
            return self.refuse(400, "BadDigest")
        if "partNumber" in self.query:
            self.fake.parts[self.query["uploadId"]][int(self.query["partNumber"])] = self.body
            return self.say(200, b"", {"ETag": f'"{self.query["partNumber"]}"'})
        mode, until = self.headers.get("x-amz-object-lock-mode", ""), self.headers.get(
            "x-amz-object-lock-retain-until-date", ""
        )  # fmt: skip
        if "retention" in self.query:
            text = self.body.decode()
            until = text.partition("<RetainUntilDate>")[2].partition("<")[0]
            found = self.fake.newest(key)
            if until < found.until:
                return self.refuse(403, "AccessDenied")
            self.fake.objects[key][-1] = replace(found, mode="COMPLIANCE", until=until)
            return self.say(200, b"")
        if self.headers.get("If-None-Match") == "*" and key in self.fake.objects:
            return self.refuse(412, "PreconditionFailed")
        made = self.fake.add(key, self.body, mode=mode, until=until)
        if "late" in self.fake.lies:  # the answer is lost on the way
            self.fake.lies.discard("late")
            return self.refuse(500, "InternalError")
        return self.say(200, b"", {"x-amz-version-id": made})

    def object_post(self, key: str) -> None:
        if "uploads" in self.query:
            self.fake.parts["u/1"] = {}
            self.lock = {name: self.headers[f"x-amz-object-lock-{name}"] for name in ("mode", "retain-until-date")}
            self.fake.settings["lock of u/1"] = f"{self.lock['mode']} {self.lock['retain-until-date']}"
            return self.say(200, b"<R><UploadId>u/1</UploadId></R>")
        if self.headers.get("If-None-Match") == "*" and key in self.fake.objects:
            return self.refuse(412, "PreconditionFailed")
        if "not joined" in self.fake.lies:
            return self.say(200, b"<Error><Code>InternalError</Code></Error>")
        parts = self.fake.parts.pop(self.query["uploadId"])
        digests = b"".join(hashlib.sha256(parts[number]).digest() for number in sorted(parts))
        mode, until = self.fake.settings["lock of u/1"].split()
        made = self.fake.add(
            key,
            b"".join(parts[number] for number in sorted(parts)),
            mode=mode,
            until=until,
            checksum=f"{_base64(digests)}-{len(parts)}",
        )
        return self.say(200, b"<CompleteMultipartUploadResult/>", {"x-amz-version-id": made})

    def object_delete(self, _key: str) -> None:
        self.fake.parts.pop(self.query["uploadId"], None)
        self.say(204, b"")

    def refuse(self, status: int, code: str) -> None:
        self.say(status, f"<Error><Code>{code}</Code></Error>".encode())

    def say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _base64(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
