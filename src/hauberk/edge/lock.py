"""One at a time: a lock on a file, which the kernel takes back however its holder ends."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.edge.files import printable, unavailable
from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import StrPath

_LOOK_SECONDS = 0.01


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe in its place does not stop us


@contextmanager
def only_one(path: StrPath) -> Iterator[None]:
    """Hold the lock of a file, which is made where absent, for as long as the block runs.

    Raises:
        Unavailable: another process holds it, or the file cannot be made there.
    """
    with _opened(path) as descriptor:
        if not _is_taken(descriptor):
            raise Unavailable(f"another run holds {printable(path)}", "wait until it has ended")
        yield


@contextmanager
def in_turn(path: StrPath, *, seconds: float) -> Iterator[None]:
    """Hold the lock of a file as `only_one` does, once those who have it are done.

    Raises:
        Unavailable: others hold it for longer than so many seconds, or the file cannot be made there.
    """
    with _opened(path) as descriptor:
        until = time.monotonic() + seconds
        while not _is_taken(descriptor):
            if time.monotonic() > until:
                raise Unavailable(f"others have held {printable(path)} for {seconds:g} s", "try again")
            time.sleep(_LOOK_SECONDS)
        yield


@contextmanager
def _opened(path: StrPath) -> Iterator[int]:
    try:
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    """Take the lock of an open file, and say whether that was possible."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
