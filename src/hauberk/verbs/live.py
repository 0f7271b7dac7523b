"""Where a digest runs now, and what else that runs depends on it: asked of a ledger in an incident.

What depends on a digest is what the gates would deny if it were revoked. What runs is what deployment statements say
and no later one took back. Both are the ledger's knowledge: a machine that nobody recorded is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import HauberkError, Malformed, NotVerified, Unavailable
from hauberk.evidence.causes import causes_of
from hauberk.evidence.deployments import what_runs
from hauberk.evidence.instant import parse_instant
from hauberk.evidence.predicates import BY_TYPE, EXCEPTION, REVOCATION, check, result_of
from hauberk.evidence.verify import Logged, verify
from hauberk.ledger.edges import Stated
from hauberk.signature import dsse
from hauberk.verbs.revoked_keys import revoked_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.evidence.deployments import Running
    from hauberk.evidence.trust import Trust
    from hauberk.ledger.edges import Edges, Step
    from hauberk.ledger.log import Log
    from hauberk.statement import Statement


@dataclass(frozen=True, slots=True)
class Flaw:
    """What speaks against a digest: a revocation or a check that fails, in words, and the entry that says so."""

    digest: Digest
    what: str
    entry: int


@dataclass(frozen=True, slots=True)
class Live:
    """A digest that runs, where, how it rests on what was asked about (nothing: it is that), and its own flaws."""

    digest: Digest
    runs: tuple[Running, ...]
    way: tuple[Step, ...]
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: what was asked about, as what it is known, its flaws, what runs, and how many entries were read."""

    digest: Digest
    labels: tuple[str, ...]
    flaws: tuple[Flaw, ...]
    live: tuple[Live, ...]
    entries: int

    @property
    def endangered(self) -> bool:
        """Say whether something runs that is flawed, or rests on what was asked about while that is flawed."""
        return bool(self.live) and bool(self.flaws or any(one.flaws for one in self.live))


class Inquiry:
    """One look at a ledger: its log, the edges that were made from it, who may say what, and the time."""

    def __init__(self, log: Log, edges: Edges, trust: Trust, now: int) -> None:
        """Take an open log and an open table, and bring the table up to the log's end."""
        self._log = log
        self._edges = edges
        self._trust = trust
        self._now = now
        self._flaws: dict[Digest, tuple[Flaw, ...]] = {}
        self.entries = edges.extend(log, _stated)

    def where(self, digest: Digest) -> Found:
        """Return where a digest runs and what depends on it and runs.

        Raises:
            Unavailable: no statement names the digest: of it, nothing is known.
            NotVerified: the table of edges names what the log does not hold.
            Exceeded: something that runs rests on more things than are walked.
        """
        labels = self._labels(digest)
        if not labels and not self._edges.is_known(digest):
            raise Unavailable(
                f"no statement of this ledger names {digest}",
                "is it the digest of what is there? Nothing is known of it",
            )
        live = tuple(self._live_below(digest))
        return Found(digest, labels, self.flaws(digest), live, self.entries)

    def everything(self) -> tuple[Live, ...]:
        """Return all that runs, each with the flaws of itself and of everything that it rests on; errors as `where`."""
        found = []
        for digest in self._edges.deployed():
            runs = self._runs(digest)
            if runs:
                flaws = [flaw for thing in self._edges.above(digest) for flaw in self.flaws(thing)]
                found.append(Live(digest, runs, (), tuple(flaws)))
        return tuple(found)

    def flaws(self, digest: Digest) -> tuple[Flaw, ...]:
        """Return what speaks against a digest today: revocations, and failing checks, neither expired nor excused.

        Whoever may no longer sign such a statement hurts all the same, as at a gate.
        """
        if digest not in self._flaws:
            said = list(self._about(digest))
            excused = {text for item, statement in said for text in self._excused(item, statement)}
            self._flaws[digest] = tuple(
                Flaw(digest, what, item.entry or 0)
                for item, statement in said
                for what in self._against(statement, item, excused)
            )
        return self._flaws[digest]

    def _live_below(self, digest: Digest) -> Iterator[Live]:
        for found in self._edges.deployed_below(digest):
            runs = self._runs(found)
            if not runs:
                continue
            way = self._edges.above(found).get(digest)
            if way is None:
                raise _lying(f"nothing leads from {digest} to {found}")
            self._check_way(digest, way)
            yield Live(found, runs, way, self.flaws(found))

    def _runs(self, digest: Digest) -> tuple[Running, ...]:
        logged = [self._logged(entry) for entry in self._edges.deployments_of(digest)]
        keys = {signature.keyid for item in logged for signature in item.envelope.signatures}
        said = what_runs(logged, self._trust, revoked=revoked_keys(self._log, keys))
        return tuple(one for one in said if digest in one.thing.digests)

    def _labels(self, digest: Digest) -> tuple[str, ...]:
        named = (
            thing for _, statement in self._about(digest) for thing in statement.subjects if digest in thing.digests
        )
        return tuple(dict.fromkeys(thing.label for thing in named if not thing.label.startswith("digest/")))

    def _about(self, digest: Digest) -> Iterator[tuple[Logged, Statement]]:
        for number in self._log.entries_about(digest):
            item = self._logged(number)
            yield item, dsse.decode_statement(item.envelope.payload)

    def _logged(self, number: int) -> Logged:
        return Logged(dsse.decode_envelope(self._log.envelope(number)), number, self._log.entry(number).time)

    def _against(self, statement: Statement, item: Logged, excused: set[str]) -> Iterator[str]:
        if statement.predicate_type == REVOCATION.type:
            yield f"revoked: {statement.predicate.get('reason', '')}"
            return
        try:
            kind = check(statement)
        except Malformed:
            return
        if (
            not kind.checks
            or result_of(statement) != "fail"
            or self._now > parse_instant(statement.predicate["validUntil"])
        ):
            return
        if str(dsse.statement_id(item.envelope.payload)) not in excused:
            rules = dict.fromkeys(finding["rule"] for finding in statement.predicate["findings"])
            yield f"{kind.name} fails: {', '.join(rules) or 'it names no rule'}"

    def _excused(self, item: Logged, statement: Statement) -> Iterator[str]:
        if statement.predicate_type != EXCEPTION.type:
            return
        try:
            body = verify(item, self._trust).statement.predicate
        except HauberkError:
            return
        if self._now <= parse_instant(body["until"]):
            yield body["statement"]

    def _check_way(self, start: Digest, way: Sequence[Step]) -> None:
        """Raise `NotVerified` unless the log holds each step: the table is not believed."""
        above = start
        for step in way:
            found = causes_of(dsse.decode_envelope(self._log.envelope(step.entry)))
            if step.digest not in found.effects or above not in (*found.causes, *found.effects):
                raise _lying(f"entry {step.entry} does not say that {step.digest} rests on {above}")
            above = step.digest


def kinds_of(log: Log, entries: Iterable[int]) -> dict[int, str]:
    """Return what kind of statement each of some entries holds, in words."""
    kinds = {}
    for entry in entries:
        statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(entry)).payload)
        known = BY_TYPE.get(statement.predicate_type)
        kinds[entry] = "statement" if known is None else known.name
    return kinds


def _stated(envelope: bytes) -> Stated:
    found = causes_of(dsse.decode_envelope(envelope))
    return Stated(found.effects, found.causes, found.deployed)


def _lying(what: str) -> NotVerified:
    return NotVerified(f"lying table of edges: {what}", "run it again with --again, which makes the table again")
