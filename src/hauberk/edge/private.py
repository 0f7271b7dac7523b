"""A file copied into private memory and hashed on the way: what was hashed is what is used, in one pass.

The memory is this process's own: whatever happens to the file later changes nothing in it, as it would in a mapping of
the file. A second thread reads ahead of the one that hashes, for SHA-256 is serial and reading lets others run.
"""

from __future__ import annotations

import hashlib
import mmap
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from hauberk.errors import Exceeded

if TYPE_CHECKING:
    from hauberk.edge.files import FileView

_PIECE = 4 << 20


class Private(NamedTuple):
    """A private copy: memory that lives as long as somebody holds it or an array over it, and its SHA-256 in hex."""

    memory: mmap.mmap
    size: int
    sha256: str

    @property
    def data(self) -> memoryview:
        """Return the bytes; they can be written, by whoever holds them."""
        return memoryview(self.memory)[: self.size]


def copy_private(view: FileView, limit: int, name: str) -> Private:
    """Return a private copy of a file.

    Args:
        view: the file.
        limit: the most bytes that are copied.
        name: what a refusal calls it.

    Raises:
        Exceeded: it is larger than `limit`, or than the memory that there is.
        Unavailable: it cannot be read, or changed meanwhile.
    """
    if view.size > limit:
        raise Exceeded(f"{name} is {view.size} bytes long, {limit} are allowed", "raise the limit if you trust it")
    memory = _memory(view.size, name)
    digest = _fill(view, memoryview(memory)[: view.size])
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
    """Fill memory with a file's bytes, and return their SHA-256."""
    whole = hashlib.sha256()
    if len(room) <= _PIECE:
        view.read_into(room, 0)
        whole.update(room)
        return whole.hexdigest()
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - it loads `logging`, for large files only

    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(view.read_into, room[:_PIECE], 0)
        for start in range(0, len(room), _PIECE):
            stop = start + _PIECE
            ahead.result()
            if stop < len(room):
                ahead = reader.submit(view.read_into, room[stop : stop + _PIECE], stop)
            whole.update(room[start:stop])
    return whole.hexdigest()
