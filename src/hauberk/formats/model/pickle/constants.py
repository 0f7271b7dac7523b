"""What a constant is: read from the place where its instruction stands, when somebody asks."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.formats.model.pickle.opcodes import BY_CODE, Argument
from hauberk.symbol import Blob, Nothing, Number, Symbol, Text, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.model.pickle.source import Source

LONGEST_INTEGER_BYTES = 32
LONGEST_NUMBER_TEXT = 64
WIDTH = {Argument.COUNTED_1: 1, Argument.COUNTED_4: 4, Argument.COUNTED_8: 8}

_ESCAPE = re.compile(rb"\\(\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|x|\Z)", re.DOTALL)
_SIMPLE = dict(zip(b"\\'\"abfnrtv", b"\\'\"\a\b\f\n\r\t\v", strict=True))
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)


def read_constant(source: Source, place: int, *, longest: int) -> Symbol:
    """Return what the constant at an offset of the view pushes; text longer than `longest` bytes is cut."""
    head = source.peek(place, 9)
    opcode = BY_CODE[head[0]]
    name, argument = opcode.name, head[1:]
    if opcode.argument is Argument.LINE:
        return _from_line(name, source.peek(place + 1, longest + 1).partition(b"\n"))
    width = WIDTH.get(opcode.argument)
    if width is None:
        return _FIXED[name](argument)
    size = int.from_bytes(argument[:width], "little")
    start = place + 1 + width
    if "BYTE" in name:
        return Blob(size, start)
    if name.startswith("LONG"):
        content = source.peek(start, min(size, LONGEST_INTEGER_BYTES))
        return Number(int.from_bytes(content, "little", signed=True) if size <= LONGEST_INTEGER_BYTES else None)
    content = source.peek(start, min(size, longest))
    return _text(content, cut=size > longest) if "UNICODE" in name else _byte_string(content, cut=size > longest)


def unescape(quoted: bytes) -> bytes:
    """Return the bytes of a STRING instruction's line: a Python 2 string literal in quotes.

    Raises:
        Malformed: it is not in quotes, or has a broken escape; CPython stops there too.
    """
    if len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[0] != quoted[-1]:
        raise Malformed("STRING without quotes")
    return _ESCAPE.sub(_unescape_one, quoted[1:-1])


def _unescape_one(match: re.Match[bytes]) -> bytes:
    body = match[1]
    if body == b"\n":
        return b""
    if body[:1] == b"x" and len(body) == 3:
        return bytes([int(body[1:], 16)])
    if body in (b"x", b""):
        raise Malformed("STRING with a broken escape")
    if body[0] in _SIMPLE:
        return bytes([_SIMPLE[body[0]]])
    return bytes([int(body, 8) & 0xFF])


def _from_line(name: str, parts: tuple[bytes, bytes, bytes]) -> Symbol:
    line, newline, _ = parts
    if not newline:
        return Text("", cut=True) if name in ("STRING", "UNICODE") else Number(None)
    if name == "UNICODE":
        return _text(line.decode("raw-unicode-escape").encode("utf-8", "surrogatepass"), cut=False)
    if name == "STRING":
        return _byte_string(unescape(line), cut=False)
    text = line.decode("latin-1")
    if name == "FLOAT":
        return Number(_finite(text))
    if name == "INT" and text in ("00", "01"):
        return Number(text == "01")
    text = text[:-1] if name == "LONG" and text.endswith("L") else text
    return Number(int(text) if _DECIMAL.fullmatch(text) and len(text) <= LONGEST_NUMBER_TEXT else None)


def _text(content: bytes, *, cut: bool) -> Symbol:
    try:
        return Text(content.decode("utf-8", "ignore" if cut else "strict"), cut)
    except UnicodeDecodeError:
        return Unknown("text with lone surrogates")


def _byte_string(content: bytes, *, cut: bool) -> Symbol:
    if content.isascii():
        return Text(content.decode("ascii"), cut)
    return Unknown("a Python 2 string in an encoding that the loader chooses")


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _float(argument: bytes) -> Symbol:
    value: float = struct.unpack(">d", argument[:8])[0]
    return Number(value if math.isfinite(value) else None)


_FIXED: dict[str, Callable[[bytes], Symbol]] = {
    "NONE": lambda _: Nothing(),
    "NEWTRUE": lambda _: Number(value=True),
    "NEWFALSE": lambda _: Number(value=False),
    "BININT1": lambda argument: Number(argument[0]),
    "BININT2": lambda argument: Number(int.from_bytes(argument[:2], "little")),
    "BININT": lambda argument: Number(int.from_bytes(argument[:4], "little", signed=True)),
    "BINFLOAT": _float,
}
