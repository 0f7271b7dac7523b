"""TensorFlow's graphs as text (`.pbtxt`): the operators of their nodes, and the texts of their constants.

A node names its operator in one field, wherever that stands, and however the text is broken; the paths in its constants
are followed where the text is well formed, by packing it first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.model.graph import GraphDescription, Operator
from hauberk.formats.model.tensorflow import saved_model
from hauberk.formats.model.tensorflow.flow import PATHS
from hauberk.formats.model.tensorflow.text_packed import packed, unescaped
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Mapping

# One of these begins a line, or a message that stands anywhere.
_GRAPH: Final = re.compile(
    rb"^[ \t]*(?:node|node_def|graph_def|meta_graphs|saved_model_schema_version)\b\s*[:{<]|"
    rb"[\s{}<>,;](?:node|node_def|graph_def)\s*(?::\s*)?\{",
    re.MULTILINE,
)
_COMMENT: Final = re.compile(rb"(\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?)|#[^\n]*")
_OPERATOR: Final = re.compile(rb"(?<![\w.])op\s*:\s*((?:(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')\s*)+)")
_LITERAL: Final = re.compile(rb"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_MOST: Final = 4096
_LONGEST: Final = 8 << 20
_READERS: Final = {
    "saved": saved_model.describe,
    "meta": saved_model.describe_meta_graph,
    "graph": saved_model.describe_graph,
}
# What tells a graph in a text that is too long to be read.
TELLING: Final = re.compile(rb"(?<![\w.])op[ \t]{0,8}:[ \t]{0,8}[\"'][A-Z_]")


def read(data: bytes) -> GraphDescription | None:
    """Return the operators of a graph as text, or None where a text is none."""
    if b"op" not in data or not _GRAPH.search(data):
        return None
    data = _COMMENT.sub(_blank, data) if b"#" in data else data
    names: dict[str, int] = {}
    for match in _OPERATOR.finditer(data):
        name = b"".join(one[1] or one[2] or b"" for one in _LITERAL.finditer(match[1]))
        names.setdefault(unescaped(name).decode("utf-8", "replace"), match.start(1))
        if len(names) >= _MOST:
            break
    if not names:
        return None
    operators = tuple(Operator("tensorflow", "", name, offset) for name, offset in names.items())
    return replace(_followed(data, names), operators=operators, format="tensorflow-text")


def _followed(data: bytes, names: Mapping[str, int]) -> GraphDescription:
    """Return the paths that a graph brings along, and the metadata of Keras; without places, for the text is packed."""
    if len(data) > _LONGEST:
        telling = sorted(names.keys() & PATHS.keys())
        note = Unchecked(UncheckedCode.LIMIT, f"a graph of {len(data)} bytes as text, with {', '.join(telling)}")
        return GraphDescription(unchecked=(note,) if telling else ())
    kind, message = packed(data)
    if kind not in _READERS:
        return GraphDescription()
    found = _READERS[kind](BytesView(message))
    return GraphDescription(
        files=tuple(replace(one, offset=0) for one in found.files),
        oddities=tuple(replace(one, offset=0) for one in found.oddities),
        parts=found.parts,
        unchecked=found.unchecked,
    )


def _blank(match: re.Match[bytes]) -> bytes:
    """Leave texts, and put spaces where a comment stands: it may stand between a field's name and its value."""
    return match[1] or b" " * len(match[0])
