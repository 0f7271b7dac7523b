"""A depot: where models are published and found again by their digests. It holds bytes, and is believed in nothing.

A depot has blobs, by their SHA-256; trees, by their dirHash, each a listing of paths and blobs; and notes about a
digest: signatures, passports. A tree is put there after its blobs, so that one that can be seen is whole. Notes say
what they like: whoever reads one verifies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.edge.sources import TreeFile
    from hauberk.view import View

MAX_NOTES = 256  # about one digest; anybody who may write there can add some
NOTES = ("signature", "passport")


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """Something that is said about a digest: what kind of document it is, one of `NOTES`, and its SHA-256 in hex."""

    kind: str
    sha256: str


class Depot(Protocol):
    """What every depot can do. What it gives has not been hashed by anybody: its reader does that.

    Each raises `Unavailable` where the depot does not answer, lets us not in, or has no such thing.

    Attributes:
        where: the depot, for people.
    """

    where: str

    def check_fits(self, digest: Digest, files: Sequence[TreeFile]) -> None:
        """Raise `Exceeded` where the depot takes no tree of so many files; asked before anything is sent."""
        ...

    def put_blob(self, sha256: str, view: View) -> bool:
        """Store bytes under their SHA-256; return false where the depot has them already.

        Raises:
            Refused: other bytes are there under that name.
            Unavailable: also where the view does not have that digest any more.
        """
        ...

    def blob(self, sha256: str, *, limit: int, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes that are there under a SHA-256, from a place on; raise `Exceeded` above `limit` of them.

        One that gives no bytes from a place on raises `Unavailable` where `start` is not 0.
        """
        ...

    def put_tree(self, digest: Digest, files: Sequence[TreeFile]) -> bool:
        """Make a tree visible whose blobs are all there; return false where it is already; errors as `put_blob`."""
        ...

    def tree(self, digest: Digest) -> bytes:
        """Return the listing that is there for a dirHash; raise `Exceeded` where it is too long."""
        ...

    def put_file(self, digest: Digest, file: TreeFile) -> bool:
        """Make a single file visible whose blob is there; return false where it is already."""
        ...

    def put_note(self, digest: Digest, note: Note, data: bytes) -> bool:
        """Add a note about a digest; return false where it is there already."""
        ...

    def notes(self, digest: Digest) -> list[Note]:
        """Return what is said about a digest, sorted; raise `Exceeded` for more than `MAX_NOTES`."""
        ...

    def note(self, digest: Digest, note: Note) -> bytes:
        """Return a note; raise `Exceeded` where it is too long."""
        ...
