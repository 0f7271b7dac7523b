"""Packed bytes to plain ones, a bounded piece at a time.

A generator takes what lies in a view and yields no piece above `PIECE_BYTES`, whatever the packed bytes claim. It ends
with the stream; where the stream ended is left in an `End`, because bytes behind it belong to nobody. Whoever wants
limits on the whole counts the pieces.
"""

from __future__ import annotations

import bz2
import lzma
import zlib as _zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hauberk.errors import Exceeded, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from hauberk.view import View

PIECE_BYTES = 1 << 20
READ_BYTES = 1 << 18
MEMORY_BYTES = 192 << 20  # xz -9 wants 65 MiB
SMALLEST_DICTIONARY = 1 << 12


@dataclass(slots=True)
class End:
    """Where a packed stream ended, once it did: the offset behind its last byte, and how many bytes came out."""

    at: int | None = None
    size: int = 0
    crc: int = 0


class Unpacker(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def eof(self) -> bool:
        """Return whether the stream has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Return the input behind the end of the stream."""
        ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Return at most `max_length` bytes more; keep the input that there was no room for."""
        ...


Make: TypeAlias = "Callable[[], Unpacker]"


class Inflater:
    """zlib's decompressor with the manners of bz2's and lzma's: it keeps the input that it had no room for."""

    def __init__(self, wbits: int) -> None:
        self._inner = _zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        """Return whether the stream has ended."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """Return the input behind the end of the stream."""
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        """Return whether all input was used."""
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = PIECE_BYTES, /) -> bytes:
        """Return at most `max_length` bytes more."""
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def unpack(make: Make, view: View, start: int, stop: int, end: End, *, wanted: int | None = None) -> Iterator[bytes]:
    """Yield what one stream from `start` unpacks to.

    Args:
        make: makes the unpacker.
        view: what holds the stream.
        start: offset of its first byte.
        stop: offset behind the last byte that it may have.
        end: where it ended is left here.
        wanted: for a stream that has no mark at its end: how many bytes come out of it.

    Raises:
        Malformed: it breaks, or does not end before `stop`.
        Exceeded: it wants more memory than `MEMORY_BYTES`.
    """
    unpacker = make()
    at = start
    while not unpacker.eof and (wanted is None or end.size < wanted):
        data = b""
        if getattr(unpacker, "needs_input", True):
            data = view.read_at(at, min(READ_BYTES, stop - at))
            at += len(data)
        # Behind its end, a stream without a mark for it would unpack to bytes that nobody wrote.
        most = PIECE_BYTES if wanted is None else min(PIECE_BYTES, wanted - end.size)
        piece = _next(unpacker, data, most)
        if not data and not piece and getattr(unpacker, "needs_input", True):
            raise Malformed(f"a packed stream that does not end within its {stop - start} bytes")
        end.size += len(piece)
        end.crc = _zlib.crc32(piece, end.crc)
        if piece:
            yield piece
    end.at = at - len(unpacker.unused_data or b"")  # lz4 has None there


def raw_lzma(properties: bytes, size: int) -> Make:
    """Return the maker for a raw LZMA stream with these five bytes of properties, of which `size` bytes are wanted."""
    if len(properties) < 5 or properties[0] >= 9 * 5 * 5:
        raise Malformed("LZMA properties that do not exist")
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    if lc + lp > 4:
        raise Malformed("LZMA properties that do not exist")
    dictionary = _dictionary(int.from_bytes(properties[1:5], "little"), size)
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}]
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)


def raw_lzma2(properties: bytes, size: int, before: dict[str, int] | None = None) -> Make:
    """Return the maker for a raw LZMA2 stream with this byte of properties, and a filter that it comes out of."""
    bits = properties[0] if len(properties) == 1 else 41
    if bits > 40:
        raise Malformed("LZMA2 properties that do not exist")
    said = 0xFFFFFFFF if bits == 40 else (2 | (bits & 1)) << (bits // 2 + 11)
    chain = [{"id": lzma.FILTER_LZMA2, "dict_size": _dictionary(said, size)}]
    if before is not None:
        chain.insert(0, before)
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)


def deflate() -> Unpacker:
    """Return an unpacker of raw DEFLATE, as in zip."""
    return Inflater(-15)


def zlib() -> Unpacker:
    """Return an unpacker of one zlib stream."""
    return Inflater(15)


def gzip() -> Unpacker:
    """Return an unpacker of one gzip member; its checksum and its length are checked."""
    return Inflater(31)


def bzip2() -> Unpacker:
    """Return an unpacker of one bzip2 stream."""
    return bz2.BZ2Decompressor()


def xz() -> Unpacker:
    """Return an unpacker of one xz stream."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_BYTES)


def lzma_alone() -> Unpacker:
    """Return an unpacker of the format before xz, which has a header of 13 bytes."""
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_BYTES)


def _dictionary(said: int, size: int) -> int:
    """Return a dictionary no larger than what comes out: nothing refers further back, and it is allocated at once."""
    wanted = min(said, max(size, SMALLEST_DICTIONARY))
    if wanted > MEMORY_BYTES:
        raise Exceeded(f"a dictionary of {wanted} bytes")
    return max(wanted, SMALLEST_DICTIONARY)


def _next(unpacker: Unpacker, data: bytes, most: int) -> bytes:
    try:
        return unpacker.decompress(data, most)
    except lzma.LZMAError as error:
        if "Memory usage limit" in str(error):
            raise Exceeded(f"a packed stream that wants more than {MEMORY_BYTES} bytes of memory") from None
        raise Malformed(f"a packed stream that breaks: {error}") from None
    except (_zlib.error, OSError, ValueError, EOFError, RuntimeError) as error:
        raise Malformed(f"a packed stream that breaks: {error}") from None
