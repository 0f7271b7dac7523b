"""Where a script or lock file comes from, as far as this machine can tell without a network.

A file that is byte for byte the committed one of a git checkout has the commit for its origin, with the remote's
address where there is one. Every other file is `local`. Git is asked for names of objects only, never for the state of
the working tree: that would run what the checkout's own configuration says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hauberk.edge.repository import Repository

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
    commit = (repository.ask("rev-parse", "--verify", "HEAD") or "").strip()
    if not _OBJECT.fullmatch(commit):
        return LOCAL
    (held,) = repository.committed(commit, [folder.resolve() / path])
    if not held or (digest is not None and held != digest.hex):
        return LOCAL
    remote = _CREDENTIALS.sub("//", (repository.ask("config", "--get", "remote.origin.url") or "").strip())
    return f"git {remote}@{commit}" if remote and remote.isprintable() else f"git {commit}"
