"""The gate `train`: may anything learn from these data? It is asked about each data set before a command starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Refused
from hauberk.pipeline.asking import ask_gate, prepare, record_answer
from hauberk.refused_for import RefusedFor
from hauberk.render.borne import borne_lines
from hauberk.subject import Subject
from hauberk.verdict import Mode, limit_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hauberk.digest import Digest
    from hauberk.pipeline.book import Book
    from hauberk.pipeline.project import Project
    from hauberk.policy.policy import Policy
    from hauberk.statement import Named
    from hauberk.verdict import Verdict

GATE: Final = "train"


def admit(
    project: Project, book: Book, datasets: Iterable[Named], *, has_manifests: bool, warn: Callable[[str], None]
) -> Digest | None:
    """Ask the gate `train` about data sets; return the digest of the policy that admits all of them.

    None where the policy has no such gate, or where it denies one of them and its mode does not close it.

    Args:
        project: whose policy is asked.
        book: its ledger, open.
        datasets: things `dataset/NAME` with the digests of the bytes that will be read.
        has_manifests: some of them have one, so that somebody could have approved them.
        warn: is told of a denial where the gate's mode is `warn`, of what is borne, and of a policy without the gate;
            where the mode is `observe`, the answer stands in the ledger only.

    Raises:
        Refused: the gate is closed for one of them, with the verdict; or the policy as it is written has none, and an
            approved one has.
        HauberkError: as `asking.prepare` and `gate.ask.ask`.
    """
    policy = project.read_policy()
    if GATE not in policy.gates:
        _require_no_gate(project, book, policy, datasets, warn)
        if has_manifests:
            warn(f"{project.file.policy} has no gate `{GATE}`: whether somebody approved these data was not asked")
        return None
    prepare(project, book, policy, GATE, warn=warn)
    admitted = True
    for thing in datasets:
        subject = Subject("dataset", thing.label.partition("/")[2], thing.digests[0])
        verdict = ask_gate(project, book, policy, GATE, subject).verdict
        record_answer(book, verdict)
        if verdict.permit is not None:
            for line in borne_lines(verdict, now=book.clock()):
                warn(line)
            continue
        _close(verdict, warn)
        admitted = False
    return policy.digest if admitted else None


def _require_no_gate(
    project: Project, book: Book, policy: Policy, datasets: Iterable[Named], warn: Callable[[str], None]
) -> None:
    """Raise `Refused` where an approved policy has the gate for one of the data sets: an edit takes no gate away."""
    labels = [thing.label for thing in datasets]

    def having() -> list[Policy]:
        return [one for one in book.standing.policies.values() if any(one.covers(GATE, label) for label in labels)]

    if any(one.name == policy.name for one in having()):
        prepare(project, book, policy, GATE, warn=warn)  # which refuses it, or approves it by a key for development
    for one in having():
        raise Refused(
            f"{project.file.policy} has no gate {GATE}, and the approved policy {one.name} version {one.version} has",
            "put the approved policy back",
            refused_for=RefusedFor.NOT_APPROVED,
        )


def _close(verdict: Verdict, warn: Callable[[str], None]) -> None:
    """Do what the gate's mode says about a denial: close, warn, or nothing."""
    thing = verdict.subject
    if verdict.mode is Mode.ENFORCE:
        raise Refused(
            f"nothing may learn from {thing.label} ({thing.digest}): {_why(verdict)}",
            "have these very bytes approved by `hauberk data approve`; `hauberk gate train` shows every rule",
            verdict,
            refused_for=RefusedFor.NOT_APPROVED,
        )
    if verdict.mode is Mode.WARN:
        warn(f"the gate {GATE} would be closed for {thing.label}: {_why(verdict)}")


def _why(verdict: Verdict) -> str:
    return "; ".join(
        f"{reason.rule}: saw {reason.seen}, wanted {limit_in_words(reason.wanted) or reason.wanted}"
        for reason in verdict.reasons
    )
