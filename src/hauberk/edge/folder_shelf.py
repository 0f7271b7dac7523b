"""A shelf that is a directory. Each file is written beside its name, made durable, then renamed: whole or absent."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.files import hash_view, printable, unavailable
from hauberk.edge.part_file import PartFile
from hauberk.edge.stores import make_folder
from hauberk.edge.walk import open_in_tree
from hauberk.errors import Exceeded, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import FileView, StrPath
    from hauberk.view import View

_PIECE = 1 << 20


class FolderShelf:
    """The directory, which is made with the first file."""

    def __init__(self, folder: StrPath) -> None:
        """Use a directory; nothing is made or read yet."""
        self._folder = Path(folder)
        self.where = printable(folder)

    def put(self, name: str, sha256: str, view: View) -> bool:
        """Store bytes under a name; two writers of one name write the same, and so need no lock.

        Raises:
            Refused: something else is there under that name.
            Unavailable: the disk does not take it, or the view has other bytes.
        """
        path = self._folder / name
        if os.path.lexists(path):
            self._check_same(name, sha256)
            return False
        make_folder(path.parent)
        with PartFile(path) as file:
            for start in range(0, view.size, _PIECE):
                file.write(view.read_at(start, min(_PIECE, view.size - start)))
            if file.sha256 != sha256:
                raise Unavailable("a file changed since it was hashed", "let its writer finish, then try again")
            file.keep()
        return True

    def pieces(self, name: str, *, limit: int) -> Iterator[bytes]:
        """Yield the bytes of a file; links are not followed, below the directory itself."""
        with self._open(name) as view:
            if view.size > limit:
                raise Exceeded(f"{self.where}/{name} is {view.size} bytes long, {limit} are left to take in")
            for start in range(0, view.size, _PIECE):
                yield view.read_at(start, min(_PIECE, view.size - start))

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
