"""Packed streams: gzip, bzip2, xz, lzma, zlib, zstd, lz4, and what joblib wrote before it used any of them.

A stream holds one file. It is unpacked in bounded pieces, and what came out before it broke is examined too: a loader
that reads as it unpacks has run it by then. Several streams one behind the other are one file, as all readers of gzip,
bzip2 and xz have it, and joblib for zlib too. Zeros behind the last are padding; anything else belongs to nothing.

Sources: RFC 1950 and 1952; the xz file format 1.2; `joblib/compressor.py` and `joblib/numpy_pickle_compat.py` 1.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats import magics
from hauberk.formats.archive import extras, unpack
from hauberk.formats.archive.oddity import ArchiveDescription, Odd, Oddity
from hauberk.formats.contents import Described, Part
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from hauberk.formats.archive.unpack import Make
    from hauberk.formats.contents import Room
    from hauberk.view import View

GZIP_NAME, GZIP_EXTRA = 8, 4  # of the flags in the header
LONGEST_NAME = 256
ZFILE_HEADER_BYTES = 21
SKIPPABLE = magics.SKIPPABLE  # frames that unpack to nothing
PADDING_BYTES = 1 << 16  # zeros behind a stream, up to here, are padding

Ready: TypeAlias = "Callable[[], Make | None]"


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to pack a stream.

    Attributes:
        name: of the format, as the sniffing table has it.
        magic: what a further stream begins with.
        make: returns the maker of unpackers; that is None where a package is missing.
    """

    name: str
    magic: tuple[bytes, ...]
    make: Ready


def describe(view: View, limits: Limits = DEFAULT_LIMITS, *, packing: Packing) -> Described:
    """Return a description with one part: what is in the stream. Raises nothing for what the bytes are."""
    del limits  # what comes out is counted by the room
    if packing.make() is None:
        return Described(unchecked=(extras.missing(packing.name),))
    return Described(parts=(Part(_name(view, packing), lambda room: unpacked(view, packing, room)),))


def unpacked(view: View, packing: Packing, room: Room) -> View:
    """Return a view over all that a stream unpacks to; what is odd about it is told to the room."""
    return room.store(_pieces(view, packing, room), view.size)


def until_broken(pieces: Iterator[bytes], room: Room) -> Iterator[bytes]:
    """Yield pieces up to where the packed bytes break, which is told to the room."""
    try:
        yield from pieces
    except Malformed as error:
        room.notice(Described(unchecked=(Unchecked(UncheckedCode.MALFORMED, error.message),)))


def _pieces(view: View, packing: Packing, room: Room) -> Iterator[bytes]:
    make = packing.make()
    at = _first(view) if packing.name == "joblib-zfile" else 0
    while make is not None:
        end = unpack.End()
        yield from until_broken(unpack.unpack(make, view, at, view.size, end), room)
        if end.at is None or end.at == view.size:
            return
        behind = view.read_at(end.at, PADDING_BYTES)
        at = end.at + len(behind) - len(behind.lstrip(b"\0"))
        if at == view.size:
            return
        if not view.read_at(at, max(map(len, packing.magic))).startswith(packing.magic):
            saw = f"{view.size - at} bytes behind the packed stream"
            rest = Part("(behind the stream)", lambda _, at=at: RangeView(view, at, view.size - at), at)  # type: ignore[misc]
            room.notice(ArchiveDescription(oddities=(Oddity(Odd.FOREIGN, saw),), parts=(rest,)))
            return


def _first(view: View) -> int:
    """Return where the zlib stream of an old joblib file begins: behind a length, and a space in some versions."""
    return ZFILE_HEADER_BYTES + (view.read_at(ZFILE_HEADER_BYTES, 1) == b" ")


def _name(view: View, packing: Packing) -> str:
    """Return the name of the file in a gzip stream, where its header has one."""
    head = view.read_at(0, 10 + LONGEST_NAME)
    if packing.name == "gzip" and len(head) > 10 and head[3] & (GZIP_NAME | GZIP_EXTRA) == GZIP_NAME:
        name = head[10:].partition(b"\0")[0].decode("latin-1")
        if name.isprintable() and name:
            return name
    return "(unpacked)"


PACKINGS: dict[str, Packing] = {
    row.name: row
    for row in (
        Packing("gzip", (b"\x1f\x8b",), lambda: unpack.gzip),
        Packing("bzip2", (b"BZh",), lambda: unpack.bzip2),
        Packing("xz", (b"\xfd7zXZ\x00",), lambda: unpack.xz),
        Packing("lzma", (b"\x5d\x00",), lambda: unpack.lzma_alone),
        Packing("zlib", (b"\x78",), lambda: unpack.zlib),
        Packing("joblib-zfile", (b"\x78",), lambda: unpack.zlib),
        Packing("zstd", (b"\x28\xb5\x2f\xfd", *SKIPPABLE), extras.zstd),
        Packing("lz4", (b"\x04\x22\x4d\x18",), extras.lz4),
    )
}
