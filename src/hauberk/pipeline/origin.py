"""Where a script or lock file comes from, as far as this machine can tell without a network.

A file that is byte for byte the committed one of a git checkout has the commit for its origin, with the remote's
address where there is one. Every other file is `local`. Git is asked for names of objects only, never for the state of
the working tree: that would run what the checkout's own configuration says.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from hauberk.edge.process import run
from hauberk.edge.sources import read_file
from hauberk.errors import HauberkError
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.command import environment

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = "local"
_OBJECT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
_CREDENTIALS = re.compile(r"//[^/@]*@")
_SECONDS = 10


def origin_of(folder: Path, path: str) -> str:
    """Return `git COMMIT`, `git REMOTE@COMMIT`, or `local`, for a file of a folder."""
    commit, blob = (
        _git(folder, "rev-parse", "--verify", "HEAD"),
        _git(folder, "rev-parse", "--verify", f"HEAD:./{path}"),
    )
    if not _OBJECT.fullmatch(commit) or not _OBJECT.fullmatch(blob):
        return LOCAL
    data = read_file(folder / path, limit=DEFAULT_LIMITS.max_document_bytes)
    named = hashlib.new("sha1" if len(blob) == 40 else "sha256", b"blob %d\0" % len(data) + data, usedforsecurity=False)
    if named.hexdigest() != blob:
        return LOCAL
    remote = _CREDENTIALS.sub("//", _git(folder, "config", "--get", "remote.origin.url"))
    return f"git {remote}@{commit}" if remote and remote.isprintable() else f"git {commit}"


def _git(folder: Path, *words: str) -> str:
    """Return what git answers, or nothing where it is not installed or does not know."""
    try:
        done = run(["git", *words], cwd=folder, environment=environment(), timeout_seconds=_SECONDS, capture=True)
    except HauberkError:
        return ""
    return "" if done.returncode else done.output.decode(errors="replace").strip()
