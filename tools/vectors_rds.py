"""Vectors of R's serialised objects, version 2, big-endian."""

from __future__ import annotations

from vector import Vector

HEAD = b"X\n" + (2).to_bytes(4, "big") + (0x040402).to_bytes(4, "big") + (0x020300).to_bytes(4, "big")
NULL, GLOBAL, UNBOUND = 254, 253, 252


def word(value: int) -> bytes:
    """Return an integer as the format has it."""
    return value.to_bytes(4, "big", signed=True)


def characters(text: bytes) -> bytes:
    """Return a CHARSXP."""
    return word(9 | 64 << 12) + word(len(text)) + text


def symbol(name: bytes) -> bytes:
    """Return a SYMSXP."""
    return word(1) + characters(name)


def call(function: bytes, argument: bytes) -> bytes:
    """Return a LANGSXP of one argument, a text."""
    return word(6) + symbol(function) + word(2) + word(16) + word(1) + characters(argument) + word(NULL)


def promise(value: bytes) -> bytes:
    """Return a PROMSXP in the global environment, with a value and an expression."""
    return word(5 | 0x400) + word(GLOBAL) + value + call(b"print", b"x")


def environment(value: bytes) -> bytes:
    """Return an ENVSXP in which `x` has a value."""
    frame = word(2 | 0x400) + symbol(b"x") + value + word(NULL)
    return word(4) + word(0) + word(GLOBAL) + frame + 2 * word(NULL)


NUMBERS = word(14) + word(2) + bytes(16)
NAMES = word(2 | 0x400) + symbol(b"names") + word(16) + word(1) + characters(b"a") + word(NULL)
LIST = word(19 | 0x200) + word(1) + NUMBERS + NAMES
BINDING = word(2 | 0x400 | 0x8000 << 12) + symbol(b"x") + word(NULL) + word(NULL)
CODE = word(21) + word(1) + word(13) + word(1) + word(8) + word(0)
CLASS = word(2 | 0x400) + symbol(b"class") + promise(word(UNBOUND)) + word(NULL)
LAZY_LIST = word(19) + word(1) + promise(word(UNBOUND))
ENTRY = word(2 | 0x400) + symbol(b"x") + promise(word(UNBOUND)) + word(NULL)
TABLE = word(19) + word(2) + word(NULL) + ENTRY
ASCII = b"A\n2\n263169\n131840\n"

RULES: dict[str, dict[str, dict[str, bytes]]] = {
    "rds-runs-when-touched": {
        "fail": {
            "promise.rds": HEAD + promise(word(UNBOUND)),
            "in-a-list.rds": HEAD + word(19) + word(1) + promise(word(UNBOUND)),
            "ascii.rds": ASCII + b"1029\n253\n252\n254\n",
            "binding.rds": HEAD + BINDING,
            "in-an-attribute.rds": HEAD + word(4) + word(0) + word(GLOBAL) + 2 * word(NULL) + CLASS,
            "in-a-list-in-an-environment.rds": HEAD + environment(LAZY_LIST),
            "behind-numbers.rds": HEAD + word(19) + word(2) + NUMBERS + promise(word(UNBOUND)),
            "workspace.RData": b"RDX2\n" + HEAD + promise(word(UNBOUND)),
        },
        "pass": {
            "evaluated.rds": HEAD + promise(NUMBERS),
            "lazy-in-an-environment.rds": HEAD + environment(promise(word(UNBOUND))),
            "lazy-in-a-table.rds": HEAD + word(4) + word(0) + word(GLOBAL) + word(NULL) + TABLE + word(NULL),
            "in-an-environment.rds": HEAD + word(4) + word(0) + word(GLOBAL) + BINDING + 2 * word(NULL),
        },
    },
    "rds-brings-code": {
        "fail": {
            "call.rds": HEAD + call(b"system", b"id"),
            "byte-code.rds": HEAD + CODE,
            "pointer.rds": HEAD + word(22) + 2 * word(NULL),
        },
        "pass": {
            "function.rds": HEAD + word(3) + word(NULL) + CODE,
            "promise.rds": HEAD + word(5) + NUMBERS + CODE,
            "pointer-in-a-list.rds": HEAD + word(19) + word(1) + word(22) + 2 * word(NULL),
            "call.rds": HEAD + call(b"lm", b"y ~ x"),
        },
    },
}

FORMATS = (
    Vector("rds", "numbers", HEAD + NUMBERS, "a vector"),
    Vector("rds", "version-3", HEAD[:5] + b"\x03" + HEAD[6:] + word(5) + b"UTF-8" + NUMBERS, "with an encoding"),
    Vector("rds", "list", HEAD + LIST, "a list with names"),
    Vector("rds", "reference", HEAD + word(19) + word(2) + symbol(b"a") + word(255 | 1 << 8), "a symbol, twice"),
    Vector("rds", "ascii", ASCII + b"14\n1\n0.5\n", "a number in text"),
    Vector("rds", "environment", HEAD + word(4) + word(0) + word(253) + 3 * word(NULL), "an environment"),
    Vector("rds", "cut", HEAD + NUMBERS[:-1], "a byte is missing", (), "are left"),
    Vector("rds", "behind", HEAD + NUMBERS + b"x", "a byte behind the end", (), "behind the object"),
    Vector(
        "rds", "no-such-reference", HEAD + word(255 | 9 << 8), "a reference to nothing", (), "reference to object 9"
    ),
    Vector("rds", "no-such-kind", HEAD + word(77), "no such kind", (), "of the kind 77"),
    Vector("rds", "long-list", HEAD + word(19) + word(2**31 - 1), "a list longer than the file", (), "ends inside"),
    Vector("rds", "negative", HEAD + word(14) + word(-7), "a negative length", (), "a length of -7"),
    Vector("rds", "ascii-words", ASCII + b"14\n1 2\n", "a line that is no number", (), "no whole number"),
)
READERS = {"rds": "hauberk.formats.model.rds"}
