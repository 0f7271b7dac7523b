"""What a project's gate answers while something that it needs is away, as its policy says: closed, or as before.

A gate whose ledger cannot be opened denies, or answers as it did some minutes ago where the policy allows that. Never
over a denial or a revocation that is known here: either of them makes the project forget all its answers. What else can
be away (the model or the data, a key, the clock) leaves nothing to answer with, so the gate stays closed.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.sources import read_file
from hauberk.edge.state_files import add_line, forget_all, keep
from hauberk.errors import HauberkError, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import REVOCATION, says_pass
from hauberk.gate.ask import ask
from hauberk.gate.remembered import Question, recall, remember
from hauberk.gate.standing import standing
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.asking import summary_of
from hauberk.pipeline.project import STATE
from hauberk.pipeline.reading import open_ledger
from hauberk.policy.policy import WhenAway
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hauberk.digest import Digest
    from hauberk.gate.prove import Proven
    from hauberk.ledger.log import Log
    from hauberk.pipeline.keyring import Keyring
    from hauberk.pipeline.project import Project
    from hauberk.policy.policy import Policy
    from hauberk.subject import Subject
    from hauberk.verdict import Verdict


def answer(
    keys: Keyring,
    gate: str,
    subject: Subject,
    *,
    current: Mapping[str, Digest] | None,
    warn: Callable[[str], None],
) -> tuple[Verdict, Proven | None]:
    """Return a gate's answer at a project's ledger and what it rests on; without the latter it is one of before.

    Args:
        keys: of the project; the gate's signs what is remembered, where the policy asks for that.
        gate: its name.
        subject: what wants to pass.
        current: digests of named inputs as they are on disk, or None.
        warn: is told loudly of an answer of before, and of one that could not be kept.

    Raises:
        Unavailable: the ledger is away, and there is no answer of before that counts; or it is too old, or the clock.
        HauberkError: as `gate.ask.ask`.
    """
    project, policy = keys.project, keys.project.read_policy()
    asked = Question(gate, subject, policy, project.read_trust(), current or {})
    try:
        with forgetting(project):  # a service whose ledger does not hold is known here, too
            log = open_ledger(project, read_only=True)
    except Unavailable as error:
        return _as_before(project, asked, error, warn), None
    with log, forgetting(project):
        now = clock.now()
        verdict, _, proven = ask(
            log,
            gate=gate,
            subject=subject,
            root=project.read_root(),
            trust=asked.trust,
            policy=policy,
            now=now,
            current=current,
        )
        keep_answer(keys, log, verdict, asked, at=now, warn=warn)
    return verdict, proven


def keep_answer(
    keys: Keyring, log: Log, verdict: Verdict, asked: Question, *, at: int, warn: Callable[[str], None]
) -> None:
    """Remember an allowing answer where the policy asks for it; forget all of before where it is a denial.

    Args:
        keys: of the project; the gate's signs what is remembered.
        log: that was asked.
        verdict: the answer.
        asked: what was asked.
        at: when, Unix seconds; the verdict itself is of when its evidence was witnessed, which may be long ago.
        warn: is told of an answer that could not be kept, or not be forgotten.
    """
    if verdict.permit is None:
        forget_or_say(keys.project, warn)
        return
    if _away(asked.policy, asked.gate).ledger == "deny":
        return
    try:
        stands = standing(log)
        roots = [dsse.decode_envelope(log.envelope(entry)) for entry in stands.roots]
        trust = dsse.decode_envelope(log.envelope(stands.trust_entry))
        summary, signer = summary_of(verdict) | {"timeVerified": format_instant(at)}, keys.signer("gate")
        keep(_path(keys.project, asked), remember(verdict, asked, summary, authorities=(roots, trust), signer=signer))
        if _speaks_against_any(log, verdict.permit.checkpoint_size):  # asked before it, and kept after it
            forget_answers(keys.project)
    except HauberkError as error:
        warn(f"this answer cannot be kept for a time without the ledger: {error.message}")


def forget_answers(project: Project) -> None:
    """Forget every answer of a project: a revocation may take away what any of them rests on."""
    forget_all(project.answers)


def forget_or_say(project: Project, say: Callable[[str], None]) -> None:
    """Forget every answer; where one stays, say so: what was learned is not to be hidden behind that."""
    try:
        forget_answers(project)
    except Unavailable as error:
        say(f"answers of before are not forgotten, remove {project.answers}: {error.message}")


@contextmanager
def forgetting(project: Project) -> Iterator[None]:
    """Forget every answer where what is asked inside does not hold any more, such as a chain whose key was revoked."""
    try:
        yield
    except HauberkError as error:
        if not isinstance(error, Unavailable):
            forget_because(project, error)
        raise


def forget_because(project: Project, error: HauberkError) -> None:
    """Forget every answer because of what is wrong; where one stays, the error says that too."""

    def besides(text: str) -> None:
        error.message = f"{error.message}; besides, {text}"

    forget_or_say(project, besides)


@contextmanager
def alarmed(project: Project, policy: Policy, gate: str, *, warn: Callable[[str], None]) -> Iterator[None]:
    """Sound an alarm, where the policy asks for it, when something is away that ends the block; and let that go on."""
    try:
        yield
    except Unavailable as error:
        _sound(project, policy, gate, answered="denied", why=error.message, warn=warn)
        raise


def _as_before(project: Project, asked: Question, away: Unavailable, warn: Callable[[str], None]) -> Verdict:
    """Return the answer that is remembered; raise what is away, and why nothing counts in its place."""
    if _away(asked.policy, asked.gate).ledger == "deny":
        raise away
    try:
        data = read_file(_path(project, asked), limit=DEFAULT_LIMITS.max_document_bytes)
        verdict = recall(data, asked, root=project.read_root(), now=clock.now())
    except HauberkError as error:
        why = f"{away.message}; no answer of before counts in its place: {error.message}"
        raise Unavailable(why, away.hint) from None
    at = format_instant(verdict.at)
    warn(f"THE LEDGER IS AWAY ({away.message}): {asked.gate} is answered as at {at}; revocations since are unknown")
    _sound(project, asked.policy, asked.gate, answered="as before", why=away.message, warn=warn)
    return verdict


def _sound(
    project: Project, policy: Policy, gate: str, *, answered: str, why: str, warn: Callable[[str], None]
) -> None:
    if not _away(policy, gate).alarm:
        return
    said = {"time": format_instant(clock.now()), "gate": gate, "answered": answered, "away": why}
    warn(f"ALARM: the gate {gate} {answered}, for something that it needs is away: {why}")
    try:
        add_line(project.folder / STATE / "alarms.jsonl", json.dumps(said))
    except Unavailable as error:
        warn(f"the alarm could not be written down: {error.message}")


def _speaks_against_any(log: Log, size: int) -> bool:
    """Say whether anything was revoked, or did not pass, in the entries from a size on."""
    envelopes = (dsse.decode_envelope(log.envelope(entry)) for entry in range(size, log.size))
    said = (dsse.decode_statement(one.payload) for one in envelopes)
    return any(one.predicate_type == REVOCATION.type or not says_pass(one) for one in said)


def _away(policy: Policy, gate: str) -> WhenAway:
    """Return what the policy says of such times; a gate that it does not have is closed."""
    wanted = policy.gates.get(gate)
    return WhenAway() if wanted is None else wanted.when_away


def _path(project: Project, asked: Question) -> Path:
    what = f"{asked.gate} {asked.subject.label} {asked.subject.digest}"
    return project.answers / f"{sha256(what.encode()).hex}.json"
