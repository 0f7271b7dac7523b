"""The table of digests as one number, so that two passes, one over the entries and one over the table, are compared.

Each leaf is a number under a key that is drawn for the audit, and the total is the sum of them. Who wrote the table did
not know the key, so that other leaves have the same total once in 2^128 times. Sums are added up in any order: each
process sums its own stretch of the log, and nobody sorts or looks up a million digests.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_BYTES = 32
_BYTES = 16
_MODULUS = 1 << 8 * _BYTES


@dataclass(frozen=True, slots=True)
class Total:
    """How many leaves there are, and their sum under a key."""

    count: int
    sum: int

    @classmethod
    def over(cls, leaves: Iterable[bytes], key: bytes) -> Total:
        """Return the total of leaves."""
        count = total = 0
        keyed, number = hashlib.blake2b(key=key, digest_size=_BYTES), int.from_bytes
        for leaf in leaves:
            one = keyed.copy()
            one.update(leaf)
            total += number(one.digest(), "big")
            count += 1
        return cls(count, total % _MODULUS)

    def __add__(self, other: Total) -> Total:
        return Total(self.count + other.count, (self.sum + other.sum) % _MODULUS)
