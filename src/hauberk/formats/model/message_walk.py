"""Walks messages of Protocol Buffers by a table of those in which something can be that is not arithmetic.

Of each message the table has all field numbers, where they are known, and what some of them lead to: another message,
or `=` and what is done with a text. Every other field is located and not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import UncheckedCode
from hauberk.formats.model.graph import FAULTS, Gathered
from hauberk.formats.wire.protobuf import BYTES, TELL_LIMITS, Message, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.formats.wire.protobuf import Field
    from hauberk.limits import Limits
    from hauberk.view import View

    Schema = Mapping[str, tuple[frozenset[int] | None, Mapping[int, str]]]
    Act = Callable[[Gathered, str, str, int], None]

_MOST_FIELDS_TO_TELL: Final = 512


def walk(view: View, limits: Limits, schema: Schema, act: Act) -> Gathered:
    """Return what the messages of a view hold, from the schema's first message on; `act` keeps what matters of a text.

    Raises:
        Unavailable: the view cannot be read.
    """
    gathered = Gathered(limits)
    try:
        _Walk(gathered, schema, act).message(next(iter(schema)), Message(Wire(view, limits), 0, view.size))
    except FAULTS as error:
        gathered.broken(error)
    return gathered


def is_each(view: View, fits: Callable[[Message], bool]) -> bool:
    """Say whether the first of the fields of number 1 are all messages of one form."""
    whole = Message(Wire(view, TELL_LIMITS), 0, view.size)
    firsts = [field for field in some_fields(whole) if field.number == 1]
    try:
        return bool(firsts) and all(field.kind == BYTES and fits(whole.inside(field)) for field in firsts[:16])
    except FAULTS:
        return False


def first_fields(view: View) -> list[Field]:
    """Return the first fields of a view, as far as they can be read."""
    return some_fields(Message(Wire(view, TELL_LIMITS), 0, view.size))


def some_fields(message: Message) -> list[Field]:
    """Return the first fields of a message, as far as they can be read."""
    found: list[Field] = []
    try:
        for field in message:
            found.append(field)
            if len(found) >= _MOST_FIELDS_TO_TELL:
                break
    except FAULTS:
        pass
    return found


class _Walk:
    """One walk by a schema."""

    def __init__(self, gathered: Gathered, schema: Schema, act: Act) -> None:
        self._gathered, self._schema, self._act = gathered, schema, act
        self._most = gathered.limits.max_graph_text_bytes

    def message(self, name: str, message: Message) -> None:
        """Walk a message of a name in the schema."""
        known, leads = self._schema[name]
        for field in message:
            if known is not None and field.number not in known:
                self._gathered.note(
                    UncheckedCode.FORMAT_NOT_READ, f"field {field.number} of a {name}, which no schema has", field.at
                )
            target = leads.get(field.number)
            if target is None or field.kind != BYTES:
                continue
            if target.startswith("="):
                self._act(self._gathered, target[1:], message.text(field, self._most), field.start)
            else:
                self.message(target, message.inside(field))
