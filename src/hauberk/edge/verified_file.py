"""A file whose bytes are hashed while somebody reads it, against the digest that they must have.

Read from the front to the end, each byte is hashed as it is given out, and the last ones are given out only if the
digest is right. Whoever jumps about has the whole file hashed first; from then on each read is compared with what was
hashed. Leaving the `with` statement early hashes the rest, so that nobody goes on with half of another file.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, Self

from hauberk.edge.verified_view import VerifiedView, require_digest

if TYPE_CHECKING:
    from hauberk.edge.files import FileView
    from hauberk.view import View

_PIECE = 1 << 20


class VerifiedFile(io.RawIOBase):
    """A readable, seekable binary file object over a view; it closes the view. Methods are those of `io.RawIOBase`.

    Who reads it may close it, as a `TextIOWrapper` does that is collected: within a `with` statement the view stays
    open, and is still verified at its end.

    Reading raises `NotVerified` where the bytes are not those of the digest, and `Unavailable` where the file changed.
    """

    def __init__(self, view: View | FileView, sha256: str, name: str) -> None:
        super().__init__()
        self._view = view
        self._checked = VerifiedView(view, sha256, name)
        self._wanted = sha256
        self.name = name
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._at = 0
        self._verified = False
        self._is_within = False  # a `with` statement
        if not view.size:
            self._finish()

    @property
    def verified(self) -> bool:
        """Return whether all bytes were hashed and are the right ones."""
        return self._verified

    def __enter__(self) -> Self:
        super().__enter__()
        self._is_within = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self.verify()
        finally:
            self._is_within = False
            self.close()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that one can jump about in it."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, and return it; nothing is read yet."""
        if whence not in (io.SEEK_SET, io.SEEK_CUR, io.SEEK_END):
            raise ValueError(f"no place to seek from: {whence}")
        place = offset + (0, self._at, self._view.size)[whence]
        if place < 0:
            raise ValueError(f"negative seek position {place}")
        self._at = place
        return place

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._at

    def readall(self) -> bytes:
        """Return all that is left."""
        return self.read(-1)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, and return how far."""
        place = memoryview(buffer).cast("B")
        data = self.read(len(place))
        place[: len(data)] = data
        return len(data)

    def read(self, length: int | None = -1) -> bytes:
        """Return the next bytes; the last ones of the file only if all are the right ones."""
        self._require_open()
        left = max(0, self._view.size - self._at)
        wanted = left if length is None or length < 0 else min(length, left)
        if not wanted:
            return b""
        if not self._verified and self._at != self._hashed:
            self.verify()
        if self._verified:
            data = self._checked.read_at(self._at, wanted)
            self._at += len(data)
            return data
        data = self._view.read_at(self._at, wanted)
        self._at += len(data)
        self._hash.update(data)
        self._hashed = self._at
        if self._hashed == self._view.size:
            self._finish()
        return data

    def verify(self) -> None:
        """Hash what was not read yet; raise `NotVerified` if the whole is not what it must be."""
        if not self._hashed:  # nothing was given out yet
            self._checked.verify()
            self._hashed, self._verified = self._view.size, True
        while not self._verified:
            piece = self._view.read_at(self._hashed, _PIECE)
            self._hash.update(piece)
            self._hashed += len(piece)
            if self._hashed == self._view.size:
                self._finish()

    def close(self) -> None:
        """Close the view, in a `with` statement at its end; this verifies nothing, leaving the statement does."""
        if not self._is_within and hasattr(self._view, "close"):
            self._view.close()
        super().close()

    def _require_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _finish(self) -> None:
        self._checked.check_unchanged()
        require_digest(self._hash.hexdigest(), self._wanted, self.name)
        self._verified = True
