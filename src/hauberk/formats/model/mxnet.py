"""MXNet's symbols: a JSON text with the nodes of a graph, and graphs in some of the nodes.

What they compute is in operators that MXNet has of its own; a few hand over to Python. Source:
`nnvm/src/pass/saveload_json.cc`.
"""

from __future__ import annotations

from typing import Any

from hauberk.formats.model.graph import GraphDescription, Operator
from hauberk.formats.text.json import walk


def read(document: Any) -> GraphDescription | None:
    """Return the operators of a symbol, or None where a document is none."""
    if not isinstance(document, dict) or not isinstance(document.get("nodes"), list) or "arg_nodes" not in document:
        return None
    names = dict.fromkeys(value for _, key, value in walk(document) if key == "op" and isinstance(value, str))
    return GraphDescription(operators=tuple(Operator("mxnet", "", name, 0) for name in names), format="mxnet-symbol")
