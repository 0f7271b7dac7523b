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
        from compression.zstd import ZstdDecompressor  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    except ImportError:
        try:
            from backports.zstd import ZstdDecompressor  # noqa: PLC0415 - only archives packed so need it
        except ImportError:
            return None
    made: Any = ZstdDecompressor
    return lambda: cast("Unpacker", made())


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
