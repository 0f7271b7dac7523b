"""TensorFlow's graphs as text (`.pbtxt`): the operators of their nodes, and the texts of their constants.

The text is not parsed: a node names its operator in one field, wherever that stands.
"""

from __future__ import annotations

import re
from typing import Final

from hauberk.formats.model.graph import GraphDescription, Operator

_GRAPH: Final = re.compile(
    rb"^\s*(?:node|node_def|graph_def|meta_graphs|saved_model_schema_version)\b\s*[:{<]", re.MULTILINE
)
_OPERATOR: Final = re.compile(rb"(?:^|[\s{;,<])op\s*:\s*((?:\s*(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))+)")
_LITERAL: Final = re.compile(rb"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))")
_MOST: Final = 4096


def read(data: bytes) -> GraphDescription | None:
    """Return the operators of a graph as text, or None where a text is none."""
    if not _GRAPH.search(data, 0, 1 << 16):
        return None
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


def _one(match: re.Match[bytes]) -> bytes:
    if match[1] or match[2]:
        return bytes([int(match[1] or match[2], 16 if match[1] else 8) & 255])
    return bytes(match[3])
