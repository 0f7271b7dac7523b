"""networkx: graphs of four kinds, with and without the views that they keep once they were asked for."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, Any

import networkx as nx
from hooks import hooks
from recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator

_SLOTS = "takes named parts of the state, and asks for the methods of a dict without calling them"
_UNHASHABLE = "has no hash beside it, so no key of a stream is compared"
READ = {
    **{f"{kind}.__new__": "makes an empty instance" for kind in ("Graph", "DiGraph", "MultiGraph", "MultiDiGraph")},
    **{
        f"{view}.__setstate__": _SLOTS
        for view in ("AtlasView", "NodeView", "OutEdgeView", "InEdgeView", "InMultiEdgeView")
    },
    "Set.__eq__": _UNHASHABLE,
    "Mapping.__eq__": _UNHASHABLE,
}
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}
_VIEWS = ("nodes", "edges", "adj", "degree", "in_edges", "out_edges", "in_degree", "out_degree", "succ", "pred")


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use; None where it is left out."""
    thing = getattr(sys.modules[module], name)
    unread = [f"{base.__name__}.{hook}" for base, hook in hooks(thing)]
    if not module.startswith("networkx.") or (unread := [hook for hook in unread if hook not in READ]):
        print(f"left out {module}.{name} {taken}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if issubclass(thing, nx.Graph):
        return ("graph", "", "a graph: dicts of nodes and edges")
    return ("", "", "a view of a graph: dicts in attributes")


def states() -> Iterator[State]:
    """Yield pickles in every protocol."""
    for label, value in _graphs():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield State(f"{label} in protocol {protocol}", pickle.dumps(value, protocol))


def _graphs() -> Iterator[tuple[str, Any]]:
    for cls in (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph):
        made = cls([(1, 2), (2, "c")], name="here")
        made.add_node(5, weight=1.5)
        yield cls.__name__, made
        looked = made.copy()
        for view in _VIEWS:
            getattr(looked, view, None)
        yield f"{cls.__name__}, looked at", looked
