"""The record of an erasure: which rows of a manifest are known by their hashes only from now on.

A row's hash stays a leaf of the tree, so the root, and whatever was signed about it, stays true; its salt is destroyed,
so that the hash says nothing of the row any more. The record is one canonical JSON document (RFC 8785).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hauberk.dataset.rows import HASH_BYTES
from hauberk.digest import Digest
from hauberk.errors import Malformed, NotVerified
from hauberk.evidence.shape import DIGEST, HEX32, INSTANT, LINE, Integer, ListOf, Object
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCHEMA = "urn:hauberk:erasure:v1"
SHAPE = Object(
    {
        "schema": LINE,
        "manifest": HEX32,
        "root": DIGEST,
        "created": INSTANT,
        "count": Integer(),
        "rows": ListOf(Object({"row": Integer(), "hash": HEX32}), least=1),
    }
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """Rows that were erased.

    Attributes:
        manifest: the SHA-256 of the manifest's file.
        root: of its rows.
        count: how many rows it has.
        rows: number, from 0, and hash of each erased row, in the order of the numbers.
    """

    manifest: str
    root: Digest
    created: str
    count: int
    rows: tuple[tuple[int, str], ...]


def encode(erasure: Erasure) -> bytes:
    """Return a record as canonical JSON."""
    return jcs.encode(
        {
            "schema": SCHEMA,
            "manifest": erasure.manifest,
            "root": str(erasure.root),
            "created": erasure.created,
            "count": erasure.count,
            "rows": [{"row": row, "hash": value} for row, value in erasure.rows],
        }
    )


def decode(data: bytes) -> Erasure:
    """Read a record; raise `Malformed` where it is none, or its rows are not rows of the manifest in their order."""
    body: dict[str, Any] = jcs.decode_canonical(data, what="erasure")
    SHAPE.check(body, "erasure")
    if body["schema"] != SCHEMA:
        raise Malformed(f"the record says that it is {body['schema'][:80]!r}, not {SCHEMA}")
    rows = tuple((one["row"], one["hash"]) for one in body["rows"])
    if any(one[0] >= other[0] for one, other in pairwise(rows)) or not 0 <= rows[0][0] <= rows[-1][0] < body["count"]:
        raise Malformed("the erased rows are not rows of the manifest, each once, in their order")
    return Erasure(body["manifest"], Digest.parse(body["root"]), body["created"], body["count"], rows)


def restored(erasure: Erasure, remaining: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the hashes of all rows: those of the remaining ones, with the erased ones in their places.

    Args:
        erasure: what was erased.
        remaining: hashes of the rows that are there, in pieces of any number of them.

    Raises:
        NotVerified: there are more or fewer rows than remain.
    """
    erased = iter(erasure.rows)
    next_erased = next(erased, None)
    at = 0
    for piece in remaining:
        taken, have = 0, len(piece) // HASH_BYTES
        while taken < have:
            if next_erased is not None and next_erased[0] == at:
                yield bytes.fromhex(next_erased[1])
                at, next_erased = at + 1, next(erased, None)
                continue
            many = min(have - taken, (erasure.count if next_erased is None else next_erased[0]) - at)
            if many <= 0:
                raise NotVerified(
                    f"there are more rows than the {erasure.count - len(erasure.rows):,} that remain",
                    "a row that was erased is still in the data, or one was added",
                )
            yield piece[taken * HASH_BYTES : (taken + many) * HASH_BYTES]
            taken, at = taken + many, at + many
    while next_erased is not None and next_erased[0] == at:
        yield bytes.fromhex(next_erased[1])
        at, next_erased = at + 1, next(erased, None)
    if at != erasure.count:
        gone = erasure.count - len(erasure.rows)
        raise NotVerified(f"there are fewer rows than the {gone:,} that remain", "a row is gone that is not listed")
