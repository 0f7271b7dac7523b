"""Who did it: this release of Hauberk by the digest of its own code and tables, and the interpreter of a command."""

from __future__ import annotations

import functools
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hauberk.digest import dir_hash
from hauberk.edge.sources import digest_path, read_tree
from hauberk.errors import Misconfigured
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGE = Path(__file__).resolve().parents[1]


@functools.cache  # of this process: code that is edited while it runs is not what runs
def tool() -> dict[str, Any]:
    """Return the `tool` of a predicate's core; its digest is the dirHash of the installed package's own files."""
    files = [file for file in read_tree(PACKAGE).files if "__pycache__" not in file.path.split("/")]
    digest = dir_hash((file.path, file.sha256) for file in files)
    return {"name": "hauberk", "version": VERSION, "digest": {digest.algorithm: digest.hex}}


def interpreter(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> str:
    """Return what runs a command: `CPython 3.12.4` where it is this Python, else the digest of the program's file.

    Args:
        command: its first word is the program.
        folder: where a program with a `/` in its name is looked up.
        environment: its PATH is where every other one is.

    Raises:
        Misconfigured: there is no such program.
    """
    program = str(folder / command[0]) if os.sep in command[0] else command[0]
    found = shutil.which(program, path=environment["PATH"])
    if found is None:
        raise Misconfigured(f"there is no program {command[0]!r}", "install it, or correct `run` in hauberk.yaml")
    if os.path.realpath(found) == os.path.realpath(sys.executable):
        return own_interpreter()
    return f"{Path(found).name} {digest_path(found)}"


def own_interpreter() -> str:
    """Return what runs our own stages."""
    return f"{platform.python_implementation()} {platform.python_version()}"
