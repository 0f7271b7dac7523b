"""The decision at a gate, now: the only place where a permit is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.errors import Unavailable
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import BY_TYPE
from hauberk.policy.evaluate import evaluate
from hauberk.verdict import Answer, Permit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.collection import Evidence
    from hauberk.policy.policy import Policy
    from hauberk.subject import Subject
    from hauberk.verdict import Verdict

CLOCK_SKEW_SECONDS = 300


def decide(
    subject: Subject,
    *,
    gate: str,
    evidence: Evidence,
    policy: Policy,
    now: int,
    current: Mapping[str, Digest] | None = None,
) -> Verdict:
    """Return the verdict of a gate on a subject, now; an allowing one carries a permit.

    The policy is asked at T, when the evidence was witnessed, and now: what ran out in between is denied.

    Args:
        subject: what wants to pass; its digest was computed from the bytes that will be used.
        gate: the gate's name.
        evidence: proven complete to a checkpoint.
        policy: what the gate needs.
        now: Unix seconds.
        current: digests of named inputs as they are today, where the caller knows them.

    Raises:
        Unavailable: the evidence is older than the policy lets it be, or the clock is behind it.
    """
    wanted = policy.gates.get(gate)
    if wanted is not None:
        check_age(evidence.time, now, wanted.max_evidence_age_hours)
    verdicts = [
        evaluate(subject, gate=gate, evidence=evidence, policy=policy, now=at, current=current)
        for at in (evidence.time, max(now, evidence.time))
    ]
    denied = [verdict for verdict in verdicts if verdict.result is Answer.DENY]
    if denied or wanted is None:
        return (denied or verdicts)[-1]
    until = min(
        now + wanted.permit_valid_minutes * 60,
        evidence.time + wanted.max_evidence_age_hours * 3600,
        evidence.trust.valid_until,
        *(borne.until for borne in verdicts[-1].borne),
    )
    for end in _ends(evidence, now, until):
        later = evaluate(subject, gate=gate, evidence=evidence, policy=policy, now=end + 1, current=current)
        if later.result is Answer.DENY:  # what it rests on has ended, such as a decision about a risk
            until = end
            break
    permit = Permit(
        gate=gate,
        subject=subject,
        policy=policy.digest,
        checkpoint_size=evidence.checkpoint_size,
        not_after=until,
    )
    bears = dict.fromkeys((*verdicts[0].borne, *verdicts[-1].borne))
    return replace(verdicts[0], permit=permit, borne=tuple(bears))


def _ends(evidence: Evidence, now: int, until: int) -> list[int]:
    """Return when statements run out from now on and before a time, each once, the next first."""
    said = [one.statement for one in evidence.held if BY_TYPE[one.statement.predicate_type].checks]
    return sorted({end for one in said if now <= (end := parse_instant(one.predicate["validUntil"])) < until})


def check_age(time: int, now: int, max_age_hours: int) -> None:
    """Raise `Unavailable` where evidence of `time` is too old for the clock, or the clock is behind it."""
    if now < time - CLOCK_SKEW_SECONDS:
        raise Unavailable(
            f"the clock says {format_instant(now)}, the witnesses signed at {format_instant(time)}",
            "set the clock right",
        )
    if now - time > max_age_hours * 3600:
        raise Unavailable(
            f"held as of {format_instant(time)}, too old: the policy wants at most {max_age_hours} h",
            "export a fresh passport, or publish a fresh checkpoint with `hauberk run`",
        )
