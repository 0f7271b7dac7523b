"""A registry of Feast (feast.core.Registry, protobuf): feature views with their entities, features, age and source.

Read: plain and stream feature views, as far as a check of values needs them. Numbers of fields: protos/feast/core of
Feast 0.67. Not followed are on-demand views, feature services and permissions, which say nothing about stored values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.formats.wire.protobuf import BYTES, VARINT, Message, Wire
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.wire.protobuf import Field
    from hauberk.limits import Limits
    from hauberk.view import View

_ENTITIES, _VIEWS, _STREAM_VIEWS, _VERSION = 1, 6, 14, 3
_NAME, _PROJECT, _VIEW_ENTITIES, _FEATURES = 1, 2, 3, 4  # the same in every kind of view
_JOIN_KEY, _MAPPING, _TIME, _FILE, _URI = 4, 2, 3, 11, 2
_MOST_NAMES: Final = 10_000
_LONGEST_TEXT: Final = 4096
_HINT: Final = "name the registry file of Feast, as in data/registry.db"
TYPES: Final = {
    1: "bytes", 2: "string", 3: "int32", 4: "int64", 5: "double", 6: "float", 7: "bool", 8: "timestamp",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers of fields that differ between kinds of views."""

    columns: int
    ttl: int
    source: int


_KINDS: Final = {
    _VIEWS: _Numbers(columns=12, ttl=6, source=7),  # FeatureViewSpec
    _STREAM_VIEWS: _Numbers(columns=5, ttl=9, source=10),  # StreamFeatureViewSpec; source: batch_source
}


@dataclass(frozen=True, slots=True)
class FeastView:
    """A feature view as Feast has it.

    Attributes:
        keys: the columns that say whom a row is about.
        features: names and types; a type that is none of `TYPES` is its number.
        ttl_seconds: after so long a value holds no more; 0: it always does.
        uri: where the table with all values lies; empty: it is no file.
        time: the column that says from when on values hold.
        renames: whether the source's columns have other names than the features.
    """

    name: str
    project: str
    keys: tuple[str, ...]
    features: tuple[tuple[str, str], ...]
    ttl_seconds: float
    uri: str
    time: str
    renames: bool


def parse_registry(view: View, limits: Limits = DEFAULT_LIMITS) -> tuple[FeastView, ...]:
    """Return the feature views of a registry.

    Raises:
        Malformed: it is none, or says something twice.
        Exceeded: more views, or longer names, than are read.
        Unavailable: the view cannot be read.
    """
    whole = Message(Wire(view, limits), 0, view.size)
    join_keys: dict[str, str] = {}
    specs: list[tuple[Message, _Numbers]] = []
    is_registry = False
    for field in whole:
        is_registry = is_registry or (field.number, field.kind) == (_VERSION, BYTES)
        if field.number == _ENTITIES:
            name, key = _entity(_only(_inside(whole, field), 1))
            join_keys[name] = key or name
        elif field.number in _KINDS:
            specs.append((_only(_inside(whole, field), 1), _KINDS[field.number]))
        if len(specs) + len(join_keys) > _MOST_NAMES:
            raise Exceeded(f"more than {_MOST_NAMES} views and entities in a registry")
    if not is_registry:
        raise Malformed("this is no registry of Feast", _HINT)
    return tuple(_view(spec, numbers, join_keys) for spec, numbers in specs)


@dataclass(slots=True)
class _Told:
    """What a message says: texts and messages by the numbers of their fields, in order."""

    message: Message
    fields: dict[int, list[Field]]

    def texts(self, number: int) -> list[str]:
        return [self._text(field) for field in self.fields.get(number, ())]

    def text(self, number: int) -> str:
        field = self.one(number)
        return "" if field is None else self._text(field)

    def number(self, number: int) -> int:
        field = self.one(number)
        if field is not None and field.kind != VARINT:
            raise Malformed(f"the field {number} of a registry is no number", _HINT)
        return 0 if field is None else field.value

    def inside(self, number: int) -> _Told | None:
        field = self.one(number)
        return None if field is None else _told(_inside(self.message, field))

    def one(self, number: int) -> Field | None:
        """Return a field that is there once at most: of two, readers take different ones, or join them."""
        found = self.fields.get(number, [])
        if len(found) > 1:
            raise Malformed(f"the field {number} is in a registry twice", _HINT)
        return found[0] if found else None

    def _text(self, field: Field) -> str:
        if field.kind != BYTES:
            raise Malformed(f"the field {field.number} of a registry is no text", _HINT)
        if field.end - field.start > _LONGEST_TEXT:
            raise Exceeded(f"a text of more than {_LONGEST_TEXT} bytes in a registry")
        return self.message.text(field, _LONGEST_TEXT)


def _told(message: Message) -> _Told:
    fields: dict[int, list[Field]] = {}
    for field in message:
        fields.setdefault(field.number, []).append(field)
    return _Told(message, fields)


def _inside(message: Message, field: Field) -> Message:
    if field.kind != BYTES:
        raise Malformed(f"the field {field.number} of a registry is no message", _HINT)
    return message.inside(field)


def _only(message: Message, number: int) -> Message:
    """Return the message in a field that has to be there."""
    told = _told(message)
    field = told.one(number)
    if field is None:
        raise Malformed("a view or entity of a registry says nothing", _HINT)
    return _inside(message, field)


def _entity(spec: Message) -> tuple[str, str]:
    told = _told(spec)
    return told.text(_NAME), told.text(_JOIN_KEY)


def _view(spec: Message, numbers: _Numbers, join_keys: dict[str, str]) -> FeastView:
    told = _told(spec)
    keys = tuple(name for name, _ in _columns(told, numbers.columns))
    if not keys:  # registries of before entity columns were written
        keys = tuple(join_keys.get(name, name) for name in told.texts(_VIEW_ENTITIES))
    ttl, source = told.inside(numbers.ttl), told.inside(numbers.source)
    file = None if source is None else source.inside(_FILE)
    seconds = 0.0 if ttl is None else _signed(ttl.number(1)) + _signed(ttl.number(2)) / 1e9
    return FeastView(
        told.text(_NAME),
        told.text(_PROJECT),
        keys,
        tuple(column for column in _columns(told, _FEATURES) if column[0] not in keys),  # a stream's has its keys, too
        seconds,
        "" if file is None else file.text(_URI),
        "" if source is None else source.text(_TIME),
        source is not None and bool(source.fields.get(_MAPPING)),
    )


def _columns(told: _Told, number: int) -> Iterator[tuple[str, str]]:
    fields = told.fields.get(number, [])
    if len(fields) > _MOST_NAMES:
        raise Exceeded(f"a view of more than {_MOST_NAMES} columns in a registry")
    for field in fields:
        column = _told(_inside(told.message, field))
        kind = column.number(2)
        yield column.text(1), TYPES.get(kind, str(kind))


def _signed(value: int) -> int:
    """Return a number of 64 bits as protobuf writes negative ones."""
    return value - (1 << 64) if value >> 63 else value
