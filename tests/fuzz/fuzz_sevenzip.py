"""7z files: nothing is raised, and every part opens or says why it does not."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from hauberk.checks.model.examine import examine
from hauberk.formats.archive.sevenzip import START_BYTES, describe
from hauberk.limits import Limits
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
LIMITS = Limits(
    max_parts=200,
    max_unpacked_bytes=1 << 20,
    max_nesting_depth=4,
    max_pickle_opcodes=1 << 12,
    max_directory_bytes=1 << 20,
)


def seeds() -> list[bytes]:
    """Return every vector that is a 7z file."""
    paths = [*(VECTORS / "formats" / "7z").rglob("*"), *(VECTORS / "rules").rglob("*.7z")]
    return [path.read_bytes() for path in sorted(paths) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes as they are, then with checksums that hold; examine all that is in them."""
    describe(BytesView(data), LIMITS)
    where, length = (int.from_bytes(data[at : at + 8], "little") for at in (12, 20))
    header = data[START_BYTES + where :][:length]
    end = data[12:28] + struct.pack("<I", zlib.crc32(header))
    fixed = BytesView(data[:8] + struct.pack("<I", zlib.crc32(end)) + end + data[START_BYTES:])
    describe(fixed, LIMITS)
    examine(fixed, "it", limits=LIMITS)
