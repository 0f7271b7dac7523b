"""The rules of names without one of their own: one for each use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.callables.arguments.ask import first_unlike, odd_keys
from hauberk.symbol import Blob, Items, Nothing, Number, Text

if TYPE_CHECKING:
    from hauberk.symbol import Effect

_PAIR = 2


def scalars(effect: Effect) -> str:
    """Constants and nothing else: no object whose methods the callable could call."""
    return first_unlike(effect.arguments, (Text, Number, Blob, Nothing), "takes constants")


def attributes(effect: Effect) -> str:
    """A dict whose keys are all known, none of them a name that is called on instances.

    BUILD writes the state into `__dict__`, and the second of a pair by `setattr`. A key `__setstate__` there makes the
    next BUILD call whatever the value is, `extend` makes APPENDS call it, and `__array_interface__` makes NumPy read
    memory at an address of the stream's choice.
    """
    state = effect.arguments[0] if effect.arguments else None
    if isinstance(state, Items) and state.kind == "tuple" and len(state.items) == _PAIR and not state.cut:
        return odd_keys(state.items[0]) or odd_keys(state.items[1])
    return odd_keys(state)


def anything(_effect: Effect) -> str:
    """No condition: elements are stored, and were judged where they were made."""
    return ""
