"""The two ways in which R writes integers and strings: as binary words, or one a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from hauberk.view import View

_CHUNK_BYTES: Final = 1 << 20
_LONGEST_NAME: Final = 256


class Stream(Protocol):
    """Integers and strings, however they are written."""

    here: int

    def integer(self) -> int:
        """Return the next integer."""

    def skip(self, count: int, size: int) -> None:
        """Pass over so many elements of a size in bytes."""

    def text(self, length: int) -> str:
        """Return the beginning of a string and pass over all of it."""


class Words:
    """Integers of four bytes: big-endian, as nearly all files have them, or the machine's own."""

    def __init__(self, view: View, start: int, *, little: bool) -> None:
        self.here = start
        self._view = view
        self._order: str = "little" if little else "big"
        self._base = start
        self._data = b""

    def integer(self) -> int:
        """Return the next integer."""
        at = self.here - self._base
        if at < 0 or at + 4 > len(self._data):
            self._base, self._data, at = self.here, self._view.read_at(self.here, _CHUNK_BYTES), 0
            if len(self._data) < 4:
                raise Malformed("the file ends inside an object")
        self.here += 4
        return int.from_bytes(self._data[at : at + 4], self._order, signed=True)  # type: ignore[arg-type]

    def skip(self, count: int, size: int) -> None:
        """Pass over so many elements of a size in bytes."""
        if not 0 <= count * size <= self._view.size - self.here:
            raise Malformed(f"a vector of {count} elements, where {max(0, self._view.size - self.here)} bytes are left")
        self.here += count * size

    def text(self, length: int) -> str:
        """Return the beginning of a string and pass over all of it."""
        start = self.here
        self.skip(length, 1)
        return self._view.read_at(start, min(length, _LONGEST_NAME)).decode("utf-8", "replace")


class Lines:
    """One number or string a line, as `ascii = TRUE` writes them."""

    def __init__(self, view: View, start: int) -> None:
        self.here = start
        self._view = view
        self._base = start
        self._data = b""

    def _line(self) -> bytes:
        at = self.here - self._base
        end = self._data.find(b"\n", at)
        if end < 0:
            self._base, self._data = self.here, self._view.read_at(self.here, _CHUNK_BYTES)
            at, end = 0, self._data.find(b"\n")
            if end < 0:
                raise Malformed("the file ends inside an object")
        self.here = self._base + end + 1
        return self._data[at:end].strip()

    def integer(self) -> int:
        """Return the next integer."""
        line = self._line()
        if line == b"NA":
            return -(1 << 31)
        if not re.fullmatch(rb"-?\d{1,10}", line):
            raise Malformed("a line that is no whole number")
        return int(line)

    def skip(self, count: int, size: int) -> None:
        """Pass over so many elements of a size in bytes."""
        if not 0 <= count <= self._view.size - self.here:
            raise Malformed(f"a vector of {count} elements in a file of {self._view.size} bytes")
        for _ in range(count if size != 16 else 2 * count):
            self._line()

    def text(self, length: int) -> str:
        """Return the beginning of a string and pass over all of it."""
        del length  # the line holds all of it, line ends escaped
        return self._line()[:_LONGEST_NAME].decode("utf-8", "replace")
