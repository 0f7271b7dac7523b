"""Bytes under a path that nobody can change: for readers of other people that take no bytes."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def sealed(data: bytes) -> Iterator[str]:
    """Hold bytes in anonymous memory that is sealed, and give the path by which this process opens it.

    Raises:
        Unavailable: the system has no such memory; only Linux has.
    """
    if sys.platform != "linux":
        raise Unavailable("this system has no sealed memory, so a reader that wants a path is not called", "use Linux")
    import fcntl  # noqa: PLC0415 - not there on every system

    descriptor = os.memfd_create("model", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(data)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
