"""LZ4 frames, where no package for them is installed: joblib writes them, and so a scan has to read them.

A frame is a header, blocks of at most 4 MiB unpacked, and an end mark; a block is a run of literals and copies from the
64 KiB before. Checksums are not verified, as nothing here relies on them. Some 20 MB/s of input; with the package lz4
it is fifty times that. Source: LZ4 frame format 1.6.4 and block format of 2024, `doc/` of the LZ4 project.
"""

from __future__ import annotations

from typing import Final

from hauberk.errors import Malformed

MAGIC: Final = b"\x04\x22\x4d\x18"
_WINDOW_BYTES: Final = 1 << 16
_LARGEST: Final = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}
_STORED: Final = 1 << 31


class Lz4Frame:
    """An unpacker of one frame, with the manners of those in the standard library."""

    def __init__(self) -> None:
        self.eof = False
        self.unused_data = b""
        self._input = b""
        self._output = b""
        self._given = 0
        self._window = b""
        self._largest = 0
        self._linked = self._checked_blocks = self._checked = False

    @property
    def needs_input(self) -> bool:
        """Return whether nothing more comes out of what was given."""
        return not self._output

    def decompress(self, data: bytes, max_length: int = 1 << 20, /) -> bytes:
        """Return at most `max_length` bytes more; raise `Malformed` where the frame breaks."""
        self._input += data
        self._fill()
        found = self._output[self._given : self._given + max_length]
        self._given += len(found)
        if self._given == len(self._output):
            self._output, self._given = b"", 0
        self._fill()  # so that the end is known with the last bytes
        return found

    def _fill(self) -> None:
        while not self._output and not self.eof and self._step():
            pass

    def _step(self) -> bool:
        """Read the header, a block or the end; return whether there was enough input for it."""
        if not self._largest:
            return self._header()
        if len(self._input) < 4:
            return False
        size = int.from_bytes(self._input[:4], "little")
        if not size:
            return self._end()
        stored, size = bool(size & _STORED), size & (_STORED - 1)
        whole = 4 + size + 4 * self._checked_blocks
        if size > self._largest + 16:
            raise Malformed(f"a block of {size} bytes in a frame of lz4")
        if len(self._input) < whole:
            return False
        block, self._input = self._input[4 : 4 + size], self._input[whole:]
        made = block if stored else unpack_block(block, self._window if self._linked else b"", self._largest)
        self._window = (self._window + made)[-_WINDOW_BYTES:]
        self._output = made
        return True

    def _header(self) -> bool:
        if len(self._input) < 7:
            return False
        flags, descriptor = self._input[4], self._input[5]
        size = 7 + 8 * bool(flags & 8) + 4 * bool(flags & 1)
        if len(self._input) < size:
            return False
        if self._input[:4] != MAGIC or flags >> 6 != 1 or descriptor >> 4 not in _LARGEST:
            raise Malformed("not the header of an lz4 frame")
        self._linked, self._checked_blocks, self._checked = not flags & 32, bool(flags & 16), bool(flags & 4)
        self._largest = _LARGEST[descriptor >> 4]
        self._input = self._input[size:]
        return True

    def _end(self) -> bool:
        size = 4 + 4 * self._checked
        if len(self._input) < size:
            return False
        self.unused_data, self._input, self.eof = self._input[size:], b"", True
        return True


def unpack_block(block: bytes, window: bytes, largest: int) -> bytes:
    """Return what a block unpacks to; raise `Malformed` where it reaches before its window or is too large."""
    made = bytearray(window)
    before, at, stop = len(window), 0, len(block)
    most = before + largest
    while at < stop:
        token = block[at]
        count, at = _length(block, at + 1, token >> 4)
        if at + count > stop:
            raise Malformed("literals of an lz4 block that go on behind its end")
        made += block[at : at + count]
        at += count
        if at == stop:
            break
        offset = int.from_bytes(block[at : at + 2], "little")
        count, at = _length(block, at + 2, token & 15)
        if not 0 < offset <= len(made) or len(made) + count + 4 > most:
            raise Malformed("a copy in an lz4 block from before its window, or beyond its size")
        _copy(made, offset, count + 4)
    if len(made) > most:
        raise Malformed(f"an lz4 block that unpacks to more than {largest} bytes")
    return bytes(made[before:])


def _length(block: bytes, at: int, nibble: int) -> tuple[int, int]:
    """Return a length whose first 15 stand in a nibble, and the offset behind it."""
    if nibble < 15:
        return nibble, at
    total = nibble
    while at < len(block):
        total += block[at]
        at += 1
        if block[at - 1] != 255:
            return total, at
    raise Malformed("a length that goes on behind the end of an lz4 block")


def _copy(made: bytearray, offset: int, count: int) -> None:
    start = len(made) - offset
    if count <= offset:
        made += made[start : start + count]
        return
    pattern = bytes(made[start:])
    made += (pattern * (count // offset + 1))[:count]
