"""What an alias names: the newest move in the ledger, proven as a stranger would, and complete to its checkpoint.

The passport of the thing that the newest move names holds, by the index, every move of the alias. So what is asked for
is proven by what proves everything else, and there is no second way to be fooled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.evidence.collection import concerned
from hauberk.gate.ask import unpublished
from hauberk.gate.decide import check_age
from hauberk.gate.export import collect, newest_checkpoint
from hauberk.gate.moves import moves, moves_in
from hauberk.gate.prove import check_authorities, check_times, prove, verify_passport
from hauberk.subject import Subject
from hauberk.verdict import Answer
from hauberk.view import Basis

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.evidence.alias import Alias
    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.gate.moves import Moved
    from hauberk.gate.passport import Passport
    from hauberk.gate.prove import Proven
    from hauberk.ledger.log import Log
    from hauberk.policy.policy import Policy

REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an alias names.

    Attributes:
        digest: of the thing.
        moved: the move that says so, and how many there were.
        checkpoint: the note to which this is complete.
        time: T, when its quorum was reached, Unix seconds.
        development: whether a root or the trust is for trying things out.
    """

    digest: Digest
    moved: Moved
    count: int
    checkpoint: str
    time: int
    development: bool


def gate_of(policy: Policy, environment: str) -> str:
    """Return the gate that decides about an environment: one of its own where the policy has it, else `register`."""
    own = f"{REGISTER}-{environment}"
    return own if own in policy.gates else REGISTER


def resolve(log: Log, alias: Alias, *, root: RootKeys, trust: Trust, policy: Policy, now: int) -> Resolved:
    """Return what an alias names now.

    Args:
        log: open for reading.
        alias: that is asked for.
        root: the reader's own.
        trust: the reader's own; it must be the one that the root signed last.
        policy: the reader's own; it says which gate decides about the environment.
        now: Unix seconds.

    Raises:
        Refused: nothing was promoted there, or what was is revoked.
        NotVerified: what the ledger holds does not hold, or nobody may sign the newest move any more.
        Unavailable: a newer move is in no checkpoint, or the newest checkpoint is too old.
    """
    newest = _newest(log, alias)
    kind, _, name = alias.label.partition("/")
    gate = gate_of(policy, alias.environment)
    subject = Subject(kind, name, newest.move.digest, Basis.CLAIMED)
    passport = collect(log, gate=gate, subject=subject)
    proven = prove(passport, root=root)
    if trust.digest != proven.trust.digest:
        raise NotVerified(
            f"the trust file ({trust.digest}) is not the one that the root signed ({proven.trust.digest})",
            "put back the signed trust file, or have the root sign this one",
        )
    moved, count = _proven_move(passport, proven, alias)
    if moved.id != newest.id:
        raise NotVerified(f"the ledger lists {newest.id} last for {alias}, its index proves {moved.id}")
    check_times(proven.realm, proven.trust, now)
    assert proven.policy is not None  # the log's own trust decided, and it covers the gate
    check_age(proven.evidence.time, now, proven.policy.gates[gate].max_evidence_age_hours)
    _check_not_revoked(log, passport, proven, alias)
    return Resolved(
        moved.move.digest, moved, count, passport.checkpoint, proven.evidence.time, development=proven.development
    )


def resolve_passport(data: bytes, alias: Alias, *, root: RootKeys, now: int) -> Resolved:
    """Return what an alias names as of a passport's T, for a reader who has no ledger.

    Args:
        data: the passport of the thing that it names, for any gate.
        alias: that is asked for.
        root: the reader's own.
        now: Unix seconds.

    Raises:
        Refused: the passport's gate denies it.
        NotVerified: the passport does not hold, or the alias names something else by it.
        Malformed: it is no passport.
        Unavailable: it is too old.
    """
    answer = verify_passport(data, root=root)
    proven, verdict = answer.proven, answer.verdict
    passport = proven.passport
    if verdict.result is not Answer.ALLOW:
        raise Refused(
            f"the gate {passport.gate} denies what the passport is of", "see `hauberk passport verify`", verdict
        )
    if passport.subject.label != alias.label:
        raise NotVerified(f"the passport is of {passport.subject.label}, not of {alias.label}", "get the right one")
    moved, count = _proven_move(passport, proven, alias)
    if moved.move.digest != passport.subject.digest:
        raise NotVerified(
            f"the passport is of {passport.subject.digest}, and {alias} names {moved.move.digest}",
            "get the passport of the model that was promoted",
        )
    check_times(proven.realm, proven.trust, now)
    check_age(proven.evidence.time, now, answer.policy.gates[passport.gate].max_evidence_age_hours)
    return Resolved(
        moved.move.digest, moved, count, passport.checkpoint, proven.evidence.time, development=proven.development
    )


def _newest(log: Log, alias: Alias) -> Moved:
    found = moves_in(log, alias)
    if not found:
        raise Refused(f"nothing was ever promoted to {alias}", "see `hauberk promote`")
    _, checkpoint = newest_checkpoint(log)
    entry = found[-1].logged.entry or 0
    if entry >= checkpoint.size:
        raise Unavailable(
            f"{alias} was moved in entry {entry}, which is in no checkpoint yet", "publish one with `hauberk run`"
        )
    return found[-1]


def _proven_move(passport: Passport, proven: Proven, alias: Alias) -> tuple[Moved, int]:
    """Return the newest of the moves that the index proves to be all, and how many there are."""
    listed = passport.ranges.get(alias.digest)
    entries = [] if listed is None else [leaf.entry for leaf in listed.leaves]
    found = moves(alias, (passport.items[entry].logged for entry in sorted(entries)))
    if not found:
        raise NotVerified(
            f"the index proves no move of {alias}",
            "a passport of before the promotion knows none: `hauberk passport export` in the project makes a newer one",
        )
    newest = found[-1]
    if all(verified.entry != newest.logged.entry for verified in proven.evidence.held):
        raise NotVerified(
            f"nobody may sign the newest promotion to {alias} any more ({newest.id})",
            "promote again, signed by a key that trust lets do it; the older promotions do not come back by themselves",
        )
    return newest, len(found)


def _check_not_revoked(log: Log, passport: Passport, proven: Proven, alias: Alias) -> None:
    """Raise `Refused` where the thing, what it was made from or a signer is revoked, also since the checkpoint."""
    evidence = replace(proven.evidence, rest=(*proven.evidence.rest, *unpublished(log, proven)))
    check_authorities(passport, proven.realm, evidence)
    things = concerned(evidence.ancestry(passport.thing), passport.thing)
    for digest, statement, why in evidence.revocations(things):
        raise Refused(
            f"{alias} names {passport.subject.digest}, and {digest} is revoked by {statement}: {why}",
            "promote another model",
        )
