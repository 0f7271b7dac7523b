"""A file to which lines are added, so that work which was stopped goes on where it was.

A line is there whole or not at all: what follows the last line end was being written when its writer was stopped, and
is taken away when the file is opened again.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hauberk.edge.files import printable, read_file, unavailable
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import StrPath

MOST_BYTES: Final = 4 << 30
_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Journal:
    """An open journal: the lines that were there, and where new ones go."""

    def __init__(self, descriptor: int, name: str, lines: tuple[bytes, ...]) -> None:
        self.lines = lines
        self._descriptor = descriptor
        self._name = name

    def add(self, line: bytes) -> None:
        """Add a line; raise `Unavailable` where the disk does not take it."""
        left = memoryview(line + b"\n")
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            raise unavailable(self._name, error) from None


@contextmanager
def open_journal(path: StrPath, *, head: bytes) -> Iterator[Journal]:
    """Open a journal, or begin one.

    Args:
        path: the file.
        head: the first line, by which a journal of this kind is told from every other file.

    Raises:
        Misconfigured: the file is something else.
        Unavailable, Exceeded: it cannot be read or written.
    """
    try:
        known = read_file(path, limit=MOST_BYTES)
    except Unavailable:
        if os.path.lexists(path):
            raise
        known = b""
    if known and not known.startswith(head + b"\n"):
        raise Misconfigured(f"{printable(path)} is there and is no such file", "name another file")
    whole = known.rfind(b"\n") + 1
    try:
        descriptor = os.open(path, _FLAGS, 0o644)
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(path), error) from None
    try:
        os.ftruncate(descriptor, whole)
        os.lseek(descriptor, whole, os.SEEK_SET)
        journal = Journal(descriptor, os.fspath(path), tuple(known[:whole].split(b"\n")[1:-1]))
        if not whole:
            journal.add(head)
        yield journal
        os.fsync(descriptor)
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
    finally:
        os.close(descriptor)
