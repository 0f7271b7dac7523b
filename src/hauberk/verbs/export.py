"""Decisions of a ledger as events: verdicts, refusals, revocations, exceptions, findings, deployments.

A statement tells what it says only if trust lets its signer say it today and the key is not revoked. Any other becomes
one event that says so, and nothing of what it claims: nobody makes a decision known by writing one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.data.registry import RULES as DATA_RULES
from hauberk.checks.features.registry import RULES as FEATURE_RULES
from hauberk.checks.model.registry import RULES as MODEL_RULES
from hauberk.errors import HauberkError
from hauberk.evidence.collection import key_digest
from hauberk.evidence.deployments import Place
from hauberk.evidence.predicates import (
    BREAK_GLASS,
    BY_TYPE,
    DEPLOYMENT,
    EXCEPTION,
    GRANDFATHERING,
    REFUSAL,
    REVOCATION,
    SUMMARY,
)
from hauberk.evidence.verify import Logged, verify
from hauberk.finding import Confidence, Severity
from hauberk.refused_for import RefusedFor
from hauberk.render.event import Event, Kind, Source, short
from hauberk.signature import dsse
from hauberk.signature.dsse import digest_set
from hauberk.statement import Named
from hauberk.verbs.revoked_keys import revoked_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.trust import Trust
    from hauberk.ledger.log import Log
    from hauberk.rule import Rule
    from hauberk.statement import Statement

_TECHNIQUE: Final = re.compile(r"\bAML\.T[0-9]{4}(?:\.[0-9]{3})?\b", re.ASCII)
_PLAIN_REFUSALS: Final = frozenset(  # a run that failed, and nothing that an attacker would have wanted
    {
        RefusedFor.COMMAND_FAILED,
        RefusedFor.OUT_OF_TIME,
        RefusedFor.NOTHING_WRITTEN,
        RefusedFor.UNFIT_OUTPUT,
        RefusedFor.METRICS_MISSING,
        RefusedFor.LEASE_REFUSED,
        RefusedFor.CREDENTIAL_ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What one statement tells of one of its subjects, before it is put in its place."""

    kind: Kind
    severity: Severity
    title: str
    saw: str = ""
    good: bool | None = None
    rule: str = ""
    confidence: str = ""
    facts: Mapping[str, str] | None = None
    thing: Named | None = None


def events(log: Log, origin: str, trust: Trust, *, start: int, end: int) -> Iterator[Event]:
    """Yield the events of the entries from `start` up to `end`, in the log's order.

    Args:
        log: the ledger.
        origin: its name.
        trust: who may say what today.
        start: the first entry.
        end: the one behind the last.

    Raises:
        Malformed, NotVerified, Unavailable: as reading the log does.
    """
    revoked = revoked_keys(log, trust.keys)
    for number in range(start, end):
        item = Logged(dsse.decode_envelope(log.envelope(number)), number, log.entry(number).time)
        yield from _events_of(item, origin, trust, revoked)


def _events_of(item: Logged, origin: str, trust: Trust, revoked: Collection[Digest]) -> Iterator[Event]:
    statement = dsse.decode_statement(item.envelope.payload)
    known = BY_TYPE.get(statement.predicate_type)
    tell = _TELLERS.get(statement.predicate_type) or (_findings if known is not None and known.checks else None)
    if known is None or tell is None or (tell is _findings and not statement.predicate.get("findings")):
        return
    doubt, signers = _judged(item, trust, revoked)
    source = Source(
        log=origin,
        entry=item.entry or 0,
        time=item.time,
        statement=str(dsse.statement_id(item.envelope.payload)),
        predicate=known.name,
        signers=signers,
    )
    told = [(thing, one) for thing in statement.subjects for one in tell(statement, thing)] if not doubt else []
    if doubt:
        told = [(statement.subjects[0], _unverified(known.name, doubt))]
    for part, (thing, one) in enumerate(told):
        yield _event(source, part, one.thing or thing, one)


def _judged(item: Logged, trust: Trust, revoked: Collection[Digest]) -> tuple[str, tuple[str, ...]]:
    """Return why a statement does not hold, or nothing, and who signed it."""
    listed = tuple(signature.keyid for signature in item.envelope.signatures)
    try:
        verified = verify(item, trust)
    except HauberkError as error:
        return error.message, listed
    if any(key_digest(keyid) in revoked for keyid in listed):
        return "a key that signed it is revoked", listed
    return "", tuple(trust.names[keyid] for keyid in verified.signers)


def _event(source: Source, part: int, thing: Named, told: _Told) -> Event:
    rule = _rules().get(told.rule)
    references = rule.references if rule is not None else ()
    return Event(
        kind=told.kind,
        source=source,
        part=part,
        label=thing.label,
        digest=",".join(map(str, thing.digests)),
        severity=told.severity,
        title=short(told.title),
        saw=short(told.saw),
        good=told.good,
        rule=told.rule,
        confidence=told.confidence,
        remedy=rule.remedy if rule is not None else "",
        techniques=tuple(dict.fromkeys(found for text in references for found in _TECHNIQUE.findall(text))),
        facts={name: short(text) for name, text in (told.facts or {}).items()},
    )


@cache
def _rules() -> dict[str, Rule]:
    return {rule.id: rule for rule in (*MODEL_RULES, *DATA_RULES, *FEATURE_RULES)}


def _unverified(predicate: str, doubt: str) -> _Told:
    title = f"a statement that does not hold is in the ledger: {predicate}"
    return _Told(Kind.UNVERIFIED, Severity.MEDIUM, title, doubt)


def _verdict(statement: Statement, thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    good = body["verificationResult"] == "PASSED"
    gate = str(body["verifier"]["id"])
    policy = ",".join(map(str, digest_set(body["policy"]["digest"])))
    evidence = [text for one in body.get("inputAttestations", []) for text in map(str, digest_set(one["digest"]))]
    yield _Told(
        Kind.VERDICT,
        Severity.INFO if good else Severity.MEDIUM,
        f"{gate} {'allows' if good else 'denies'} {thing.label}",
        good=good,
        facts={"control": gate, "policy": policy, "at": body["timeVerified"], "evidence": " ".join(evidence)},
    )


def _refusal(statement: Statement, _thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    severity = Severity.LOW if body["refusedFor"] in _PLAIN_REFUSALS else Severity.MEDIUM
    title = f"{body['act']} was refused for {body['refusedFor']}"  # what was to be run may name secrets: it stays here
    yield _Told(
        Kind.REFUSAL, severity, title, body["saw"], facts={"act": body["act"], "refused-for": body["refusedFor"]}
    )


def _revocation(statement: Statement, thing: Named) -> Iterator[_Told]:
    title = f"{thing.digests[0]} is revoked: no gate opens for it, or for what rests on it"
    yield _Told(Kind.REVOCATION, Severity.HIGH, title, statement.predicate["reason"])


def _exception(statement: Statement, thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    yield _Told(
        Kind.EXCEPTION,
        Severity.MEDIUM,
        f"a statement about {thing.label} that does not pass is borne until {body['until']}",
        body["reason"],
        facts={name: body[name] for name in ("statement", "owner", "until")},
    )


def _grandfathering(statement: Statement, thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    title = f"{thing.label} passes the gate {body['gate']} without evidence until {body['until']}"
    yield _Told(Kind.EXCEPTION, Severity.MEDIUM, title, body["reason"], facts=_at_gate(body))


def _break_glass(statement: Statement, thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    title = f"break-glass: the gate {body['gate']} is open for {thing.label} until {body['until']}"
    yield _Told(Kind.EXCEPTION, Severity.HIGH, title, body["emergency"], facts=_at_gate(body))


def _at_gate(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: body[name] for name in ("gate", "owner", "until")}


def _deployment(statement: Statement, _thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    started = body["state"] == "started"
    place, runs = Place(**body["place"]), Named(body["runs"]["name"], digest_set(body["runs"]["digest"]))
    yield _Told(
        Kind.DEPLOYMENT,
        Severity.INFO,
        f"{runs.label} {'runs' if started else 'ended'} in {place}",
        good=started,
        facts={"place": str(place), "by": body["by"], "at": body["at"], "until": body.get("until", "")},
        thing=runs,
    )


def _findings(statement: Statement, thing: Named) -> Iterator[_Told]:
    for finding in statement.predicate["findings"]:
        yield _Told(
            Kind.FINDING,
            Severity(finding["severity"]),
            f"{finding['rule']} in {thing.label}",
            finding["saw"],
            rule=finding["rule"],
            confidence=finding.get("confidence", str(Confidence.CERTAIN)),
            facts={name: str(value) for name, value in finding["location"].items() if value is not None},
        )


_TELLERS: Final[dict[str, Callable[[Statement, Named], Iterator[_Told]]]] = {
    SUMMARY.type: _verdict,
    REFUSAL.type: _refusal,
    REVOCATION.type: _revocation,
    EXCEPTION.type: _exception,
    GRANDFATHERING.type: _grandfathering,
    BREAK_GLASS.type: _break_glass,
    DEPLOYMENT.type: _deployment,
}
