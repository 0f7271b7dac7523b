"""Packed streams: nothing is raised, and what comes out stays within its budget."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from pathlib import Path

from hauberk.checks.model.examine import examine
from hauberk.checks.model.unpacked import Unpacked
from hauberk.formats.archive.streams import PACKINGS, describe
from hauberk.limits import Limits
from hauberk.view import BytesView

WRITTEN = Path(__file__).parents[1] / "vectors" / "written" / "archives"
WORDS = b"cdatetime\ndate\n(I2026\nI1\nI2\ntR." * 9
LIMITS = Limits(max_parts=200, max_unpacked_bytes=1 << 20, max_nesting_depth=4, max_pickle_opcodes=1 << 12)


def seeds() -> list[bytes]:
    """Return one stream of each kind that the standard library writes, those of zstd and lz4, and some in each other."""
    packed = [
        *((WRITTEN / name).read_bytes() for name in ("zstd.zst", "lz4.lz4")),
        gzip.compress(WORDS, mtime=0),
        bz2.compress(WORDS),
        lzma.compress(WORDS),
        lzma.compress(WORDS, lzma.FORMAT_ALONE),
        zlib.compress(WORDS),
        b"ZF" + hex(len(WORDS)).encode().ljust(19) + zlib.compress(WORDS),
    ]
    return [*packed, *(gzip.compress(one, mtime=0) for one in packed), gzip.compress(WORDS, mtime=0) * 2]


def one_input(data: bytes) -> None:
    """Unpack the bytes in every way, then in the way that they ask for."""
    view = BytesView(data)
    for packing in PACKINGS.values():
        room = Unpacked(LIMITS)
        for part in describe(view, LIMITS, packing=packing).parts:
            assert part.open(room).size <= LIMITS.max_unpacked_bytes
    examine(view, "it", limits=LIMITS)
