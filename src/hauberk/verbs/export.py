"""Decisions of a ledger as events: verdicts, refusals, what is revoked or borne, findings, promotions, deployments.

A statement tells what it says only if trust lets its signer say it today and the key is not revoked. Any other becomes
one event that says so, and nothing of what it claims: nobody makes a decision known by writing one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from hauberk.checks.data.registry import RULES as DATA_RULES
from hauberk.checks.features.registry import RULES as FEATURE_RULES
from hauberk.checks.model.registry import RULES as MODEL_RULES
from hauberk.errors import HauberkError
from hauberk.evidence.alias import Move
from hauberk.evidence.collection import key_digest
from hauberk.evidence.deployments import Place
from hauberk.evidence.predicates import (
    BREAK_GLASS,
    BY_TYPE,
    DEPLOYMENT,
    EXCEPTION,
    GRANDFATHERING,
    POLICY,
    PROMOTION,
    REFUSAL,
    REVOCATION,
    RISK_DECISION,
    ROOT,
    SUMMARY,
    TRUST,
    result_of,
)
from hauberk.evidence.verify import Logged, verify
from hauberk.finding import Confidence, Severity
from hauberk.refused_for import RefusedFor
from hauberk.render.event import Event, Kind, Source, short
from hauberk.signature import dsse
from hauberk.signature.dsse import digest_set
from hauberk.statement import Named
from hauberk.verbs.authorities import doubt_of_authority
from hauberk.verbs.revoked_keys import revoked_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.trust import Trust
    from hauberk.evidence.verify import Realm
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


def events(log: Log, origin: str, trust: Trust, realm: Realm, *, start: int, end: int) -> Iterator[Event]:
    """Yield the events of the entries from `start` up to `end`, in the log's order.

    Args:
        log: the ledger.
        origin: its name.
        trust: who may say what today.
        realm: the roots, verified.
        start: the first entry.
        end: the one behind the last.

    Raises:
        Malformed, NotVerified, Unavailable: as reading the log does.
    """
    revoked = revoked_keys(log, {*trust.keys, *(keyid for root in realm.roots for keyid in root.keys)})
    judge = _Judge(trust, realm, revoked)
    judge = replace(judge, late=_late(log, judge))
    for number in range(start, end):
        yield from _events_of(_logged(log, number), origin, judge)


def _late(log: Log, judge: _Judge) -> dict[int, int]:
    """Return the trusts and policies that came behind a newer one of their kind and name, and that one's version.

    No ledger takes one; who writes the database himself could put it in, to be told as what holds from now on.
    """
    newest: dict[tuple[str, object], int] = {}
    late = {}
    for number in log.entries_about(judge.realm.subject.digests[0]):
        item = _logged(log, number)
        statement = dsse.decode_statement(item.envelope.payload)
        if statement.predicate_type not in (TRUST.type, POLICY.type) or judge.judged(item, statement)[0]:
            continue
        which, version = (statement.predicate_type, statement.predicate.get("name")), statement.predicate["version"]
        if version < newest.setdefault(which, version):
            late[number] = newest[which]
        newest[which] = max(version, newest[which])
    return late


def _logged(log: Log, number: int) -> Logged:
    return Logged(dsse.decode_envelope(log.envelope(number)), number, log.entry(number).time)


@dataclass(frozen=True, slots=True)
class _Judge:
    trust: Trust
    realm: Realm
    revoked: Collection[Digest]
    late: Mapping[int, int] = field(default_factory=dict)

    def judged(self, item: Logged, statement: Statement) -> tuple[str, tuple[str, ...]]:
        """Return why a statement does not hold, or nothing, and who signed it."""
        listed = tuple(signature.keyid for signature in item.envelope.signatures)
        if any(key_digest(keyid) in self.revoked for keyid in listed):
            return "a key that signed it is revoked", listed
        if newer := self.late.get(item.entry or 0):
            return f"version {newer} is in the ledger before it: it was put in by nobody who may", listed
        if statement.predicate_type in (ROOT.type, TRUST.type):
            return doubt_of_authority(item.envelope, self.realm), listed
        try:
            verified = verify(item, self.trust)
        except HauberkError as error:
            return error.message, listed
        return "", tuple(self.trust.names[keyid] for keyid in verified.signers)


def _events_of(item: Logged, origin: str, judge: _Judge) -> Iterator[Event]:
    statement = dsse.decode_statement(item.envelope.payload)
    known = BY_TYPE.get(statement.predicate_type)
    tell = _TELLERS.get(statement.predicate_type) or (_findings if known is not None and known.checks else None)
    if known is None or tell is None or (tell is _findings and not statement.predicate.get("findings")):
        return
    doubt, signers = judge.judged(item, statement)
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
        facts={"entity": "statement", "uid": body["statement"], "owner": body["owner"], "until": body["until"]},
    )


def _at_gate(statement: Statement, thing: Named) -> Iterator[_Told]:
    body = statement.predicate
    kind, severity, what, why = _AT_GATE[statement.predicate_type]
    yield _Told(
        kind,
        severity,
        f"{thing.label} {what} the gate {body['gate']} until {body['until']}",
        body[why],
        facts={name: body[name] for name in ("gate", "owner", "until")},
    )


def _decision(statement: Statement, thing: Named) -> Iterator[_Told]:
    body, bears = statement.predicate, result_of(statement) == "pass"
    yield _Told(
        Kind.RISK_DECISION,
        Severity.MEDIUM,
        f"a risk of {thing.label} is {'borne' if bears else 'not borne'} until {body['validUntil']}: {body['risk']}",
        body["reason"],
        good=bears,
        facts={"owner": body["owner"], "until": body["validUntil"], "risk": body["risk"]},
    )
    yield from _findings(statement, thing)


def _promotion(statement: Statement, thing: Named) -> Iterator[_Told]:
    move = Move.of(statement)
    if thing != move.alias.thing:  # told once, and about the alias
        return
    yield _Told(
        Kind.PROMOTION,
        Severity.INFO,
        f"{move.alias} names {move.digest} from now on",
        move.reason,
        facts={"uid": str(move.digest), "from": move.origin or "", "policy": str(move.policy)},
    )


def _authority(statement: Statement, thing: Named) -> Iterator[_Told]:
    body, name = statement.predicate, BY_TYPE[statement.predicate_type].name
    which = f"{name} {body['name']}" if "name" in body else name
    yield _Told(
        Kind.AUTHORITY,
        Severity.MEDIUM,
        f"{which} version {body['version']} holds from now on",
        facts={"entity": name, "uid": f"{thing.digests[0]}#{which} {body['version']}", "version": str(body["version"])},
    )


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


_AT_GATE: Final = {
    GRANDFATHERING.type: (Kind.GRANDFATHERING, Severity.MEDIUM, "passes without evidence", "reason"),
    BREAK_GLASS.type: (Kind.BREAK_GLASS, Severity.HIGH, "passes, the glass broken,", "emergency"),
}
_TELLERS: Final[dict[str, Callable[[Statement, Named], Iterator[_Told]]]] = {
    SUMMARY.type: _verdict,
    REFUSAL.type: _refusal,
    REVOCATION.type: _revocation,
    EXCEPTION.type: _exception,
    GRANDFATHERING.type: _at_gate,
    BREAK_GLASS.type: _at_gate,
    RISK_DECISION.type: _decision,
    PROMOTION.type: _promotion,
    DEPLOYMENT.type: _deployment,
    POLICY.type: _authority,
    TRUST.type: _authority,
    ROOT.type: _authority,
}
