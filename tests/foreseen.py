"""What the machine foresaw of a stream, against what CPython's unpicklers did with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.formats.model.pickle.machine import UNSEEN
from hauberk.symbol import Global, Made, Symbol, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.formats.model.pickle.description import PickleDescription
    from recording_unpickler import Event

KINDS = {Use.IMPORT: "import", Use.CALL: "make", Use.NEW: "make"}


def spelled(description: PickleDescription, symbol: Symbol) -> set[tuple[str, str]]:
    """Return the names that a stream may have used for what the machine resolved."""
    if not isinstance(symbol, Global):
        return set()
    name = (symbol.module, symbol.name)
    return {name} | {old for old, new in description.renamed if new == name}


def foreseen(description: PickleDescription) -> set[Event]:
    """Return the events that the effects of a description allow."""
    return {
        (KINDS.get(effect.use, ""), *name)
        for effect in description.effects
        for name in spelled(description, effect.callable)
    }


def is_announced(description: PickleDescription, event: Event) -> bool:
    """Say whether an effect stands for names that cannot be told: after a broken frame, or in another encoding."""
    opaque = [effect.callable for effect in description.effects if isinstance(effect.callable, Unknown | Made)]
    return UNSEEN in opaque or (bool(opaque) and not (event[1] + event[2]).isascii())


def unforeseen(description: PickleDescription, events: Iterable[Event]) -> list[Event]:
    """Return the events that no effect stands for: what the machine missed."""
    known = foreseen(description)
    return [event for event in set(events) if event not in known and not is_announced(description, event)]
