"""Paddle's programs: the older form (`__model__`, `.pdmodel`), and the newer one, JSON with the operators of an IR.

What they compute is in operators that Paddle has of its own; some read or write files, use the network, or hand over to
Python. Source: `framework.proto` of Paddle 3.3; `paddle/fluid/pir/serialize_deserialize` of the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hauberk.formats.model.graph import Gathered, GraphDescription, Operator
from hauberk.formats.model.message_walk import is_each, some_fields, walk
from hauberk.formats.text import json
from hauberk.formats.wire.protobuf import BYTES, VARINT, Message
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.model.message_walk import Schema
    from hauberk.view import View

SCHEMA: Final[Schema] = {
    "Program": (frozenset({1, 2, 3, 4, 5}), {1: "Block"}),
    "Block": (frozenset({1, 2, 3, 4, 5}), {4: "Operator"}),
    "Operator": (frozenset({1, 2, 3, 4, 5}), {3: "=paddle"}),
}
_DIALECTS: Final = {"0": "builtin", "1": "pd_op", "2": "cf", "3": "custom_op", "4": "dist_op"}
_PARAMETER: Final = "p"
_PATHS: Final = frozenset({"file_path", "filename"})
_LONGEST: Final = 160


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return the operators of a program. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return walk(view, limits, SCHEMA, _act).whole()


def is_program(view: View) -> bool:
    """Say whether bytes are laid out as a program: blocks with their number and their parent's."""
    return is_each(view, _is_block)


def read(document: Any) -> GraphDescription | None:
    """Return the operators of a program that is written as JSON, or None where a document is none."""
    head = document.get("base_code") if isinstance(document, dict) else None
    if not isinstance(head, dict) or head.get("magic") != "pir":
        return None
    found = {(operator.domain, operator.name, operator.detail): operator for operator in _operators(document)}
    return GraphDescription(operators=tuple(found.values()), format="paddle-ir")


def _operators(document: Any) -> list[Operator]:
    lists = [value for _, key, value in json.walk(document) if key == "ops" and isinstance(value, list)]
    return [_operator(item) for items in lists for item in items if isinstance(item, dict)]


def _operator(item: dict[str, Any]) -> Operator:
    name = str(item.get("#"))[:_LONGEST]
    if name == _PARAMETER:
        return Operator("paddle", "builtin", "parameter", 0)
    dialect, _, short = name.partition(".")
    return Operator("paddle", _DIALECTS.get(dialect, dialect), short, 0, _path_of(item.get("A")))


def _path_of(attributes: Any) -> str:
    """Return the path in an operator's attributes, where it has one."""
    for attribute in attributes if isinstance(attributes, list) else ():
        if isinstance(attribute, dict) and attribute.get("N") in _PATHS and isinstance(attribute.get("AT"), dict):
            return repr(attribute["AT"].get("D"))[:_LONGEST]
    return ""


def _is_block(block: Message) -> bool:
    kinds = {field.number: field.kind for field in some_fields(block)}
    return kinds.get(1) == VARINT == kinds.get(2) and BYTES in (kinds.get(3), kinds.get(4))


def _act(gathered: Gathered, _action: str, text: str, offset: int) -> None:
    gathered.operator(Operator("paddle", "", text, offset))
