"""A depot over anything that keeps bytes under names: a directory, a bucket.

blobs/sha256/<hex>                the bytes of a file
trees/dirHash-<hex>               a listing: its SHA-256 is the dirHash
about/<algorithm>-<hex>/<kind>-<sha256>   a note about a digest
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from hauberk.digest import Digest, sha256, tree_listing
from hauberk.edge.depot import MAX_NOTES, NOTES, Note
from hauberk.errors import Exceeded
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.edge.sources import TreeFile
    from hauberk.view import View

_NOTE = re.compile(r"([a-z]{1,32})-([0-9a-f]{64})", re.ASCII)


class Shelf(Protocol):
    """What keeps bytes under names with `/`. What is under a name stays what it was."""

    where: str

    def put(self, name: str, sha256: str, view: View) -> bool:
        """Store bytes; return false where these are there already; errors as of `Depot.put_blob`."""
        ...

    def settle(self) -> None:
        """Return once what was put is there for everybody, and durable."""
        ...

    def pieces(self, name: str, *, limit: int, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes of a name from a place on; errors as of `Depot.blob`."""
        ...

    def names(self, folder: str, *, most: int) -> list[str]:
        """Return the last parts of the names in a folder, none where it is not there; `Exceeded` above `most`."""
        ...


class ShelfDepot:
    """The depot; see `Depot` for what each method does."""

    def __init__(self, shelf: Shelf, *, limits: Limits = DEFAULT_LIMITS) -> None:
        """Use a shelf; a listing or a note has at most `max_document_bytes`."""
        self._shelf = shelf
        self.where = shelf.where
        self._limit = limits.max_document_bytes

    def check_fits(self, digest: Digest, files: Sequence[TreeFile]) -> None:
        """Raise `Exceeded` where the listing would be too long to be read again."""
        if (length := len(_listing(files))) > self._limit:
            raise Exceeded(f"the listing of {digest} is {length} bytes long, {self._limit} are allowed")

    def put_blob(self, sha256: str, view: View) -> bool:
        """Store bytes under their SHA-256."""
        return self._shelf.put(_blob(sha256), sha256, view)

    def blob(self, sha256: str, *, limit: int, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes that are there under a SHA-256."""
        return self._shelf.pieces(_blob(sha256), limit=limit, start=start)

    def put_tree(self, digest: Digest, files: Sequence[TreeFile]) -> bool:
        """Make a tree visible, by its listing."""
        self._shelf.settle()  # the blobs are there before the tree
        return self._settled(f"trees/{_folder(digest)}", digest.hex, _listing(files))

    def tree(self, digest: Digest) -> bytes:
        """Return the listing that is there for a dirHash."""
        return self._whole(f"trees/{_folder(digest)}")

    def put_file(self, _digest: Digest, _file: TreeFile) -> bool:
        """Have the blob settled: it is a file that can be seen."""
        self._shelf.settle()
        return False

    def put_note(self, digest: Digest, note: Note, data: bytes) -> bool:
        """Add a note about a digest."""
        return self._settled(_note(digest, note), sha256(data).hex, data)

    def notes(self, digest: Digest) -> list[Note]:
        """Return what is said about a digest; names that are no note's are passed over."""
        names = self._shelf.names(f"about/{_folder(digest)}", most=MAX_NOTES)
        found = [parsed for name in names if (parsed := _NOTE.fullmatch(name)) and parsed[1] in NOTES]
        return sorted(Note(parsed[1], parsed[2]) for parsed in found)

    def note(self, digest: Digest, note: Note) -> bytes:
        """Return a note."""
        return self._whole(_note(digest, note))

    def _settled(self, name: str, sha256: str, data: bytes) -> bool:
        made = self._shelf.put(name, sha256, BytesView(data))
        self._shelf.settle()
        return made

    def _whole(self, name: str) -> bytes:
        return b"".join(self._shelf.pieces(name, limit=self._limit))


def _listing(files: Sequence[TreeFile]) -> bytes:
    return tree_listing((file.path, file.sha256) for file in files)


def _blob(sha256: str) -> str:
    return f"blobs/{Digest('sha256', sha256).algorithm}/{sha256}"


def _folder(digest: Digest) -> str:
    return f"{digest.algorithm}-{digest.hex}"


def _note(digest: Digest, note: Note) -> str:
    return f"about/{_folder(digest)}/{note.kind}-{note.sha256}"
