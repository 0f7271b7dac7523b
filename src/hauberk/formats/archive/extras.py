"""Unpackers that are not in the standard library of every Python; each is None where its package is not installed.

`compression.zstd` is in the standard library from Python 3.14 on; `backports.zstd`, which is installed with this
package, is the same for older ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.archive.lz4 import Lz4Frame

if TYPE_CHECKING:
    from hauberk.formats.archive.unpack import Make, Unpacker


def zstd() -> Make | None:
    """Return the maker of unpackers for one zstd frame; they take windows up to 128 MiB."""
    try:
        from compression import zstd as package  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    except ImportError:
        try:
            from backports import zstd as package  # noqa: PLC0415 - only archives packed so need it
        except ImportError:
            return None
    return lambda: _ZstdFrame(package)


class _ZstdFrame:
    """An unpacker of one frame that raises what those of the standard library do where the frame breaks."""

    def __init__(self, package: Any) -> None:
        self._inner = package.ZstdDecompressor()
        self._error = package.ZstdError

    @property
    def eof(self) -> bool:
        """Return whether the frame has ended."""
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        """Return the input behind the end of the frame."""
        return bytes(self._inner.unused_data)

    @property
    def needs_input(self) -> bool:
        """Return whether all input was used."""
        return bool(self._inner.needs_input)

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        """Return at most `max_length` bytes more."""
        try:
            return bytes(self._inner.decompress(data, max_length))
        except self._error as error:
            raise ValueError(str(error)) from None


def lz4() -> Make | None:
    """Return the maker of unpackers for one lz4 frame: the package's, or our own, which is slower."""
    try:
        from lz4.frame import LZ4FrameDecompressor  # noqa: PLC0415 - only archives packed so need it
    except ImportError:
        return Lz4Frame
    made: Any = LZ4FrameDecompressor
    return lambda: cast("Unpacker", made())


def missing(what: str) -> Unchecked:
    """Return the note that a package is needed for something packed so."""
    return Unchecked(UncheckedCode.MISSING_EXTRA, f"packed with {what}: pip install backports.zstd to read it")
