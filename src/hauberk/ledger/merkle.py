r"""A Merkle tree over a list that only grows: how one hash of 32 bytes stands for a whole history.

Take a list of leaves, hash each, hash the hashes in pairs, and again, until one hash is left: the root. Nobody can
change, drop or reorder a leaf without changing the root. Two prefixes keep the levels apart, so that an inner node can
never be passed off as a leaf (RFC 6962 section 2.1, the same in RFC 9162 section 2.1.1):

    leaf  = SHA-256(0x00 || data)
    node  = SHA-256(0x01 || left || right)
    empty = SHA-256()

A list whose length is no power of two is cut at the largest power of two that is smaller than its length, and each
part is a tree of its own. Seven leaves:

                 root                 The left part is always *perfect*: its size is a power of two, and it looks the
            /            \            same for ever, however long the list grows. That is what makes both proofs short.
          m                n
        /   \            /   \
       i     j          k     g       An inclusion proof of leaf d is (c, i, n): the sibling at each step up from d,
      / \   / \        / \            with which the root can be computed from d alone.
     a   b c   d      e   f

                                      A consistency proof from size 3 to size 7 is (c, d, i, n): the perfect parts that
                                      both lists share give the old root (i, c), and with the rest also the new one.

Sizes and indices are integers from 0 to 2^64 - 1; hashes are 32 bytes. Verification never trusts a length: a proof with
too few, too many or misshapen hashes does not verify. Everything that does not hold is `NotVerified`.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from itertools import islice
from typing import TYPE_CHECKING

from hauberk.errors import Malformed, NotVerified

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_BYTES = 32
MAX_SIZE = 2**64 - 1  # RFC 6962 section 3.5: tree_size is a uint64
EMPTY_ROOT = hashlib.sha256().digest()

_BLOCK = 1 << 12  # leaves that are hashed together
_SHA256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Hashes(ABC):
    """A tree of which the hashes of perfect parts can be had: roots and proofs of any prefix, in a few of them each.

    A perfect part is (level, index): the leaves from index * 2^level on, 2^level of them.
    """

    @property
    @abstractmethod
    def size(self) -> int:
        """Return the number of leaves."""

    @abstractmethod
    def perfect(self, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the hashes of perfect parts that lie inside of the tree."""

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves, or of all of them."""
        size = self._prefix(size)
        return self._roots([(0, size)])[0] if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the siblings on the way from leaf `index` up to the root at `size`, lowest first.

        RFC 6962 section 2.1.1: PATH(m, D[n]). Raises `Malformed` if there is no such leaf in a list of that size.
        """
        size = self._prefix(size)
        if not 0 <= index < size:
            raise Malformed(f"there is no leaf {index} among {size}")
        start, end, path = 0, size, []
        while end - start > 1:
            cut = start + _split(end - start)
            if index < cut:
                path.append((cut, end))
                end = cut
            else:
                path.append((start, cut))
                start = cut
        return self._roots(path[::-1])

    def consistency_proof(self, size1: int, size: int | None = None) -> list[bytes]:
        """Return the parts that show the first `size1` leaves to be a prefix of the first `size`, lowest first.

        RFC 6962 section 2.1.2: PROOF(m, D[n]). Raises `Malformed` unless 0 < size1 <= size.
        """
        size = self._prefix(size)
        if not 0 < size1 <= size:
            raise Malformed(f"there is no consistency proof from size {size1} to {size}")
        start, end, path = 0, size, []
        while end != size1:
            cut = start + _split(end - start)
            if size1 <= cut:
                path.append((cut, end))
                end = cut
            else:
                path.append((start, cut))
                start = cut
        if start:  # else this part is the whole old tree, whose root the verifier has
            path.append((start, end))
        return self._roots(path[::-1])

    def _roots(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the roots of ranges of leaves, each of which starts at a multiple of the largest cut in it."""
        parts = [perfect_parts(start, end) for start, end in ranges]
        hashes = iter(self.perfect([part for several in parts for part in several]))
        return [join([next(hashes) for _ in several]) for several in parts]

    def _prefix(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise Malformed(f"the list has {self.size} leaves, not {size}")
        return size


class Tree(Hashes):
    """The hashes of every perfect part of a list, in memory.

    Level k holds the roots of the perfect parts of 2^k leaves, from the left. What is left over on the right of a level
    is in no perfect part of that size, and is found on the levels below.
    """

    def __init__(self, hashes: Iterable[bytes]) -> None:
        """Hash a list of leaf hashes upwards, once: as many hashes as there are leaves."""
        level = list(hashes)
        self._levels = [level]
        while len(level) > 1:
            level = [_SHA256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
            self._levels.append(level)

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return len(self._levels[0])

    def perfect(self, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the hashes of perfect parts that lie inside of the tree."""
        return [self._levels[level][index] for level, index in parts]


class Growing:
    """The root over leaves that come one behind the other, of which few are kept: its perfect parts and the rest."""

    def __init__(self) -> None:
        """Begin with the empty tree."""
        self._blocks = 0
        self._peaks: list[bytes] = []  # over blocks, from the left
        self._rest: list[bytes] = []

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return self._blocks * _BLOCK + len(self._rest)

    @property
    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        parts = [*self._peaks, *([Tree(self._rest).root()] if self._rest else ())]
        return join(parts) if parts else EMPTY_ROOT

    def extend(self, hashes: Iterable[bytes]) -> None:
        """Add leaf hashes at the end."""
        waiting = iter(hashes)
        while piece := list(islice(waiting, _BLOCK - len(self._rest))):
            self._rest += piece
            if len(self._rest) == _BLOCK:
                self._add_block()

    def _add_block(self) -> None:
        here, blocks = Tree(self._rest).root(), self._blocks
        while blocks & 1:
            here, blocks = node_hash(self._peaks.pop(), here), blocks >> 1
        self._peaks.append(here)
        self._blocks, self._rest = self._blocks + 1, []


def perfect_parts(start: int, end: int) -> list[tuple[int, int]]:
    """Return the perfect parts of a range of leaves, from the left; `start` is a multiple of its largest cut."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def join(parts: Sequence[bytes]) -> bytes:
    """Return the root over the perfect parts of a range, given from the left: at least one."""
    *rest, whole = parts
    for part in reversed(rest):
        whole = node_hash(part, whole)
    return whole


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, SHA-256 of the empty string."""
    return Tree(hashes).root()


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree over `hashes`; raise `Malformed` if there is no such leaf."""
    return Tree(hashes).inclusion_proof(index)


def consistency_proof(hashes: Sequence[bytes], size1: int) -> list[bytes]:
    """Return the proof that the first `size1` hashes are a prefix of all; raise `Malformed` unless 0 < size1 <= all."""
    return Tree(hashes).consistency_proof(size1)


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes] | None, root: bytes) -> None:
    """Raise `NotVerified` unless `proof` shows that `leaf_hash` is leaf `index` of the tree of `size` with `root`.

    RFC 9162 section 2.1.3.2. The walk goes up from the leaf; `last` is the last node's index on the same level. A node
    that is last and has an even index has no sibling there and rises unchanged: the shifts skip such levels.

    Args:
        leaf_hash: 32 bytes, as `merkle.leaf_hash` gives them.
        index: of the leaf, from 0.
        size: of the tree, in leaves.
        proof: sibling hashes, lowest first; None is the empty proof (how some programs write it in JSON).
        root: 32 bytes.
    """
    _check_sizes(index, size)
    if index >= size:
        raise NotVerified(f"there is no leaf {index} in a tree of {size}")
    node, last, here = index, size - 1, _checked(leaf_hash, "leaf hash")
    for sibling in _checked_proof(proof):
        if last == 0:
            raise NotVerified("the inclusion proof is too long for the tree")
        if node & 1 or node == last:
            here = node_hash(sibling, here)
            node, last = _skip_lone_levels(node, last)
        else:
            here = node_hash(here, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise NotVerified("the inclusion proof is too short for the tree")
    if here != root:
        raise NotVerified(f"leaf {index} of {size} does not lead to the root", "the entry or the proof was changed")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes] | None) -> None:
    """Raise `NotVerified` unless `proof` shows that the tree of `size1` and `root1` is a prefix of `size2`, `root2`.

    RFC 9162 section 2.1.4.2. Both roots are computed in one walk: parts on the left belong to both trees, parts on the
    right only to the newer. The empty tree is a prefix of every other and proves nothing: `size1` = 0 is refused. For
    equal sizes the proof is empty and the roots are compared as opaque bytes.

    Args:
        size1: of the older tree, in leaves.
        size2: of the newer tree.
        root1: of the older tree, 32 bytes.
        root2: of the newer tree, 32 bytes.
        proof: hashes, lowest first; None is the empty proof.
    """
    _check_sizes(size1, size2)
    if not 0 < size1 <= size2:
        raise NotVerified(f"nothing can be shown from size {size1} to size {size2}")
    path = _checked_proof(proof)
    if size1 == size2:
        _check_equal(root1, root2, path)
        return
    if size1 & (size1 - 1) == 0:  # the old tree is perfect: its root is the first part, and is left out of the proof
        path.insert(0, _checked(root1, "older root"))
    if not path:
        raise NotVerified("the consistency proof is empty")
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for part in path[1:]:
        if last == 0:
            raise NotVerified("the consistency proof is too long")
        if node & 1 or node == last:
            older, newer = node_hash(part, older), node_hash(part, newer)
            node, last = _skip_lone_levels(node, last)
        else:
            newer = node_hash(newer, part)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise NotVerified("the consistency proof is too short")
    if older != root1 or newer != root2:
        raise NotVerified(
            f"the tree of size {size2} does not continue the tree of size {size1}",
            "the log was rewritten or forked: keep both checkpoints as evidence",
        )


def _split(count: int) -> int:
    """Return the largest power of two that is smaller than `count`, for a count of at least 2."""
    return 1 << (count - 1).bit_length() - 1


def _skip_lone_levels(node: int, last: int) -> tuple[int, int]:
    """Rise while the node is a left one, to the level on which it becomes a right one (or the first of all)."""
    while not node & 1 and node:
        node, last = node >> 1, last >> 1
    return node, last


def _check_sizes(*sizes: object) -> None:
    for size in sizes:
        if type(size) is not int or not 0 <= size <= MAX_SIZE:
            raise NotVerified(f"a size or index is an integer from 0 to 2^64 - 1, not {size!r:.80}")


def _checked(value: object, what: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_BYTES:
        raise NotVerified(f"the {what} is not {HASH_BYTES} bytes long")
    return value


def _checked_proof(proof: object) -> list[bytes]:
    if proof is None:
        return []
    if not isinstance(proof, list | tuple):
        raise NotVerified(f"a proof is a list of hashes, not {type(proof).__name__}")
    return [_checked(part, "hash in the proof") for part in proof]


def _check_equal(root1: object, root2: object, path: list[bytes]) -> None:
    if path:
        raise NotVerified("the consistency proof between equal sizes is not empty")
    if not isinstance(root1, bytes) or not isinstance(root2, bytes) or root1 != root2:
        raise NotVerified("two roots at one size: the log was forked", "keep both checkpoints as evidence")
