"""A view that gives out nothing but the bytes of a digest, whoever goes on writing to the file meanwhile.

The file is hashed once, as a whole and piece by piece; from then on each piece that is read is compared with what was
hashed. That the kernel says of a file that it is the same is not enough: a page that was mapped and written to before
can be written to again without a word to anybody, and in memory (`tmpfs`) always.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

from hauberk.errors import NotVerified, Unavailable
from hauberk.view import Basis

if TYPE_CHECKING:
    from hauberk.edge.files import FileView
    from hauberk.view import View

_PIECE = 1 << 20
_KEPT = 32  # pieces: a table is read in many places at once, a column in each


class VerifiedView:
    """The bytes of a view, if they are those of a digest; the view stays its owner's to close.

    Reading raises `NotVerified` where the bytes are not those of the digest, and `Unavailable` where the file changed.
    """

    def __init__(self, view: View | FileView, sha256: str, name: str) -> None:
        """Take a view; nothing is read before it is verified, or read from."""
        self.size = view.size
        self.basis = Basis.COMPUTED
        self._view = view
        self._wanted = sha256
        self._name = name
        self._pieces: list[bytes] | None = None
        self._kept: dict[int, bytes] = {}
        self._lock = threading.Lock()  # libraries read in threads

    def verify(self) -> None:
        """Hash all of it, once; errors as of the class."""
        if self._pieces is None:
            self._pieces = self._hashed()

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, `length` of them or as many as there are."""
        with self._lock:
            return self._read_checked(offset, length)

    def check_unchanged(self) -> None:
        """Raise `Unavailable` if the file is not what it was when it was opened, as far as its kernel says."""
        if hasattr(self._view, "check_unchanged"):
            self._view.check_unchanged()

    def _read_checked(self, offset: int, length: int) -> bytes:
        self.verify()
        stop = min(offset + length, self.size)
        if offset >= stop or length <= 0:
            return b""
        first = offset // _PIECE
        got = b"".join(self._piece(number) for number in range(first, -(-stop // _PIECE)))
        self.check_unchanged()
        return got[offset - first * _PIECE : stop - first * _PIECE]

    def _hashed(self) -> list[bytes]:
        whole, pieces = hashlib.sha256(), list[bytes]()
        for number in range(-(-self.size // _PIECE)):
            piece = self._read(number)
            whole.update(piece)
            pieces.append(hashlib.sha256(piece).digest())
        self.check_unchanged()
        require_digest(whole.hexdigest(), self._wanted, self._name)
        return pieces

    def _piece(self, number: int) -> bytes:
        """Return a piece that was hashed; those that were read last are at hand."""
        kept = self._kept.pop(number, None)
        if kept is None:
            kept = self._read(number)
            assert self._pieces is not None
            if hashlib.sha256(kept).digest() != self._pieces[number]:
                raise Unavailable(f"{self._name} changed while it was read", "let its writer finish, then try again")
        self._kept[number] = kept
        while len(self._kept) > _KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        return kept

    def _read(self, number: int) -> bytes:
        start = number * _PIECE
        return self._view.read_at(start, min(_PIECE, self.size - start))


def require_digest(found: str, wanted: str, name: str) -> None:
    """Raise `NotVerified` where a file's SHA-256, in hex, is not the wanted one."""
    if found != wanted:
        raise NotVerified(
            f"{name} has the digest sha256:{found}, not sha256:{wanted}",
            "it is not the file that was approved: get that one, or have this one approved",
        )
