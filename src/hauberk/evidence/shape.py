"""The shape of JSON values: one table that both checks a value and prints its JSON Schema.

A shape is a small frozen record. `check` raises `Malformed` with the path of the first thing that is wrong;
`schema` returns the JSON Schema (2020-12) that editors and other programs read. Both come from the same record, so they
cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hauberk.digest import Digest
from hauberk.errors import HauberkError, Malformed
from hauberk.evidence.instant import parse_instant
from hauberk.signature import base64, jcs
from hauberk.subject import check_label


class Shape(Protocol):
    """What a value must look like."""

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` naming `path` where the value is not of this shape."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        ...


def schema_of(data: bytes) -> str:
    """Return the `schema` that a file of JSON says it follows; empty where it says none, or is no JSON."""
    try:
        value = jcs.decode(data)
    except HauberkError:
        return ""
    schema = value.get("schema") if isinstance(value, dict) else None
    return schema if isinstance(schema, str) else ""


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `reads` parses it and raises one of our errors where it is not well formed."""

    reads: Callable[[str], object] | None = None
    pattern: str | None = None
    max_length: int = 100_000

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is such a string."""
        if not isinstance(value, str) or len(value) > self.max_length:
            raise Malformed(f"{path} is not a string of at most {self.max_length} characters")
        if self.pattern is not None and not re.fullmatch(self.pattern, value, re.ASCII):
            raise Malformed(f"{path} is {value[:80]!r}, which does not match {self.pattern}")
        if self.reads is not None:
            try:
                self.reads(value)
            except HauberkError as error:
                raise Malformed(f"{path}: {error.message}") from None

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        pattern = {"pattern": f"^{self.pattern}$"} if self.pattern else {}
        return {"type": "string", "maxLength": self.max_length} | pattern


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer (never a boolean) from `least` to `most`."""

    least: int = 0
    most: int = (1 << 53) - 1

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is such an integer."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise Malformed(f"{path} is not an integer from {self.least} to {self.most}")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or a float, never a boolean."""

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is a number."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise Malformed(f"{path} is not a number")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {"type": "number"}


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is a boolean."""
        if not isinstance(value, bool):
            raise Malformed(f"{path} is neither true nor false")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Among:
    """One of a few strings."""

    values: tuple[str, ...]

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is one of them."""
        if not isinstance(value, str) or value not in self.values:
            raise Malformed(f"{path} is not one of {', '.join(self.values)}")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {"enum": list(self.values)}


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value: for members whose meaning belongs to another standard or another floor."""

    def check(self, value: Any, path: str) -> None:
        """Let every value pass."""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {}


@dataclass(frozen=True, slots=True)
class Nullable:
    """Null, or another shape."""

    shape: Shape

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is null or of the other shape."""
        if value is not None:
            self.shape.check(value, path)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {"anyOf": [self.shape.schema(), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    shape: Shape
    least: int = 0
    most: int = 1_000_000

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is a list whose every entry has the shape."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise Malformed(f"{path} is not a list of {self.least} to {self.most} entries")
        for number, entry in enumerate(value):
            self.shape.check(entry, f"{path}[{number}]")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {"type": "array", "items": self.shape.schema(), "minItems": self.least, "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with free keys and values of one shape."""

    shape: Shape
    key: Text = field(default_factory=Text)
    least: int = 0

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` unless the value is an object whose every key and value have the shapes."""
        if not isinstance(value, Mapping) or len(value) < self.least:
            raise Malformed(f"{path} is not an object of at least {self.least} members")
        for name, entry in value.items():
            self.key.check(name, f"a key of {path}")
            self.shape.check(entry, f"{path}.{name}")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        return {
            "type": "object",
            "propertyNames": self.key.schema(),
            "additionalProperties": self.shape.schema(),
            "minProperties": self.least,
        }


@dataclass(frozen=True, slots=True)
class Object:
    """An object with named members; `open` lets unknown ones pass (foreign predicates only)."""

    required: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)
    open: bool = False

    def check(self, value: Any, path: str) -> None:
        """Raise `Malformed` where a member is missing, unknown or of another shape."""
        if not isinstance(value, Mapping):
            raise Malformed(f"{path} is not an object")
        missing = [name for name in self.required if name not in value]
        unknown = [name for name in value if name not in self.required and name not in self.optional]
        if missing:
            raise Malformed(f"{path} lacks {', '.join(sorted(missing))}")
        if unknown and not self.open:
            raise Malformed(f"{path} has the unknown member {min(unknown)[:80]!r}")
        for name, shape in (*self.required.items(), *self.optional.items()):
            if name in value:
                shape.check(value[name], f"{path}.{name}")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this shape."""
        members = {**self.required, **self.optional}
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in members.items()},
            "required": sorted(self.required),
            "additionalProperties": self.open,
        }


HEX32 = Text(pattern="[0-9a-f]{64}")
INSTANT = Text(reads=parse_instant, pattern=r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
DIGEST = Text(reads=Digest.parse, pattern="[a-zA-Z][a-zA-Z0-9_]{0,31}:[0-9a-f]{32,128}")
LABEL = Text(reads=check_label, pattern="[a-z][a-z0-9-]*/.+")
BASE64 = Text(reads=base64.decode)
LINE = Text(pattern=r"[^\x00-\x1f\x7f-\x9f]*", max_length=4096)
DIGEST_SET = MapOf(Text(pattern="[0-9a-f]{32,128}"), key=Text(pattern="[a-zA-Z][a-zA-Z0-9_]{0,31}"), least=1)
RESOURCE = Object({"name": LABEL, "digest": DIGEST_SET})
