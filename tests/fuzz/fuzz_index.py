"""Ranges of the index: one text each, our errors only, whether they are read or verified."""

from __future__ import annotations

from contextlib import suppress

from hauberk.digest import Digest
from hauberk.errors import HauberkError
from hauberk.ledger import index
from hauberk.ledger.index import Range
from hauberk.signature import jcs

DIGESTS = [Digest("sha256", c * 64) for c in "258"]
INDEX = index.build([(DIGESTS[0], 1), (DIGESTS[1], 0), (DIGESTS[1], 2), (DIGESTS[1], 6), (DIGESTS[2], 3)])
SIZE = 7


def seeds() -> list[bytes]:
    """Return ranges that are there, are not, and end the index."""
    return [jcs.encode(INDEX.range(digest).to_json()) for digest in (*DIGESTS, Digest("sha256", "6" * 64))]


def one_input(data: bytes) -> None:
    """Read a range; written again it is the same, and if it verifies it is the true one."""
    with suppress(HauberkError):
        found = Range.from_json(jcs.decode_canonical(data))
        assert jcs.encode(found.to_json()) == data
        found.verify(found.digest, INDEX.count, INDEX.root, size=SIZE)
        assert found == INDEX.range(found.digest)
