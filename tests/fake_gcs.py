"""A fake of Google Cloud Storage's JSON API in this process: strict about tokens and addresses, and able to lie.

No real one is in the tests: what is tested here is the contract as Google's reference writes it down. Of checksums that is
("Data validation and change detection"): each object has a CRC32C, in base64 of its four bytes, the highest first; one
that was composed of others has no MD5; `x-goog-hash` is of the complete object, also where a range is asked for.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from web_server import Said, Server, ranged, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web_server import Asked

TOKEN = "ya29.fake"


@dataclass
class FakeGcs:
    """The bucket of the fake: generations by name, the newest last, and what it says of them beside."""

    server: Server
    place: str = "/storage/v1/b/sets/o"
    objects: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    said: dict[str, object] = field(default_factory=dict)
    lies: set[str] = field(default_factory=set)
    composed: set[str] = field(default_factory=set)
    tokens: dict[str, float] = field(default_factory=lambda: {TOKEN: float("inf")})
    ahead: float = 0
    pace: float = 0

    def now(self) -> float:
        """Return what the clock of the service says; each request takes `pace` seconds of it."""
        return time.time() + self.ahead

    def add(self, name: str, data: bytes) -> str:
        """Make a generation, and return its number."""
        generation = str(1_700_000_000_000_000 + sum(map(len, self.objects.values())))
        self.objects.setdefault(name, []).append((generation, data))
        self.server.routes[f"{self.place}/{quote(name, safe='')}"] = self.of_object
        return generation

    def of_list(self, asked: Asked) -> Said:
        """Answer "Objects: list", one object a page."""
        if refused := self.refused(asked):
            return refused
        query = parse_qs(urlsplit(asked.path).query, keep_blank_values=True)
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
        wanted = query.get("generation", [self.objects[name][-1][0]])[0]
        if query.get("alt") != ["media"]:
            return self.json(self.entry(name, wanted)) if wanted in dict(self.objects[name]) else Said(404)
        if "other generation" in self.lies:
            wanted = self.objects[name][-1][0]
        data = dict(self.objects[name]).get(wanted)
        if data is None:
            return Said(404)
        kept, data = data, b"X" + data[1:] if "rot" in self.lies else data
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
        return {"name": name, "generation": generation, "size": str(len(data)), **hashes} | self.said

    def hashes(self, name: str, data: bytes, where: str) -> dict[str, str]:
        """Return the checksums of an object, as the list or a header says them."""
        lie = b"another" if f"crc32c of the {where}" in self.lies else data
        found = {"crc32c": base64.b64encode(crc32c(lie).to_bytes(4, "big")).decode()}
        if name not in self.composed:
            found["md5"] = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        return {} if f"no hash in the {where}" in self.lies else found

    def refused(self, asked: Asked) -> Said | None:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        is_known = kind == "Bearer" and self.tokens.get(token, 0) > self.now()
        self.ahead += self.pace
        return None if is_known else Said(401)

    def json(self, document: object) -> Said:
        return Said(200, {"Content-Type": "application/json"}, json.dumps(document).encode())


def crc32c(data: bytes) -> int:
    """Return the checksum, bit by bit: code of this file's own (RFC 3720, appendix B.4; polynomial 0x1EDC6F41)."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0x82F63B78 if found & 1 else 0)
    return found ^ 0xFFFFFFFF


@contextmanager
def fake_gcs(name: str = "sets") -> Iterator[FakeGcs]:
    """Run the fake on a free port of the loopback address."""
    with serving() as server:
        fake = FakeGcs(server, f"/storage/v1/b/{name}/o")
        server.routes[fake.place] = fake.of_list
        yield fake
