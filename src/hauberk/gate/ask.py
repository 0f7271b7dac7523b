"""Ask a gate at a ledger: collect, prove as a stranger would, decide now.

The caller's own trust and policy files must be the ones that the root and the approver signed last. An edited file is
denied until it is signed; it is never silently replaced by the signed one, which the caller did not see.

What was logged since the newest checkpoint can deny and cannot allow: a run that is at work does not close the gate for
the model of yesterday, and a revocation need not wait for a witness.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.errors import NotVerified
from hauberk.evidence.verify import Logged, not_yet_witnessed
from hauberk.gate.decide import decide
from hauberk.gate.export import collect
from hauberk.gate.prove import check_authorities, check_times, prove
from hauberk.signature import dsse
from hauberk.verdict import Answer, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.evidence.verify import Unverified
    from hauberk.gate.passport import Passport
    from hauberk.gate.prove import Proven
    from hauberk.ledger.log import Log
    from hauberk.policy.policy import Policy
    from hauberk.subject import Subject


def ask(
    log: Log,
    *,
    gate: str,
    subject: Subject,
    root: RootKeys,
    trust: Trust,
    policy: Policy,
    now: int,
    current: Mapping[str, Digest] | None = None,
) -> tuple[Verdict, Passport, Proven]:
    """Return a gate's verdict on a subject, and the proven passport that it rests on.

    Arguments and errors as of `decide`, and these.

    Raises:
        NotVerified: what the ledger holds does not hold, or `trust` is not the newest that the root signed.
        Unavailable: the ledger has no checkpoint, or none over its newest root, trust and policy.
    """
    passport = collect(log, gate=gate, subject=subject)
    proven = prove(passport, root=root)
    if trust.digest != proven.trust.digest:
        raise NotVerified(
            f"the trust file ({trust.digest}) is not the one that the root signed ({proven.trust.digest})",
            "put back the signed trust file, or have the root sign this one",
        )
    approved = proven.policy
    if approved is None or policy.digest != approved.digest:
        seen, wanted = str(policy.digest), "none" if approved is None else str(approved.digest)
        reasons = (Reason("policy.approved", None, seen, wanted),)
        return Verdict(Answer.DENY, gate, subject, policy.digest, now, reasons), passport, proven
    evidence = replace(proven.evidence, rest=(*proven.evidence.rest, *unpublished(log, proven)))
    check_authorities(passport, proven.realm, evidence)
    check_times(proven.realm, proven.trust, now)
    verdict = decide(subject, gate=gate, evidence=evidence, policy=policy, now=now, current=current)
    return verdict, passport, proven


def unpublished(log: Log, proven: Proven) -> tuple[Unverified, ...]:
    """Return what was logged since the newest checkpoint: a revocation denies from the moment that it is durable."""
    size = proven.evidence.checkpoint_size
    envelopes = [dsse.decode_envelope(log.envelope(entry)) for entry in range(size, log.size)]
    return not_yet_witnessed([Logged(envelope, None, 0) for envelope in envelopes])
