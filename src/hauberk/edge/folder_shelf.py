"""A shelf that is a directory. Each file is written beside its name, made durable, then renamed: whole or absent."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.durable import sync_files
from hauberk.edge.files import hash_view, printable, unavailable
from hauberk.edge.stores import make_folder
from hauberk.edge.walk import open_in_tree
from hauberk.errors import Exceeded, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import FileView, StrPath
    from hauberk.view import View

_PIECE = 1 << 20
_MAX_WAITING = 256
_TOO_LONG = "it is longer than what is published can be: ask who writes there"


class FolderShelf:
    """The directory, which is made with the first file."""

    def __init__(self, folder: StrPath) -> None:
        """Use a directory; nothing is made or read yet."""
        self._folder = Path(folder)
        self._waiting: list[tuple[Path, Path]] = []
        self.where = printable(folder)

    def put(self, name: str, sha256: str, view: View) -> bool:
        """Store bytes under a name, which they have once `settle` was called.

        Two writers of one name write the same, and so need no lock.

        Raises:
            Refused: something else is there under that name.
            Unavailable: the disk does not take it, or the view has other bytes.
        """
        path = self._folder / name
        if os.path.lexists(path):
            self._check_same(name, sha256)
            return False
        self._check_folders(path)
        make_folder(path.parent)
        part = path.with_name(f"{path.name}.{os.urandom(8).hex()}.part")
        try:
            _write(part, view, sha256)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        self._waiting.append((part, path))
        if len(self._waiting) >= _MAX_WAITING:
            self.settle()
        return True

    def settle(self) -> None:
        """Make what was put durable, then give it its names, and make these durable; `Unavailable` as of `put`.

        All files are written before the first is waited for: the disk takes them together.
        """
        waiting, self._waiting = self._waiting, []
        try:
            sync_files(part for part, _ in waiting)
            for part, path in waiting:
                part.rename(path)
            sync_files({path.parent for _, path in waiting})
        except OSError as error:
            raise unavailable(os.fspath(self._folder), error) from None

    def pieces(self, name: str, *, limit: int, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes of a file; links are not followed, below the directory itself."""
        with self._open(name) as view:
            if view.size - start > limit:
                raise Exceeded(f"{self.where}/{name} is {view.size} bytes long, {limit} are left to take in", _TOO_LONG)
            for at in range(start, view.size, _PIECE):
                yield view.read_at(at, min(_PIECE, view.size - at))

    def names(self, folder: str, *, most: int) -> list[str]:
        """Return the names in a folder."""
        place = self._folder / folder
        if not place.is_dir():
            return []
        try:
            with os.scandir(place) as entries:
                found = [entry.name for entry in islice(entries, most + 1)]
        except OSError as error:
            raise unavailable(os.fspath(place), error) from None
        if len(found) > most:
            raise Exceeded(f"{printable(place)} holds more than {most} names", "ask who may write there")
        return found

    def _check_folders(self, path: Path) -> None:
        """Raise `Refused` where a folder below ours is a link: what is published would go where somebody else wants."""
        for place in path.parents:
            if place == self._folder:
                return
            if os.path.islink(place):  # noqa: PTH114 - also for a path that no folder can have
                raise Refused(f"{printable(place)} is a symbolic link", "find out who made it, and remove it")

    def _check_same(self, name: str, sha256: str) -> None:
        with open_in_tree(self._folder, name) as view:
            if hash_view(view).hex == sha256:
                return
        raise Refused(
            f"{self.where}/{name} is there already, and has other bytes",
            "it was damaged or changed: find out by whom, remove it, and publish again",
        )

    def _open(self, name: str) -> FileView:
        try:
            return open_in_tree(self._folder, name)
        except Unavailable as error:
            raise Unavailable(
                f"{self.where} has no {name}, or none that can be read: {error.message}", "is it published there?"
            ) from None


def _write(part: Path, view: View, sha256: str) -> None:
    whole = hashlib.sha256()
    try:
        with part.open("xb", _PIECE) as file:
            for start in range(0, view.size, _PIECE):
                data = view.read_at(start, min(_PIECE, view.size - start))
                whole.update(data)
                file.write(data)
    except OSError as error:
        raise unavailable(os.fspath(part), error) from None
    if whole.hexdigest() != sha256:
        raise Unavailable("a file changed since it was hashed", "let its writer finish, then try again")
