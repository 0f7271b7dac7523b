"""The index: every digest and the entries that speak of it, sorted, so that a range of it proves what is not there.

A leaf is `<algorithm>:<hex>`, a zero byte, and the entry's number as u64 big-endian; the leaves are sorted as bytes and
unique, and an RFC 6962 tree stands over them. All entries that speak of one digest lie side by side. A reader who gets
the leaf before them and the leaf after them, each with its proof, knows that no entry was left out; where a digest has
no entry, the two neighbours are adjacent. At an end of the list there is no neighbour, and the count of leaves, which
the log has signed and the witness has recomputed, takes its place. Nothing at all is SHA-256 of the empty string.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest
from hauberk.errors import Exceeded, Malformed, NotVerified
from hauberk.ledger import merkle
from hauberk.signature import base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hauberk.ledger.entry import Entry

MAX_PROOF_HASHES = 64
MAX_NUMBER = 2**53 - 1  # RFC 8785 section 3.2.2.3: the largest integer that JSON holds exactly

_ENTRY_BYTES = 8
_AT_ONCE = 10_000  # leaves in memory


@dataclass(frozen=True, slots=True)
class Present:
    """A leaf of the digest in question: its place in the index, the entry, and the proof of both."""

    position: int
    entry: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The leaf right before or right after, of whatever digest: its bytes, its place and the proof of both."""

    leaf: bytes
    position: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """All entries that speak of one digest, with what proves that these are all; None where the index ends."""

    digest: Digest
    leaves: tuple[Present, ...]
    left: Neighbour | None
    right: Neighbour | None

    @classmethod
    def from_json(cls, value: Any) -> Range:
        """Return the range that plain data describes; raise `Malformed` for anything but the form of `to_json`."""
        _check_keys(value, {"digest", "leaves", "left", "right"}, "range")
        if not isinstance(value["digest"], str) or not isinstance(value["leaves"], list):
            raise Malformed("a range has a digest in text and a list of leaves")
        return cls(
            Digest.parse(value["digest"]),
            tuple(_present_of(present) for present in value["leaves"]),
            _neighbour_of(value["left"]),
            _neighbour_of(value["right"]),
        )

    def verify(self, digest: Digest, count: int, root: bytes, *, size: int) -> tuple[int, ...]:
        """Return the numbers of all entries that speak of `digest`, or raise `NotVerified`.

        Args:
            digest: the one that was asked for.
            count: of leaves in the index, as the index statement says.
            root: of the index, 32 bytes.
            size: of the log over which the index was made; every entry's number is smaller.
        """
        if self.digest != digest:
            raise NotVerified(f"the range is of {self.digest}, not of {digest}")
        if count == 0 and root != merkle.EMPTY_ROOT:
            raise NotVerified("the root of an index without leaves is not SHA-256 of nothing")
        entries = tuple(present.entry for present in self.leaves)
        if list(entries) != sorted(set(entries)) or any(not 0 <= entry < size for entry in entries):
            raise NotVerified(f"the entries in the range of {digest} are not increasing and below {size}")
        start = self._start(count)
        self._check_left(start, size)
        self._check_right(start + len(self.leaves), count, size)
        for place, present in enumerate(self.leaves, start):
            if present.position != place:
                raise NotVerified(f"the range of {digest} has a gap at position {place}")
            _verify(leaf(digest, present.entry), present.position, present.proof, count, root)
        for neighbour in (self.left, self.right):
            if neighbour:
                _verify(neighbour.leaf, neighbour.position, neighbour.proof, count, root)
        return entries

    def _start(self, count: int) -> int:
        """Return the position where the digest's leaves begin, or would begin."""
        if self.leaves:
            return self.leaves[0].position
        if self.left:
            return self.left.position + 1
        if self.right or count == 0:
            return 0
        raise NotVerified(f"the range of {self.digest} is empty and proves nothing")

    def _check_left(self, start: int, size: int) -> None:
        if self.left is None:
            if start != 0:
                raise NotVerified(f"the range of {self.digest} does not show what stands before position {start}")
            return
        _check_entry(self.left, size)
        if self.left.position != start - 1 or self.left.leaf >= _prefix(self.digest):
            raise NotVerified(f"the left neighbour of {self.digest} is not the leaf right before it")

    def _check_right(self, end: int, count: int, size: int) -> None:
        if self.right is None:
            if end != count:
                raise NotVerified(f"the range of {self.digest} does not show what stands at position {end}")
            return
        _check_entry(self.right, size)
        prefix = _prefix(self.digest)
        if self.right.position != end or self.right.leaf <= prefix or self.right.leaf.startswith(prefix):
            raise NotVerified(f"the right neighbour of {self.digest} is not the leaf right after it")

    def to_json(self) -> dict[str, Any]:
        """Return the range as plain data: an element of a passport's `ranges`."""
        return {
            "digest": str(self.digest),
            "leaves": [{"position": p.position, "entry": p.entry, "proof": _texts(p.proof)} for p in self.leaves],
            "left": _neighbour_json(self.left),
            "right": _neighbour_json(self.right),
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """What an index statement says of an index: how many leaves it has, and the root over them."""

    count: int
    root: bytes

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Totals:
        """Return the totals over leaves that are sorted and unique, a few thousand of them in memory."""
        whole = merkle.Growing()
        whole.extend(map(merkle.leaf_hash, leaves))
        return cls(whole.size, whole.root)

    @classmethod
    def of_each(cls, leaves: Iterable[bytes], sizes: Sequence[int]) -> list[Totals]:
        """Return the totals over what of some leaves, sorted and unique, is of the first entries: for each size."""
        wholes = [(size.to_bytes(_ENTRY_BYTES, "big"), merkle.Growing()) for size in sizes]
        waiting = iter(leaves)
        while piece := list(islice(waiting, _AT_ONCE)):
            hashed = [(leaf[-_ENTRY_BYTES:], merkle.leaf_hash(leaf)) for leaf in piece]
            for end, whole in wholes:
                whole.extend([one for entry, one in hashed if entry < end])
        return [cls(whole.size, whole.root) for _, whole in wholes]


class Index:
    """A built index: its leaves in order and the tree over them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Take leaves that are sorted and unique; `build` makes them so."""
        self.leaves = tuple(leaves)
        self._tree = merkle.Tree([merkle.leaf_hash(data) for data in self.leaves])

    @property
    def count(self) -> int:
        """Return the number of leaves."""
        return len(self.leaves)

    @property
    def root(self) -> bytes:
        """Return the root over the leaves; of none, SHA-256 of the empty string."""
        return self._tree.root()

    def range(self, digest: Digest) -> Range:
        """Return all that the index says of a digest, with proofs."""
        start = bisect.bisect_left(self.leaves, _prefix(digest))
        end = bisect.bisect_left(self.leaves, _prefix(digest) + b"\xff" * _ENTRY_BYTES)  # no entry has that number
        return Range(
            digest,
            tuple(
                Present(place, int.from_bytes(self.leaves[place][-_ENTRY_BYTES:], "big"), self._proof(place))
                for place in range(start, end)
            ),
            self._neighbour(start - 1),
            self._neighbour(end),
        )

    def _neighbour(self, place: int) -> Neighbour | None:
        if not 0 <= place < self.count:
            return None
        return Neighbour(self.leaves[place], place, self._proof(place))

    def _proof(self, place: int) -> tuple[bytes, ...]:
        return tuple(self._tree.inclusion_proof(place))


def leaf(digest: Digest, entry: int) -> bytes:
    """Return the leaf that says: this entry speaks of this digest."""
    if not 0 <= entry <= MAX_NUMBER:
        raise Malformed(f"not the number of an entry: {entry}")
    return _prefix(digest) + entry.to_bytes(_ENTRY_BYTES, "big")


def leaves_of(number: int, subjects: Sequence[str]) -> list[bytes]:
    """Return the leaves that an entry gives, sorted."""
    behind = b"\x00" + number.to_bytes(_ENTRY_BYTES, "big")
    return [subject.encode("ascii") + behind for subject in subjects]


def build(pairs: Iterable[tuple[Digest, int]]) -> Index:
    """Return the index over pairs of a digest and the number of an entry that speaks of it, in any order."""
    return Index(sorted({leaf(digest, entry) for digest, entry in pairs}))


def of_entries(entries: Iterable[Entry]) -> Index:
    """Return the index over the first entries of a log, from number 0 on."""
    return build((digest, number) for number, entry in enumerate(entries) for digest in entry.digests)


def proof_of(value: Any) -> tuple[bytes, ...]:
    """Return the hashes of a proof in JSON: a list of base64 texts of 32 bytes each, at most 64 of them."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise Malformed("a proof is a list of base64 texts")
    if len(value) > MAX_PROOF_HASHES:
        raise Exceeded(f"a proof of {len(value)} hashes is longer than that of any tree")
    proof = tuple(base64.decode(text, what="hash in the proof") for text in value)
    if any(len(part) != merkle.HASH_BYTES for part in proof):
        raise Malformed(f"a hash in a proof is {merkle.HASH_BYTES} bytes long")
    return proof


def number_of(value: Any, *, what: str) -> int:
    """Return a number in JSON that counts something; raise `Malformed` for anything but 0 to 2^53 - 1."""
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise Malformed(f"the {what} is not a number from 0 to 2^53 - 1: {value!r:.40}")
    return value


def _prefix(digest: Digest) -> bytes:
    return str(digest).encode("ascii") + b"\x00"


def _verify(data: bytes, position: int, proof: tuple[bytes, ...], count: int, root: bytes) -> None:
    merkle.verify_inclusion(merkle.leaf_hash(data), position, count, proof, root)


def _check_entry(neighbour: Neighbour, size: int) -> None:
    """Raise unless a neighbour's bytes are a leaf: the witness has checked them all, but a reader shows what it saw."""
    text, zero = neighbour.leaf[: -_ENTRY_BYTES - 1], neighbour.leaf[-_ENTRY_BYTES - 1 : -_ENTRY_BYTES]
    if zero != b"\x00" or not text.isascii():
        raise Malformed("a neighbour in a range is not a leaf of the index")
    Digest.parse(text.decode("ascii"))
    number = int.from_bytes(neighbour.leaf[-_ENTRY_BYTES:], "big")
    if number >= size:
        raise NotVerified(f"a neighbour names the entry {number}, and the log had {size}")


def _present_of(value: Any) -> Present:
    _check_keys(value, {"position", "entry", "proof"}, "leaf in a range")
    position, entry = number_of(value["position"], what="position"), number_of(value["entry"], what="entry")
    return Present(position, entry, proof_of(value["proof"]))


def _neighbour_of(value: Any) -> Neighbour | None:
    if value is None:
        return None
    _check_keys(value, {"leaf", "position", "proof"}, "neighbour in a range")
    if not isinstance(value["leaf"], str):
        raise Malformed("a neighbour's leaf is base64 text")
    data = base64.decode(value["leaf"], what="neighbour's leaf")
    return Neighbour(data, number_of(value["position"], what="position"), proof_of(value["proof"]))


def _neighbour_json(neighbour: Neighbour | None) -> dict[str, Any] | None:
    if neighbour is None:
        return None
    return {
        "leaf": base64.encode(neighbour.leaf),
        "position": neighbour.position,
        "proof": _texts(neighbour.proof),
    }


def _texts(proof: tuple[bytes, ...]) -> list[str]:
    return [base64.encode(part) for part in proof]


def _check_keys(value: Any, keys: set[str], what: str) -> None:
    if not isinstance(value, dict) or set(value) != keys:
        raise Malformed(f"a {what} has {', '.join(sorted(keys))}, and nothing else")
