"""What rests on what: for one envelope, what its subjects were made from and whose keys vouch for them.

This is the relation by which a gate denies (`hauberk.policy.evaluate`, `not-revoked`), turned round: what it names as a
cause, if it is revoked, closes the gate for what it names as an effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.evidence.collection import key_digest
from hauberk.evidence.predicates import DEPLOYMENT, INDEX, ROOT, TRUST, check, edges
from hauberk.signature import dsse
from hauberk.signature.dsse import digest_set

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.statement import Envelope

_GOVERNS = {kind.type for kind in (ROOT, TRUST, INDEX)}  # no evidence about anything: `verify.sort_out`


@dataclass(frozen=True, slots=True)
class Causes:
    """Of one statement: what it speaks of, what that rests on, and what it says to run or to have run."""

    effects: tuple[Digest, ...] = ()
    causes: tuple[Digest, ...] = ()
    deployed: tuple[Digest, ...] = ()


def causes_of(envelope: Envelope) -> Causes:
    """Return what an envelope adds, whether or not its signers may say it today; raise `Malformed` for no statement."""
    statement = dsse.decode_statement(envelope.payload)
    if statement.predicate_type in _GOVERNS:
        return Causes()
    try:
        check(statement)
    except Malformed:
        made_from: tuple[Digest, ...] = ()
    else:
        if statement.predicate_type == DEPLOYMENT.type:
            return Causes(deployed=digest_set(statement.predicate["runs"]["digest"]))
        made_from = tuple(digest for edge in edges(statement) for digest in edge.digests)
    keys = tuple(key_digest(signature.keyid) for signature in envelope.signatures)
    return Causes(statement.digests, tuple(dict.fromkeys((*made_from, *keys))))
