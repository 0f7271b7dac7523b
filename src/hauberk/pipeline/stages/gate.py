"""The stage `gate`: has the ledger witnessed, asks the gate, records its answer, and writes the passport.

The decision itself is made afresh on every run. What is skipped is recording an answer that is in the ledger already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import sha256
from hauberk.edge.sources import digest_path, read_file, write_output
from hauberk.errors import HauberkError, Refused
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import POLICY, SUMMARY
from hauberk.gate.ask import ask
from hauberk.gate.export import export
from hauberk.gate.passport import is_passport
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.bodies import digest_json
from hauberk.pipeline.current import current_inputs
from hauberk.pipeline.publishing import is_published, publish_all
from hauberk.pipeline.workplace import How, Result
from hauberk.signature import dsse, jcs
from hauberk.statement import Named
from hauberk.subject import Subject
from hauberk.verdict import Answer
from hauberk.version import VERSION

if TYPE_CHECKING:
    from hauberk.gate.passport import Passport
    from hauberk.pipeline.workplace import Workplace
    from hauberk.policy.policy import Policy
    from hauberk.verdict import Verdict

NAME = "gate"
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class _Asked:
    verdict: Verdict
    passport: Passport


def go(place: Workplace) -> Result:
    """Return the gate's verdict on the model on disk; a denial is no error, and leaves an older passport alone.

    Raises:
        Refused: the policy is not the approved one, and this run may not approve it.
    """
    project, policy = place.project, place.project.read_policy()
    subject = Subject("model", project.file.model.name, digest_path(project.at(project.file.model.path)))
    size = place.book.log.size
    _approve(place, policy)
    _publish(place, policy)
    asked = _ask(place, subject, policy)
    if _record(place, asked.verdict):
        _publish(place, policy)
        asked = _ask(place, subject, policy)
    if asked.verdict.result is not Answer.ALLOW:
        return Result(How.DENIED, project.gate, asked.verdict)
    is_written = _write(place, asked.passport)
    how = How.RAN if is_written or place.book.log.size != size else How.UNCHANGED
    return Result(how, f"{project.gate} allowed", asked.verdict)


def _approve(place: Workplace, policy: Policy) -> None:
    """See that the policy on disk is the newest approved one; where all keys are development keys, approve it now."""
    project, book = place.project, place.book
    if _is_approved(place, policy):
        return
    shown = f"{project.file.policy} ({policy.name} version {policy.version}, {policy.digest.hex[:12]})"
    if not book.trust.development or project.file.keys.approver is None:
        raise Refused(
            f"{shown} is not approved", "have the approver look at it and sign it: this run holds no key that may"
        )
    newest = _newest(place, policy.name)
    if newest is not None and (policy.version < newest.version or _is_in_ledger(place, policy)):
        why = "was approved before and replaced since: it cannot come back under the same version"
        if policy.version < newest.version:
            why = f"is older than the approved version {newest.version}"
        raise Refused(f"{shown} {why}", f"set `version: {newest.version + 1}` in {project.file.policy}")
    book.record("approver", POLICY, book.standing.realm.subject, policy.predicate)
    place.listener.noticed(f"this run approves {shown} itself, with the development key of the approver")


def _newest(place: Workplace, name: str) -> Policy | None:
    return next((policy for policy in place.book.standing.policies.values() if policy.name == name), None)


def _is_approved(place: Workplace, policy: Policy) -> bool:
    newest = _newest(place, policy.name)
    return newest is not None and newest.digest == policy.digest


def _is_in_ledger(place: Workplace, policy: Policy) -> bool:
    """Say whether the ledger holds this policy: signed again it would keep its old place, and stay replaced."""
    log = place.book.log
    for number in log.entries_about(place.book.standing.realm.subject.digests[0]):
        statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)
        if statement.predicate_type == POLICY.type and sha256(jcs.encode(dict(statement.predicate))) == policy.digest:
            return True
    return False


def _publish(place: Workplace, policy: Policy) -> None:
    """Publish what is not published yet, and again what a reader would soon find too old."""
    gate = policy.gates.get(place.project.gate)
    half = gate.max_evidence_age_hours * _HOUR // 2 if gate else _HOUR
    if not is_published(place.book, max_age_seconds=half):
        publish_all(place.project, place.book)


def _ask(place: Workplace, subject: Subject, policy: Policy) -> _Asked:
    project, book = place.project, place.book
    verdict, passport, _ = ask(
        book.log,
        gate=project.gate,
        subject=subject,
        root=project.read_root(),
        trust=project.read_trust(),
        policy=policy,
        now=book.clock(),
        current=current_inputs(project),
    )
    return _Asked(verdict, passport)


def _record(place: Workplace, verdict: Verdict) -> bool:
    """Record a verification summary (SLSA) of a verdict, and return true, unless the ledger holds the same one."""
    thing = Named(verdict.subject.label, (verdict.subject.digest,))
    body = _summary(verdict)
    if any(_untimed(found.statement.predicate) == _untimed(body) for found in place.book.about(thing, SUMMARY)):
        return False
    place.book.record("gate", SUMMARY, thing, body)
    return True


def _summary(verdict: Verdict) -> dict[str, Any]:
    attestations = sorted({str(reason.evidence) for reason in verdict.reasons if reason.evidence is not None})
    return {
        "verifier": {"id": f"urn:hauberk:gate:{verdict.gate}", "version": {"hauberk": VERSION}},
        "timeVerified": format_instant(verdict.at),
        "resourceUri": f"urn:hauberk:{verdict.subject.kind}:{verdict.subject.name}",
        "policy": {"digest": digest_json(verdict.policy)},
        "inputAttestations": [{"digest": {"sha256": text.removeprefix("sha256:")}} for text in attestations],
        "verificationResult": "PASSED" if verdict.result is Answer.ALLOW else "FAILED",
        "verifiedLevels": [],
    }


def _untimed(body: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "timeVerified"}


def _write(place: Workplace, passport: Passport) -> bool:
    """Write the passport, and return true, unless the file holds it already."""
    data, _, _ = export(passport, root=place.project.read_root())
    path = place.project.at(place.project.file.passport)
    try:
        if read_file(path, limit=DEFAULT_LIMITS.max_document_bytes) == data:
            return False
    except HauberkError:
        pass  # there is none, or nothing that could be one
    write_output(path, data, recognise=is_passport)
    return True
