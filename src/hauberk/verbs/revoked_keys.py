"""Which keys are revoked in a ledger: what they signed counts for no good any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.evidence.collection import key_digest
from hauberk.evidence.predicates import REVOCATION
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.digest import Digest
    from hauberk.ledger.log import Log


def revoked_keys(log: Log, keyids: Iterable[str]) -> set[Digest]:
    """Return the digests of those keys about which the log holds a revocation, whoever may sign one today."""
    digests = {key_digest(keyid) for keyid in keyids}
    return {digest for digest in digests if any(_revokes(log, number) for number in log.entries_about(digest))}


def _revokes(log: Log, number: int) -> bool:
    statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)
    return statement.predicate_type == REVOCATION.type
