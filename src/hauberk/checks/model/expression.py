"""Writes an effect as the Python expression that it amounts to, short and printable whatever the stream holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.symbol import Blob, Global, Items, Made, Nothing, Number, Registered, Text, Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.symbol import Effect, Symbol

LONGEST: Final = 160
_LONGEST_TEXT: Final = 80
_MOST_ARGUMENTS: Final = 6
_DEEPEST: Final = 3
_BRACKETS: Final = {"list": ("[", "]"), "set": ("{", "}"), "frozenset": ("{", "}"), "dict": ("{", "}")}


def expression(effect: Effect) -> str:
    """Return for example `os.system('echo hi')`, at most `LONGEST` characters."""
    target, arguments = shown(effect.callable), _list(effect.arguments, _DEEPEST)
    match effect.use:
        case Use.IMPORT:
            text = f"imports {target}"
        case Use.CALL:
            text = f"{target}({arguments})"
        case Use.NEW:
            text = f"{target}.__new__({arguments})"
        case Use.BUILD:
            text = f"{target}.__setstate__({arguments})"
        case Use.EXTEND:
            text = f"{target}.extend({arguments})"
        case Use.PERSISTENT:
            text = f"persistent_load({arguments})"
    return _cut(text, LONGEST)


def shown(symbol: Symbol, deepest: int = _DEEPEST) -> str:
    """Return a symbol as Python would write it, nested at most `deepest` times."""
    if deepest == 0:
        return "…"
    match symbol:
        case Text():
            return repr(_cut(symbol.value, _LONGEST_TEXT))
        case Blob():
            return f"<{symbol.size} bytes>"
        case Number():
            return "<a long number>" if symbol.value is None else _cut(_number(symbol.value), _LONGEST_TEXT)
        case Nothing():
            return "None"
        case Global():
            return printable(f"{_cut(symbol.module, _LONGEST_TEXT)}.{_cut(symbol.name, _LONGEST_TEXT)}")
        case Registered():
            return f"<extension {symbol.code}>"
        case Made():
            return f"{shown(symbol.callable, deepest - 1)}({_list(symbol.arguments, deepest - 1)})"
        case Items():
            left, right = _BRACKETS.get(symbol.kind, ("(", ")"))
            return f"{left}{_list(symbol.items, deepest - 1)}{right}"
        case _:
            return f"<{printable(symbol.why)}>"


def printable(text: str) -> str:
    """Return a text with all that is not printable escaped: line breaks, and letters that change the direction."""
    return text if text.isprintable() else repr(text)[1:-1]


def _list(symbols: Sequence[Symbol], deepest: int) -> str:
    texts = [shown(symbol, deepest) for symbol in symbols[:_MOST_ARGUMENTS]]
    return ", ".join([*texts, "…"] if len(symbols) > _MOST_ARGUMENTS else texts)


def _number(value: float) -> str:
    """Return digits; `repr` of a very long int is refused by Python itself, and would be no help."""
    return f"<a number of {value.bit_length()} bits>" if isinstance(value, int) and abs(value) >> 256 else repr(value)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
