"""Which of many hashes repeat, and which are among others: sorted a part of all possible hashes at a time.

A record is 16 bytes of a row's hash and the row's number. About `PART_ROWS` of them are sorted at once, so memory does
not grow with the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD: Any = np.dtype([("hash", "<u8", (2,)), ("row", "<u8")])
PART_ROWS = 1 << 20
_AT_ONCE = 1 << 18


class Stored(Protocol):
    """Records that can be read a piece at a time."""

    def __len__(self) -> int: ...

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes of the records from `start` to before `end`."""
        ...


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows, and the number of the first of them (None: none)."""

    rows: int
    first: int | None


def records(hashes: bytes, width: int, numbers: Any) -> bytes:
    """Return the records of rows: the first 16 of the `width` bytes of each hash, and the row's number."""
    made = np.zeros(len(numbers), RECORD)
    made["hash"] = np.frombuffer(hashes, "u1").reshape(-1, width)[:, :16].copy().view("<u8")
    made["row"] = numbers
    return made.tobytes()


def repeated(stored: Stored, *, part_rows: int = PART_ROWS) -> Counted:
    """Return the rows whose hash a row before them has."""
    found = []
    for part in _parts(part_rows, stored):
        mine = _of_part(stored, part)
        order = np.lexsort((mine["row"], mine["hash"][:, 1], mine["hash"][:, 0]))
        mine = mine[order]
        found.append(mine["row"][1:][(mine["hash"][1:] == mine["hash"][:-1]).all(axis=1)])
    return _counted(found)


def among(stored: Stored, others: Stored, *, part_rows: int = PART_ROWS) -> tuple[Counted, Counted]:
    """Return the rows whose hash is among others, and those whose is not."""
    inside, outside = [], []
    for part in _parts(part_rows, stored, others):
        mine, theirs = _of_part(stored, part), _of_part(others, part)
        hashes = np.concatenate([theirs["hash"], mine["hash"]])
        is_mine = np.arange(len(hashes)) >= len(theirs)
        order = np.lexsort((is_mine, hashes[:, 1], hashes[:, 0]))  # of those alike, theirs come first
        hashes = hashes[order]
        starts = np.ones(len(hashes), bool)
        starts[1:] = (hashes[1:] != hashes[:-1]).any(axis=1)
        known = ~is_mine[order][np.flatnonzero(starts)][np.cumsum(starts) - 1] if len(hashes) else is_mine
        rows = np.concatenate([theirs["row"], mine["row"]])[order]
        inside.append(rows[known & is_mine[order]])
        outside.append(rows[~known & is_mine[order]])
    return _counted(inside), _counted(outside)


def _parts(part_rows: int, *stored: Stored) -> Iterator[tuple[int, int]]:
    """Yield by how much a hash is shifted to have its part's number, and each number."""
    bits = (sum(map(len, stored)) // part_rows).bit_length()
    for part in range(1 << bits):
        yield 64 - bits, part


def _of_part(stored: Stored, part: tuple[int, int]) -> Any:
    shift, number = part
    found = [np.zeros(0, RECORD)]
    for start in range(0, len(stored), _AT_ONCE):
        read = np.frombuffer(stored.read(start, min(start + _AT_ONCE, len(stored))), RECORD)
        found.append(read if shift == 64 else read[read["hash"][:, 0] >> np.uint64(shift) == number])
    return np.concatenate(found)


def _counted(found: list[Any]) -> Counted:
    firsts = [int(rows.min()) for rows in found if len(rows)]
    return Counted(sum(map(len, found)), min(firsts, default=None))
