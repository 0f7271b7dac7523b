"""Rules for boosted trees, whose state is a model that the library's own native parser reads.

What the parser does with hostile bytes is beyond these tables: they say that nothing else is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments.ask import is_array, is_bytes, makes_scalar, odd_keys
from hauberk.callables.arguments.plain import scalars
from hauberk.symbol import Blob, Effect, Items, Made, Nothing, Number, Symbol, Text, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

_METHODS: Final = frozenset({"free_network"})  # that `__del__` calls on the instance
_DEEPEST: Final = 4


def booster(effect: Effect) -> str:
    """XGBoost's handle is bytes, LightGBM's is text; nothing that would be asked for its methods."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if wrong := odd_keys(state):
        return wrong
    if not _is_first(effect):
        return "is given a second state"
    for key, value in _pairs(state):
        if key in _METHODS:
            return f"is given an attribute named {key}, which is called"
        if key in ("handle", "_handle") and not isinstance(value, Text | Nothing) and not is_bytes(value):
            return "holds something else than a model as its handle"
    return ""


def catboost(effect: Effect) -> str:
    """A model in bytes, results of tests in lists, and parameters."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if wrong := odd_keys(state):
        return wrong
    if not _is_first(effect):
        return "is given a second state"
    for key, value in _pairs(state):
        if key == "__model" and not is_bytes(value):
            return "holds something else than bytes as its model"
        if key in ("_test_eval", "_test_evals") and not _is_numbers(value, _DEEPEST):
            return "holds something else than numbers as its tests"
    return ""


def _is_first(effect: Effect) -> bool:
    return isinstance(effect.callable, Made) and effect.callable.state is effect.arguments[0]


def _pairs(state: Symbol) -> Iterator[tuple[str, Symbol]]:
    items = state.items if isinstance(state, Items) else []
    for key, value in zip(items[::2], items[1::2], strict=False):
        if isinstance(key, Text):
            yield key.value, value


def _is_numbers(symbol: Symbol, depth: int) -> bool:
    if isinstance(symbol, Items):
        return depth > 0 and all(_is_numbers(item, depth - 1) for item in symbol.items)
    return isinstance(symbol, Number | Text | Blob | Nothing) or is_array(symbol) or makes_scalar(symbol)
