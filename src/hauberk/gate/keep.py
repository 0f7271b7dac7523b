"""Keep a permit under review: look at what a log has gained, and say at once where it takes the permit away.

A look costs what the new entries cost, not what the log is long: a revocation of anything that the subject rests on
refuses by itself. The gate is asked again only where something else was said about the subject, about what it rests on
or about the realm, and when half of the permit's time is over.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hauberk.errors import HauberkError, Malformed, NotVerified, Refused, Unavailable
from hauberk.evidence.collection import concerned
from hauberk.evidence.predicates import REVOCATION
from hauberk.gate.ask import ask
from hauberk.gate.prove import authorities
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.digest import Digest
    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.gate.prove import Proven
    from hauberk.ledger.log import Log
    from hauberk.policy.policy import Policy
    from hauberk.subject import Subject
    from hauberk.verdict import Permit, Verdict

RETRY_SECONDS = 10  # between two askings of a gate that could not answer
PATIENCE_SECONDS = 10  # a ledger that is locked or busy for so long is not away


class Kept:
    """A permit for one subject at one gate, and what could take it away."""

    def __init__(self, gate: str, subject: Subject, files: Callable[[], tuple[RootKeys, Trust, Policy]]) -> None:
        """Take the question; `files` reads root, trust and policy, each time that the gate is asked."""
        self._gate = gate
        self._subject = subject
        self._files = files
        self._seen: tuple[int, bytes] = (0, b"")
        self._fatal: frozenset[Digest] = frozenset()
        self._watched: frozenset[str] = frozenset()
        self._permit: Permit | None = None
        self._verdict: Verdict | None = None
        self._renew_at = self._retry_at = 0
        self._alarmed = False
        self._patience = PATIENCE_SECONDS
        self._lock = threading.Lock()

    @property
    def permit(self) -> Permit:
        """Return the newest permit; there is one after the first look."""
        assert self._permit is not None
        return self._permit

    @property
    def verdict(self) -> Verdict:
        """Return the newest allowing verdict, which says what it bears; there is one after the first look."""
        assert self._verdict is not None
        return self._verdict

    @property
    def patience_seconds(self) -> int:
        """Return for how long a ledger that cannot be read changes nothing: as the policy says of one that is away."""
        return self._patience

    def look(self, log: Log, now: int) -> None:
        """Look at what is new in the log, and ask the gate again where that is needed; errors as of both halves."""
        if self._permit is not None:
            self.watch(log, now)
        if self.is_due(now):
            self.renew(log, now)

    def watch(self, log: Log, now: int) -> None:
        """Look at what is new in the log. It may be called while another thread asks the gate.

        Raises:
            Refused: something that the subject or the log's authorities rest on was revoked since.
            NotVerified: the log lost entries that were there.
            Malformed, Unavailable: it cannot be read.
        """
        with self._lock:
            size = self._check_grown(log)
            if self._news(log, size):
                self._renew_at = min(self._renew_at, now)
            self._seen = _place(log, size)

    def is_due(self, now: int) -> bool:
        """Say whether the gate is to be asked: about what is new, or because half of the permit's time is over."""
        return now >= self._renew_at and now >= self._retry_at

    def renew(self, log: Log, now: int) -> None:
        """Ask the gate, which takes the longer the longer the log is; the permit is a new one then.

        Raises:
            Refused: the gate says no.
            NotVerified, Malformed: something that the log's authorities stand on was revoked; before there is a permit,
                also where what the log holds does not hold.
            Unavailable: it cannot be read, or the gate could not be asked by what is signed now (a new trust or policy
                that is not published, or not in the project's files yet); the permit is what it was.
        """
        self._retry_at = now + RETRY_SECONDS
        asked_at = _place(log, log.size)
        answer = self._ask(log, now)
        with self._lock:
            self._take(*answer, now=now)
            # What came while the gate was asked was looked at by what mattered before: it is looked at again.
            self._seen = min(self._seen, asked_at) if self._seen[0] else asked_at
            self._retry_at = 0

    def _check_grown(self, log: Log) -> int:
        size, (before, last) = log.size, self._seen
        if size < before or (before and log.entry(before - 1).encode() != last):
            raise NotVerified(
                f"the ledger had {before} entries and does not have them now", "keep it as evidence, restore a copy"
            )
        return size

    def _news(self, log: Log, size: int) -> bool:
        """Say whether the gate has to be asked about what is new; raise `Refused` for a revocation that matters."""
        matters = False
        for number, entry in enumerate(log.entries(self._seen[0], size), self._seen[0]):
            if self._watched.isdisjoint(entry.subjects):
                continue
            matters = True
            statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)
            if statement.predicate_type != REVOCATION.type:
                continue
            self._alarmed = True
            if gone := sorted(self._fatal & set(statement.digests)):
                raise Refused(
                    f"{gone[0]}, on which {self._subject.label} ({self._subject.digest}) rests, was revoked by entry "
                    f"{number}: {statement.predicate.get('reason', '')}",
                    "stop using it: nothing undoes a revocation",
                )
        return matters

    def _ask(self, log: Log, now: int) -> tuple[Verdict, Proven, Policy]:
        root, trust, policy = self._files()
        try:
            verdict, _, proven = ask(
                log, gate=self._gate, subject=self._subject, root=root, trust=trust, policy=policy, now=now
            )
        except (NotVerified, Malformed) as error:
            if self._alarmed or self._permit is None:
                raise
            raise Unavailable(error.message, error.hint) from None
        if self._permit is not None and [reason.rule for reason in verdict.reasons] == ["policy.approved"]:
            raise Unavailable("the policy in the project is not the approved one", "put the approved one there")
        return verdict, proven, policy

    def _take(self, verdict: Verdict, proven: Proven, policy: Policy, *, now: int) -> None:
        passport, evidence = proven.passport, proven.evidence
        self._permit, self._verdict = verdict.require(), verdict
        self._patience = max(PATIENCE_SECONDS, 60 * (policy.gates[self._gate].when_away.cached_verdict_minutes or 0))
        rests_on = concerned(evidence.ancestry(passport.thing), passport.thing)
        self._fatal = rests_on | authorities(passport, proven.realm, evidence.trust)
        self._watched = frozenset(map(str, (*self._fatal, *passport.ranges)))
        self._renew_at = now + max(1, (self._permit.not_after - now) // 2)


def _place(log: Log, size: int) -> tuple[int, bytes]:
    return size, log.entry(size - 1).encode() if size else b""


def again(error: HauberkError) -> HauberkError:
    """Return an error like another one, to be raised without the other's traceback growing."""
    if isinstance(error, Refused):
        verdict: Verdict | None = error.verdict
        return Refused(error.message, error.hint, verdict)
    return type(error)(error.message, error.hint)
