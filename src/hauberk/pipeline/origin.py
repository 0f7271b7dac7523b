"""Where a script or lock file comes from, as far as this machine can tell without a network.

A file that is byte for byte the committed one of a git checkout has the commit for its origin, with the remote's
address where there is one. Every other file is `local`. Git is asked for names of objects only, never for the state of
the working tree: that would run what the checkout's own configuration says.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from hauberk.edge.repository import Repository
from hauberk.edge.sources import read_file
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.digest import Digest

LOCAL = "local"
_OBJECT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
_CREDENTIALS = re.compile(r"//[^/@]*@")


def origin_of(folder: Path, path: str, digest: Digest | None = None) -> str:
    """Return `git COMMIT`, `git REMOTE@COMMIT`, or `local`, for a file of a folder.

    Args:
        folder: that it is in.
        path: its name, relative to that.
        digest: what it must have, where it is known; else another file of this name could be taken for it.
    """
    repository = Repository.of(folder.resolve())
    if repository is None or (folder / path).is_dir():
        return LOCAL
    name = os.path.relpath(folder.resolve() / path, repository.top)
    commit, blob = (_object(repository, name) for name in ("HEAD", f"HEAD:{name}"))
    if not commit or not blob:
        return LOCAL
    data = read_file(folder / path, limit=DEFAULT_LIMITS.max_document_bytes)
    named = hashlib.new("sha1" if len(blob) == 40 else "sha256", b"blob %d\0" % len(data) + data, usedforsecurity=False)
    if named.hexdigest() != blob or (digest is not None and hashlib.sha256(data).hexdigest() != digest.hex):
        return LOCAL
    remote = _CREDENTIALS.sub("//", (repository.ask("config", "--get", "remote.origin.url") or "").strip())
    return f"git {remote}@{commit}" if remote and remote.isprintable() else f"git {commit}"


def _object(repository: Repository, name: str) -> str:
    """Return the name of an object, or nothing where there is none."""
    found = (repository.ask("rev-parse", "--verify", name) or "").strip()
    return found if _OBJECT.fullmatch(found) else ""
