"""Let one statement that does not pass be borne until a day: signed by the approver, logged, and published at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BY_TYPE, EXCEPTION, check, result_of, says_pass
from hauberk.evidence.verify import Logged, not_yet_witnessed
from hauberk.ledger.log import Log
from hauberk.pipeline.bearing import append_signed, check_words, draft, end_of
from hauberk.pipeline.reading import open_ledger
from hauberk.policy.evaluate import finds_fault
from hauberk.signature import dsse
from hauberk.statement import Statement

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.evidence.verify import Unverified
    from hauberk.ledger.log import Log
    from hauberk.pipeline.keyring import Keyring
    from hauberk.pipeline.project import Project

_START = re.compile("(?:sha256:)?([0-9a-f]{12,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Excuse:
    """What is borne, who answers for it, until when and why.

    Attributes:
        statement: its id, or at least the first 12 digits, as a gate prints them.
        until: a day, to its end (UTC), or an instant.
    """

    statement: str
    owner: str
    until: str
    reason: str


@dataclass(frozen=True, slots=True)
class Excused:
    """What is excused: which statement, of which kind, about what, to which second; by what; and the log's size."""

    statement: Digest
    kind: str
    label: str
    until: int
    statements: tuple[Statement, ...]
    size: int = 0
    development: bool = False


def excuse(keys: Keyring, wanted: Excuse, *, key: str | None = None) -> Excused:
    """Sign an exception for a statement of the ledger that fails, or is incomplete, and append it.

    Args:
        keys: of the project.
        wanted: what is excused.
        key: the URI of the key that signs; None is the approver's.

    Raises:
        Misconfigured: owner, reason or end are none; there is no such statement, or several; or it passes.
        Refused, NotVerified: the project names no approver's key, trust does not let it excuse this, or it has ended;
            or the policy wants several people, or an earlier end.
        Unavailable: not published; the exception is in the ledger then, and opens nothing until it is published.
    """
    found = exceptions(keys.project, wanted)
    appended = append_signed(keys, draft(keys, found.statements, key))
    size = appended.published.attested.checkpoint.size
    return replace(found, size=size, development=appended.development)


def exceptions(project: Project, wanted: Excuse) -> Excused:
    """Return the exceptions that would excuse a statement, one for each thing that it is about; errors as `excuse`."""
    check_words(EXCEPTION.name, wanted.owner, wanted.reason)
    until = end_of(wanted.until)
    if until <= clock.now():
        raise Misconfigured(f"{wanted.until} is past", "an exception ends in the future")
    with open_ledger(project, read_only=True) as log:
        item = _statement(log, wanted.statement)
    identity, statement = item.id, item.statement
    kind = BY_TYPE[statement.predicate_type].name
    if item.shaped and result_of(statement) == "pass" and not finds_fault(project.read_policy(), item):
        raise Misconfigured(f"{identity}, the {kind}, passes", "there is nothing to excuse")
    body = {
        "statement": str(identity),
        "owner": wanted.owner,
        "until": format_instant(until),
        "reason": wanted.reason,
    }
    said = tuple(Statement((thing,), EXCEPTION.type, body) for thing in statement.subjects)
    return Excused(identity, kind, ", ".join(thing.label for thing in statement.subjects), until, said)


def _statement(log: Log, text: str) -> Unverified:
    """Return the one statement of the ledger whose id begins so; also one that trust lets nobody say any more hurts."""
    start = _START.fullmatch(text)
    if start is None:
        raise Misconfigured(f"{text!r:.80} is no statement", "give the evidence that the gate names: 12 digits or more")
    found = {entry.id: number for number in range(log.size) if (entry := log.entry(number)).id.hex.startswith(start[1])}
    if len(found) != 1:
        raise Misconfigured(
            f"{'more than one' if found else 'no'} statement of the ledger begins with {start[1]}",
            "give the evidence that the gate names",
        )
    ((identity, number),) = found.items()
    envelope = dsse.decode_envelope(log.envelope(number))
    statement = dsse.decode_statement(envelope.payload)
    try:
        check(statement)
    except Malformed as error:
        if says_pass(statement):
            raise Misconfigured(f"{identity} is no evidence: {error.message}", "no gate looks at it") from None
    items = not_yet_witnessed([Logged(envelope, number, log.entry(number).time)])
    if not items:
        raise Misconfigured(f"{identity} is a root, a trust or an index, and no evidence", "no gate looks at it")
    return items[0]
