"""Many files made durable at once: a disk that is asked by several takes what they have together."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from hauberk.edge.files import FLAGS, NO_FOLLOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.edge.files import StrPath

_THREADS = 8
_AT_ONCE = 1024


def sync_files(paths: Iterable[StrPath]) -> None:
    """Return once the bytes of all files, or the names in all directories, are durable; raise `OSError` otherwise."""
    waiting = iter(paths)
    with ThreadPoolExecutor(_THREADS) as threads:
        while some := list(islice(waiting, _AT_ONCE)):
            deque(threads.map(_sync, some), maxlen=0)


def _sync(path: StrPath) -> None:
    descriptor = os.open(path, FLAGS | NO_FOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
