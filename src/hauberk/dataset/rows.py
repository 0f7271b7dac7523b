r"""The tree over the rows of a data set: one hash that stands for all of them, in their order.

    row     = SHA-256(prefix || canonical encoding of the row)      see `formats/table/encoding`
    prefix  = "hauberk row 1" and 3 zero bytes | salt (32 bytes) | 16 zero bytes
    block   = the hashes of 1,024 rows one behind the other, the last block of what is left
    tree    = the Merkle tree of RFC 6962 whose leaves are the blocks
    root    = SHA-256(0x02 || RFC 8785 of {block, columns, count, encoding, salt, tree}, and person where one is named)

The root binds names and types of the columns, so the same numbers under other names are another data set. It does
not depend on files, row groups or who wrote them.

Rows of persons, where a column names them, have a salt of each person, and another mark; rows without a person, whose
cell is null, have the salt of the set:

    prefix  = "hauberk prsn 1" and 2 zero bytes | the person's salt (32 bytes) | 16 zero bytes

Whoever destroys a person's salt keeps the hashes of the rows, and so the tree, and can no longer try values out.

With a salt, a row's hash is a commitment: whoever has the manifest alone cannot try values out. The salt is the same
for all manifests that are to be compared, and is kept apart from them. Blocks, because nobody proves single rows ten
million at a time: an inclusion proof of a row is its block's hashes and the block's proof.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest
from hauberk.errors import Malformed, NotVerified
from hauberk.ledger import merkle
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from hashlib import _Hash

    from hauberk.formats.table.encoding import Encoded

ALGORITHM = "rowMerkle"
ENCODING = "urn:hauberk:row-encoding:v1"  # of `formats/table/encoding`
BLOCK_ROWS = 1024
HASH_BYTES = 32
SALT_BYTES = 32
ROW, KEY = b"hauberk row 1".ljust(16, b"\0"), b"hauberk key 1".ljust(16, b"\0")
PERSON_ROW, PERSON_KEY = b"hauberk prsn 1".ljust(16, b"\0"), b"hauberk pkey 1".ljust(16, b"\0")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name and its logical type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whose rows these are: the column that names persons, and the name of the store that holds their salts."""

    column: str
    salts: str


class RowHasher:
    """Hashes rows, or the keys of rows, under one salt (None: none)."""

    def __init__(self, salt: bytes | None, mark: bytes = ROW) -> None:
        self.start = start_of(salt, mark)

    def hashes(self, rows: Encoded) -> bytes:
        """Return the hash of each row, one behind the other."""
        return hashes_after(repeat(self.start), rows)


def start_of(salt: bytes | None, mark: bytes) -> _Hash:
    """Return the SHA-256 of a prefix, to be copied and continued."""
    if salt is not None and len(salt) != SALT_BYTES:
        raise Malformed(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}", "name the salt's file")
    return hashlib.sha256(mark + (salt or bytes(SALT_BYTES)) + bytes(16))


def hashes_after(starts: Iterable[_Hash], rows: Encoded) -> bytes:
    """Return the hash of each row, each after a prefix of its own, one behind the other."""
    return b"".join(_digests(starts, rows.each()))


def _digests(starts: Iterable[_Hash], rows: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    for start, row in zip(starts, rows, strict=False):  # there are prefixes without end
        one = start.copy()
        one.update(row)
        yield one.digest()


class RowTree:
    """The tree, built while hashes of rows come, 32 bytes for each 1,024 of them."""

    def __init__(self) -> None:
        self._open = bytearray()
        self._leaves: list[bytes] = []
        self._count = 0

    @property
    def count(self) -> int:
        """Return how many rows there were."""
        return self._count

    def add(self, hashes: bytes) -> None:
        """Append the hashes of rows, any number of them."""
        self._count += len(hashes) // HASH_BYTES
        self._open += hashes
        size = BLOCK_ROWS * HASH_BYTES
        whole = len(self._open) // size * size
        for start in range(0, whole, size):
            self._leaves.append(merkle.leaf_hash(bytes(self._open[start : start + size])))
        del self._open[:whole]

    def blocks(self) -> list[bytes]:
        """Return the leaf hash of each block."""
        return [*self._leaves, *([merkle.leaf_hash(bytes(self._open))] if self._open else [])]

    def root(self, columns: Sequence[Column], salt: bytes | None, person: Person | None = None) -> Digest:
        """Return the root that binds the columns as well."""
        return root_digest(merkle.root(self.blocks()), self._count, columns, commitment(salt), person)


def root_digest(
    tree: bytes, count: int, columns: Sequence[Column], salt: str | None, person: Person | None = None
) -> Digest:
    """Return the root of a data set's rows from its parts; `salt` is a commitment, see `commitment`."""
    bound: dict[str, Any] = {
        "block": BLOCK_ROWS,
        "columns": [[column.name, column.type] for column in columns],
        "count": count,
        "encoding": ENCODING,
        "salt": salt,
        "tree": tree.hex(),
    }
    if person is not None:  # without, the root is what it was before persons had salts
        bound["person"] = [person.column, person.salts]
    return Digest(ALGORITHM, hashlib.sha256(b"\x02" + jcs.encode(bound)).hexdigest())


def commitment(salt: bytes | None) -> str | None:
    """Return what a manifest says of its salt: enough to know it again, not enough to find it."""
    return None if salt is None else hashlib.sha256(b"hauberk salt 1\0" + salt).hexdigest()


@dataclass(frozen=True, slots=True)
class RowProof:
    """What shows that a row is in a data set: the hashes of its block, and the block's inclusion proof."""

    row: int
    block: tuple[bytes, ...]
    proof: tuple[bytes, ...]


def inclusion_proof(row: int, block: bytes, blocks: Sequence[bytes]) -> RowProof:
    """Return the proof of a row, from the hashes of its block and the leaves of all blocks."""
    hashes = tuple(block[at : at + HASH_BYTES] for at in range(0, len(block), HASH_BYTES))
    return RowProof(row, hashes, tuple(merkle.inclusion_proof(blocks, row // BLOCK_ROWS)))


def verify_row(row_hash: bytes, proof: RowProof, count: int, tree: bytes) -> None:
    """Raise `NotVerified` unless a row's hash is row `proof.row` of the tree over `count` rows with the root `tree`."""
    within = proof.row % BLOCK_ROWS
    last = (count - 1) // BLOCK_ROWS
    wanted = BLOCK_ROWS if proof.row // BLOCK_ROWS < last else count - last * BLOCK_ROWS
    if not 0 <= proof.row < count or len(proof.block) != wanted or any(len(one) != HASH_BYTES for one in proof.block):
        raise NotVerified(f"this is no block of row {proof.row} among {count}")
    if proof.block[within] != row_hash:
        raise NotVerified(f"row {proof.row} is another row", "the row or the proof was changed")
    leaf = merkle.leaf_hash(b"".join(proof.block))
    merkle.verify_inclusion(leaf, proof.row // BLOCK_ROWS, last + 1, proof.proof, tree)
