"""A directory that a command makes anew, with the old one kept until the new one is there.

    PROJECT/model/                       what the command writes
    PROJECT/.hauberk/aside/model         the old one, while it does

Nothing outside of the project is ever moved or removed: the path is walked from the project's folder and may hold no
symbolic link. Removing does not follow links either (`shutil.rmtree` works by descriptors).
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.files import printable, unavailable
from hauberk.edge.stores import make_folder
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Output:
    """A directory inside of `inside`, and where its predecessor is kept meanwhile, on the same file system."""

    inside: Path
    path: Path
    aside: Path

    def begin(self) -> None:
        """Put the old directory aside and make an empty one; raise `Misconfigured` for a link or a file on the way."""
        self._check()
        with _errors(self.path):
            make_folder(self.aside.parent)
            make_folder(self.path.parent)
            if self.path.exists():
                _remove(self.aside)
                self.path.rename(self.aside)
            self.path.mkdir()

    def keep(self) -> None:
        """Drop the old directory: the new one stands."""
        with _errors(self.aside):
            _remove(self.aside)

    def restore(self) -> None:
        """Put the old directory back in its place, if one was put aside; what the command made is removed."""
        self._check()
        with _errors(self.path):
            _remove(self.path)
            if self.is_pending:
                self.aside.rename(self.path)

    @property
    def is_pending(self) -> bool:
        """Say whether a predecessor is aside: also where a run was killed before it could put it back."""
        return os.path.lexists(self.aside)

    def _check(self) -> None:
        for place in _steps(self.inside, self.path):
            seen = _seen(place)
            if seen is not None and not stat.S_ISDIR(seen.st_mode):
                kind = "a symbolic link" if stat.S_ISLNK(seen.st_mode) else "not a directory"
                raise Misconfigured(f"{printable(place)} is {kind}", "a run only empties a directory of its own")


def remove_file(inside: Path, path: Path) -> None:
    """Remove a regular file inside of a folder, if it is there; raise `Misconfigured` for anything else."""
    *above, last = _steps(inside, path)
    for place in above:
        seen = _seen(place)
        if seen is not None and not stat.S_ISDIR(seen.st_mode):
            raise Misconfigured(f"{printable(place)} is not a directory", "a run only removes what it has made")
    seen = _seen(last)
    if seen is None:
        return
    if not stat.S_ISREG(seen.st_mode):
        raise Misconfigured(f"{printable(last)} is not a regular file", "a run only removes what it has made")
    with _errors(last):
        last.unlink()


def _steps(inside: Path, path: Path) -> Iterator[Path]:
    """Yield each place on the way from a folder down to a path that lies in it, the path last."""
    parts = path.relative_to(inside).parts
    if not parts or ".." in parts:
        raise Misconfigured(f"{printable(path)} is not inside of {printable(inside)}")
    place = inside
    for part in parts:
        place = place / part
        yield place


def _seen(place: Path) -> os.stat_result | None:
    try:
        return place.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unavailable(str(place), error) from None


def _remove(path: Path) -> None:
    if os.path.lexists(path):
        shutil.rmtree(path)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn the operating system's errors inside of the `with` into ours."""
    try:
        yield
    except OSError as error:
        raise unavailable(str(path), error) from None
