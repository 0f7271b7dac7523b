"""Bodies of requests: a range of a view, and a short text."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.view import View

MEBIBYTE = 1 << 20


class Piece:
    """A range of a view; its bytes are read again each time that they are asked for."""

    def __init__(self, view: View, start: int, size: int) -> None:
        self.size = size
        self._view = view
        self._start = start

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes; raise `Unavailable` where the view has become shorter."""
        at, end = self._start, self._start + self.size
        while at < end:
            data = self._view.read_at(at, min(MEBIBYTE, end - at))
            if not data:
                raise Unavailable("a file became shorter while it was sent", "let its writer finish, then try again")
            at += len(data)
            yield data

    def digest(self) -> bytes:
        """Return the SHA-256 of the bytes."""
        hashed = hashlib.sha256()
        for data in self.pieces():
            hashed.update(data)
        return hashed.digest()


class Document:
    """A short text, as the body of a request."""

    def __init__(self, text: str) -> None:
        self._data = text.encode()
        self.size = len(self._data)
        self.sha256 = hashlib.sha256(self._data).hexdigest()

    def pieces(self) -> tuple[bytes, ...]:
        """Return the bytes, at once, or none of an empty text."""
        return (self._data,) if self._data else ()
