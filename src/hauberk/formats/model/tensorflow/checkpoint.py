"""TensorFlow's checkpoints: the `.index` file, which says where each tensor lies in the `.data-…` files beside it.

The index is a table of LevelDB: blocks of sorted keys, an index of the blocks, and a footer with a magic number. The
data files are raw numbers without a head; only the index tells that they are, and how long they have to be. Source:
`tensor_bundle.proto`, `tensorflow/core/util/tensor_bundle`; LevelDB, `doc/table_format.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, RawFile, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.wire.protobuf import Message, Wire
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.view import View

MAGIC: Final = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
FOOTER_BYTES: Final = 48
_TRAILER_BYTES: Final = 5
_LARGEST_BLOCK: Final = 64 << 20
_MOST_SHARDS: Final = 100_000


def is_index(view: View) -> bool:
    """Say whether a view ends as a table of LevelDB does."""
    return view.size >= FOOTER_BYTES and view.read_at(view.size - len(MAGIC), len(MAGIC)) == MAGIC


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return which data files an index speaks of, and how long they are. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    try:
        shards = _shards(view, limits)
    except (Malformed, Exceeded) as error:
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
        return Described(unchecked=(Unchecked(code, error.message, Location()),))
    count = len(shards)
    names = [f"*.data-{number:05d}-of-{count:05d}" for number in range(count)]
    return Described(raw_files=tuple(RawFile(name, size) for name, size in zip(names, shards, strict=True)))


def _shards(view: View, limits: Limits) -> list[int]:
    """Return the length of each data file."""
    shards: list[int] = []
    for key, value in _rows(view, limits):
        numbers = _numbers(value, limits)
        if not key:
            count = numbers.get(1, 0)
            if shards or not 0 < count <= _MOST_SHARDS:
                raise Malformed(f"an index of {count} data files")
            shards = [0] * count
            continue
        shard, offset, size = numbers.get(3, 0), numbers.get(4, 0), numbers.get(5, 0)
        if shard >= len(shards):
            raise Malformed(f"a tensor in data file {shard}, of which there are {len(shards)}")
        shards[shard] = max(shards[shard], offset + size)
    if not shards:
        raise Malformed("an index without a header")
    return shards


def _numbers(value: bytes, limits: Limits) -> dict[int, int]:
    """Return the numbers among the fields of a small message."""
    return {
        field.number: field.value for field in Message(Wire(BytesView(value), limits), 0, len(value)) if not field.kind
    }


def _rows(view: View, limits: Limits) -> Iterator[tuple[bytes, bytes]]:
    """Yield every key with its value, in the order of the file."""
    footer = view.read_at(view.size - FOOTER_BYTES, FOOTER_BYTES)
    _, at = _handle(footer, 0)
    index, _ = _handle(footer, at)
    for number, (_, value) in enumerate(_block(view, index)):
        if number > limits.max_parts:
            raise Exceeded(f"an index of more than {limits.max_parts} blocks")
        handle, _ = _handle(value, 0)
        yield from _block(view, handle)


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _block(view: View, handle: tuple[int, int]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a block."""
    offset, size = handle
    if size > _LARGEST_BLOCK or offset + size + _TRAILER_BYTES > view.size or size < 4:
        raise Malformed(f"a block of {size} bytes at byte {offset}")
    data = view.read_at(offset, size + 1)
    if data[size]:
        raise Malformed("a block that is packed, which TensorFlow does not write")
    restarts = int.from_bytes(data[size - 4 : size], "little")
    end = size - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(data, at)
        own, at = _varint(data, at)
        length, at = _varint(data, at)
        if shared > len(key) or at + own + length > end:
            raise Malformed(f"an entry that is none in the block at byte {offset}")
        key = key[:shared] + data[at : at + own]
        yield key, data[at + own : at + own + length]
        at += own + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise Malformed("a number that is cut short in an index")
