"""Asks git about a repository without letting the repository run anything.

A repository's own settings name programs: filters, a watcher of files, a helper of a remote from which what is missing
is fetched. None of them is run, and no setting moves the question to other files.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from hauberk.edge.process import run
from hauberk.errors import HauberkError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS: Final = 300
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

    def _environment(self) -> Mapping[str, str]:
        """Return git's environment: what it is set to stands there, since `-c` cannot name every driver."""
        numbered = {"GIT_CONFIG_COUNT": str(len(self._settings))}
        for index, (key, value) in enumerate(self._settings):
            numbered |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
        return {**_ENVIRONMENT, **numbered}
