"""Pickles put together value by value: a small pickler that also writes what no pickler writes.

Calls, names and states are values here, so that a payload can be nested anywhere: `dump(Call("os", "system", ("…",)))`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """A global, looked up and pushed."""

    module: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Call:
    """A global, or any value, called by REDUCE."""

    module: Any
    attribute: str
    arguments: tuple[Any, ...] = ()

    @property
    def function(self) -> Any:
        return Name(self.module, self.attribute) if isinstance(self.module, str) else self.module


@dataclass(frozen=True, slots=True)
class New:
    """A class made by NEWOBJ."""

    function: Any
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """A value that is given a state by BUILD."""

    target: Any
    state: Any


@dataclass(frozen=True, slots=True)
class Raw:
    """Instructions as they are; they must leave one value."""

    code: bytes


@dataclass(frozen=True, slots=True)
class Seq:
    """Values made one after the other of which the last stays."""

    items: tuple[Any, ...]


def dump(value: Any, protocol: int = 4, stop: bytes = b".") -> bytes:
    """Return a whole pickle."""
    return head(protocol) + code(value, protocol) + stop


def head(protocol: int) -> bytes:
    return b"\x80" + bytes([protocol]) if protocol >= 2 else b""


def code(value: Any, protocol: int = 4) -> bytes:
    """Return the instructions that leave a value on the stack."""
    if value is None:
        return b"N"
    if isinstance(value, bool):
        return (b"\x88" if value else b"\x89") if protocol >= 2 else b"I0%d\n" % value
    writer = _WRITERS[type(value)]
    return writer(value, protocol)


def text(value: str, protocol: int = 4) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    if protocol == 0:
        return b"V" + value.replace("\\", "\\u005c").replace("\n", "\\u000a").encode("raw-unicode-escape") + b"\n"
    if protocol >= 4 and len(raw) < 256:
        return b"\x8c" + bytes([len(raw)]) + raw
    return b"X" + struct.pack("<I", len(raw)) + raw


def data(value: bytes, protocol: int = 4) -> bytes:
    if protocol < 3:
        return code(Call("_codecs", "encode", (value.decode("latin-1"), "latin1")), protocol)
    if len(value) < 256:
        return b"C" + bytes([len(value)]) + value
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int, protocol: int = 4) -> bytes:
    if protocol == 0:
        return b"I%d\n" % value if -(1 << 31) <= value < 1 << 31 else b"L%dL\n" % value
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def real(value: float, protocol: int = 4) -> bytes:
    return b"F%r\n" % value if protocol == 0 else b"G" + struct.pack(">d", value)


def name(value: Name, protocol: int = 4) -> bytes:
    if protocol >= 4:
        return text(value.module, protocol) + text(value.attribute, protocol) + b"\x93"
    return f"c{value.module}\n{value.attribute}\n".encode()


def tuple_of(value: tuple[Any, ...], protocol: int = 4) -> bytes:
    return b"(" + b"".join(code(item, protocol) for item in value) + b"t"


def list_of(value: list[Any], protocol: int = 4) -> bytes:
    if protocol == 0:
        return b"(l" + b"".join(code(item, 0) + b"a" for item in value)
    return b"](" + b"".join(code(item, protocol) for item in value) + b"e"


def dict_of(value: dict[Any, Any], protocol: int = 4) -> bytes:
    pairs = [code(key, protocol) + code(item, protocol) for key, item in value.items()]
    if protocol == 0:
        return b"(d" + b"".join(pair + b"s" for pair in pairs)
    return b"}(" + b"".join(pairs) + b"u"


def call(value: Call, protocol: int = 4) -> bytes:
    return code(value.function, protocol) + tuple_of(value.arguments, protocol) + b"R"


def new(value: New, protocol: int = 4) -> bytes:
    if protocol < 2:
        return code(Call("copyreg", "__newobj__", (value.function, *value.arguments)), protocol)
    return code(value.function, protocol) + tuple_of(value.arguments, protocol) + b"\x81"


def build(value: Build, protocol: int = 4) -> bytes:
    return code(value.target, protocol) + code(value.state, protocol) + b"b"


_WRITERS = {
    str: text,
    bytes: data,
    int: number,
    float: real,
    tuple: tuple_of,
    list: list_of,
    dict: dict_of,
    Name: name,
    Call: call,
    New: new,
    Build: build,
    Raw: lambda value, _: value.code,
    Seq: lambda value, protocol: b"0".join(code(item, protocol) for item in value.items),
}
