"""What a run starts from: the commit and whether it holds what is run, the program, the packages of the lock file."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.repository import Repository
from hauberk.edge.sources import digest_path, read_file
from hauberk.errors import NotVerified
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hauberk.statement import Named

_MOST_LOCK_BYTES: Final = 16 << 20
_PINNED: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_AT_ONCE: Final = 200  # names in one question


def commit_of(folder: Path, inputs: Iterable[Path]) -> dict[str, Any] | None:
    """Return the commit that is checked out, and whether files differ from it; None where there is no repository.

    What git is told to overlook, by its index or by a list of ignored names, counts all the same if it is an input.

    Args:
        folder: the working directory.
        inputs: files and folders that the command reads.
    """
    repository = Repository.of(folder.resolve())
    if repository is None:
        return None
    head = repository.ask("rev-parse", "--verify", "HEAD")
    state = repository.ask(
        "status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=dirty", "--no-renames"
    )
    if head is None or state is None:
        return None
    files = sorted({file for path in inputs for file in _files(path.resolve()) if file.is_relative_to(repository.top)})
    held = (files[at : at + _AT_ONCE] for at in range(0, len(files), _AT_ONCE))
    return {
        "gitCommit": head.strip(),
        "dirty": bool(state.strip()) or not all(all(repository.committed(head.strip(), part)) for part in held),
    }


def program_of(word: str, path: str) -> str:
    """Return the name and the digest of the program that a word starts, or nothing where there is none."""
    found = shutil.which(word, path=path)
    return "" if found is None else f"{Path(found).name} {digest_path(os.path.realpath(found))}"


def packages_of(lock: Path | None, things: Mapping[Path, Named]) -> list[str]:
    """Return the names and versions that a lock file pins; raise `NotVerified` where it changed since it was hashed."""
    if lock is None:
        return []
    data = read_file(lock, limit=_MOST_LOCK_BYTES)
    if hashlib.sha256(data).hexdigest() != things[lock].digests[0].hex:
        raise NotVerified(
            f"{things[lock].label} changed since it was hashed",
            "nothing was started: run it again",
            refused_for=RefusedFor.INPUT_CHANGED,
        )
    return [f"{name}=={version}" for name, version in _PINNED.findall(data.decode(errors="replace"))]


def astray(packages: Iterable[str], program: str, path: str) -> list[str]:
    """Return what is installed in another version than the lock file says: `numpy is 2.4.6 and not 2.4.5`.

    Args:
        packages: as `packages_of` returns them; one that is not installed may be for another machine.
        program: the first word of the command; nothing is known of what another interpreter has installed.
        path: where it is looked up.
    """
    found = shutil.which(program, path=path)
    if found is None or os.path.realpath(found) != os.path.realpath(sys.executable):
        return []
    said = []
    for name, _, version in (package.partition("==") for package in packages):
        with suppress(PackageNotFoundError):
            installed = installed_version(name)
            if version not in (installed, installed.partition("+")[0]):  # `2.13.0+cpu` is a 2.13.0
                said.append(f"{name} is {installed} and not {version}")
    return said


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for place, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name not in ("__pycache__", ".git")]
        yield from (Path(place, name) for name in names)
