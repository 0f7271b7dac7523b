"""A fake of the Hugging Face hub's API, as strict as its documentation: what it does not know, it refuses.

It is no copy of the hub: what passes here is tested against the contract, not against the cloud. Files below a size lie
in git, larger ones in LFS and are given by a redirect to another server (the content network), which must see no token.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from web_server import Said, ranged, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web_server import Asked, Server

LFS_BYTES = 1000
PAGE = 3


@dataclass
class FakeHub:
    """A hub with one repository of one commit, which a branch names."""

    server: Server
    content: Server
    repository: str
    commit: str
    files: dict[str, bytes]
    token: str = ""
    claims: dict[str, str] = field(default_factory=dict)
    extra: list[dict[str, object]] = field(default_factory=list)

    def tree(self) -> list[dict[str, object]]:
        entries: list[dict[str, object]] = [{"type": "directory", "oid": "d" * 40, "size": 0, "path": "folder"}]
        for path, data in sorted(self.files.items()):
            entry: dict[str, object] = {"type": "file", "path": path, "size": len(data)}
            entry["oid"] = hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest()
            if len(data) >= LFS_BYTES:
                oid = self.claims.get(path, hashlib.sha256(data).hexdigest())
                entry["lfs"] = {"oid": oid, "size": len(data), "pointerSize": 134}
            entries.append(entry)
        return entries + self.extra

    def answer(self, asked: Asked) -> Said:
        parts = urlsplit(asked.path)
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return Said(401, {"X-Error-Code": "GatedRepo"})
        api = f"/api/models/{self.repository}"
        if parts.path.startswith(f"{api}/revision/"):
            known = unquote(parts.path.removeprefix(f"{api}/revision/")) in ("main", "refs/pr/1", self.commit)
            body = {"id": self.repository, "sha": self.commit, "siblings": []}
            return as_json(body) if known else Said(404, {"X-Error-Code": "RevisionNotFound"})
        if parts.path == f"{api}/tree/{self.commit}":
            query = parse_qs(parts.query)
            if query.get("recursive") != ["true"] or query.keys() - {"recursive", "cursor"}:
                return Said(400)
            start = int(query.get("cursor", ["0"])[0])
            entries = self.tree()
            said = as_json(entries[start : start + PAGE])
            if start + PAGE < len(entries):
                url = f"{self.server.url}{api}/tree/{self.commit}?recursive=true&cursor={start + PAGE}"
                said.headers["Link"] = f'<{url}>; rel="next"'
            return said
        prefix = f"/{self.repository}/resolve/{self.commit}/"
        return (
            self.bytes_of(unquote(parts.path.removeprefix(prefix)), asked)
            if parts.path.startswith(prefix)
            else Said(404)
        )

    def bytes_of(self, path: str, asked: Asked) -> Said:
        if path not in self.files:
            return Said(404, {"X-Error-Code": "EntryNotFound"})
        data = self.files[path]
        if len(data) < LFS_BYTES:
            return ranged(data, headers={"X-Repo-Commit": self.commit})(asked)
        oid = hashlib.sha256(data).hexdigest()
        self.content.routes[f"/{oid}"] = ranged(data)
        headers = {"Location": f"{self.content.url}/{oid}?X-Amz-Signature=s3cr3t", "X-Linked-Size": str(len(data))}
        return Said(302, headers | {"X-Linked-ETag": f'"{oid}"', "X-Repo-Commit": self.commit})


def as_json(document: object) -> Said:
    return Said(200, {"Content-Type": "application/json"}, json.dumps(document).encode())


class _Everything(dict):
    """Routes of which the hub is every one."""

    def __init__(self, answer) -> None:
        self._answer = answer

    def get(self, _path, _default=None):
        return self._answer


@contextmanager
def hub(files: dict[str, bytes], *, repository: str = "org/name", token: str = "") -> Iterator[FakeHub]:
    """Run a hub that holds these files."""
    with serving() as server, serving() as content:
        fake = FakeHub(server, content, repository, "c" * 40, files, token)
        server.routes = _Everything(fake.answer)
        yield fake
