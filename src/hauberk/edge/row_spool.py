"""Records of rows that are too many for memory: appended to a file without a name, and read back by their numbers."""

from __future__ import annotations

import os
import tempfile
import weakref
from contextlib import suppress
from typing import IO, Self

from hauberk.edge.files import unavailable

_BUFFER_BYTES = 1 << 20


class RowSpool:
    """A temporary file of records of one size; it is gone once it is closed, or nobody holds it any more."""

    def __init__(self, record_bytes: int) -> None:
        """Begin; raise `Unavailable` where no temporary file can be made."""
        self._record_bytes = record_bytes
        self._count = 0
        try:
            self._file = tempfile.TemporaryFile(buffering=_BUFFER_BYTES)  # noqa: SIM115 - this object owns it
        except OSError as error:
            raise unavailable(tempfile.gettempdir(), error) from None
        weakref.finalize(self, _let_go, self._file)

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        _let_go(self._file)

    def append(self, records: bytes) -> None:
        """Append whole records; raise `Unavailable` where the disk is full."""
        try:
            self._file.write(records)
            self._file.flush()
        except OSError as error:
            raise unavailable(tempfile.gettempdir(), error) from None
        self._count += len(records) // self._record_bytes

    def read(self, start: int, end: int) -> bytes:
        """Return the records from `start` to before `end`; raise `Unavailable` where they cannot be read back."""
        size = self._record_bytes
        try:
            return os.pread(self._file.fileno(), (end - start) * size, start * size)
        except OSError as error:
            raise unavailable(tempfile.gettempdir(), error) from None


def _let_go(file: IO[bytes]) -> None:
    with suppress(OSError):  # what is still in the buffer of a file that goes may not fit on the disk
        file.close()
