"""What the newest entries speak of, read from the leaves themselves: no list that somebody may have cut is asked."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.ledger.entry import Entry


class Tail:
    """The entries from some number on, by what they speak of; each is read once while the log is open."""

    def __init__(self, read: Callable[[int, int], Sequence[Entry]]) -> None:
        """Take what reads entries from one number up to another."""
        self._read = read
        self._start = self._end = 0
        self._numbers: defaultdict[str, list[int]] = defaultdict(list)

    def about(self, digest: str, start: int, end: int) -> list[int]:
        """Return the entries from `start` up to `end` that speak of a digest."""
        if start != self._start or end < self._end:
            self._start = self._end = start
            self._numbers.clear()
        for number, entry in enumerate(self._read(self._end, end), self._end):
            for subject in entry.subjects:
                self._numbers[subject].append(number)
        self._end = end
        return list(self._numbers.get(digest, ()))
