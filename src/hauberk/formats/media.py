"""Pictures, sounds, fonts, documents and tables, as they lie beside models: no loader of models runs anything in them.

They are inert when they are complete in themselves. Where each ends is told by its own lengths, or by the mark that
stands at its end; bytes behind that belong to nothing, and are examined as a file of their own. What viewers do with a
document is not asked here.

Sources: PNG 3rd edition, 5; ITU-T T.81, annex B; GIF89a; RIFF; the Parquet and Arrow file formats; OpenType 1.9; the
SQLite file format; ISO 32000-1, 7.5; ISO 14496-12.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.contents import Part
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.formats.archive.oddity import ArchiveDescription
    from hauberk.formats.contents import Room
    from hauberk.view import View

PNG_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI mDCv cLLi tEXt zTXt iTXt bKGD hIST pHYs sPLT"
    b" eXIf tIME acTL fcTL fdAT oFFs pCAL sCAL gIFg gIFt gIFx sTER dSIG iDOT vpAg orNT caNv caBX CgBI".split()
)  # of the standard and its extensions, then of macOS, ImageMagick, content credentials and iOS
MOST_PIECES = 1 << 17  # chunks of a picture that are walked
TAIL_BYTES = 1 << 10
PADDING = b"\0 \t\r\n"  # editors and servers leave a newline behind


@dataclass(frozen=True, slots=True)
class Medium:
    """One of them: its name; what its first bytes are, and at which offset; where it ends, None if nobody can tell.

    `inside` yields what in it is of no known kind, and is examined as a file of its own.
    """

    name: str
    magics: tuple[bytes, ...]
    end: Callable[[View], int | None]
    at: int = 0
    inside: Callable[[View], Iterator[Part]] | None = None

    def fits(self, _: View, head: bytes) -> bool:
        """Say whether these are its first bytes."""
        return head.startswith(self.magics, self.at)

    @property
    def describe(self) -> Callable[..., ArchiveDescription]:
        """Return its reader."""
        return partial(describe, medium=self)


def describe(view: View, limits: Limits = DEFAULT_LIMITS, *, medium: Medium) -> ArchiveDescription:
    """Return whether anything stands behind a picture, a font or the like. Raises nothing for what the bytes are."""
    from hauberk.formats.archive.oddity import ArchiveDescription, Odd, Oddity  # noqa: PLC0415 - see formats.readers

    del limits
    end = medium.end(view)
    if end is None or end > view.size:
        return ArchiveDescription(unchecked=(Unchecked(UncheckedCode.MALFORMED, f"{medium.name}, cut off or broken"),))
    inside = tuple(medium.inside(view)) if medium.inside is not None else ()
    rest = view.read_at(end, TAIL_BYTES)
    if not rest.strip(PADDING) and len(rest) == view.size - end:
        return ArchiveDescription(parts=inside)
    saw = f"{view.size - end} bytes behind the end of the {medium.name}"
    part = Part("(behind the end)", lambda _: RangeView(view, end, view.size - end), end)
    return ArchiveDescription(oddities=(Oddity(Odd.FOREIGN, saw, end),), parts=(*inside, part))


def _chunks(view: View) -> Iterator[tuple[bytes, int, int]]:
    """Yield the chunks of a PNG file: the kind of each, where its data begins, how many bytes there are."""
    at = 8
    for _ in range(MOST_PIECES):
        head = view.read_at(at, 8)
        size = int.from_bytes(head[:4], "big")
        if len(head) < 8 or at + 12 + size > view.size:
            return
        yield head[4:], at + 8, size
        at += 12 + size


def _png(view: View) -> int | None:
    return next((at + size + 4 for kind, at, size in _chunks(view) if kind == b"IEND"), None)


def _private(view: View) -> Iterator[Part]:
    """Yield the chunks of a PNG file that no standard knows."""
    for kind, at, size in _chunks(view):
        if kind == b"IEND":
            return
        if size and kind not in PNG_CHUNKS:
            yield Part(f"(chunk {kind.hex()})", partial(_range, view, at, size), at)


def _range(view: View, start: int, size: int, _: Room) -> View:
    return RangeView(view, start, size)


def _marked(*marks: bytes) -> Callable[[View], int | None]:
    """Return a function that finds the last such mark near the end of a view."""

    def end(view: View) -> int | None:
        base = max(0, view.size - TAIL_BYTES)
        tail = view.read_at(base, TAIL_BYTES)
        found = [at + len(mark) for mark in marks if (at := tail.rfind(mark)) >= 0]
        return base + max(found) if found else None

    return end


def _pdf(view: View) -> int | None:
    end = _marked(b"%%EOF")(view)
    rest = b"" if end is None else view.read_at(end, 2)
    return None if end is None else end + len(rest) - len(rest.lstrip(b"\r\n"))


def _riff(view: View) -> int | None:
    length = int.from_bytes(view.read_at(4, 4), "little")
    return 8 + length + (length & 1 and view.size > 8 + length)


def _bmp(view: View) -> int | None:
    return int.from_bytes(view.read_at(2, 4), "little") or None


def _boxes(view: View) -> int | None:
    """Walk the boxes of an MP4 file."""
    at = 0
    for _ in range(MOST_PIECES):
        head = view.read_at(at, 16)
        if at == view.size:
            return at
        if len(head) < 8 or not head[4:8].isalnum():
            return at or None
        length = int.from_bytes(head[:4], "big")
        length = int.from_bytes(head[8:16], "big") if length == 1 else length or view.size - at
        if length < 8 or at + length > view.size:
            return None
        at += length
    return None


def _font(view: View) -> int | None:
    """Return where the last table of a font ends, padded to four bytes."""
    head = view.read_at(0, 12)
    count = int.from_bytes(head[4:6], "big")
    rows = view.read_at(12, 16 * count)
    ends = [
        int.from_bytes(rows[at + 8 : at + 12], "big") + int.from_bytes(rows[at + 12 : at + 16], "big")
        for at in range(0, len(rows), 16)
    ]
    last = max(ends, default=0)
    return min(last + -last % 4, view.size) if last and last <= view.size else None


def _woff(view: View) -> int | None:
    return int.from_bytes(view.read_at(8, 4), "big") or None


def _sqlite(view: View) -> int | None:
    head = view.read_at(0, 32)
    page = int.from_bytes(head[16:18], "big")
    page = 1 << 16 if page == 1 else page
    return page * int.from_bytes(head[28:32], "big") or None


def _whole(view: View) -> int | None:
    """Return the end of the file: the format is a chain of frames that goes on as long as there are some."""
    return view.size


MEDIA: tuple[Medium, ...] = (
    Medium("png", (b"\x89PNG\r\n\x1a\n",), _png, inside=_private),
    Medium("jpeg", (b"\xff\xd8\xff",), _marked(b"\xff\xd9")),
    Medium("gif", (b"GIF87a", b"GIF89a"), _marked(b"\x00\x3b", b"\x3b")),
    Medium("webp", (b"WEBP",), _riff, 8),
    Medium("wav", (b"WAVEfmt ", b"WAVEJUNK", b"WAVEbext"), _riff, 8),
    Medium("avi", (b"AVI LIST",), _riff, 8),
    Medium("bmp", (b"\0\0\0\0\x36\0\0\0\x28\0\0\0", b"\0\0\0\0\x36\x04\0\0\x28\0\0\0"), _bmp, 6),
    Medium("pdf", (b"%PDF-1.", b"%PDF-2."), _pdf),
    Medium("mp4", (b"ftyp",), _boxes, 4),
    Medium("mp3", (b"ID3\x02\0", b"ID3\x03\0", b"ID3\x04\0"), _whole),
    Medium("ogg", (b"OggS\0\x02",), _whole),
    Medium("flac", (b"fLaC\0\0\0\x22",), _whole),
    Medium("woff", (b"wOFF", b"wOF2"), _woff),
    Medium("font", (b"\0\x01\0\0\0", b"OTTO\0", b"true\0"), _font),
    Medium("parquet", (b"PAR1",), _marked(b"PAR1")),
    Medium("arrow", (b"ARROW1\0\0",), _marked(b"ARROW1")),
    Medium("feather", (b"FEA1\0\0\0\0",), _marked(b"FEA1")),
    Medium("sqlite", (b"SQLite format 3\0",), _sqlite),
)
