"""Pickle streams to hold the machine against CPython's unpicklers: pickles of many values, mutants, any instructions.

`any_instructions` knows every instruction of every protocol, with arguments that are short, long, wrong and missing, and
words that are worth importing. Everything is drawn from the generator that is given, so a seed gives the same streams.
"""

from __future__ import annotations

import argparse
import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import pathlib
import pickle
import pickletools
import struct
import types
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


class _Colour(enum.Enum):
    RED = 1


class _Foreign:
    """Has a persistent id, a state, list items and dict items."""

    def __init__(self) -> None:
        self.name = "f"

    def __reduce_ex__(self, _protocol: int) -> tuple[object, ...]:
        return (collections.OrderedDict, (), {"a": 1}, iter([1, 2]), iter([("k", self.name)]))


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> object:
        return ("storage", 3) if isinstance(value, io.BytesIO) else None


def _values() -> list[object]:
    shared: list[object] = [1, (2, "three")]
    shared.append(shared)
    return [
        {"a": [1, -2, 2.5, None, True, 1 << 90], "b": (b"bytes", bytearray(b"array"), "t\u00e9xt", "x" * 300)},
        [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), decimal.Decimal("1.5"), collections.OrderedDict(a=1)],
        [functools.partial(print, 1, end=""), {1, 2, 3}, frozenset([4]), complex(1, 2), range(3), slice(1)],
        [dt.timezone(dt.timedelta(hours=1)), decimal.Context(), collections.Counter("aab"), collections.deque([1], 2)],
        [shared, {"self": shared}, ((),), [[]], {}, set(), collections.defaultdict(list, {1: [2]})],
        [uuid.UUID(int=7), fractions.Fraction(1, 3), pathlib.PurePosixPath("a/b"), ipaddress.ip_address("10.0.0.1")],
        [array.array("d", [1.0, 2.0]), types.SimpleNamespace(a=1), argparse.Namespace(b=2), _Colour.RED, _Foreign()],
        [io.BytesIO(b"persistent"), "\ud800", "line\nline", b"\xff" * 300, -(1 << 31), 1 << 2100, float("inf")],
        [pickle.loads, struct.Struct, dict.fromkeys, int.from_bytes, "".join],
        list(range(300)),
        {str(number): number for number in range(40)},
    ]


def seeds() -> list[bytes]:
    """Return pickles of many values in every protocol, by the pickler in C and the one in Python, some optimised."""
    made = []
    for value in _values():
        for protocol in range(6):
            for pickler in (_Pickler, pickle._Pickler):  # type: ignore[attr-defined]
                file = io.BytesIO()
                try:
                    pickler(file, protocol).dump(value)
                except (pickle.PicklingError, TypeError, AttributeError, UnicodeEncodeError):
                    continue
                made.append(file.getvalue())
            if made and protocol in (2, 4):
                made.append(pickletools.optimize(made[-1]))
    buffers: list[pickle.PickleBuffer] = []
    made.append(pickle.dumps([pickle.PickleBuffer(b"12345")], protocol=5, buffer_callback=buffers.append))
    return sorted(set(made), key=lambda stream: (len(stream), stream))


def mutant(known: list[bytes], chance: random.Random) -> bytes:
    """Return a stream that is nearly one that a pickler made: changed, doubled, cut out, spliced, joined, cut off."""
    stream = bytearray(chance.choice(known))
    for _ in range(chance.randrange(1, 5)):
        at, length = chance.randrange(len(stream) + 1), chance.randrange(1, 12)
        kind = chance.randrange(7)
        if kind == 0:
            piece = b""
        elif kind == 1:
            piece = bytes([chance.choice(_CODES)])
        elif kind == 2:
            piece = chance.randbytes(1)
        elif kind == 3:
            other = chance.choice(known)
            start = chance.randrange(len(other))
            piece = other[start : start + length * 4]
        elif kind == 4:
            piece = bytes(stream[at : at + length]) * chance.randrange(2, 5)
        else:
            piece = instruction(chance)
        stream[at : at + chance.choice((0, 0, 1, length))] = piece
    end = chance.choice((None, None, None, chance.randrange(len(stream) + 1)))
    joined = bytes(stream[:end])
    return joined if chance.randrange(12) else joined + chance.choice(known)


def any_instructions(chance: random.Random) -> bytes:
    """Return instructions in any order, more often such as belong together; sometimes in a frame, or several streams."""
    stream = b""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        body = b"".join(chance.choice(_PHRASES)(chance) for _ in range(chance.randrange(1, 30)))
        if not chance.randrange(6):
            size = len(body) + chance.choice((0, 1, 1, -1, -3, 5, chance.randrange(60)))
            body = b"\x80\x04\x95" + struct.pack("<Q", max(0, size)) + body
        stream += body + chance.choice((b".", b".", b".", b""))
    return stream


def instruction(chance: random.Random) -> bytes:
    """Return one instruction of any kind, with an argument that may be wrong."""
    code = chance.choice(_CODES)
    return bytes([code]) + _argument(code, chance)


def _argument(code: int, chance: random.Random) -> bytes:
    opcode = _BY_CODE[code]
    if opcode.arg is None:
        return b""
    size = opcode.arg.n
    if size > 0:
        top = (1 << 8 * size) - 1
        small = (0, 1, 2, 3, chance.randrange(6), chance.randrange(256))
        return (chance.choice((*small, top, top >> 1, (top >> 1) + 1)) & top).to_bytes(size, "little")
    if size == pickletools.UP_TO_NEWLINE:
        lines = 2 if code in b"ci" else 1
        return b"".join(chance.choice(_LINES[code]) + b"\n" for _ in range(lines))
    width = {pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT8U: 8}.get(size, 4)
    content = chance.choice(_WORDS) * chance.choice((1, 1, 1, 1, 1, 40))
    told = len(content) + chance.choice((0, 0, 0, 0, 0, 0, 0, 1, -1, 1 << 31, 1 << 40))
    return (told & (1 << 8 * width) - 1).to_bytes(width, "little") + content


def _text(chance: random.Random) -> bytes:
    word = chance.choice(_NAMES)
    kind = chance.randrange(8)
    if kind < 3:
        return b"\x8c" + bytes([len(word)]) + word
    if kind == 3:
        return b"X" + struct.pack("<I", len(word)) + word
    if kind == 4:
        return b"\x8d" + struct.pack("<Q", len(word)) + word
    if kind == 5:
        return b"V" + word.replace(b"s", b"\\u0073") + b"\n"
    return (b"S'" + word.replace(b"s", b"\\x73") + b"'\n") if kind == 6 else b"U" + bytes([len(word)]) + word


def _import(chance: random.Random) -> bytes:
    kind = chance.randrange(4)
    if kind == 0:
        return b"c" + chance.choice(_NAMES) + b"\n" + chance.choice(_NAMES) + b"\n"
    if kind == 1:
        return b"(" + _constant(chance) + b"i" + chance.choice(_NAMES) + b"\n" + chance.choice(_NAMES) + b"\n"
    return _text(chance) + _kept(chance) + _text(chance) + _kept(chance) + b"\x93"


def _call(chance: random.Random) -> bytes:
    arguments = chance.choice((b")", _constant(chance) + b"\x85", b"(" + _text(chance) + b"t", b"]"))
    how = chance.randrange(6)
    if how == 0:
        return b"(" + _import(chance) + _constant(chance) + b"o"
    if how == 1:
        return _import(chance) + arguments + b"\x81" + b"}" + _text(chance) + _constant(chance) + b"sb"
    if how == 2:
        return _import(chance) + arguments + b"}\x92"
    return _import(chance) + arguments + b"R" + chance.choice((b"", b"0", b"(K\x01K\x02e", b"K\x01a", b"K\x01K\x02s"))


def _constant(chance: random.Random) -> bytes:
    code = chance.choice(b"IJKMLFGNSTUVXBC\x88\x89\x8a\x8b\x8c\x8d\x8e\x96")
    return bytes([code]) + _argument(code, chance) + _kept(chance)


def _kept(chance: random.Random) -> bytes:
    key = chance.choice((0, 0, 1, 2, 3, 5, 255))
    return chance.choice(
        (
            b"",
            b"",
            b"\x94",
            b"q" + bytes([key]),
            b"r" + struct.pack("<I", key),
            b"p%d\n" % key,
            b"0h" + bytes([key]),
            b"2",
            b"\x95" + struct.pack("<Q", key),
        )
    )


def _taken(chance: random.Random) -> bytes:
    key = chance.choice((0, 0, 1, 2, 3, 5, 255))
    return chance.choice((b"h" + bytes([key]), b"j" + struct.pack("<I", key), b"g%d\n" % key, b"j\xff\xff\xff\xff"))


def _filled(chance: random.Random) -> bytes:
    items = b"".join(_constant(chance) for _ in range(chance.randrange(5)))
    return chance.choice(
        (
            b"](" + items + b"e",
            b"}(" + items + b"u",
            b"\x8f(" + items + b"\x90",
            b"(" + items + b"\x91",
            b"(" + items + b"t",
            b"(" + items + b"l",
            b"(" + items + b"d",
            b"(" + items + b"1",
            b"]" + _constant(chance) + b"a",
        )
    )


def _extension(chance: random.Random) -> bytes:
    return chance.choice((b"\x82\x01", b"\x83\x02\x00", b"\x84\x03\x00\x00\x00", b"\x84\xff\xff\xff\xff"))


def _outside(chance: random.Random) -> bytes:
    return chance.choice((b"Pid\n", b"P\xff\n", _text(chance) + b"Q", b"\x97", b"\x97\x98", b"\x98"))


def _header(chance: random.Random) -> bytes:
    size = chance.choice((0, 1, 5, 9, 40, 4000, 1 << 62, (1 << 64) - 1))
    return chance.choice((b"\x80" + bytes([chance.randrange(7)]), b"\x95" + struct.pack("<Q", size)))


_BY_CODE = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
_CODES = sorted(_BY_CODE)
_NAMES = (
    b"os",
    b"system",
    b"posix",
    b"a.b",
    b"",
    b"__builtin__",
    b"eval",
    b"copy_reg",
    b"_reconstructor",
    b"\xc3\xa9",
    b"x y",
)
_WORDS = (b"os", b"system", b"", b"a", b"'os'", b"\xff", b"\xed\xa0\x80", b"\xc3\xa9", b"1", b"\n", b"c\nos\n")
_LINES = {
    **dict.fromkeys(b"ciP", (*_NAMES, b"o\xff", b"os\0")),
    **dict.fromkeys(b"IL", (b"01", b"00", b"1", b"010", b"0x1f", b"12L", b"-3", b"1_0", b" 1 ", b"5\0", b"", b"x")),
    ord("F"): (b"1.5", b"nan", b"1_0.0", b" 2 ", b"1e999", b"", b"x"),
    ord("S"): (b"'os'", b'"os"', b"'o\\x73'", b"'\\q'", b"'\\x4'", b"os", b"'", b"'\xff'"),
    ord("V"): (b"os", b"o\\u0073", b"\\U00110000", b"\\ud800", b"\xe9", b""),
    **dict.fromkeys(b"pg", (b"0", b"1", b"2", b" 3 ", b"-1", b"0x1", b"1_0", b"99999999999999999999", b"1\0", b"")),
}
_PHRASES = (
    instruction,
    _text,
    _import,
    _import,
    _call,
    _call,
    _constant,
    _kept,
    _taken,
    _filled,
    _extension,
    _outside,
    _header,
)
