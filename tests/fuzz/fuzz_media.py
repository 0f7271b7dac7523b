"""Pictures, fonts and programs: nothing is raised, and no end lies behind the file's."""

from __future__ import annotations

import struct

from hauberk.formats.executable import KINDS
from hauberk.formats.media import MEDIA
from hauberk.view import BytesView

CHUNK = struct.pack(">I4sI", 0, b"IEND", 0)


def seeds() -> list[bytes]:
    """Return the beginnings of each, and a few that are whole."""
    begun = [bytes(medium.at) + magic + bytes(64) for medium in MEDIA for magic in medium.magics]
    font = b"\0\1\0\0\0\1" + bytes(6) + b"cmap" + bytes(4) + struct.pack(">II", 28, 4) + b"data"
    boxes = struct.pack(">I4s8s", 16, b"ftyp", b"isom") + struct.pack(">I4s", 8, b"mdat")
    return [
        *begun,
        b"\x89PNG\r\n\x1a\n" + CHUNK,
        font,
        boxes,
        b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0",
        b"RIFF\4\0\0\0WEBP",
    ]


def one_input(data: bytes) -> None:
    """Read the bytes in every way."""
    view = BytesView(data)
    for medium in MEDIA:
        description = medium.describe(view)
        assert all(odd.offset is None or odd.offset <= len(data) for odd in description.oddities)
    for kind in KINDS:
        kind.fits(view, data[:512])
        kind.describe(view)
