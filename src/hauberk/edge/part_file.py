"""A large output, written piece by piece under another name, which takes its own name once it is whole."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from hauberk.edge.files import FLAGS, unavailable

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath

_BUFFER_BYTES = 1 << 20


class PartFile:
    """A file that nobody sees before `keep`; leaving the `with` statement without it removes what was written."""

    def __init__(self, path: StrPath) -> None:
        """Begin beside `path`; raise `Unavailable` where the folder does not take it."""
        self._path = os.fspath(path)
        self._part = f"{self._path}.{os.urandom(8).hex()}.part"
        self._hash = hashlib.sha256()
        try:
            self._file = open(self._part, "xb", _BUFFER_BYTES)  # noqa: SIM115, PTH123 - this object owns it
        except (OSError, ValueError) as error:
            raise unavailable(self._path, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what is still in the buffer of a file that goes may not fit on the disk
            self._file.close()
        with suppress(OSError):
            os.unlink(self._part)  # noqa: PTH108 - gone where it was kept

    @property
    def sha256(self) -> str:
        """Return the hex SHA-256 of what was written."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append; raise `Unavailable` where the disk is full."""
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise unavailable(self._path, error) from None

    def keep(self) -> None:
        """Make it durable, and give it its name."""
        folder = os.path.dirname(self._path) or "."  # noqa: PTH120 - a path, as given
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            os.rename(self._part, self._path)  # noqa: PTH104
            directory = os.open(folder, FLAGS)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            raise unavailable(self._path, error) from None
