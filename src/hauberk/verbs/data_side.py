"""The data of a manifest, found where it was made from or where somebody says, and read with its bytes verified."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import open_file, open_in_tree, printable
from hauberk.edge.tables import KINDS, hashed, open_table
from hauberk.errors import HauberkError, Malformed, NotVerified, Unavailable
from hauberk.verbs.data_images import image_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.dataset.manifest import DataFile, Manifest
    from hauberk.digest import Digest
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows: an Arrow record batch, the number of the first of them in the manifest, and the file they are of."""

    first: int
    file: str
    batch: Any


@dataclass(frozen=True, slots=True)
class Side:
    """A manifest, and where its data is looked for: its own places, or those that were given."""

    manifest: Manifest
    places: tuple[str, ...]

    def missing(self) -> HauberkError | None:
        """Return why the data is not at hand; None where each file is here with its size, or elsewhere."""
        if any(map(is_address, self.places)):
            return None  # what lies elsewhere is fetched once, when it is read
        for file in self.tables:
            try:
                self._close(self._opened(file))
            except HauberkError as error:
                return error
        return None

    def pieces(self) -> Iterator[Piece]:
        """Yield all rows, in their order. What was yielded of a file is verified only when the next file's comes.

        Raises:
            NotVerified: a file has another digest or size than the manifest says, or other rows.
            Unavailable: it is not there, or changed while it was read.
            Malformed: it cannot be decoded.
        """
        images = [file for file in self.manifest.files if file.kind == "image" and file.rows]
        if images:
            yield Piece(0, "", image_rows(images))
            return
        for number in range(len(self.tables)):
            yield from self.pieces_of(number)

    def pieces_of(self, number: int) -> Iterator[Piece]:
        """Yield the rows of one of the tables; errors as of `pieces`, also for the last piece."""
        first = sum(file.rows for file in self.tables[:number])
        yield from self._of_file(self.tables[number], first)

    @property
    def tables(self) -> list[DataFile]:
        """Return the files that hold rows, in their order."""
        return [file for file in self.manifest.files if file.kind in KINDS]

    def _of_file(self, file: DataFile, first: int) -> Iterator[Piece]:
        seen = 0
        with ExitStack() as stack:
            view = self._opened(file)
            stack.callback(self._close, view)
            digest = stack.enter_context(hashed(view))
            try:
                for batch in self._batches(view, file, stack):
                    yield Piece(first + seen, file.path, batch)
                    seen += batch.num_rows
            except Malformed:
                _require(digest(), file)  # it is no wonder that other bytes cannot be decoded
                raise
            _require(digest(), file)
            if hasattr(view, "check_unchanged"):
                view.check_unchanged()

    def _batches(self, view: View, file: DataFile, stack: ExitStack) -> Iterator[Any]:
        """Yield as many rows as the manifest says, under its columns; raise `Malformed` where there are others."""
        name, rows = printable(file.path), self.manifest.rows
        table = stack.enter_context(open_table(view, file.kind, name))
        if rows is None or table.names != tuple(column.name for column in rows.columns):
            raise Malformed(f"{name} has other columns than its manifest", "make the manifest again")
        left = file.rows
        for batch in table.batches():
            left -= batch.num_rows
            if left < 0:
                break
            yield batch
        if left:
            raise Malformed(f"{name} has other rows than its manifest says", "make the manifest again")

    def _opened(self, file: DataFile) -> View:
        view = self._found(file)
        if view.size != file.size:
            self._close(view)
            raise NotVerified(
                f"{printable(file.path)} has {view.size} bytes, the manifest says {file.size}",
                "it is not the file that the manifest is about: get that one, or make a manifest of this one",
            )
        return view

    def _found(self, file: DataFile) -> View:
        for place in self.places:
            if is_address(place):
                if file.address is not None and file.address.startswith(place.rstrip("/")):
                    from hauberk.verbs.data_remote import fetched  # noqa: PLC0415 - only for what lies elsewhere

                    return fetched(file.address, limit=file.size, version=file.version)
                continue
            inside = self._inside(place, file.path)
            if inside is not None:
                return open_in_tree(place, inside) if inside else open_file(place)
        raise Unavailable(
            f"{printable(file.path)} of {self.manifest.name} is at none of {', '.join(map(printable, self.places))}",
            "say where the data is",
        )

    def _inside(self, place: str, path: str) -> str | None:
        """Return a file's path in a place, empty where the place is the file, None where it cannot be there."""
        last = os.path.basename(os.path.normpath(place))  # noqa: PTH119 - a path, as given
        if not os.path.isdir(place):  # noqa: PTH112
            return "" if path == last or (len(self.places) == 1 and len(self.manifest.files) == 1) else None
        if len(self.places) == 1:
            return path
        return path[len(last) + 1 :] if path.startswith(f"{last}/") else None

    @staticmethod
    def _close(view: View) -> None:
        if hasattr(view, "close"):
            view.close()


def _require(found: Digest, file: DataFile) -> None:
    if found.hex != file.sha256:
        raise NotVerified(
            f"{printable(file.path)} has the digest sha256:{found.hex}, not sha256:{file.sha256}",
            "it is not the file that the manifest is about: get that one, or make a manifest of this one",
        )
