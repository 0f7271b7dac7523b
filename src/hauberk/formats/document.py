"""Files that people write: strict YAML to plain data, and plain data to frozen records.

YAML is read as far as it is unambiguous: one document; maps with unique string keys, lists, and the scalars of the core
schema of YAML 1.2, so that `no` is a string and a date is one too. Anchors, aliases, tags, directives and numbers that
readers disagree about are refused. A record's fields say which keys a map may have; an unknown key is an error that
names the nearest known one, because a policy with a misspelled limit would have none.
"""

from __future__ import annotations

import dataclasses
import difflib
import enum
import math
import re
import types
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import yaml

from hauberk.errors import HauberkError, Misconfigured
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST_BYTES = 1 << 20
LARGEST_INTEGER = (1 << 53) - 1  # RFC 8785 keeps whole numbers exactly up to here

T = TypeVar("T")

_CONSTANTS = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def read_yaml(data: bytes, *, what: str, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Return the one document of a YAML text as plain data: None, bool, int, float, str, list, dict with string keys.

    Raises:
        Misconfigured: not UTF-8, not YAML, longer than `LARGEST_BYTES`, deeper than `max_document_depth`, or more of
            YAML than is read here; the message names the line.
    """
    if len(data) > LARGEST_BYTES:
        raise Misconfigured(f"{what}: {len(data)} bytes, where {LARGEST_BYTES} is the most")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{what}: not UTF-8, at byte {error.start}", "save it as UTF-8") from None
    builder = _Builder(what, limits.max_document_depth)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Misconfigured(f"{what}: line {line}: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two: escapes beyond Unicode
        raise Misconfigured(f"{what}: not YAML: {str(error).splitlines()[0][:200]}") from None
    return builder.document()


@dataclass(slots=True)
class _Open:
    """A map or list that is being read; `key` waits for its value."""

    value: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Makes plain data from the events of a YAML parser, without recursion."""

    what: str
    deepest: int
    open: list[_Open] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)

    def document(self) -> Any:
        if not self.documents:
            raise Misconfigured(f"{self.what}: empty", "is it the file that you meant? put back what it held")
        return self.documents[0]

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                if self.documents:
                    self._refuse(event, "a second document", "keep one document in the file")
                if event.version or event.tags:
                    self._refuse(event, "a directive", "remove the line that begins with %")
            case yaml.AliasEvent():
                self._refuse(event, f"the alias *{event.anchor}", "write the value out")
            case yaml.ScalarEvent():
                self._check_plain(event)
                self._put(event, self._scalar(event))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check_plain(event)
                if len(self.open) >= self.deepest:
                    self._refuse(event, f"nested deeper than {self.deepest}", "")
                self._put(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.open.pop()
            case _:  # the ends of streams and documents, and the start of the stream
                pass

    def _check_plain(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, f"the anchor &{event.anchor}", "write the value out where it is used")
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag}", "remove it")

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
            self._refuse(event, "half of a surrogate pair", "")
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _NO_NUMBER.fullmatch(text):
            self._refuse(event, f"{text} is no finite number", "quote it if it is text")
        if _INTEGER.fullmatch(text):
            return self._integer(event, text)
        if not _FLOAT.fullmatch(text):
            return text
        value = float(text)
        if not math.isfinite(value):
            self._refuse(event, f"{text[:40]} is beyond the range of a double", "quote it if it is text")
        return value

    def _integer(self, event: yaml.Event, text: str) -> int:
        if re.match(r"[-+]?0[0-9]", text):
            self._refuse(event, f"{text} is octal to some readers", "write it without the zero, or quote it")
        value = int(text, 0) if len(text) < 32 else LARGEST_INTEGER + 1
        if abs(value) > LARGEST_INTEGER:
            self._refuse(event, f"a number beyond {LARGEST_INTEGER}", "quote it if it is text")
        return value

    def _put(self, event: yaml.Event, value: Any) -> None:
        if not self.open:
            self.documents.append(value)
        else:
            self._put_inside(event, self.open[-1], value)
        if isinstance(value, dict | list):
            self.open.append(_Open(value))

    def _put_inside(self, event: yaml.Event, parent: _Open, value: Any) -> None:
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is not None:
            parent.value[parent.key], parent.key = value, None
        elif not isinstance(value, str):
            self._refuse(event, "a key that is not a string", "quote it")
        elif value in parent.value:
            self._refuse(event, f"the key {value!r} for the second time", "remove one of the two")
        else:
            parent.value[value], parent.key = None, value

    def _refuse(self, event: yaml.Event, seen: str, hint: str) -> NoReturn:
        line = event.start_mark.line + 1 if event.start_mark else 1
        raise Misconfigured(f"{self.what}: line {line}: {seen}", hint)


def decode(data: Any, cls: type[T], *, what: str) -> T:
    """Return plain data as a record of a dataclass, field by field and by the fields' types.

    Understood are str, int, float (for which an int will do), bool, Literal, StrEnum, tuple[X, ...], dict[str, X],
    X | None, and dataclasses of these. A field with a default may be absent.

    Raises:
        Misconfigured: an unknown or missing key, a value of another type, or one that the record itself refuses; the
            message names the place, as in `gates.load.mode`.
    """
    decoded = _decode(data, cls, _Path(what))
    assert isinstance(decoded, cls)
    return decoded


@dataclass(frozen=True, slots=True)
class _Path:
    """Where in a document: its name, and the keys that lead there."""

    what: str
    steps: str = ""

    def key(self, key: str) -> _Path:
        step = key if _PLAIN_KEY.fullmatch(key) else repr(key[:64])
        return _Path(self.what, f"{self.steps}.{step}" if self.steps else step)

    def index(self, index: int) -> _Path:
        return _Path(self.what, f"{self.steps}[{index}]")

    def refuse(self, seen: str, hint: str = "") -> NoReturn:
        raise Misconfigured(f"{self.what}: {self.steps}: {seen}" if self.steps else f"{self.what}: {seen}", hint)


def _decode(data: Any, hint: Any, path: _Path) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [option for option in typing.get_args(hint) if option is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{hint} is not X | None")
        return None if data is None else _decode(data, inner[0], path)
    if origin is typing.Literal:
        return _choice(data, typing.get_args(hint), path)
    if origin is tuple:
        return _list(data, hint, path)
    if origin is dict:
        return _map(data, hint, path)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record(data, hint, path)
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        return hint(_choice(data, tuple(member.value for member in hint), path))
    return _scalar(data, hint, path)


def _scalar(data: Any, hint: Any, path: _Path) -> Any:
    name = _NAMES.get(hint)
    if name is None:
        raise TypeError(f"{hint} is not a type of documents")
    if hint is float and type(data) is int:
        try:
            return float(data)
        except OverflowError:
            path.refuse("a number larger than any double", _WRITTEN[hint])
    if type(data) is not hint:
        path.refuse(f"{_show(data)}, where {name} belongs", _WRITTEN[hint])
    return data


def _choice(data: Any, choices: tuple[Any, ...], path: _Path) -> Any:
    if not any(type(data) is type(choice) and data == choice for choice in choices):
        known = [str(choice) for choice in choices]
        path.refuse(f"{_show(data)} is not one of: {', '.join(known)}", _nearest(data, known))
    return data


def _list(data: Any, hint: Any, path: _Path) -> tuple[Any, ...]:
    inner, *rest = typing.get_args(hint)
    if rest != [Ellipsis]:
        raise TypeError(f"{hint} is not tuple[X, ...]")
    if not isinstance(data, list):
        path.refuse(f"{_show(data)}, where a list belongs", "write [ONE, OTHER], or each on a line after a dash")
    return tuple(_decode(item, inner, path.index(index)) for index, item in enumerate(data))


def _map(data: Any, hint: Any, path: _Path) -> dict[str, Any]:
    of, inner = typing.get_args(hint)
    if of is not str:
        raise TypeError(f"{hint} is not dict[str, X]")
    return {key: _decode(value, inner, path.key(key)) for key, value in _members(data, path)}


def _record(data: Any, cls: type, path: _Path) -> Any:
    fields = {entry.name: entry for entry in dataclasses.fields(cls) if entry.init}
    hints = typing.get_type_hints(cls)
    values = {}
    for key, value in _members(data, path, list(fields)):
        if key not in fields:
            path.key(key).refuse("an unknown key", _nearest(key, list(fields)))
        values[key] = _decode(value, hints[key], path.key(key))
    for name, entry in fields.items():
        required = entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING
        if required and name not in values:
            near = _nearest(name, [key for key in data if key not in fields])
            path.refuse(f"the key {name!r} is missing", near or f"write `{name}: …`")
    try:
        return cls(**values)
    except HauberkError as error:
        path.refuse(error.message, error.hint)


def _members(data: Any, path: _Path, known: Sequence[str] = ()) -> Iterator[tuple[str, Any]]:
    if not isinstance(data, dict):
        which = f"; the keys are: {', '.join(known)}" if known else ""
        path.refuse(f"{_show(data)}, where keys and values belong", f"write `key: value`, one a line{which}")
    for key, value in data.items():
        if not isinstance(key, str):
            path.refuse(f"the key {_show(key)} is not a string", "quote it")
        yield key, value


def _nearest(word: Any, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1) if isinstance(word, str) and len(word) <= 64 else []
    return f"did you mean {near[0]}?" if near else f"known are: {', '.join(known)}" if known else ""


def _show(data: Any) -> str:
    if data is None:
        return "nothing"
    if isinstance(data, dict | list):
        return "a map" if isinstance(data, dict) else "a list"
    return repr(data)[:80]


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_WRITTEN = {
    str: "write a word, or quote it",
    int: "write it in digits, without quotes",
    float: "write it in digits, without quotes",
    bool: "write true or false, without quotes",
}
