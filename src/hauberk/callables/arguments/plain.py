"""The rules of names without one of their own: one for each use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments.ask import first_unlike, holds_conditional, is_huge, is_named, odd_keys
from hauberk.symbol import Blob, Global, Nothing, Number, Text, Use

if TYPE_CHECKING:
    from hauberk.symbol import Effect

_COMPLEX: Final = Global("builtins", "complex")


def scalars(effect: Effect) -> str:
    """Constants and nothing else: no object whose methods the callable could call.

    An integer that is too long to keep is refused: `range` divides it and `Decimal` converts it in quadratic time. A
    float that is not finite looks the same here, which only complex numbers hold in real files.
    """
    if any(is_huge(argument) for argument in effect.arguments) and not is_named(effect.callable, _COMPLEX):
        return "takes numbers of ordinary length"
    return first_unlike(effect.arguments, (Text, Number, Blob, Nothing), "takes constants")


def attributes(effect: Effect) -> str:
    """A dict whose keys are all known, none of them a name that is called on instances.

    BUILD writes the state into `__dict__`. A key `__setstate__` there makes the next BUILD call whatever the value is,
    `extend` makes APPENDS call it, and `__array_interface__` makes NumPy read memory at an address of the stream's
    choice. Of a pair it writes the second half by `setattr`, which runs the setters of properties, and these call
    methods that the first half may have replaced; no class in the tables is pickled so.
    """
    return odd_keys(effect.arguments[0] if effect.arguments else None)


def anything(effect: Effect) -> str:
    """Elements are stored, and were judged where they were made; a function could not be asked for its arguments."""
    if any(map(holds_conditional, effect.arguments)):
        return "keeps a function that is not safe with every argument"
    return ""


def record(effect: Effect) -> str:
    """A tuple or a dict with names: what it is given is stored, and its attributes are plain ones."""
    return attributes(effect) if effect.use is Use.BUILD else anything(effect)
