"""Which pages of a file were read, and a mark of the bytes of each: eight bytes a page, however many are read."""

from __future__ import annotations

import hashlib
import os
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROW = 1024  # pages whose marks are kept together


class Marks:
    """The marks of one file's pages; a key that nobody else knows makes them impossible to hit by design."""

    def __init__(self) -> None:
        self._key = os.urandom(16)
        self._rows: dict[int, array[int]] = {}

    def put(self, page: int, data: bytes) -> bool:
        """Mark a page as read; say whether it is read for the first time, or holds the same bytes as then."""
        row, place = divmod(page, _ROW)
        marks = self._rows.get(row)
        if marks is None:
            marks = self._rows[row] = array("Q", bytes(8 * _ROW))
        mark = int.from_bytes(hashlib.blake2b(data, digest_size=8, key=self._key).digest()) | 1  # 0: never read
        before, marks[place] = marks[place], mark
        return before in (0, mark)

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the first page of each run, and the one after its last, in order."""
        start = end = -1
        for row in sorted(self._rows):
            for place, mark in enumerate(self._rows[row]):
                if not mark:
                    continue
                page = row * _ROW + place
                if page != end:
                    if start >= 0:
                        yield start, end
                    start = page
                end = page + 1
        if start >= 0:
            yield start, end
