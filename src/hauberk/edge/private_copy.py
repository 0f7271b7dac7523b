"""Bytes as a file of the same name that nobody else can reach, for programs that insist on a path."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def private_copy(data: bytes, name: str) -> Iterator[str]:
    """Yield the path of a file with these bytes, which is gone afterwards; what is mapped of it stays.

    Raises:
        Unavailable: there is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="hauberk-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, name)
        try:
            path.write_bytes(data)
        except OSError as error:
            raise Unavailable(f"no room for a private copy: {error.strerror}") from None
        yield str(path)
