"""7z: a header at the end, itself packed most of the time, and folders of files that are unpacked together.

Folders that are stored, or packed by LZMA, LZMA2, BZip2 or Deflate, are read, and LZMA2 behind a filter that only
turns addresses of programs around. What is encrypted, or packed in another way, is unchecked by the name of its method.
"""

from __future__ import annotations

import lzma
import zlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats import magics
from hauberk.formats.archive import extras, unpack
from hauberk.formats.archive import sevenzip_headers as headers
from hauberk.formats.archive.oddity import (
    ArchiveDescription,
    Odd,
    Oddity,
    beneath_links,
    link_leads_out,
    odd_names,
    printable,
)
from hauberk.formats.archive.sevenzip_headers import Entry, Fields, Folder, Streams
from hauberk.formats.archive.streams import until_broken
from hauberk.formats.contents import Part
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView, RangeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.archive.unpack import Make
    from hauberk.formats.contents import Room
    from hauberk.view import View

MAGIC = magics.SEVENZIP
START_BYTES = 32
MOST_PACKED_HEADERS = 4  # a header that is packed, in a header that is packed
LONGEST_LINK = 1 << 12
CRC_BYTES = 1 << 26  # of one file that is summed up again

COPY, LZMA, LZMA2, DEFLATE, BZIP2 = b"\x00", b"\x03\x01\x01", b"\x21", b"\x04\x01\x08", b"\x04\x02\x02"
ZSTD = b"\x04\xf7\x11\x01"
NAMES = {
    b"\x06\xf1\x07\x01": "encrypted with AES",
    b"\x03\x03\x01\x1b": "filtered by BCJ2",
    b"\x03\x04\x01": "packed with PPMd",
    b"\x04\x01\x09": "packed with Deflate64",
    ZSTD: "packed with Zstandard",
    b"\x04\xf7\x11\x02": "packed with Brotli",
    b"\x04\xf7\x11\x04": "packed with LZ4",
}
FILTERS = {
    b"\x04": lzma.FILTER_X86,
    b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x06": lzma.FILTER_IA64,
    b"\x07": lzma.FILTER_ARM,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x09": lzma.FILTER_SPARC,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
    b"\x03": lzma.FILTER_DELTA,
}


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> ArchiveDescription:
    """Return what a 7z file holds. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    try:
        streams, entries, spans = _header(view, *_end(view, limits), limits)
    except (Malformed, Exceeded) as error:
        return ArchiveDescription(unchecked=(Unchecked(UncheckedCode.MALFORMED, error.message),))
    odd, between = _gaps(view, spans)
    members = _Members(view, streams, entries)
    members.take()
    return ArchiveDescription(
        parts=(*members.parts, *between),
        oddities=(*members.oddities, *odd),
        unchecked=tuple(members.unchecked),
    )


_Header = tuple[Streams, list[Entry], list[tuple[int, int]]]


def _end(view: View, limits: Limits) -> tuple[bytes, int]:
    """Return the header at the end, and its offset."""
    start = view.read_at(0, START_BYTES)
    if len(start) < START_BYTES or zlib.crc32(start[12:32]) != int.from_bytes(start[8:12], "little"):
        raise Malformed("the first header's checksum does not hold")
    at = START_BYTES + int.from_bytes(start[12:20], "little")
    length = int.from_bytes(start[20:28], "little")
    if length > limits.max_directory_bytes:
        raise Exceeded(f"a header of {length} bytes, where {limits.max_directory_bytes} are looked at")
    data = view.read_at(at, length)
    if len(data) != length:
        raise Malformed("the header at the end is cut off")
    if zlib.crc32(data) != int.from_bytes(start[28:32], "little"):
        raise Malformed("the checksum of the header at the end does not hold")
    return data, at


def _header(view: View, data: bytes, at: int, limits: Limits) -> _Header:
    """Return what the header says, unpacked as often as it is packed, and the ranges that hold packed streams."""
    spans = [(at, len(data))]
    for _ in range(MOST_PACKED_HEADERS):
        fields = Fields(data, limits.max_parts)
        if not data:
            return Streams(), [], spans
        kind = fields.byte()
        if kind == headers.HEADER:
            streams, entries = _plain(fields)
            return streams, entries, spans + _ranges(streams)
        if kind != headers.ENCODED:
            raise Malformed(f"a header of kind {kind}")
        streams = headers.read_streams(fields)
        spans += _ranges(streams)
        if len(streams.folders) != 1 or streams.folders[0].size > limits.max_directory_bytes:
            raise Malformed("a packed header that is not one folder, or is too large")
        made = _unpacker(streams.folders[0])
        if isinstance(made, str):
            raise Malformed(f"the header is {made}")
        data = b"".join(_pieces(view, streams.folders[0], made, _ranges(streams)[0]))
        if len(data) != streams.folders[0].size or zlib.crc32(data) != (streams.folders[0].crc or zlib.crc32(data)):
            raise Malformed("the packed header does not unpack to what it should")
    raise Malformed("a header that is packed again and again")


def _plain(fields: Fields) -> tuple[Streams, list[Entry]]:
    streams, entries = Streams(), list[Entry]()
    while (kind := fields.byte()) != headers.END:
        if kind == headers.ARCHIVE_PROPERTIES:
            while fields.byte() != headers.END:
                fields.take(fields.number())
        elif kind == headers.ADDITIONAL:
            headers.read_streams(fields)
        elif kind == headers.MAIN:
            streams = headers.read_streams(fields)
        elif kind == headers.FILES:
            entries = headers.read_files(fields)
        else:
            raise Malformed(f"a field {kind} in the header")
    return streams, entries


def _ranges(streams: Streams) -> list[tuple[int, int]]:
    """Return where each packed stream lies, as offset and length."""
    found, at = [], START_BYTES + streams.start
    for length in streams.packed:
        found.append((at, length))
        at += length
    if sum(len(folder.packed) for folder in streams.folders) != len(found):
        raise Malformed("folders and packed streams do not fit each other")
    return found


def _unpacker(folder: Folder) -> Make | str | None:
    """Return what unpacks a folder: a maker, None for one that is stored, or in words why it is not read."""
    chain = folder.coders
    for coder in chain:
        if coder.method in NAMES and coder.method != ZSTD:
            return NAMES[coder.method]
    if any(coder.inputs != 1 or coder.outputs != 1 for coder in chain) or len(chain) > 2:
        return "packed in several steps"
    if len(chain) == 2 and (folder.pairs == ((1, 0),)):
        chain = chain[::-1]
    elif len(chain) == 2 and folder.pairs != ((0, 1),):
        raise Malformed("a folder whose coders are not bound to each other")
    last = chain[-1]
    if last.method == ZSTD and (made := extras.zstd()) is not None and len(chain) == 1:
        return made
    if last.method in NAMES:
        return NAMES[last.method]
    if len(chain) == 2:
        return _filtered(chain[0], last, folder)
    if last.method == COPY:
        return None
    if last.method == LZMA:
        return unpack.raw_lzma(last.properties, folder.size)
    if last.method == LZMA2:
        return unpack.raw_lzma2(last.properties, folder.size)
    if last.method in (DEFLATE, BZIP2):
        return unpack.deflate if last.method == DEFLATE else unpack.bzip2
    return f"packed by method {last.method.hex() or 'none'}"


def _filtered(first: headers.Coder, last: headers.Coder, folder: Folder) -> Make | str:
    """Return the maker for LZMA2 behind a filter."""
    if first.method not in FILTERS or last.method != LZMA2:
        return f"packed by methods {last.method.hex()} and {first.method.hex()}"
    chain: dict[str, int] = {"id": FILTERS[first.method]}
    if first.method == b"\x03":
        chain["dist"] = (first.properties[0] if first.properties else 0) + 1
    return unpack.raw_lzma2(last.properties, folder.size, chain)


def _pieces(view: View, folder: Folder, make: Make | None, packed: tuple[int, int]) -> Iterator[bytes]:
    start, length = packed
    stop = min(start + length, view.size)
    if make is not None:
        yield from unpack.unpack(make, view, start, stop, unpack.End(), wanted=folder.size)
        return
    for at in range(start, stop, unpack.PIECE_BYTES):
        yield view.read_at(at, min(unpack.PIECE_BYTES, stop - at))


@dataclass(slots=True)
class _Members:
    """The files of an archive as parts."""

    view: View
    streams: Streams
    entries: list[Entry]
    parts: list[Part] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def take(self) -> None:
        """Go through the files, folder by folder."""
        names: set[str] = set()
        full = iter([entry for entry in self.entries if entry.has_bytes])
        for entry in self.entries:
            self.oddities += odd_names(entry.name, None)
            if entry.has_bytes and entry.name in names:
                saw = "a second file of this name"
                self.oddities.append(Oddity(Odd.DUPLICATE, saw, None, printable(entry.name)))
            names.add(entry.name)
        links = {entry.name: "" for entry in self.entries if entry.is_link}
        self.oddities += beneath_links(links, [entry.name for entry in self.entries])
        ranges, number, stream = _ranges(self.streams), 0, 0
        for folder, count in zip(self.streams.folders, self.streams.counts, strict=True):
            sizes, crcs = self.streams.sizes[number : number + count], self.streams.crcs[number : number + count]
            self.folder(
                folder, ranges[stream], [next(full, Entry("(no name)", has_bytes=True)) for _ in sizes], sizes, crcs
            )
            number, stream = number + count, stream + len(folder.packed)

    def folder(
        self,
        folder: Folder,
        packed: tuple[int, int],
        entries: list[Entry],
        sizes: tuple[int, ...],
        crcs: tuple[int | None, ...],
    ) -> None:
        """Make a part of each file of a folder."""
        try:
            made = _unpacker(folder)
        except (Malformed, Exceeded) as error:
            made = error.message
        if isinstance(made, str):
            code = UncheckedCode.FORMAT_NOT_READ
            self.unchecked += [Unchecked(code, made, Location(member=printable(entry.name))) for entry in entries]
            return
        whole = _Whole(self.view, folder, made, packed)
        at = 0
        for entry, size, crc in zip(entries, sizes, crcs, strict=True):
            opens = partial(_open, whole, _File(entry, at, size, crc))
            self.parts.append(Part(printable(entry.name), opens, packed[0]))
            at += size


@dataclass(frozen=True, slots=True)
class _File:
    entry: Entry
    start: int
    size: int
    crc: int | None


@dataclass(slots=True)
class _Whole:
    """A folder, unpacked once for all of its files."""

    view: View
    folder: Folder
    make: Make | None
    packed: tuple[int, int]
    plain: View | None = None

    def unpacked(self, room: Room) -> View:
        if self.plain is None and self.make is None:
            start, length = self.packed
            self.plain = RangeView(self.view, start, max(0, min(length, self.view.size - start)))
        elif self.plain is None:
            pieces = until_broken(_pieces(self.view, self.folder, self.make, self.packed), room)
            self.plain = room.store(pieces, self.packed[1])
        return self.plain


def _open(whole: _Whole, file: _File, room: Room) -> View:
    """Return the bytes of a file, its checksum compared."""
    plain = whole.unpacked(room)
    view = RangeView(plain, file.start, max(0, min(file.size, plain.size - file.start)))
    if view.size < file.size:
        _note_short(view.size, file.size, room)
    elif file.crc is not None and view.size <= CRC_BYTES and (crc := _crc(view)) != file.crc:
        saw = f"its checksum is {crc:08x}, the header says {file.crc:08x}"
        room.notice(ArchiveDescription(oddities=(Oddity(Odd.CHECKSUM, saw),)))
    if file.entry.is_link and view.size <= LONGEST_LINK:
        target = view.read_at(0, view.size).decode("utf-8", "replace")
        if link_leads_out(file.entry.name, target):
            saw = f"a symbolic link to {target!r}, out of the archive"
            room.notice(ArchiveDescription(oddities=(Oddity(Odd.ESCAPE, saw),)))
        return BytesView(b"")
    return view


def _note_short(seen: int, wanted: int, room: Room) -> None:
    """Tell the room that a file has fewer bytes than it should."""
    detail = f"{seen} bytes, where the header says {wanted}"
    room.notice(ArchiveDescription(unchecked=(Unchecked(UncheckedCode.MALFORMED, detail),)))


def _crc(view: View) -> int:
    crc = 0
    for at in range(0, view.size, unpack.PIECE_BYTES):
        crc = zlib.crc32(view.read_at(at, unpack.PIECE_BYTES), crc)
    return crc


def _gaps(view: View, spans: list[tuple[int, int]]) -> tuple[list[Oddity], list[Part]]:
    """Return what belongs to no packed stream and to no header."""
    odd: list[Oddity] = []
    parts: list[Part] = []
    cursor = START_BYTES
    for start, length in [*sorted(spans), (view.size, 0)]:
        start = min(start, view.size)  # noqa: PLW2901 - streams that are not there are missed when they are unpacked
        if start > cursor and len(odd) < 100 and (start - cursor > CRC_BYTES or _has_bytes(view, cursor, start)):
            odd.append(Oddity(Odd.FOREIGN, f"{start - cursor} bytes that belong to no file", cursor))
            opens = partial(_range, view, cursor, start - cursor)
            parts.append(Part(f"(bytes {cursor} to {start})", opens, cursor))
        elif start < cursor and start < view.size and length:
            odd.append(Oddity(Odd.OVERLAP, f"a packed stream begins {cursor - start} bytes before another ends", start))
        cursor = max(cursor, start + length)
    return odd, parts


def _has_bytes(view: View, start: int, stop: int) -> bool:
    return any(
        view.read_at(at, min(unpack.PIECE_BYTES, stop - at)).strip(b"\0")
        for at in range(start, stop, unpack.PIECE_BYTES)
    )


def _range(view: View, start: int, size: int, _: Room) -> View:
    return RangeView(view, start, size)
