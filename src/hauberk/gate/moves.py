"""The moves of an alias in a log, one after the other: each names the one before it, so that none comes twice or back.

A move enters the log only if it follows the last one there. A reader checks the same again: a log whose moves do not
follow each other was written to by somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed, NotVerified
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.predicates import PROMOTION, check
from hauberk.evidence.verify import Logged
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hauberk.digest import Digest
    from hauberk.ledger.log import Log
    from hauberk.statement import Verified


@dataclass(frozen=True, slots=True)
class Moved:
    """A move in the log: its statement's id, its entry, and the log's time in Unix seconds. Nobody has verified it."""

    move: Move
    id: Digest
    logged: Logged


def moves(alias: Alias, items: Iterable[Logged]) -> tuple[Moved, ...]:
    """Return the moves of an alias, the oldest first.

    Args:
        alias: that was moved.
        items: all that a log says of the alias, in its order.

    Raises:
        NotVerified: one of them does not follow the one before it, or is none.
    """
    found: list[Moved] = []
    for item in items:
        statement = dsse.decode_statement(item.envelope.payload)
        if statement.predicate_type != PROMOTION.type or alias.thing not in statement.subjects:
            continue
        try:
            check(statement)
        except Malformed as error:
            raise NotVerified(f"{alias}: entry {item.entry} is no promotion: {error.message}") from None
        moved = Moved(Move.of(statement), dsse.statement_id(item.envelope.payload), item)
        _check_next(found, moved)
        found.append(moved)
    return tuple(found)


def moves_in(log: Log, alias: Alias) -> tuple[Moved, ...]:
    """Return the moves of an alias in a log, also those that no checkpoint covers yet; errors as of `moves`."""
    entries = log.entries_about(alias.digest)
    return moves(alias, (Logged(dsse.decode_envelope(log.envelope(n)), n, log.entry(n).time) for n in entries))


def check_moves(log: Log, admitted: Sequence[Verified]) -> None:
    """Raise `NotVerified` where a move among what is to be appended does not follow the one before it.

    Args:
        log: to which it is appended.
        admitted: what is appended together, in order.
    """
    for place in moving(admitted):
        last = admitted[place]
        alias = Move.of(last.statement).alias
        earlier = [item for item in admitted[:place] if alias.thing in item.statement.subjects]
        together = [Logged(item.envelope, item.entry, item.time) for item in (*earlier, last)]
        moves(alias, (*(moved.logged for moved in moves_in(log, alias)), *together))


def moving(admitted: Sequence[Verified]) -> list[int]:
    """Return which of the statements move an alias."""
    return [place for place, item in enumerate(admitted) if item.statement.predicate_type == PROMOTION.type]


def _check_next(found: Sequence[Moved], moved: Moved) -> None:
    before = found[-1].id if found else None
    if moved.move.previous != before:
        raise NotVerified(
            f"{moved.move.alias} was moved by {before or 'nobody'} last, and this move follows "
            f"{moved.move.previous or 'nobody'}",
            "somebody moved it meanwhile: look what it names now, and promote again",
        )
