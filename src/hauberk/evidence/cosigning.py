"""What several people sign, as a file that goes from one to the next: statements, each with the signatures so far.

The file holds envelopes as the ledger will hold them, so nothing is lost or added on the way, and bytes that are edited
verify no longer. A person is a name in the trust: whoever has signed by one key does not sign again by another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed, NotVerified
from hauberk.evidence.predicates import BREAK_GLASS, EXCEPTION, GRANDFATHERING, RISK_DECISION, check
from hauberk.evidence.shape import Among, Anything, ListOf, Object, schema_of
from hauberk.evidence.verify import Logged, verify
from hauberk.signature import dsse, jcs
from hauberk.statement import Envelope, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.evidence.predicates import Predicate
    from hauberk.evidence.trust import Trust
    from hauberk.signature.key import Signer

SCHEMA = "urn:hauberk:cosigning:v1"
KINDS = (EXCEPTION, GRANDFATHERING, BREAK_GLASS, RISK_DECISION)

_SHAPE = Object({"schema": Among((SCHEMA,)), "envelopes": ListOf(Anything(), least=1)})


@dataclass(frozen=True, slots=True)
class Draft:
    """Statements that wait for signatures; each has at least one."""

    envelopes: tuple[Envelope, ...]

    def encode(self) -> bytes:
        """Return the file's bytes."""
        envelopes = [dsse.envelope_json(envelope) for envelope in self.envelopes]
        return json.dumps({"schema": SCHEMA, "envelopes": envelopes}, indent=2).encode() + b"\n"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return what the envelopes say."""
        return tuple(dsse.decode_statement(envelope.payload) for envelope in self.envelopes)


def begin(statements: Sequence[Statement], signer: Signer) -> Draft:
    """Return a draft that the first person has signed."""
    return Draft(tuple(dsse.sign(statement, [signer]) for statement in statements))


def read(data: bytes, *, kinds: Sequence[Predicate] = KINDS) -> Draft:
    """Return the draft in a file; raise `Malformed` for anything else, also for a statement of another kind."""
    value = jcs.decode(data, what="draft")
    _SHAPE.check(value, "draft")
    assert isinstance(value, dict)
    draft = Draft(tuple(map(dsse.envelope_of, value["envelopes"])))
    for statement in draft.statements:
        if check(statement) not in kinds:
            raise Malformed(
                f"the draft holds a statement of the type {statement.predicate_type}, which is not signed like this"
            )
    return draft


def is_draft(data: bytes) -> bool:
    """Say whether a file says that it is a draft, be it a broken one."""
    return schema_of(data) == SCHEMA


def people(envelope: Envelope, trust: Trust, *, now: int) -> tuple[str, ...]:
    """Return the names of those who have signed an envelope, sorted; each signature holds and is granted now.

    Raises:
        NotVerified: a key that trust does not know, a signature that does not hold, or one without a grant.
    """
    verified = verify(Logged(envelope, None, now), trust)
    for signature in envelope.signatures:
        if signature.keyid not in verified.signers:
            raise NotVerified(
                f"{trust.names[signature.keyid]} may not sign this, so that the signature counts for nothing",
                "have somebody sign whom trust grants it",
            )
    return tuple(sorted({trust.names[keyid] for keyid in verified.signers}))


def cosigned(draft: Draft, signer: Signer, trust: Trust, *, now: int) -> Draft:
    """Return a draft with one more signature under each statement.

    Raises:
        NotVerified: a signature in it does not hold or is not granted, or trust does not let this key say it now, or
            the person of this key has signed already.
    """
    name = trust.names.get(signer.public.keyid)
    signed = []
    for envelope in draft.envelopes:
        there = people(envelope, trust, now=now)
        if name in there:
            raise NotVerified(
                f"{name} has signed this already: two keys of one name are one person",
                "have another person sign, by a key of another name",
            )
        (new,) = dsse.sign(dsse.decode_statement(envelope.payload), [signer]).signatures
        listed = sorted((*envelope.signatures, new), key=lambda signature: signature.keyid)
        more = Envelope(envelope.payload, tuple(listed))
        people(more, trust, now=now)
        signed.append(more)
    return Draft(tuple(signed))
