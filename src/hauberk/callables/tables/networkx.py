"""Safe callables of networkx. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("networkx 3.6.1",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "networkx.classes.coreviews": {
        "AdjacencyView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "MultiAdjacencyView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
    },
    "networkx.classes.digraph": {
        "DiGraph": ("import new build", "graph", "", "a graph: dicts of nodes and edges"),
    },
    "networkx.classes.graph": {
        "Graph": ("import new build", "graph", "", "a graph: dicts of nodes and edges"),
    },
    "networkx.classes.multidigraph": {
        "MultiDiGraph": ("import new build", "graph", "", "a graph: dicts of nodes and edges"),
    },
    "networkx.classes.multigraph": {
        "MultiGraph": ("import new build", "graph", "", "a graph: dicts of nodes and edges"),
    },
    "networkx.classes.reportviews": {
        "DegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "DiDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "DiMultiDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "EdgeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "InDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "InEdgeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "InMultiDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "InMultiEdgeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "MultiDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "MultiEdgeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "NodeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "OutDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "OutEdgeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "OutMultiDegreeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
        "OutMultiEdgeView": ("import new build", "", "", "a view of a graph: dicts in attributes"),
    },
}
