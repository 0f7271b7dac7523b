"""One run at a time: a lock on a file, which the kernel takes back however its holder ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.edge.files import printable, unavailable
from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import StrPath


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe in its place does not stop us


@contextmanager
def only_one(path: StrPath) -> Iterator[None]:
    """Hold the lock of a file, which is made where absent, for as long as the block runs.

    Raises:
        Unavailable: another process holds it, or the file cannot be made there.
    """
    try:
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Unavailable(f"another run holds {printable(path)}", "wait until it has ended") from None
        yield
    finally:
        os.close(descriptor)
