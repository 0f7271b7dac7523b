"""A file copied into private memory and hashed on the way: what was hashed is what is used, in one pass.

The memory is this process's own: whatever happens to the file later changes nothing in it, as it would in a mapping of
the file. A second thread reads ahead of the one that hashes, for SHA-256 is serial and reading lets others run. New
memory can cost as much again as hashing, as the kernel clears each page of it: who is done with a copy gives it away.
"""

from __future__ import annotations

import hashlib
import mmap
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from hauberk.edge.files import TOO_LONG_TO_LOAD
from hauberk.errors import Exceeded

if TYPE_CHECKING:
    from hauberk.edge.files import FileView

_PIECE = 1 << 20
_AHEAD = 16 << 20  # with smaller ones, the two threads wait for each other


class Private(NamedTuple):
    """A private copy: memory that lives as long as somebody holds it or an array over it, and its SHA-256 in hex."""

    memory: mmap.mmap
    size: int
    sha256: str

    @property
    def data(self) -> memoryview:
        """Return the bytes; they can be written, by whoever holds them."""
        return memoryview(self.memory)[: self.size]


def is_free(memory: mmap.mmap) -> bool:
    """Say whether nobody looks at memory: no `memoryview` of it lives, and no array over one."""
    try:
        memory.resize(len(memory))  # to what it is: all that this does is to ask
    except (BufferError, OSError, SystemError, TypeError, ValueError):
        return False
    return True


def copy_private(view: FileView, limit: int, name: str, *, spare: mmap.mmap | None = None) -> Private:
    """Return a private copy of a file.

    Args:
        view: the file.
        limit: the most bytes that are copied.
        name: what a refusal calls it.
        spare: memory that is free, to be written over if it is large enough.

    Raises:
        Exceeded: it is larger than `limit`, or than the memory that there is.
        Unavailable: it cannot be read, or changed meanwhile.
    """
    if view.size > limit:
        raise Exceeded(f"{name} is {view.size} bytes long, {limit} are allowed", TOO_LONG_TO_LOAD)
    if spare is not None and len(spare) >= view.size:
        memory, fill = spare, _fill
    else:
        memory, fill = _memory(view.size, name), _fill_ahead
    digest = fill(view, memoryview(memory)[: view.size])
    view.check_unchanged()
    return Private(memory, view.size, digest)


def _memory(size: int, name: str) -> mmap.mmap:
    try:  # a mapping of no bytes does not exist
        memory = mmap.mmap(-1, size or 1, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise Exceeded(f"there is no memory for the {size} bytes of {name}: {error.strerror}") from None
    with suppress(OSError, AttributeError):  # one fault for 2 MiB instead of 512, where the kernel has them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def _fill(view: FileView, room: memoryview) -> str:
    """Fill memory with a file's bytes, and return their SHA-256; a piece is hashed while the processor still has it."""
    whole = hashlib.sha256()
    for start in range(0, len(room), _PIECE):
        piece = room[start : start + _PIECE]
        view.read_into(piece, start)
        whole.update(piece)
    return whole.hexdigest()


def _fill_ahead(view: FileView, room: memoryview) -> str:
    """Do the same with new memory: a second thread reads, as that is when the kernel clears pages."""
    if len(room) <= _AHEAD:
        return _fill(view, room)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - it loads `logging`, for large files only

    whole = hashlib.sha256()
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(view.read_into, room[:_AHEAD], 0)
        for start in range(0, len(room), _AHEAD):
            stop = start + _AHEAD
            ahead.result()
            if stop < len(room):
                ahead = reader.submit(view.read_into, room[stop : stop + _AHEAD], stop)
            whole.update(room[start:stop])
    return whole.hexdigest()
