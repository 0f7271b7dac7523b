"""Rules for boosted trees, whose state is a model that the library's own native parser reads.

What the parser does with hostile bytes is beyond these tables: they say that nothing else is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments.ask import is_array, is_bytes, makes_scalar
from hauberk.callables.arguments.attributes import Attribute, attributes, never
from hauberk.symbol import Blob, Items, Nothing, Number, Symbol, Text

if TYPE_CHECKING:
    from hauberk.symbol import Effect

_DEEPEST: Final = 4


def booster(effect: Effect) -> str:
    """XGBoost's handle is bytes, LightGBM's is text; nothing that would be asked for its methods."""
    return attributes(effect, _BOOSTER)


def catboost(effect: Effect) -> str:
    """A model in bytes, results of tests in lists, and parameters."""
    return attributes(effect, _CATBOOST)


def _is_handle(symbol: Symbol) -> bool:
    return isinstance(symbol, Text | Nothing) or is_bytes(symbol)


def _is_numbers(symbol: Symbol, depth: int = _DEEPEST) -> bool:
    if isinstance(symbol, Items):
        return depth > 0 and all(_is_numbers(item, depth - 1) for item in symbol.items)
    return isinstance(symbol, Number | Text | Blob | Nothing) or is_array(symbol) or makes_scalar(symbol)


_BOOSTER: Final = (
    # `__del__` calls it on the instance.
    Attribute(re.compile("free_network"), never, "is given an attribute named {name}, which is called"),
    Attribute(re.compile("_?handle"), _is_handle, "holds something else than a model as its handle"),
)
_CATBOOST: Final = (
    Attribute(re.compile("__model"), is_bytes, "holds something else than bytes as its model"),
    Attribute(re.compile("_test_evals?"), _is_numbers, "holds something else than numbers as its tests"),
)
