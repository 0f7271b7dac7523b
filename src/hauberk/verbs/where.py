"""Where a table of callables matters: the models whose last scan was judged by another table than this release has.

Also: those in whose last scan a rule or a callable was found. A scan names what it found, not every safe callable that
it met; so a callable that was safe and is not any more is in one of the models that were judged by the older table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import HauberkError
from hauberk.evidence.instant import parse_instant
from hauberk.evidence.predicates import MODEL_SCAN, REVOCATION
from hauberk.evidence.verify import Logged, verify
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.evidence.trust import Trust
    from hauberk.finding import TableUsed
    from hauberk.ledger.log import Log


@dataclass(frozen=True, slots=True)
class Concerned:
    """A model of the ledger that should be scanned again or looked at: its label, digest, the scan's entry, and why."""

    label: str
    digest: Digest
    entry: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a rule or a callable by name, a table by its source; nothing at all asks for older tables."""

    rule: str | None = None
    callable: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class _Scan:
    entry: int
    body: dict[str, Any]
    trusted: bool
    expired: bool


def where(log: Log, *, trust: Trust, tables: Sequence[TableUsed], asked: Question, now: int) -> tuple[Concerned, ...]:
    """Return the models that are concerned, the newest scan first. A model that was revoked is left out.

    Args:
        log: the ledger.
        trust: who may say what today; a scan that it does not let stand is older than any.
        tables: of this release.
        asked: what is asked.
        now: Unix seconds.
    """
    scans, revoked = _read(log, trust, now)
    found = [
        Concerned(label, digest, scan.entry, why)
        for (label, digest), scan in scans.items()
        if digest not in revoked and (why := tuple(_why(scan, tables, asked)))
    ]
    return tuple(sorted(found, key=lambda one: -one.entry))


def _read(log: Log, trust: Trust, now: int) -> tuple[dict[tuple[str, Digest], _Scan], set[Digest]]:
    """Return the last scan of each model, if possible one that trust lets stand, and what is revoked."""
    scans: dict[tuple[str, Digest], _Scan] = {}
    revoked: set[Digest] = set()
    for number, entry in enumerate(log.entries()):
        item = Logged(dsse.decode_envelope(log.envelope(number)), number, entry.time)
        statement = dsse.decode_statement(item.envelope.payload)
        if statement.predicate_type == REVOCATION.type:
            revoked |= set(statement.digests)
        if statement.predicate_type != MODEL_SCAN.type:
            continue
        body = dict(statement.predicate)
        scan = _Scan(number, body, _stands(item, trust), now > parse_instant(body["validUntil"]))
        for subject in statement.subjects:
            for digest in subject.digests:
                known = scans.get((subject.label, digest))
                if known is None or scan.trusted or not known.trusted:
                    scans[subject.label, digest] = scan
    return scans, revoked


def _stands(item: Logged, trust: Trust) -> bool:
    try:
        verify(item, trust)
    except HauberkError:
        return False
    return True


def _why(scan: _Scan, tables: Sequence[TableUsed], asked: Question) -> Iterator[str]:
    older = list(_older(scan, tables, asked.table))
    if asked.rule is not None:
        number = sum(finding["rule"] == asked.rule for finding in scan.body["findings"])
        if number:
            yield f"{asked.rule} was found in it, {number} times" if number > 1 else f"{asked.rule} was found in it"
    if asked.callable is not None:
        named = re.compile(rf"(?<![\w.]){re.escape(asked.callable)}(?![\w])")
        if any(named.search(finding["saw"]) for finding in scan.body["findings"]):
            yield f"a finding names {asked.callable}"
        elif older:
            yield f"it may use {asked.callable}: {older[0]}"
    if asked.rule is None and asked.callable is None:
        yield from older


def _older(scan: _Scan, tables: Sequence[TableUsed], only: str | None) -> Iterator[str]:
    if not scan.trusted:
        yield "no scan of it is one that trust lets stand"
    if scan.expired:
        yield "its scan has expired"
    if "tables" not in scan.body:
        yield "its scan does not say by which tables"
        return
    used = {one["source"]: one for one in scan.body["tables"]}
    for table in tables:
        then = used.get(table.source)
        if only in (None, table.source) and (then is None or then["digest"] != str(table.digest)):
            before = "no such table" if then is None else then["release"]
            now = table.release if then is None or then["release"] != table.release else f"{table.release}, changed"
            yield f"{table.source}: judged by {before}, installed is {now}"
