"""A state that is attributes: one shape for the classes of all frameworks, filled from a table with a row a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.callables.arguments.ask import odd_keys
from hauberk.callables.arguments.plain import scalars
from hauberk.symbol import Items, Made, Symbol, Text, Use

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from hauberk.symbol import Effect


@dataclass(frozen=True, slots=True)
class Attribute:
    """What some attributes may hold, and what is said where they hold something else; `{name}` is the attribute."""

    names: re.Pattern[str]
    may_hold: Callable[[Symbol], bool]
    wrong: str


def never(_symbol: Symbol) -> bool:
    """Refuse whatever it is: the attribute is called, or says how others are looked up."""
    return False


def attributes(effect: Effect, table: tuple[Attribute, ...], *, once: bool = True) -> str:
    """Say what is wrong with the attributes that a state gives; with anything else than a state, scalars are taken.

    Args:
        effect: what the pickle does.
        table: what is asked of which attributes; the others may hold anything.
        once: whether a second state is refused, which could replace what was checked in the first.
    """
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if wrong := odd_keys(state):
        return wrong
    if once and not (isinstance(effect.callable, Made) and effect.callable.state is state):
        return "is given a second state"
    for name, value in _pairs(state):
        for row in table:
            if row.names.fullmatch(name) and not row.may_hold(value):
                return row.wrong.format(name=name[:64])
    return ""


def _pairs(state: Symbol) -> Iterator[tuple[str, Symbol]]:
    items = state.items if isinstance(state, Items) else []
    for key, value in zip(items[::2], items[1::2], strict=False):
        if isinstance(key, Text):
            yield key.value, value
