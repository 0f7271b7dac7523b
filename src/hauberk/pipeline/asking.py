"""Ask a gate at a project's ledger: by the approved policy, with everything witnessed, and with the answer recorded.

The decision itself is made afresh each time. What is skipped is recording an answer that is in the ledger already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Refused
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import GATES, POLICY, SUMMARY
from hauberk.gate.ask import ask
from hauberk.ledger.served import ServedLog
from hauberk.pipeline.approving import check_may_follow, in_words, is_approved
from hauberk.pipeline.bodies import digest_json
from hauberk.pipeline.publishing import is_published, publish_all
from hauberk.statement import Named
from hauberk.verdict import Answer
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.digest import Digest
    from hauberk.gate.passport import Passport
    from hauberk.pipeline.book import Book
    from hauberk.pipeline.project import Project
    from hauberk.policy.policy import Policy
    from hauberk.subject import Subject
    from hauberk.verdict import Verdict

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """A gate's verdict, and the passport that it rests on."""

    verdict: Verdict
    passport: Passport


def prepare(project: Project, book: Book, policy: Policy, gate: str, *, warn: Callable[[str], None]) -> None:
    """See that the policy on disk is the approved one, and that what a gate will look at is published and fresh.

    Raises:
        Refused: the policy is not the approved one, and this run may not approve it.
        HauberkError: as `publish_all`.
    """
    _approve(project, book, policy, warn)
    publish_for(project, book, policy, gate)


def publish_for(project: Project, book: Book, policy: Policy, gate: str) -> None:
    """Publish what is not published yet, and again what a reader at this gate would soon find too old."""
    wanted = policy.gates.get(gate)
    half = wanted.max_evidence_age_hours * _HOUR // 2 if wanted else _HOUR
    if not is_published(book, max_age_seconds=half):
        publish_all(project, book, max_age_seconds=half)


def ask_gate(
    project: Project,
    book: Book,
    policy: Policy,
    gate: str,
    subject: Subject,
    *,
    current: Mapping[str, Digest] | None = None,
) -> Asked:
    """Return a gate's answer on a subject as the ledger stands; arguments and errors as `gate.ask.ask`."""
    if isinstance(book.log, ServedLog):
        book.log.refresh()  # hours may have gone by since it was opened, and nothing came in by itself
    verdict, passport, _ = ask(
        book.log,
        gate=gate,
        subject=subject,
        root=project.read_root(),
        trust=project.read_trust(),
        policy=policy,
        now=book.clock(),
        current=current,
    )
    return Asked(verdict, passport)


def record_answer(book: Book, verdict: Verdict) -> bool:
    """Record a verification summary (SLSA) of a verdict, and return true, unless the ledger holds the same one."""
    thing = Named(verdict.subject.label, (verdict.subject.digest,))
    body = summary_of(verdict)
    if any(_untimed(found.statement.predicate) == _untimed(body) for found in book.about(thing, SUMMARY)):
        return False
    book.record("gate", SUMMARY, thing, body)
    return True


def _approve(project: Project, book: Book, policy: Policy, warn: Callable[[str], None]) -> None:
    """See that the policy on disk is the newest approved one; where all keys are development keys, approve it now."""
    if is_approved(book, policy):
        return
    shown = in_words(project, policy)
    if not book.trust.development or project.file.keys.approver is None:
        raise Refused(
            f"{shown} is not approved", "have the approver look at it and sign it: `hauberk gate approve --key KEY`"
        )
    check_may_follow(project, book, policy)
    book.record("approver", POLICY, book.standing.realm.subject, policy.predicate)
    warn(f"this run approves {shown} itself, with the development key of the approver")


def summary_of(verdict: Verdict) -> dict[str, Any]:
    """Return the verification summary (SLSA) of a verdict."""
    attestations = sorted({str(reason.evidence) for reason in verdict.reasons if reason.evidence is not None})
    return {
        "verifier": {"id": f"{GATES}{verdict.gate}", "version": {"hauberk": VERSION}},
        "timeVerified": format_instant(verdict.at),
        "resourceUri": f"urn:hauberk:{verdict.subject.kind}:{verdict.subject.name}",
        "policy": {"digest": digest_json(verdict.policy)},
        "inputAttestations": [{"digest": {"sha256": text.removeprefix("sha256:")}} for text in attestations],
        "verificationResult": "PASSED" if verdict.result is Answer.ALLOW else "FAILED",
        "verifiedLevels": [],
    }


def _untimed(body: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "timeVerified"}
