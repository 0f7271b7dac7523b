"""Move an alias: it takes a permit for exactly that digest, and the move is a signed statement in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import NotVerified, Refused
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import PROMOTION
from hauberk.evidence.verify import verify
from hauberk.gate.moves import moves_in
from hauberk.gate.standing import append, standing
from hauberk.signature import dsse

if TYPE_CHECKING:
    from hauberk.gate.moves import Moved
    from hauberk.ledger.log import Log
    from hauberk.signature.key import Signer
    from hauberk.verdict import Permit


def promote(
    log: Log,
    permit: Permit,
    *,
    gate: str,
    environment: str,
    origin: str | None,
    signer: Signer,
    now: int,
    reason: str = "",
) -> tuple[Moved, bool]:
    """Append the move of an alias to the permit's digest; return it, and whether it is new.

    Where the alias names that digest already, and whoever moved it there may still do so, nothing is appended.

    Args:
        log: open for writing.
        permit: of the gate; see `Verdict.require`.
        gate: that decides about the environment.
        environment: whose alias moves.
        origin: the environment that the digest comes from: its alias must name it now; None for none.
        signer: whom trust lets sign promotions.
        now: Unix seconds.
        reason: for people.

    Raises:
        Refused: the permit does not fit, or the origin's alias does not name the digest.
        NotVerified: trust does not let the signer do this, or somebody moved the alias meanwhile.
    """
    _check_permit(permit, gate, now)
    digest, label = permit.subject.digest, permit.subject.label
    if origin is not None:
        _check_origin(log, Alias(label, origin), permit)
    alias = Alias(label, environment)
    before = moves_in(log, alias)
    if before and before[-1].move.digest == digest and _holds(log, before[-1]):
        return before[-1], False
    move = Move(alias, digest, origin, before[-1].id if before else None, permit.policy, reason)
    (entry,) = append(log, [dsse.sign(move.statement(PROMOTION.type), [signer])], now=now)
    return next(one for one in moves_in(log, alias) if one.logged.entry == entry), True  # somebody may have moved it on


def _holds(log: Log, moved: Moved) -> bool:
    """Say whether trust lets the signer of a move say it today; readers refuse the alias where it does not."""
    try:
        verify(moved.logged, standing(log).trust)
    except NotVerified:
        return False
    return True


def _check_permit(permit: Permit | None, gate: str, now: int) -> None:
    if permit is None:  # the `permit` of a verdict that denies
        raise Refused("there is no permit", "pass `verdict.require()`, which says why there is none")
    if permit.gate != gate:
        raise Refused(f"the permit is for the gate {permit.gate}, not for {gate}", f"ask the gate `{gate}`")
    if now > permit.not_after:
        raise Refused(f"the permit ended at {format_instant(permit.not_after)}", "ask the gate again")


def _check_origin(log: Log, alias: Alias, permit: Permit) -> None:
    found = moves_in(log, alias)
    named = found[-1].move.digest if found else None
    if named != permit.subject.digest:
        raise Refused(
            f"{alias} names {named or 'nothing'}, not {permit.subject.digest}",
            f"promote it to {alias.environment} first, or name what is there",
        )
    verify(found[-1].logged, standing(log).trust)  # or nobody may say any more that it is there
