"""The bytes of a stream, a chunk at a time.

The machine's loop walks `data` by an index; this class moves the chunk along the view and answers for what lies
outside of it. Past the end of the view the chunk holds a few zero bytes, so that a fixed argument can be read without
asking first: whoever comes out beyond `limit` has read what is not there.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hauberk.view import View

CHUNK_BYTES = 1 << 16
MARGIN = 16  # more than the longest fixed part of an instruction: a byte and an eight-byte length


class Source:
    """A chunk of a view.

    Attributes:
        data: the chunk, with `MARGIN` zero bytes behind the view's last.
        base: offset of `data[0]` in the view.
        at: index in `data` of the next byte; may lie behind the chunk, after a jump.
        limit: index in `data` of the view's end, where the chunk reaches it; else the chunk's length.
        edge: index from where on `turn` must be called before an instruction is read.
    """

    __slots__ = ("at", "base", "data", "edge", "limit", "size", "view")

    def __init__(self, view: View, start: int = 0) -> None:
        self.view = view
        self.size = view.size
        self.data = b""
        self.base = start
        self.at = self.limit = self.edge = 0
        self.turn()

    @property
    def here(self) -> int:
        """Return the offset in the view of the next byte."""
        return self.base + self.at

    def seek(self, offset: int) -> None:
        """Go to an offset of the view."""
        self.at = offset - self.base
        if not 0 <= self.at < self.edge:
            self.turn()

    def turn(self) -> None:
        """Bring the next byte to the front of a new chunk; do nothing at the end of the view."""
        offset = self.base + self.at
        if offset >= self.size:
            self.base, self.at, self.data = self.size, offset - self.size, bytes(MARGIN)
            self.limit = self.edge = 0
            return
        chunk = self.view.read_at(offset, CHUNK_BYTES)
        self.base, self.at, self.limit = offset, 0, len(chunk)
        if len(chunk) < min(CHUNK_BYTES, self.size - offset):  # a view that has shrunk since it was measured
            self.size = offset + len(chunk)
        last = offset + len(chunk) >= self.size
        self.data = chunk + bytes(MARGIN) if last else chunk
        self.edge = len(chunk) if last else len(chunk) - MARGIN

    def peek(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from an offset of the view, wherever the chunk is."""
        start = offset - self.base
        if start >= 0 and start + length <= self.limit:
            return self.data[start : start + length]
        return self.view.read_at(offset, min(length, max(0, self.size - offset)))

    def line(self, longest: int) -> bytes | None:
        """Take the bytes before the next newline, and the newline; return None for a line longer than `longest`.

        At the end of the view CPython takes the last byte for the newline, whatever it is: `cos` newline `system!`
        imports `os.system`. So do we.
        """
        stop = self.data.find(b"\n", self.at, self.limit)
        if stop >= 0:
            line = self.data[self.at : stop]
            self.at = stop + 1
            return line if len(line) <= longest else None
        return self._long_line(longest)

    def _long_line(self, longest: int) -> bytes | None:
        kept = b""
        start = self.here
        while True:
            self.turn()
            stop = self.data.find(b"\n", self.at, self.limit)
            end = self.limit if stop < 0 else stop
            if len(kept) <= longest:
                kept += self.data[self.at : min(end, self.at + longest + 1)]
            self.at = end
            if stop >= 0:
                self.at += 1
                break
            if self.base + self.limit >= self.size:
                kept = kept[: max(0, self.size - start - 1)]
                break
        return kept if len(kept) <= longest else None

    def is_utf8(self, start: int, length: int) -> bool:
        """Say whether the bytes are UTF-8, lone surrogates allowed, as CPython decodes them."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        stop = start + length
        try:
            while start < stop:
                piece = self.peek(start, min(CHUNK_BYTES, stop - start))
                if not piece:
                    break
                start += len(piece)
                decoder.decode(piece, start >= stop)
        except UnicodeDecodeError:
            return False
        return True
