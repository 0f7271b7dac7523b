"""HDF5's structure: the superblock, object headers, groups, links and attributes. The data of datasets is not read.

Every address is an offset in the view and is checked against its size before anything is read there. Whoever walks the
objects bounds their number and remembers where it was: links can form cycles. Source: HDF5 File Format Specification
version 3.0 (superblocks 0 to 3, object headers 1 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.formats import magics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.limits import Limits
    from hauberk.view import View

MAGIC: Final = magics.HDF5
LONGEST_USER_BLOCK: Final = 1 << 30

DATATYPE: Final = 0x03
LINK: Final = 0x06
LINK_INFO: Final = 0x02
EXTERNAL_FILES: Final = 0x07
LAYOUT: Final = 0x08
ATTRIBUTE: Final = 0x0C
CONTINUATION: Final = 0x10
SYMBOL_TABLE: Final = 0x11
ATTRIBUTE_INFO: Final = 0x15
SHARED: Final = 0x02  # a message's flag: its body is elsewhere

HARD: Final = 0
SOFT: Final = 1
EXTERNAL: Final = 64

_LARGEST_CHUNK: Final = 64 << 20
_BYTES_OF_ONE: Final = 4096  # what is read is counted too: many groups can share one large heap


@dataclass(frozen=True, slots=True)
class HeaderMessage:
    """A message of an object header: what it is, its flags, its body and where that lies."""

    kind: int
    flags: int
    body: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class Link:
    """A name in a group: of an object here, of a path in this file, or of an object in another file."""

    name: str
    kind: int
    address: int = 0
    target: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its name and, for a text, where its bytes lie; `size` is None for what is no single text."""

    name: str
    start: int
    size: int | None


class Cursor:
    """Reads little-endian numbers from bytes; a number beyond the end is `Malformed`."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def number(self, width: int) -> int:
        """Return the next number of so many bytes."""
        return int.from_bytes(self.take(width), "little")

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        if length > len(self.data) - self.at:
            raise Malformed("a structure of HDF5 is cut short")
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self) -> str:
        """Return the text up to a NUL."""
        end = self.data.find(b"\x00", self.at)
        if end < 0:
            raise Malformed("a text of HDF5 without its end")
        found, self.at = self.data[self.at : end], end + 1
        return found.decode("utf-8", "backslashreplace")


def superblock_at(view: View) -> int | None:
    """Return where the superblock is: at 0, or behind a user block of 512 bytes or a power of two times that."""
    at = 0
    while at + len(MAGIC) <= view.size and at <= LONGEST_USER_BLOCK:
        if view.read_at(at, len(MAGIC)) == MAGIC:
            return at
        at = at * 2 or 512
    return None


class Hdf5:
    """A view that is read as HDF5; addresses count from the superblock, whatever base it names, as for the library."""

    def __init__(self, view: View, limits: Limits) -> None:
        self._view = view
        self._left = limits.max_hdf5_structures
        at = superblock_at(view)
        if at is None:
            raise Malformed("no superblock of HDF5")
        head = Cursor(view.read_at(at, 160), len(MAGIC))
        version = head.number(1)
        if version > 3:
            raise Malformed(f"a superblock of version {version}")
        self.driver = False
        self.wide = self.long = 8
        self.base = at
        self.end = 0
        self.root = self._old(head, version) if version < 2 else self._new(head)

    def _old(self, head: Cursor, version: int) -> int:
        head.take(4)
        self._sizes(head)
        head.take(9 if version == 0 else 13)
        self._end(head)
        self.driver = head.number(self.wide) != self.undefined
        head.take(self.wide)
        return head.number(self.wide)

    def _new(self, head: Cursor) -> int:
        self._sizes(head)
        head.take(1)
        self._end(head)
        return head.number(self.wide)

    def _end(self, head: Cursor) -> None:
        """The end is written as it was where the superblock said that it lay."""
        was = head.number(self.wide)
        head.take(self.wide)
        self.end = head.number(self.wide) - was + self.base

    def _sizes(self, head: Cursor) -> None:
        self.wide, self.long = head.number(1), head.number(1)
        if self.wide not in (2, 4, 8) or self.long not in (2, 4, 8):
            raise Malformed(f"addresses of {self.wide} bytes, lengths of {self.long}")

    @property
    def undefined(self) -> int:
        """Return the address that stands for none."""
        return (1 << 8 * self.wide) - 1

    def read(self, address: int, length: int) -> bytes:
        """Return exactly so many bytes at an address; raise `Malformed` where the file does not have them."""
        self._left -= 1 + length // _BYTES_OF_ONE
        if self._left < 0:
            raise Exceeded("more structures of HDF5 than the limit")
        start = self.base + address
        if address == self.undefined or start + length > self._view.size or length > _LARGEST_CHUNK:
            raise Malformed(f"{length} bytes at address {address}, which the file does not have")
        return self._view.read_at(start, length)

    def node(self, address: int, magic: bytes, length: int) -> Cursor:
        """Return a cursor behind the magic of a structure of at most so many bytes."""
        room = min(length, self._view.size - self.base - address)
        if room < len(magic):
            raise Malformed(f"no {magic.decode()} at address {address}")
        cursor = Cursor(self.read(address, room))
        if cursor.take(len(magic)) != magic:
            raise Malformed(f"no {magic.decode()} at address {address}")
        return cursor

    def messages(self, address: int) -> list[HeaderMessage]:
        """Return the messages of an object header, its continuations followed."""
        start = self.read(address, 4)
        found: list[HeaderMessage] = []
        blocks: list[tuple[int, int]] = []
        new, flags = start == b"OHDR", 0
        if new:
            head = Cursor(self.read(address, min(34, self._view.size - self.base - address)), 4)
            if head.number(1) != 2:
                raise Malformed("an object header of an unknown version")
            flags = head.number(1)
            head.take(16 if flags & 32 else 0)
            head.take(4 if flags & 16 else 0)
            blocks.append((address + head.at + (1 << (flags & 3)), head.number(1 << (flags & 3))))
        elif start[0] == 1:
            head = Cursor(self.read(address, 16), 8)
            blocks.append((address + 16, head.number(4)))
        else:
            raise Malformed(f"no object header at address {address}")
        done: set[int] = set()
        while blocks:
            at, length = blocks.pop(0)
            if at in done:
                raise Malformed("an object header that continues in itself")
            done.add(at)
            for message in self._block(at, length, new=new, flags=flags):
                if message.kind == CONTINUATION:
                    blocks.append(self._continuation(message, new=new))
                else:
                    found.append(message)
        return found

    def _continuation(self, message: HeaderMessage, *, new: bool) -> tuple[int, int]:
        body = Cursor(message.body)
        at, length = body.number(self.wide), body.number(self.long)
        if new and (length < 8 or self.read(at, 4) != b"OCHK"):
            raise Malformed("a continuation of an object header that is none")
        return (at + 4, length - 8) if new else (at, length)

    def _block(self, at: int, length: int, *, new: bool, flags: int) -> Iterator[HeaderMessage]:
        block = Cursor(self.read(at, length))
        small = (4 if not flags & 4 else 6) if new else 8
        while block.at + small <= length:
            if new:
                kind, size, state = block.number(1), block.number(2), block.number(1)
                block.take(2 if flags & 4 else 0)
            else:
                kind, size, state = block.number(2), block.number(2), block.number(1)
                block.take(3)
            offset = self.base + at + block.at
            yield HeaderMessage(kind, state, block.take(size), offset)

    def link(self, body: bytes, offset: int) -> Link:
        """Return what a link message says."""
        cursor = Cursor(body)
        version, flags = cursor.number(1), cursor.number(1)
        if version != 1:
            raise Malformed(f"a link of version {version}")
        kind = cursor.number(1) if flags & 8 else HARD
        cursor.take(8 if flags & 4 else 0)
        cursor.take(1 if flags & 16 else 0)
        name = cursor.take(cursor.number(1 << (flags & 3))).decode("utf-8", "backslashreplace")
        if kind == HARD:
            return Link(name, kind, address=cursor.number(self.wide), offset=offset)
        value = cursor.take(cursor.number(2))
        if kind == EXTERNAL:
            value = value[1:].partition(b"\x00")[0]
        return Link(name, kind, target=value.decode("utf-8", "backslashreplace"), offset=offset)

    def symbols(self, message: HeaderMessage) -> Iterator[Link]:
        """Yield the names of an old group: a tree of tables, with the texts in a heap."""
        body = Cursor(message.body)
        tree, heap = body.number(self.wide), self.heap(body.number(self.wide))
        waiting, done = [tree], set()
        while waiting:
            address = waiting.pop()
            if address in done:
                raise Malformed("a tree of HDF5 that is in itself")
            done.add(address)
            if self.read(address, 4) == b"SNOD":
                yield from self._table(address, heap)
                continue
            node = self.node(address, b"TREE", 8)
            node.take(2)
            used, step = node.number(2), self.long + self.wide
            children = Cursor(self.read(address + 8 + 2 * self.wide, used * step))
            for _ in range(used):
                children.take(self.long)
                waiting.append(children.number(self.wide))

    def _table(self, address: int, heap: bytes) -> Iterator[Link]:
        head = self.node(address, b"SNOD", 8)
        head.take(2)
        count = head.number(2)
        table = Cursor(self.read(address + 8, count * (2 * self.wide + 24)))
        for _ in range(count):
            offset = self.base + address + 8 + table.at
            name, header, cached = table.number(self.wide), table.number(self.wide), table.number(4)
            table.take(4)
            scratch = table.take(16)
            if cached == 2:
                target = Cursor(heap, int.from_bytes(scratch[:4], "little")).text()
                yield Link(Cursor(heap, name).text(), SOFT, target=target, offset=offset)
            else:
                yield Link(Cursor(heap, name).text(), HARD, address=header, offset=offset)

    def heap(self, address: int) -> bytes:
        """Return the data of a local heap."""
        head = self.node(address, b"HEAP", 8 + 2 * self.long + self.wide)
        head.take(4)
        size = head.number(self.long)
        head.take(self.long)
        return self.read(head.number(self.wide), size)

    def external_files(self, message: HeaderMessage) -> list[str]:
        """Return the files that hold a dataset's bytes."""
        body = Cursor(message.body, 4)
        body.take(2)
        used, heap = body.number(2), self.heap(body.number(self.wide))
        names = []
        for _ in range(used):
            names.append(Cursor(heap, body.number(self.long)).text())
            body.take(2 * self.long)
        return names

    def attribute(self, body: bytes, offset: int) -> Attribute:
        """Return an attribute: for one text of fixed or variable length, where it lies in the view."""
        cursor = Cursor(body)
        version = cursor.number(1)
        if version not in (1, 2, 3):
            raise Malformed(f"an attribute of version {version}")
        shared = version > 1 and cursor.data[1:2] != b"\x00"
        cursor.take(1)
        sizes = [cursor.number(2) for _ in range(3)]
        cursor.take(1 if version == 3 else 0)
        name, kind, space = (cursor.take(size + (-size % 8 if version == 1 else 0)) for size in sizes)
        spelled = name[: sizes[0]].partition(b"\x00")[0].decode("utf-8", "backslashreplace")
        if shared or len(kind) < 8 or not _is_single(space):
            return Attribute(spelled, offset, None)
        width = int.from_bytes(kind[4:8], "little")
        if kind[0] & 15 == 3:
            cursor.take(width)
            return Attribute(spelled, offset + cursor.at - width, width)
        if kind[0] & 15 == 9 and kind[1] & 15 == 1:
            length, heap, index = cursor.number(4), cursor.number(self.wide), cursor.number(4)
            return Attribute(spelled, *self.in_global_heap(heap, index, length))
        return Attribute(spelled, offset, None)

    def in_global_heap(self, address: int, index: int, length: int) -> tuple[int, int]:
        """Return where an object of a global heap lies in the view, and its length."""
        if not length:
            return self.base, 0
        head = self.node(address, b"GCOL", 8 + self.long)
        head.take(4)
        size, at = head.number(self.long), head.at
        while at + 8 + self.long <= size:
            entry = Cursor(self.read(address + at, 8 + self.long))
            number = entry.number(2)
            entry.take(6)
            held = entry.number(self.long)
            at += 8 + self.long
            if number == index and number:
                if length > held or self.base + address + at + length > self._view.size:
                    break
                return self.base + address + at, length
            if not number:
                break
            at += held + -held % 8
        raise Malformed(f"no object {index} in the global heap at address {address}")


def _is_single(space: bytes) -> bool:
    """Say whether a dataspace is of one element: a scalar, or dimensions of 1."""
    if len(space) < 4:
        return False
    version, rank, flags = space[0], space[1], space[2]
    start = 8 if version == 1 else 4
    dims = space[start:] if not flags & 1 else space[start : start + 8 * rank]
    null = version == 2 and space[3] == 2
    return not null and all(int.from_bytes(dims[8 * i : 8 * i + 8], "little") == 1 for i in range(rank))
