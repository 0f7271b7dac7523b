"""HDF5's dense storage: links and attributes of large groups, in a fractal heap with a B-tree of version 2 over it.

The tree's records say where in the heap a message is; the heap is blocks whose sizes double row by row. Source: HDF5
File Format Specification version 3.0, III.A.2, III.G.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.wire.hdf5 import Cursor, Hdf5

LINK_RECORDS: Final = 5
ATTRIBUTE_RECORDS: Final = 8
_SKIPPED: Final = {LINK_RECORDS: 4, ATTRIBUTE_RECORDS: 0}  # bytes of a record before the heap's id
_LARGEST_NODE: Final = 1 << 20
_MOST_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class _Heap:
    """What the header of a fractal heap says."""

    id_size: int
    offset_size: int
    length_size: int
    width: int
    start: int
    direct: int
    root: int
    rows: int


def dense(file: Hdf5, heap_address: int, tree_address: int) -> Iterator[tuple[bytes, int]]:
    """Yield the body of each message, and its offset in the view.

    Raises:
        Malformed: the heap or the tree is not what it should be, or is packed, or an object is stored apart.
    """
    heap = _heap(file, heap_address)
    for heap_id in _ids(file, tree_address, heap.id_size):
        if heap_id[0] >> 4:
            raise Malformed("a message of HDF5 that is stored apart from its heap")
        offset = int.from_bytes(heap_id[1 : 1 + heap.offset_size], "little")
        at = 1 + heap.offset_size
        length = int.from_bytes(heap_id[at : at + heap.length_size], "little")
        address = _address(file, heap, offset, length)
        yield file.read(address, length), file.base + address


def _heap(file: Hdf5, address: int) -> _Heap:
    head = file.node(address, b"FRHP", 22 + 12 * file.long + 3 * file.wide)
    head.take(1)
    id_size, filters = head.number(2), head.number(2)
    head.take(1)
    managed = head.number(4)
    head.take(file.long + file.wide + file.long + file.wide + 8 * file.long)
    width, start, direct, bits = head.number(2), head.number(file.long), head.number(file.long), head.number(2)
    head.take(2)
    root, rows = head.number(file.wide), head.number(2)
    if filters or not width or not start or rows > _MOST_ROWS:
        raise Malformed("a heap of HDF5 that is packed, or is none")
    length_size = (max(1, min(direct, managed).bit_length()) + 7) // 8
    return _Heap(id_size, (bits + 7) // 8, length_size, width, start, direct, root, rows)


def _address(file: Hdf5, heap: _Heap, offset: int, length: int) -> int:
    """Return the address of what lies at an offset of the heap."""
    if not heap.rows:
        if offset + length > heap.start:
            raise Malformed("a message beyond its block of HDF5")
        return heap.root + offset
    block, rows, begin = heap.root, heap.rows, 0
    for _ in range(_MOST_ROWS):
        row, first, size = _row(heap, offset - begin)
        if row >= rows:
            raise Malformed("a message beyond the blocks of HDF5")
        index = row * heap.width + (offset - begin - first) // size
        file.node(block, b"FHIB", 4)
        at = block + 5 + file.wide + heap.offset_size + index * file.wide
        block = int.from_bytes(file.read(at, file.wide), "little")
        begin += first + (offset - begin - first) // size * size
        if size <= heap.direct:
            if offset - begin + length > size:
                raise Malformed("a message beyond its block of HDF5")
            return block + offset - begin
        rows = (size // (heap.start * heap.width)).bit_length()
    raise Malformed("blocks of HDF5 that have no end")


def _row(heap: _Heap, offset: int) -> tuple[int, int, int]:
    """Return the row of an offset, the offset where the row begins, and the size of its blocks."""
    first, size = 0, heap.start
    for row in range(_MOST_ROWS):
        if offset < first + size * heap.width:
            return row, first, size
        first += size * heap.width
        size = size if row == 0 else size * 2
    raise Malformed("a message far beyond the blocks of HDF5")


def _ids(file: Hdf5, address: int, id_size: int) -> Iterator[bytes]:
    """Yield the heap's ids from every record of a tree."""
    head = file.node(address, b"BTHD", 22 + file.wide + file.long)
    head.take(1)
    kind, node_size, record, depth = head.number(1), head.number(4), head.number(2), head.number(2)
    head.take(2)
    root, count = head.number(file.wide), head.number(2)
    if kind not in _SKIPPED or not _SKIPPED[kind] + id_size <= record <= node_size <= _LARGEST_NODE or depth > 32:
        raise Malformed("a tree of HDF5 of an unknown kind")
    waiting = [(root, count, depth)] if count else []
    done: set[int] = set()
    counts = _count_sizes(node_size, record, depth, file.wide)
    while waiting:
        at, number, level = waiting.pop()
        if at in done:
            raise Malformed("a tree of HDF5 that is in itself")
        done.add(at)
        node = file.node(at, b"BTIN" if level else b"BTLF", node_size)
        node.take(2)
        for _ in range(number):
            yield node.take(record)[_SKIPPED[kind] :][:id_size]
        if level:
            waiting += _children(node, number + 1, level, counts, file.wide)


def _children(
    node: Cursor, number: int, level: int, counts: list[tuple[int, int]], wide: int
) -> list[tuple[int, int, int]]:
    """Return (address, number of records, level) of each child of a node."""
    found = []
    for _ in range(number):
        address, records = node.number(wide), node.number(counts[level][0])
        node.take(counts[level][1] if level > 1 else 0)
        found.append((address, records, level - 1))
    return found


def _count_sizes(node_size: int, record: int, depth: int, wide: int) -> list[tuple[int, int]]:
    """Return for each level how many bytes count a child's records, and all records below it."""
    most = (node_size - 10) // record
    sizes, total = [(0, 0)], most
    for level in range(1, depth + 1):
        one, all_below = _bytes_for(most), _bytes_for(total)
        sizes.append((one, all_below))
        pointer = wide + one + (all_below if level > 1 else 0)
        most = max(0, (node_size - 10 - pointer) // (record + pointer))
        total = most + (most + 1) * total
    return sizes


def _bytes_for(number: int) -> int:
    return max(1, (number.bit_length() + 7) // 8)
