"""What may enter a log: envelopes that every reader will take, each with the entry that commits it.

What a reader would refuse is refused here, before anything is written. Whether signers are trusted is not asked: that
is for `evidence/`, which makes the values that come in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, Malformed, NotVerified
from hauberk.ledger.replay import INDEX_TYPE, entry_for
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature import dsse

if TYPE_CHECKING:
    from hauberk.ledger.entry import Entry
    from hauberk.statement import Envelope, Statement, Verified


@dataclass(frozen=True, slots=True)
class Admitted:
    """An envelope that may enter: its entry, and its canonical bytes."""

    entry: Entry
    data: bytes


def dated(admitted: Admitted, now: int) -> Admitted:
    """Return the same with another time of its entry, Unix seconds."""
    return Admitted(replace(admitted.entry, time=now), admitted.data)


def admit(verified: Verified, now: int) -> Admitted:
    """Return what is to be appended for a statement; what a reader would refuse is refused here."""
    statement, envelope = verified.statement, verified.envelope
    try:
        dsse.check_statement(statement, envelope.payload)
    except Malformed as error:
        raise NotVerified(f"the statement {verified.id} is not the one in its envelope: {error.message}") from None
    if verified.id != dsse.statement_id(envelope.payload):
        raise NotVerified(f"the statement {verified.id} is not the one in its envelope: its id is another")
    if statement.predicate_type == INDEX_TYPE:
        raise NotVerified("an index statement is made by publishing", "run `hauberk run`")
    return admitted_as(envelope, statement, now)


def admitted_as(envelope: Envelope, statement: Statement, now: int) -> Admitted:
    """Return an envelope with its entry; `statement` is the one in its payload."""
    dsse.check_envelope(envelope)
    data = dsse.encode_envelope(envelope)
    if len(data) > DEFAULT_LIMITS.max_document_bytes:
        raise Exceeded(f"an envelope of {len(data)} bytes; {DEFAULT_LIMITS.max_document_bytes} are allowed")
    return Admitted(entry_for(data, envelope, statement, now), data)
