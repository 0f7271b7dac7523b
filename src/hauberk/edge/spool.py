"""Where unpacked bytes wait to be looked at: in memory while they are few, then in a file that has no name."""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import TYPE_CHECKING

from hauberk.errors import Unavailable
from hauberk.view import Basis, BytesView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from hauberk.view import View

_IN_MEMORY_BYTES = 16 << 20


class SpoolView:
    """Unpacked bytes in a file without a name, which is gone once nobody looks at it any more."""

    basis = Basis.COMPUTED

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        weakref.finalize(self, file.close)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, `length` of them or as many as there are; raise `Unavailable`."""
        try:
            return os.pread(self._file.fileno(), max(0, min(length, self.size - offset)), offset)
        except OSError as error:
            raise Unavailable(f"unpacked bytes cannot be read back: {error.strerror}") from None


def spool(chunks: Iterable[bytes]) -> View:
    """Keep bytes in memory, or in an unnamed temporary file once they are many.

    Raises:
        Unavailable: there is no room on the disk for temporary files.
    """
    held: list[bytes] = []
    size = 0
    file: BinaryIO | None = None
    try:
        for chunk in chunks:
            size += len(chunk)
            held.append(chunk)
            if file is None and size > _IN_MEMORY_BYTES:
                file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the view owns it
            if file is not None:
                _write(file, held)
    except BaseException as error:
        if file is not None:
            file.close()
        if not isinstance(error, OSError):
            raise
        raise Unavailable(
            f"no room to unpack: {error.strerror}", "free some space, or set TMPDIR to a larger disk"
        ) from None
    return BytesView(b"".join(held)) if file is None else SpoolView(file, size)


def _write(file: BinaryIO, held: list[bytes]) -> None:
    for piece in held:
        view = memoryview(piece)
        while view:
            view = view[file.write(view) :]
    held.clear()
