"""Paddle's programs (`__model__`, `.pdmodel`): the operators that are known to do more than compute.

No list of Paddle's operators is complete here, so a program is never complete either: what is known to be bad is found,
and the rest stays unchecked. Source: `framework.proto` of Paddle 3.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import UncheckedCode
from hauberk.formats.model.graph import Gathered, GraphDescription, Operator
from hauberk.formats.model.message_walk import is_each, some_fields, walk
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


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return the operators of a program. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    gathered = walk(view, limits, SCHEMA, _act)
    gathered.note(UncheckedCode.FORMAT_NOT_READ, "no list says what Paddle's other operators do")
    return gathered.whole()


def is_program(view: View) -> bool:
    """Say whether bytes are laid out as a program: blocks with their number and their parent's."""
    return is_each(view, _is_block)


def _is_block(block: Message) -> bool:
    kinds = {field.number: field.kind for field in some_fields(block)}
    return kinds.get(1) == VARINT == kinds.get(2) and BYTES in (kinds.get(3), kinds.get(4))


def _act(gathered: Gathered, _action: str, text: str, offset: int) -> None:
    gathered.operator(Operator("paddle", "", text, offset))
