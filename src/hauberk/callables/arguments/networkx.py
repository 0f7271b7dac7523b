"""The rule for networkx's graphs: dicts of nodes and edges, and a cache that only other programs fill."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments.plain import attributes, scalars
from hauberk.symbol import Items, Symbol, Text, Use

if TYPE_CHECKING:
    from hauberk.symbol import Effect

_DICTS: Final = ("graph", "_node", "_adj", "_succ", "_pred")
_CACHE: Final = "__networkx_cache__"  # under the name of a backend, which then takes what lies there for its own graph


def graph(effect: Effect) -> str:
    """Dicts of nodes and edges, views of them, and an empty cache."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if not isinstance(state, Items) or state.kind != "dict" or state.cut:
        return "is given a state whose keys cannot be seen"
    kept: list[Symbol] = []
    for key, value in zip(state.items[::2], state.items[1::2], strict=False):
        name = key.value if isinstance(key, Text) else ""
        is_dict = isinstance(value, Items) and value.kind == "dict"
        if name in _DICTS and not is_dict:
            return f"holds something else than a dict as {name}"
        if name != _CACHE:
            kept += [key, value]
        elif not is_dict or not isinstance(value, Items) or value.count:
            return "brings a cache, which a program beside networkx would take for its own graph"
    return attributes(replace(effect, arguments=(replace(state, items=kept, count=len(kept)),)))
