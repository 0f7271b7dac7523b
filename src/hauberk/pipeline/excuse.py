"""Let one statement that does not pass be borne until a day: signed by the approver, logged, and published at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import BY_TYPE, EXCEPTION, check, result_of
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.publishing import publish_all
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.digest import Digest
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.project import Project
    from hauberk.statement import Statement

_START = re.compile("(?:sha256:)?([0-9a-f]{12,64})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


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
    """What was recorded: of which statement, of which kind, about what, to which second; and what was published."""

    statement: Digest
    kind: str
    label: str
    until: int
    published: Published
    development: bool


def excuse(project: Project, wanted: Excuse, *, warn: Callable[[str], None]) -> Excused:
    """Sign an exception for a statement of the ledger that fails, or is incomplete.

    Raises:
        Misconfigured: owner, reason or end are none; there is no such statement, or several; or it passes.
        Refused, NotVerified: the project names no approver's key, trust does not let it excuse this, or it has ended.
        Unavailable: not published; the exception is in the ledger then, and opens nothing until it is published.
    """
    for name, text in (("an owner", wanted.owner), ("a reason", wanted.reason)):
        if not text.strip() or not text.isprintable():
            raise Misconfigured(f"an exception needs {name}, one printable line")
    until = _end(wanted.until)
    if until <= clock.now():
        raise Misconfigured(f"{wanted.until} is past", "an exception ends in the future")
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        identity, statement = _statement(log, wanted.statement)
        kind = BY_TYPE[statement.predicate_type].name
        if result_of(statement) == "pass":
            raise Misconfigured(f"{identity}, the {kind}, passes", "there is nothing to excuse")
        body = {
            "statement": str(identity),
            "owner": wanted.owner,
            "until": format_instant(until),
            "reason": wanted.reason,
        }
        for thing in statement.subjects:
            book.record("approver", EXCEPTION, thing, body)
        labels = ", ".join(thing.label for thing in statement.subjects)
        return Excused(identity, kind, labels, until, publish_all(project, book), book.trust.development)


def _end(text: str) -> int:
    try:
        return parse_instant(f"{text}T23:59:59Z" if _DAY.fullmatch(text) else text)
    except Malformed:
        raise Misconfigured(f"{text!r:.60} is no day", "write it as 2026-12-31") from None


def _statement(log: Log, text: str) -> tuple[Digest, Statement]:
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
    statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)
    try:
        check(statement)
    except Malformed as error:
        raise Misconfigured(f"{identity} is no evidence: {error.message}", "no gate looks at it") from None
    return identity, statement
