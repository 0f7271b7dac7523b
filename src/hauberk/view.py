"""Bytes that can be read in part: what every parser sees instead of a path.

A view may be a file, a range of another view, an archive member, a remote object. It says whether its bytes are the
ones that we hold (`computed`) or ones that somebody else described to us (`claimed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Basis(StrEnum):
    """Where the knowledge about bytes comes from."""

    COMPUTED = "computed"
    CLAIMED = "claimed"


class UncheckedCode(StrEnum):
    """Why something could not be looked at."""

    FORMAT_NOT_READ = "format-not-read"
    MALFORMED = "malformed"
    LIMIT = "limit"
    NAME = "name"
    FILE_KIND = "file-kind"
    SYMLINK = "symlink"
    UNREADABLE = "unreadable"
    CHANGED = "changed"
    MISSING_EXTRA = "missing-extra"


class View(Protocol):
    """Bytes with a size."""

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        ...

    @property
    def basis(self) -> Basis:
        """Return whether the bytes are ours or somebody's word."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, `length` of them or as many as there are.

        Raises:
            Unavailable: the bytes cannot be read, or changed while they were read.
        """
        ...


@dataclass(frozen=True, slots=True)
class BytesView:
    """A view over bytes in memory."""

    data: bytes | memoryview
    basis: Basis = Basis.COMPUTED

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return a copy of the bytes from `offset`, `length` of them or as many as there are."""
        return bytes(self.data[offset : offset + length])


@dataclass(frozen=True, slots=True)
class RangeView:
    """A window on another view: `size` bytes from `start`; it never reads outside of it."""

    parent: View
    start: int
    size: int

    @property
    def basis(self) -> Basis:
        """Return the basis of the view that this one looks into."""
        return self.parent.basis

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset` of the window, `length` of them or as many as there are."""
        length = max(0, min(length, self.size - offset))
        return self.parent.read_at(self.start + offset, length) if length else b""
