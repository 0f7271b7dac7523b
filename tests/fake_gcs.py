"""A fake of Google Cloud Storage's JSON API in this process: strict about tokens and addresses, and able to lie.

No real one is in the tests: what is tested here is the contract as Google's reference writes it down. Of checksums that is
("Data validation and change detection"): each object has a CRC32C, in base64 of its four bytes, the highest first; one
that was composed of others has no MD5; `x-goog-hash` is of the complete object, also where a range is asked for. Of what
is written ("Objects: insert", "Objects: patch", "Object Retention Lock"): a precondition on the generation, the CRC32C and
the key are heeded; a retention is taken only where the bucket has it enabled; one that is `Locked` only ever gets longer,
and one that is `Unlocked` gets shorter or locked only with `overrideUnlockedRetention`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from web_server import Said, Server, ranged, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from web_server import Asked

TOKEN = "ya29.fake"
SETTINGS = """{
  "kind": "storage#bucket", "versioning": {"enabled": true}, "objectRetention": {"mode": "Enabled"},
  "iamConfiguration": {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": true}},
  "encryption": {"defaultKmsKeyName": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"}
}"""


@dataclass
class FakeGcs:
    """The bucket of the fake: generations by name, the newest last, and what it says of them beside."""

    server: Server
    place: str = "/storage/v1/b/sets/o"
    objects: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    said: dict[str, object] = field(default_factory=dict)
    lies: set[str] = field(default_factory=set)
    composed: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    more: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=lambda: json.loads(SETTINGS))
    bindings: list[dict[str, object]] | None = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=lambda: {TOKEN: float("inf")})
    ahead: float = 0
    pace: float = 0
    expires_after: int = 1 << 30
    asked: int = 0
    meanwhile: Callable[[], object] = lambda: None

    def now(self) -> float:
        """Return what the clock of the service says; each request takes `pace` seconds of it."""
        return time.time() + self.ahead

    def add(self, name: str, data: bytes) -> str:
        """Make a generation, and return its number."""
        generation = str(1_700_000_000_000_000 + sum(map(len, self.objects.values())))
        self.objects.setdefault(name, []).append((generation, data))
        self.server.routes[f"{self.place}/{quote(name, safe='')}"] = self.of_object
        return generation

    def of_bucket(self, asked: Asked) -> Said:
        """Answer "Buckets: get"."""
        return self.refused(asked) or (Said(403) if "no settings" in self.lies else self.json(self.settings))

    def of_policy(self, asked: Asked) -> Said:
        """Answer "Buckets: getIamPolicy"."""
        policy = {"kind": "storage#policy"} | ({"bindings": self.bindings} if self.bindings else {})
        told = Said(403) if self.bindings is None else self.json(policy)
        return self.refused(asked) or told

    def of_upload(self, asked: Asked) -> Said:
        """Answer "Objects: insert" with what an object is to be and its bytes in one body."""
        if refused := self.refused(asked):
            return refused
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        resource, data = _related(asked)
        if asked.method != "POST" or query.get("uploadType") != "multipart" or not resource.get("name"):
            return Said(400)
        name = str(resource["name"])
        if set(resource) - {"name", "crc32c", "md5Hash", "retention", "contentType"}:
            return Said(400)
        if "crc32c" in resource and resource["crc32c"] != base64.b64encode(crc32c(data).to_bytes(4, "big")).decode():
            return Said(400)
        if query.get("ifGenerationMatch") == "0" and name in self.objects and name not in self.deleted:
            return Said(412)
        wanted = resource.get("retention")
        if wanted is not None and not self.is_retention(wanted):
            return Said(400)
        generation = self.add(name, data)
        more = {} if wanted is None else {"retention": wanted}
        if "kmsKeyName" in query:
            more["kmsKeyName"] = f"{query['kmsKeyName']}/cryptoKeyVersions/1"
        self.more[name, generation] = more
        if "late" in self.lies:  # the answer is lost on the way
            self.lies.discard("late")
            return Said(500)
        return self.json(self.entry(name, generation) | ({"crc32c": "AAAAAA=="} if "other bytes" in self.lies else {}))

    def patched(self, asked: Asked, name: str, query: dict[str, list[str]]) -> Said:
        """Answer "Objects: patch" of a retention."""
        generation = query.get("generation", [self.objects[name][-1][0]])[0]
        wanted = json.loads(asked.body).get("retention")
        if asked.headers["content-type"] != "application/json" or not self.is_retention(wanted):
            return Said(400)
        more = self.more.setdefault((name, generation), {})
        before = more.get("retention")
        is_less = before is not None and wanted["retainUntilTime"] < before["retainUntilTime"]
        if before is not None and before["mode"] == "Locked" and (is_less or wanted["mode"] != "Locked"):
            return Said(403)
        is_changed = before is not None and (is_less or before["mode"] != wanted["mode"])
        if is_changed and query.get("overrideUnlockedRetention") != ["true"]:
            return Said(403)
        more["retention"] = wanted
        return self.json(self.entry(name, generation))

    def is_retention(self, wanted: object) -> bool:
        """Return whether an object may be retained so, here and now."""
        if self.settings.get("objectRetention") != {"mode": "Enabled"} or not isinstance(wanted, dict):
            return False
        until = datetime.fromisoformat(wanted["retainUntilTime"])
        return wanted["mode"] in ("Locked", "Unlocked") and until.timestamp() > self.now() and len(wanted) == 2

    def of_list(self, asked: Asked) -> Said:
        """Answer "Objects: list", one object a page."""
        if refused := self.refused(asked):
            return refused
        query = parse_qs(urlsplit(asked.path).query, keep_blank_values=True) | (
            {} if "prefix=" in asked.path else {"prefix": [""]}
        )
        names = sorted(name for name in self.objects if name.startswith(query["prefix"][0]))
        at = int(query.get("pageToken", ["0"])[0])
        page = {"kind": "storage#objects", "items": [self.entry(name) for name in names[at : at + 1]]}
        more = {"nextPageToken": str(at + 1)} if at + 1 < len(names) else {}
        return self.json(page | more)

    def of_object(self, asked: Asked) -> Said:
        """Answer "Objects: get", with its bytes where they are asked for."""
        if refused := self.refused(asked):
            return refused
        parts = urlsplit(asked.path)
        name, query = unquote(parts.path.removeprefix(f"{self.place}/")), parse_qs(parts.query)
        if asked.method == "PATCH":
            return self.patched(asked, name, query)
        if name not in self.objects or (name in self.deleted and "generation" not in query):
            return Said(404)
        wanted = query.get("generation", [self.objects[name][-1][0]])[0]
        if query.get("alt") != ["media"]:
            return self.json(self.entry(name, wanted)) if wanted in dict(self.objects[name]) else Said(404)
        self.meanwhile()
        if "other generation" in self.lies:
            wanted = self.objects[name][-1][0]
        data = dict(self.objects[name]).get(wanted)
        if data is None:
            return Said(404)
        kept, data = data, b"X" + data[1:] if "rot" in self.lies and data else data
        data = data[:-1] if "cut" in self.lies else data + b"\n" if "longer" in self.lies else data
        packed = {"x-goog-stored-content-encoding": "gzip"} if "packed" in self.lies else {}
        hashes = {
            "x-goog-hash": ",".join(f"{kind}={value}" for kind, value in self.hashes(name, kept, "header").items())
        }
        said = ranged(data, headers={"x-goog-generation": wanted, **hashes, **packed})(asked)
        if "breaks" in self.lies and said.status == 200:
            return Said(200, said.headers, data[: len(data) // 2], length=len(data))
        return said

    def entry(self, name: str, wanted: str = "") -> dict[str, object]:
        """Return the resource of a generation of an object."""
        generation, data = next((pair for pair in self.objects[name] if pair[0] == wanted), self.objects[name][-1])
        names = {"md5": "md5Hash", "crc32c": "crc32c"}
        hashes = {names[kind]: value for kind, value in self.hashes(name, data, "list").items()}
        more = dict(self.more.get((name, generation), {}))
        if "no lock" in self.lies:
            more.pop("retention", None)
        if "unlocked" in self.lies:
            more["retention"] = {**more["retention"], "mode": "Unlocked"}
        if "short lock" in self.lies:
            more["retention"] = {**more["retention"], "retainUntilTime": "2027-01-01T00:00:00Z"}
        return {"name": name, "generation": generation, "size": str(len(data)), **hashes, **more} | self.said

    def hashes(self, name: str, data: bytes, where: str) -> dict[str, str]:
        """Return the checksums of an object, as the list or a header says them."""
        lie = b"another" if f"crc32c of the {where}" in self.lies else data
        found = {"crc32c": base64.b64encode(crc32c(lie).to_bytes(4, "big")).decode()}
        if name not in self.composed:
            found["md5"] = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        return {} if f"no hash in the {where}" in self.lies else found

    def refused(self, asked: Asked) -> Said | None:
        self.asked += 1
        if self.asked > self.expires_after:
            return Said(401)
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        is_known = kind == "Bearer" and self.tokens.get(token, 0) > self.now()
        self.ahead += self.pace
        if "open" in self.lies and not kind and asked.method == "GET":
            return None
        return None if is_known else Said(401)

    def json(self, document: object) -> Said:
        return Said(200, {"Content-Type": "application/json"}, json.dumps(document).encode())


def _related(asked: Asked) -> tuple[dict[str, object], bytes]:
    """Take a body of two parts apart (RFC 2387): the resource, and the bytes."""
    kind, _, boundary = asked.headers["content-type"].partition("; boundary=")
    marks = f"--{boundary}\r\n".encode(), f"\r\n--{boundary}\r\n".encode(), f"\r\n--{boundary}--\r\n".encode()
    if kind != "multipart/related" or not asked.body.startswith(marks[0]) or not asked.body.endswith(marks[2]):
        return {}, b""
    first, _, second = asked.body[len(marks[0]) : -len(marks[2])].partition(marks[1])
    head, _, resource = first.partition(b"\r\n\r\n")
    is_json = head.lower().startswith(b"content-type: application/json")
    return json.loads(resource) if is_json else {}, second.partition(b"\r\n\r\n")[2]


@functools.cache
def _row(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


@functools.lru_cache
def crc32c(data: bytes) -> int:
    """Return the checksum, byte by byte: code of this file's own (RFC 3720, appendix B.4; polynomial 0x1EDC6F41)."""
    found = 0xFFFFFFFF
    for byte in data:
        found = found >> 8 ^ _row((found ^ byte) & 0xFF)
    return found ^ 0xFFFFFFFF


@contextmanager
def fake_gcs(name: str = "sets") -> Iterator[FakeGcs]:
    """Run the fake on a free port of the loopback address."""
    with serving() as server:
        fake = FakeGcs(server, f"/storage/v1/b/{name}/o")
        server.routes |= {
            fake.place: fake.of_list,
            f"/storage/v1/b/{name}": fake.of_bucket,
            f"/storage/v1/b/{name}/iam": fake.of_policy,
            f"/upload{fake.place}": fake.of_upload,
        }
        yield fake
