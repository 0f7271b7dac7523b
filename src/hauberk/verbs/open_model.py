"""From a model, a policy, a trust file and a passport to the object, in one call: verify, decide, load."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.edge.sources import read_file, snapshot
from hauberk.enforce.allowed import GATE, TENSORS
from hauberk.enforce.load import load, load_snapshot
from hauberk.errors import Refused, Unavailable
from hauberk.evidence.predicates import ARTEFACT
from hauberk.gate.decide import decide
from hauberk.gate.prove import check_times, verify_passport
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.render.borne import borne_lines
from hauberk.subject import Subject
from hauberk.verbs.written import read_policy, read_trust

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.gate.prove import Answer
    from hauberk.policy.policy import Policy
    from hauberk.verdict import Permit

    StrPath = str | os.PathLike[str]


def open_model(
    path: StrPath, *, policy: StrPath, trust: StrPath, evidence: StrPath, limits: Limits = DEFAULT_LIMITS
) -> object:
    """Return the object in a model whose passport holds under your own policy and trust.

    Of an index of safetensors shards that is a mapping: each shard is verified when one of its tensors is asked for.
    What your policy bears, such as an exception, is told by a `UserWarning` each time.

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
    entry, files = _artefact(answer)
    if _verified_while_loaded(path, entry):
        permit = _permit(answer, answer.proven.passport.subject.digest, wanted)
        return load(path, permit=permit, entry=entry, files=files or None, limits=limits)
    copy = snapshot(path, limits=limits)
    permit = _permit(answer, copy.digest, wanted)
    return load_snapshot(copy, permit=permit, entry=entry if copy.tree is not None else None, limits=limits)


def _verified_while_loaded(path: StrPath, entry: str | None) -> bool:
    """Say whether `load` compares each file with the permit when it reads it, so that the digest may be the claimed."""
    if os.path.isdir(path):  # noqa: PTH112 - a path, as given
        return entry is not None and entry.endswith(TENSORS)
    return os.fspath(path).endswith(TENSORS[0])


def _permit(answer: Answer, digest: Digest, policy: Policy) -> Permit:
    """Return the permit of a verdict, now, on a model with this digest."""
    now = clock.now()
    subject = _same_model(answer, digest)
    check_times(answer.proven.realm, answer.proven.trust, now)
    try:
        verdict = decide(subject, gate=GATE, evidence=answer.proven.evidence, policy=policy, now=now)
    except Unavailable as error:
        raise Refused(error.message, error.hint) from None
    for line in borne_lines(verdict, now=now):
        warnings.warn(line, stacklevel=3)
    return verdict.require()


def _same_model(answer: Answer, digest: Digest) -> Subject:
    claimed, gate = answer.proven.passport.subject, answer.proven.passport.gate
    if gate != GATE:
        raise Refused(f"the passport is for the gate {gate}, not for {GATE}", "ask for a passport of this gate")
    if claimed.digest != digest:
        raise Refused(
            f"the passport is of {claimed.digest}, the model here is {digest}",
            "use the passport of this model, or the model of this passport",
        )
    return Subject(claimed.kind, claimed.name, digest)


def _artefact(answer: Answer) -> tuple[str | None, dict[str, str]]:
    """Return the file that the artefact statements say is opened, None if none says, and the SHA-256 of all files."""
    said = answer.proven.evidence.about(answer.proven.passport.thing)
    found = [v.statement.predicate for v in said if v.statement.predicate_type == ARTEFACT.type]
    entries = {predicate["entry"] for predicate in found}
    if len(entries) > 1:
        raise Refused(
            f"artefact statements name different files to open: {', '.join(sorted(map(str, entries)))}",
            "call hauberk.load with the entry that you mean",
        )
    files = {file["path"]: file["sha256"] for predicate in found for file in predicate["files"]}
    return (entries.pop() if entries else None), files
