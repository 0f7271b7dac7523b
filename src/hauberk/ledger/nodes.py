"""The log's tree as it is stored: the hash of every perfect part, so that a proof takes a few reads and no hashing.

A part is stored when its last leaf is appended, behind the parts that it is made of (post-order), and never changes:

    leaves     0  1     2  3        parts 2, 5 and 6 are over leaves 0-1, 2-3 and 0-3;
    position   0  1  2  3  4  5  6  the leaves stand at 0, 1, 3 and 4

So a tree of n leaves has 2n - popcount(n) stored hashes, and the place of each follows from its level and its index.
Nothing here is believed: who makes a proof of them verifies it, and the audit computes them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import NotVerified
from hauberk.ledger.merkle import HASH_BYTES, Hashes, node_hash, perfect_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hauberk.edge.database import Database

_AT_ONCE = 500  # hashes in one question


class StoredTree(Hashes):
    """The first `size` leaves of a tree whose hashes are in the table `nodes` of an open database."""

    def __init__(self, database: Database, size: int) -> None:
        """Take an open database; nothing is read before it is asked for."""
        self._database = database
        self._size = size

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return self._size

    def perfect(self, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the hashes of perfect parts; raise `NotVerified` where one is not stored."""
        places = [position(level, index) for level, index in parts]
        found: dict[int, object] = {}
        for start in range(0, len(places), _AT_ONCE):
            asked = places[start : start + _AT_ONCE]
            query = f"SELECT position, hash FROM nodes WHERE position IN {marks(len(asked))}"  # noqa: S608 - marks
            found.update(self._database.ask(query, asked))
        try:
            hashes = [found[place] for place in places]
        except KeyError as missing:
            raise NotVerified(f"missing tree hash: number {missing} of the stored ones", REBUILD) from None
        right = [one for one in hashes if isinstance(one, bytes) and len(one) == HASH_BYTES]
        if len(right) != len(hashes):
            raise NotVerified("a stored tree hash is not one", REBUILD)
        return right

    def grow(self, leaves: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
        """Return the positions and hashes that further leaf hashes add, in order."""
        return grow(self._size, self.perfect(perfect_parts(0, self._size)), leaves)


REBUILD = "run `hauberk ledger verify`; where the entries hold, `hauberk ledger rebuild` computes the rest from them"
TAMPERED = "the ledger was tampered with: keep it as evidence, restore a copy"


def marks(count: int) -> str:
    """Return the place of `count` values in a question, for `IN`."""
    return f"({','.join('?' * count)})"


def position(level: int, index: int) -> int:
    """Return where the hash of the perfect part (level, index) stands."""
    last = (index + 1 << level) - 1
    return 2 * last - last.bit_count() + level


def stored(size: int) -> int:
    """Return how many hashes a tree of `size` leaves has in store."""
    return 2 * size - size.bit_count()


def grow(size: int, peaks: list[bytes], leaves: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Return what further leaves add to a tree: each leaf hash, and each part that it completes, with its position.

    Args:
        size: of the tree before.
        peaks: its perfect parts, from the left.
        leaves: the hashes of the leaves that follow.
    """
    return enumerate(_added(size, list(peaks), leaves), stored(size))


def _added(size: int, peaks: list[bytes], leaves: Iterable[bytes]) -> Iterator[bytes]:
    for leaf in leaves:
        here, rest = leaf, size
        yield here
        while rest & 1:
            here, rest = node_hash(peaks.pop(), here), rest >> 1
            yield here
        peaks.append(here)
        size += 1
