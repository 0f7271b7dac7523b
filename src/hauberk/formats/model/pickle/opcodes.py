"""The instruction set of pickle, protocols 0 to 5: one row an instruction.

Source: `Lib/pickletools.py` and `Modules/_pickle.c` of CPython 3.11; PEP 307, PEP 3154, PEP 574. A test compares this
table with `pickletools.opcodes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Argument(Enum):
    """What follows an instruction's byte: the number of bytes for a fixed argument, else how it ends."""

    NOTHING = 0
    BYTE = 1
    TWO = 2
    FOUR = 4
    EIGHT = 8
    LINE = "up to the next newline"
    TWO_LINES = "two lines"
    COUNTED_1 = "a length of one byte, then as many bytes"
    COUNTED_4 = "a length of four bytes, little-endian, then as many bytes"
    COUNTED_8 = "a length of eight bytes, little-endian, then as many bytes"


@dataclass(frozen=True, slots=True)
class Opcode:
    """An instruction: its byte, its name in CPython, its argument; `constant` where it only pushes a value."""

    code: int
    name: str
    argument: Argument
    constant: bool = False


OPCODES: tuple[Opcode, ...] = (
    # numbers
    Opcode(0x49, "INT", Argument.LINE, constant=True),
    Opcode(0x4A, "BININT", Argument.FOUR, constant=True),
    Opcode(0x4B, "BININT1", Argument.BYTE, constant=True),
    Opcode(0x4D, "BININT2", Argument.TWO, constant=True),
    Opcode(0x4C, "LONG", Argument.LINE, constant=True),
    Opcode(0x8A, "LONG1", Argument.COUNTED_1, constant=True),
    Opcode(0x8B, "LONG4", Argument.COUNTED_4, constant=True),
    Opcode(0x46, "FLOAT", Argument.LINE, constant=True),
    Opcode(0x47, "BINFLOAT", Argument.EIGHT, constant=True),
    Opcode(0x4E, "NONE", Argument.NOTHING, constant=True),
    Opcode(0x88, "NEWTRUE", Argument.NOTHING, constant=True),
    Opcode(0x89, "NEWFALSE", Argument.NOTHING, constant=True),
    # text and bytes
    Opcode(0x53, "STRING", Argument.LINE, constant=True),
    Opcode(0x54, "BINSTRING", Argument.COUNTED_4, constant=True),
    Opcode(0x55, "SHORT_BINSTRING", Argument.COUNTED_1, constant=True),
    Opcode(0x56, "UNICODE", Argument.LINE, constant=True),
    Opcode(0x8C, "SHORT_BINUNICODE", Argument.COUNTED_1, constant=True),
    Opcode(0x58, "BINUNICODE", Argument.COUNTED_4, constant=True),
    Opcode(0x8D, "BINUNICODE8", Argument.COUNTED_8, constant=True),
    Opcode(0x42, "BINBYTES", Argument.COUNTED_4, constant=True),
    Opcode(0x43, "SHORT_BINBYTES", Argument.COUNTED_1, constant=True),
    Opcode(0x8E, "BINBYTES8", Argument.COUNTED_8, constant=True),
    Opcode(0x96, "BYTEARRAY8", Argument.COUNTED_8, constant=True),
    Opcode(0x97, "NEXT_BUFFER", Argument.NOTHING),
    Opcode(0x98, "READONLY_BUFFER", Argument.NOTHING),
    # containers
    Opcode(0x5D, "EMPTY_LIST", Argument.NOTHING),
    Opcode(0x61, "APPEND", Argument.NOTHING),
    Opcode(0x65, "APPENDS", Argument.NOTHING),
    Opcode(0x6C, "LIST", Argument.NOTHING),
    Opcode(0x29, "EMPTY_TUPLE", Argument.NOTHING),
    Opcode(0x74, "TUPLE", Argument.NOTHING),
    Opcode(0x85, "TUPLE1", Argument.NOTHING),
    Opcode(0x86, "TUPLE2", Argument.NOTHING),
    Opcode(0x87, "TUPLE3", Argument.NOTHING),
    Opcode(0x7D, "EMPTY_DICT", Argument.NOTHING),
    Opcode(0x64, "DICT", Argument.NOTHING),
    Opcode(0x73, "SETITEM", Argument.NOTHING),
    Opcode(0x75, "SETITEMS", Argument.NOTHING),
    Opcode(0x8F, "EMPTY_SET", Argument.NOTHING),
    Opcode(0x90, "ADDITEMS", Argument.NOTHING),
    Opcode(0x91, "FROZENSET", Argument.NOTHING),
    # stack
    Opcode(0x30, "POP", Argument.NOTHING),
    Opcode(0x32, "DUP", Argument.NOTHING),
    Opcode(0x28, "MARK", Argument.NOTHING),
    Opcode(0x31, "POP_MARK", Argument.NOTHING),
    # memo
    Opcode(0x67, "GET", Argument.LINE),
    Opcode(0x68, "BINGET", Argument.BYTE),
    Opcode(0x6A, "LONG_BINGET", Argument.FOUR),
    Opcode(0x70, "PUT", Argument.LINE),
    Opcode(0x71, "BINPUT", Argument.BYTE),
    Opcode(0x72, "LONG_BINPUT", Argument.FOUR),
    Opcode(0x94, "MEMOIZE", Argument.NOTHING),
    # what has effects
    Opcode(0x82, "EXT1", Argument.BYTE),
    Opcode(0x83, "EXT2", Argument.TWO),
    Opcode(0x84, "EXT4", Argument.FOUR),
    Opcode(0x63, "GLOBAL", Argument.TWO_LINES),
    Opcode(0x93, "STACK_GLOBAL", Argument.NOTHING),
    Opcode(0x52, "REDUCE", Argument.NOTHING),
    Opcode(0x62, "BUILD", Argument.NOTHING),
    Opcode(0x69, "INST", Argument.TWO_LINES),
    Opcode(0x6F, "OBJ", Argument.NOTHING),
    Opcode(0x81, "NEWOBJ", Argument.NOTHING),
    Opcode(0x92, "NEWOBJ_EX", Argument.NOTHING),
    Opcode(0x50, "PERSID", Argument.LINE),
    Opcode(0x51, "BINPERSID", Argument.NOTHING),
    # the stream itself
    Opcode(0x80, "PROTO", Argument.BYTE),
    Opcode(0x2E, "STOP", Argument.NOTHING),
    Opcode(0x95, "FRAME", Argument.EIGHT),
)

BY_CODE: dict[int, Opcode] = {row.code: row for row in OPCODES}
HIGHEST_PROTOCOL = 5
