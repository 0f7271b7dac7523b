"""The header of a 7z file: which packed streams there are, which coders unpack them, which files come out.

Every number is read with its bounds, and no loop runs longer than a budget of parts allows. Source: `7zFormat.txt` of
7-Zip 24, the numbers little-endian.
"""

from __future__ import annotations

from dataclasses import dataclass

from hauberk.errors import Malformed

END, HEADER, ARCHIVE_PROPERTIES, ADDITIONAL, MAIN, FILES = range(6)
PACK, UNPACK, SUBSTREAMS, SIZE, CRC, FOLDER, UNPACK_SIZE, SUBSTREAM_COUNT = range(6, 14)
EMPTY_STREAM, EMPTY_FILE, ANTI, NAMES = range(14, 18)
ATTRIBUTES, ENCODED = 0x15, 0x17
MOST_CODERS = 32


@dataclass(frozen=True, slots=True)
class Coder:
    """One step of unpacking: its method, its properties, how many streams go in and come out."""

    method: bytes
    properties: bytes
    inputs: int = 1
    outputs: int = 1


@dataclass(slots=True)
class Folder:
    """Packed streams that are unpacked together into one, in which files lie one behind the other.

    Attributes:
        coders: as the file lists them.
        pairs: (input, output) streams that are bound to each other, by their numbers over all coders.
        packed: the inputs that are packed streams.
        sizes: of what comes out of each output.
        crc: of what comes out at last, where it is given.
    """

    coders: tuple[Coder, ...]
    pairs: tuple[tuple[int, int], ...]
    packed: tuple[int, ...]
    sizes: tuple[int, ...] = ()
    crc: int | None = None

    @property
    def size(self) -> int:
        """Return how many bytes come out at last: of the output that goes into nothing."""
        bound = {output for _, output in self.pairs}
        return next((size for number, size in enumerate(self.sizes) if number not in bound), 0)


@dataclass(slots=True)
class Streams:
    """The packed streams of an archive, and the folders that they are unpacked into.

    Attributes:
        start: offset of the first packed stream, behind the first header.
        packed: the length of each.
        folders: in order.
        counts: how many files lie in each folder.
        sizes: of each file, folder by folder.
        crcs: of each file, None where none is given.
    """

    start: int = 0
    packed: tuple[int, ...] = ()
    folders: tuple[Folder, ...] = ()
    counts: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    crcs: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its name, whether it has bytes, its attributes."""

    name: str
    has_bytes: bool
    attributes: int = 0

    @property
    def is_link(self) -> bool:
        """Return whether it is a symbolic link, as on Unix."""
        return bool(self.attributes & 0x8000) and self.attributes >> 28 == 0o12


class Fields:
    """The bytes of a header, read from front to back; `most` bounds every count."""

    def __init__(self, data: bytes, most: int) -> None:
        self.data = data
        self.most = most
        self.at = 0

    def take(self, length: int) -> bytes:
        """Return the next bytes; raise `Malformed` where there are fewer."""
        if length > len(self.data) - self.at:
            raise Malformed("the header of the archive ends early")
        self.at += length
        return self.data[self.at - length : self.at]

    def byte(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """Return a number: the ones that its first byte begins with say how many bytes follow."""
        first = self.byte()
        more = 8 - (first ^ 0xFF).bit_length()
        value = int.from_bytes(self.take(more), "little")
        return value if more >= 7 else value | (first & (0x7F >> more)) << (8 * more)

    def count(self) -> int:
        """Return a number of things; raise `Malformed` where there are more than the budget."""
        number = self.number()
        if number > self.most:
            raise Malformed(f"{number} things, where {self.most} are looked at")
        return number

    def expect(self, kind: int) -> None:
        """Take a byte that must be this one."""
        if (seen := self.byte()) != kind:
            raise Malformed(f"a field {seen} where {kind} belongs")

    def bits(self, count: int) -> list[bool]:
        """Return so many bits, the highest of each byte first."""
        data = self.take((count + 7) // 8)
        return [bool(data[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def known(self, count: int) -> list[bool]:
        """Return for which of so many things a value follows: all, or those whose bit is set."""
        return [True] * count if self.byte() else self.bits(count)

    def digests(self, count: int) -> list[int | None]:
        """Return a checksum for each of so many things."""
        known = self.known(count)
        return [int.from_bytes(self.take(4), "little") if one else None for one in known]


def read_streams(fields: Fields) -> Streams:
    """Return packed streams and folders, up to the end mark."""
    streams = Streams()
    while (kind := fields.byte()) != END:
        if kind == PACK:
            _read_pack(fields, streams)
        elif kind == UNPACK:
            _read_unpack(fields, streams)
        elif kind == SUBSTREAMS:
            _read_substreams(fields, streams)
            return _ended(fields, streams)
        else:
            raise Malformed(f"a field {kind} among the streams")
    _whole_folders(streams)
    return streams


def read_files(fields: Fields) -> list[Entry]:
    """Return the files of the archive."""
    count = fields.count()
    names = [""] * count
    empty = [False] * count
    attributes = [0] * count
    while (kind := fields.byte()) != END:
        part = Fields(fields.take(fields.number()), fields.most)
        if kind == EMPTY_STREAM:
            empty = part.bits(count)
        elif kind == NAMES:
            part.expect(0)
            names = part.data[1:].decode("utf-16-le", "replace").split("\0")[:count]
        elif kind == ATTRIBUTES:
            known = part.known(count)
            part.expect(0)
            attributes = [int.from_bytes(part.take(4), "little") if one else 0 for one in known]
    if len(names) != count:
        raise Malformed("fewer names than files")
    return [Entry(*row) for row in zip(names, (not one for one in empty), attributes, strict=True)]


def _ended(fields: Fields, streams: Streams) -> Streams:
    fields.expect(END)
    return streams


def _read_pack(fields: Fields, streams: Streams) -> None:
    streams.start = fields.number()
    count = fields.count()
    while (kind := fields.byte()) != END:
        if kind == SIZE:
            streams.packed = tuple(fields.number() for _ in range(count))
        elif kind == CRC:
            fields.digests(count)
        else:
            raise Malformed(f"a field {kind} among the packed streams")


def _read_unpack(fields: Fields, streams: Streams) -> None:
    fields.expect(FOLDER)
    count = fields.count()
    fields.expect(0)
    streams.folders = tuple(_read_folder(fields) for _ in range(count))
    fields.expect(UNPACK_SIZE)
    for folder in streams.folders:
        folder.sizes = tuple(fields.number() for coder in folder.coders for _ in range(coder.outputs))
    while (kind := fields.byte()) != END:
        if kind != CRC:
            raise Malformed(f"a field {kind} among the folders")
        for folder, crc in zip(streams.folders, fields.digests(count), strict=True):
            folder.crc = crc


def _read_folder(fields: Fields) -> Folder:
    coders = []
    for _ in range(_few(fields.count())):
        flags = fields.byte()
        method = fields.take(flags & 15)
        inputs, outputs = (_few(fields.count()), _few(fields.count())) if flags & 16 else (1, 1)
        properties = fields.take(fields.number()) if flags & 32 else b""
        coders.append(Coder(method, properties, inputs, outputs))
    outputs = sum(coder.outputs for coder in coders)
    inputs = sum(coder.inputs for coder in coders)
    pairs = tuple((fields.count(), fields.count()) for _ in range(outputs - 1))
    left = inputs - len(pairs)
    if not coders or left < 1:
        raise Malformed("a folder that nothing goes into")
    if left == 1:
        bound = {number for number, _ in pairs}
        packed = tuple(number for number in range(inputs) if number not in bound)
    else:
        packed = tuple(fields.count() for _ in range(left))
    return Folder(tuple(coders), pairs, packed)


def _read_substreams(fields: Fields, streams: Streams) -> None:
    streams.counts = (1,) * len(streams.folders)
    kind = fields.byte()
    if kind == SUBSTREAM_COUNT:
        streams.counts = tuple(fields.count() for _ in streams.folders)
        if sum(streams.counts) > fields.most:
            raise Malformed(f"more than {fields.most} files")
        kind = fields.byte()
    streams.sizes = tuple(_sizes(fields, streams, given=kind == SIZE))
    if kind == SIZE:
        kind = fields.byte()
    crcs: list[int | None] = []
    wanted = sum(n for n, folder in zip(streams.counts, streams.folders, strict=True) if n != 1 or folder.crc is None)
    found = iter(fields.digests(wanted) if kind == CRC else [None] * wanted)
    for count, folder in zip(streams.counts, streams.folders, strict=True):
        crcs += [folder.crc] if count == 1 and folder.crc is not None else [next(found) for _ in range(count)]
    streams.crcs = tuple(crcs)
    while kind != END:
        kind = fields.byte()
        if kind not in (END, CRC):
            raise Malformed(f"a field {kind} among the files of the folders")


def _sizes(fields: Fields, streams: Streams, *, given: bool) -> list[int]:
    """Return the size of every file: of each folder all but the last are given, the last has the rest."""
    sizes: list[int] = []
    for count, folder in zip(streams.counts, streams.folders, strict=True):
        if count > 1 and not given:
            raise Malformed("several files in a folder, and no sizes")
        own = [fields.number() for _ in range(count - 1)]
        if sum(own) > folder.size:
            raise Malformed("files that are larger than their folder")
        sizes += [*own, folder.size - sum(own)] if count else []
    return sizes


def _whole_folders(streams: Streams) -> None:
    """Where nothing is said of files, each folder is one."""
    streams.counts = (1,) * len(streams.folders)
    streams.sizes = tuple(folder.size for folder in streams.folders)
    streams.crcs = tuple(folder.crc for folder in streams.folders)


def _few(count: int) -> int:
    if count > MOST_CODERS:
        raise Malformed(f"{count} coders or streams of one folder")
    return count
