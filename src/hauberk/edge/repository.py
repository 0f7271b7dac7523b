"""Asks git about a repository without letting the repository run anything.

A repository's own settings name programs: filters, a watcher of files, a helper of a remote from which what is missing
is fetched. None of them is run, and no setting moves the question to other files.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Final

from hauberk.edge.files import open_file
from hauberk.edge.process import run
from hauberk.errors import HauberkError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SECONDS: Final = 300
_PIECE: Final = 1 << 20
_SHA1_CHARACTERS: Final = 40
_SETTINGS: Final[tuple[tuple[str, str], ...]] = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.untrackedCache", "false"),
    ("core.ignoreStat", "false"),
    ("core.trustctime", "true"),
    ("core.checkStat", "default"),
    ("safe.directory", "*"),
)
_ENVIRONMENT: Final = {
    "PATH": os.defpath, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1",
}  # fmt: skip


class Repository:
    """The repository that a folder lies in."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self._settings = _SETTINGS
        drivers = self.ask("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        if drivers is None:
            return  # no filter, or no repository
        names = dict.fromkeys(name.rpartition(".")[0] for name in drivers.split("\0") if name)
        off = {"clean": "", "smudge": "", "process": "", "required": "false"}
        self._settings += tuple((f"{name}.{key}", value) for name in names for key, value in off.items())

    @classmethod
    def of(cls, folder: Path) -> Repository | None:
        """Return the repository around a folder, or None where there is none, or no git."""
        top = next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)
        return None if top is None or shutil.which("git") is None else cls(top)

    def ask(self, *words: str) -> str | None:
        """Return what git answers, or None where it does not know."""
        command = (str(shutil.which("git")), f"--git-dir={self.top / '.git'}", f"--work-tree={self.top}", *words)
        try:
            done = run(command, cwd=self.top, environment=self._environment(), timeout_seconds=_SECONDS, capture=True)
        except HauberkError:
            return None
        return None if done.returncode else os.fsdecode(done.output)

    def committed(self, commit: str, files: Sequence[Path]) -> list[str]:
        """Return the SHA-256 of each file that a commit holds byte for byte, and nothing for any other.

        Args:
            commit: its name.
            files: absolute paths; a file that cannot be read is none that the commit holds. Where the commit lacks one
                of them, git answers for none.
        """
        names = self.ask("rev-parse", *(f"{commit}:{os.path.relpath(file, self.top)}" for file in files))
        blobs = (names or "").split()
        if len(blobs) != len(files):
            return [""] * len(files)
        return [_committed(file, blob) for file, blob in zip(files, blobs, strict=True)]

    def _environment(self) -> Mapping[str, str]:
        """Return git's environment: what it is set to stands there, since `-c` cannot name every driver."""
        numbered = {"GIT_CONFIG_COUNT": str(len(self._settings))}
        for index, (key, value) in enumerate(self._settings):
            numbered |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
        return {**_ENVIRONMENT, **numbered}


def _committed(file: Path, blob: str) -> str:
    """Return a file's SHA-256 if it has this name as an object of git, else nothing; it is read once, by pieces."""
    kind = "sha1" if len(blob) == _SHA1_CHARACTERS else "sha256"
    named, plain = hashlib.new(kind, usedforsecurity=False), hashlib.sha256()
    try:
        with open_file(file) as view:
            named.update(b"blob %d\0" % view.size)
            for offset in range(0, view.size, _PIECE):
                piece = view.read_at(offset, _PIECE)
                named.update(piece)
                plain.update(piece)
            view.check_unchanged()
    except HauberkError:
        return ""
    return plain.hexdigest() if named.hexdigest() == blob else ""
