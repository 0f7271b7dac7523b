"""TensorFlow's graphs as text (`.pbtxt`): the operators of their nodes, and the texts of their constants.

The text is not parsed: a node names its operator in one field, wherever that stands.
"""

from __future__ import annotations

import re
from typing import Final

from hauberk.formats.model.graph import GraphDescription, Operator

# One of these begins a line, or a message that stands anywhere.
_GRAPH: Final = re.compile(
    rb"^[ \t]*(?:node|node_def|graph_def|meta_graphs|saved_model_schema_version)\b\s*[:{<]|"
    rb"[\s{}<>,;](?:node|node_def|graph_def)\s*(?::\s*)?\{",
    re.MULTILINE,
)
_COMMENT: Final = re.compile(rb"(\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?)|#[^\n]*")
_OPERATOR: Final = re.compile(rb"(?<![\w.])op\s*:\s*((?:(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')\s*)+)")
_LITERAL: Final = re.compile(rb"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))")
_MOST: Final = 4096
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
        names.setdefault(_ESCAPE.sub(_one, name).decode("utf-8", "replace"), match.start(1))
        if len(names) >= _MOST:
            break
    if not names:
        return None
    operators = tuple(Operator("tensorflow", "", name, offset) for name, offset in names.items())
    return GraphDescription(operators=operators, format="tensorflow-text")


def _blank(match: re.Match[bytes]) -> bytes:
    """Leave texts, and put spaces where a comment stands: it may stand between a field's name and its value."""
    return match[1] or b" " * len(match[0])


def _one(match: re.Match[bytes]) -> bytes:
    if match[1] or match[2]:
        return bytes([int(match[1] or match[2], 16 if match[1] else 8) & 255])
    return bytes(match[3])
