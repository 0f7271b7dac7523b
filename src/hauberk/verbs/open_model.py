"""From a model, a policy, a trust file and a passport to the object, in one call: verify, decide, load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.edge.sources import read_file, snapshot
from hauberk.enforce.load import GATE, load_snapshot
from hauberk.errors import Refused, Unavailable
from hauberk.evidence.predicates import ARTEFACT
from hauberk.gate.decide import decide
from hauberk.gate.prove import check_times, verify_passport
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.subject import Subject
from hauberk.verbs.written import read_policy, read_trust

if TYPE_CHECKING:
    import os

    from hauberk.edge.sources import Snapshot
    from hauberk.gate.prove import Answer

    StrPath = str | os.PathLike[str]


def open_model(
    path: StrPath, *, policy: StrPath, trust: StrPath, evidence: StrPath, limits: Limits = DEFAULT_LIMITS
) -> object:
    """Return the object in a model whose passport holds under your own policy and trust.

    Args:
        path: the model: a directory, or a single file.
        policy: your policy file; it decides, whatever the passport holds.
        trust: your trust file; it decides, whatever the passport holds.
        evidence: the passport.
        limits: `max_load_bytes` is the most that is copied into memory.

    Raises:
        Refused: denied, with the verdict; another model's passport; a passport that is too old; or a file that may
            not be opened.
        NotVerified, Malformed: the passport does not hold, or is none.
        Misconfigured: the policy or the trust file is wrong.
        Unavailable: a file cannot be read, or a library that the model needs is not installed.
    """
    wanted = read_policy(policy)
    trusted = read_trust(trust)
    answer = verify_passport(
        read_file(evidence, limit=limits.max_document_bytes), root=None, trust=trusted, policy=wanted
    )
    copy = snapshot(path, limits=limits)
    subject = _same_model(answer, copy)
    now = clock.now()
    check_times(answer.proven.realm, answer.proven.trust, now)
    try:
        verdict = decide(subject, gate=GATE, evidence=answer.proven.evidence, policy=wanted, now=now)
    except Unavailable as error:
        raise Refused(error.message, error.hint) from None
    return load_snapshot(copy, permit=verdict.require(), entry=_entry(answer, copy), limits=limits)


def _same_model(answer: Answer, copy: Snapshot) -> Subject:
    claimed, gate = answer.proven.passport.subject, answer.proven.passport.gate
    if gate != GATE:
        raise Refused(f"the passport is for the gate {gate}, not for {GATE}", "ask for a passport of this gate")
    if claimed.digest != copy.digest:
        raise Refused(
            f"the passport is of {claimed.digest}, the model here is {copy.digest}",
            "use the passport of this model, or the model of this passport",
        )
    return Subject(claimed.kind, claimed.name, copy.digest)


def _entry(answer: Answer, copy: Snapshot) -> str | None:
    """Return the file that the artefact statements say is opened; None for a single file, or if none says."""
    said = answer.proven.evidence.about(answer.proven.passport.thing)
    entries = [v.statement.predicate["entry"] for v in said if v.statement.predicate_type == ARTEFACT.type]
    if len(set(entries)) > 1:
        raise Refused(
            f"artefact statements name different files to open: {', '.join(sorted(map(str, set(entries))))}",
            "call hauberk.load with the entry that you mean",
        )
    return entries[0] if entries and copy.tree is not None else None
