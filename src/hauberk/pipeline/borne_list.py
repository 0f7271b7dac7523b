"""What the gates of a ledger bear: every exception, grandfathering, broken glass and risk, by whom and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hauberk.errors import HauberkError
from hauberk.evidence.collection import key_digest
from hauberk.evidence.cosigning import KINDS
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BY_TYPE, EXCEPTION, REVOCATION, RISK_DECISION, check
from hauberk.evidence.verify import Logged, first_signed, verify
from hauberk.gate.export import newest_checkpoint
from hauberk.pipeline.bearing import ends, needed
from hauberk.signature import dsse

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.evidence.trust import Trust
    from hauberk.evidence.verify import Since
    from hauberk.ledger.log import Log
    from hauberk.policy.policy import Policy
    from hauberk.statement import Statement

_TYPES = tuple(kind.type for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Listed:
    """One statement by which a gate bears something, or would.

    Attributes:
        about: the label and the digests of its subject; of an exception also the statement.
        gate: its name; empty for an exception and a risk, which name none.
        until: Unix seconds.
        signers: names of the keys that signed it and may.
        why_not: why it counts for nothing now; empty where it counts.
    """

    id: Digest
    kind: str
    about: str
    gate: str
    owner: str
    reason: str
    since: int
    until: int
    signers: tuple[str, ...]
    why_not: str

    def to_json(self, now: int) -> dict[str, Any]:
        """Return it as plain data, with the seconds that are left."""
        return {
            "statement": str(self.id),
            "kind": self.kind,
            "about": self.about,
            "gate": self.gate or None,
            "owner": self.owner,
            "reason": self.reason,
            "since": format_instant(self.since),
            "until": format_instant(self.until),
            "secondsLeft": max(0, self.until - now),
            "signers": list(self.signers),
            "counts": not self.why_not,
            "whyNot": self.why_not or None,
        }


def borne(log: Log, policy: Policy, trust: Trust, *, now: int, ended: bool) -> tuple[Listed, ...]:
    """Return every statement by which a gate bears something, first what ends first.

    Args:
        log: the ledger; every entry of it is read.
        policy: says who must sign and for how long.
        trust: says who may.
        now: Unix seconds.
        ended: also list what has ended.
    """
    _, checkpoint = newest_checkpoint(log)
    said: list[Logged] = []
    revoked: set[str] = set()
    for number, entry in enumerate(log.entries()):
        item = Logged(dsse.decode_envelope(log.envelope(number)), number, entry.time)
        statement = dsse.decode_statement(item.envelope.payload)
        if statement.predicate_type == REVOCATION.type:
            revoked.update(map(str, statement.digests))
        elif statement.predicate_type in _TYPES and not _is_no(statement):
            check(statement)
            said.append(item)
    since, found = first_signed(said), []
    for item in said:
        covered = (item.entry or 0) < checkpoint.size
        one = _listed(item, policy, trust, now=now, covered=covered, since=since)
        if ended or one.until >= now:
            found.append(_unless_revoked(one, item, revoked))
    return tuple(sorted(found, key=lambda one: (one.until, str(one.id))))


def _is_no(statement: Statement) -> bool:
    """Say whether people have decided not to bear a risk: no gate opens by that."""
    return statement.predicate_type == RISK_DECISION.type and statement.predicate.get("result") != "pass"


def _unless_revoked(one: Listed, item: Logged, revoked: set[str]) -> Listed:
    if one.why_not:
        return one
    if any(digest in one.about for digest in revoked):
        return replace(one, why_not="what it is about is revoked")
    if any(str(key_digest(signature.keyid)) in revoked for signature in item.envelope.signatures):
        return replace(one, why_not="a key that signed it is revoked")
    return one


def _listed(item: Logged, policy: Policy, trust: Trust, *, now: int, covered: bool, since: Since) -> Listed:
    statement = dsse.decode_statement(item.envelope.payload)
    body = statement.predicate
    until = ends(statement)
    signers: tuple[str, ...] = ()
    try:
        verified = verify(item, trust, since=since)
        signers = tuple(sorted({trust.names[keyid] for keyid in verified.signers}))
        why = _why_not(statement, signers, policy, lasts=until - verified.time)
    except HauberkError as error:
        why = error.message
    if until < now:
        why = "it has ended"
    elif not why and not covered:
        why = "no checkpoint covers it yet"
    about = ", ".join(f"{thing.label} {'+'.join(map(str, thing.digests))}" for thing in statement.subjects)
    if statement.predicate_type == EXCEPTION.type:
        about = f"{about}, statement {body['statement']}"
    return Listed(
        dsse.statement_id(item.envelope.payload),
        BY_TYPE[statement.predicate_type].name,
        about,
        body.get("gate", ""),
        body["owner"],
        body.get("emergency") or body.get("reason", ""),
        item.time,
        until,
        signers,
        why,
    )


def _why_not(statement: Statement, signers: tuple[str, ...], policy: Policy, *, lasts: int) -> str:
    wanted = needed(policy, statement)
    counted = set(signers) if wanted.signers is None else set(signers) & set(wanted.signers)
    if len(counted) < wanted.at_least:
        return f"{len(counted)} of the people whom the policy names have signed it, and {wanted.at_least} are needed"
    if wanted.most is not None and lasts > wanted.most:
        return "it lasts longer than the policy allows"
    return ""
