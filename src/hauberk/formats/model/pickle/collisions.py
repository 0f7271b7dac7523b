"""Counts long integers that Python hashes alike.

The hash of an integer is its remainder by 2**61 - 1, the same in every process. A set or a dict of a hundred thousand
integers with one remainder compares each with all others when it is filled, which takes minutes for a file of a
megabyte. What fits eight bytes has seven others like it at most, so longer ones are counted, wherever they stand: a
list of them may be made a set by a call. The same number again is no other one.
"""

from __future__ import annotations

MODULUS = (1 << 61) - 1
SHORTEST = 9  # bytes of a number that is counted
LONGEST = 1024  # bytes of one whose remainder is taken; longer ones fill a file before they are many
MOST_EXACT = 1 << 16  # remainders that are counted each for itself
_BUCKETS = 1 << 16  # for those after them


class Collisions:
    """How many long integers there are of each remainder; `most` is the greatest number of them."""

    def __init__(self) -> None:
        self.most = 0
        self._counts: dict[int, tuple[int, int]] = {}
        self._buckets: list[int] = []

    def add(self, data: bytes) -> None:
        """Count a number, given as its bytes, little-endian."""
        if len(data) <= LONGEST:
            self.add_number(int.from_bytes(data, "little", signed=True))

    def add_number(self, number: int) -> None:
        """Count a number; those that one machine word holds are left out."""
        if -(1 << 63) <= number < 1 << 63:
            return
        remainder = abs(number) % MODULUS
        if remainder in self._counts or len(self._counts) < MOST_EXACT:
            count, last = self._counts.get(remainder, (0, 0))
            count += number != last
            self._counts[remainder] = (count, number)
        else:
            self._buckets = self._buckets or [0] * _BUCKETS
            count = self._buckets[remainder % _BUCKETS] = self._buckets[remainder % _BUCKETS] + 1
        self.most = max(self.most, count)
