"""Rules for transformers and tokenizers, whose classes look attributes up in ways of their own."""

from __future__ import annotations

import re
from typing import Final

from hauberk.callables.arguments.ask import first_unlike, is_bytes, is_reserved, odd_keys
from hauberk.callables.arguments.plain import scalars
from hauberk.callables.table import called, makes
from hauberk.symbol import Effect, Items, Made, Nothing, Number, Symbol, Text, Use

# `attribute_map` says under which name an attribute is looked up, `__setstate__` too; the others are called by hashing.
_LOOKED_UP: Final = re.compile(
    r"attribute_map|SPECIAL_TOKENS_ATTRIBUTES|(to|get|from|dict|convert|update|validate)_\w+", re.ASCII
)
_TABLES: Final = ("_special_tokens_map", "special_tokens_map")


def settings(effect: Effect) -> str:
    """Attributes, but none that says how others are looked up, or that hashing or comparing would call."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if wrong := odd_keys(state):
        return wrong
    if not isinstance(effect.callable, Made) or effect.callable.state is not state:
        return "is given a second state"
    for key, value in _pairs(state):
        if _LOOKED_UP.fullmatch(key):
            return f"is given {key[:64]}, which is called, or by which others are looked up"
        if key in _TABLES and not _is_dict(value):
            return f"holds something else than a dict as {key}"
    return ""


def enum(effect: Effect) -> str:
    """A member by its value; with more arguments a class would be made."""
    if effect.use is not Use.CALL or len(effect.arguments) != 1:
        return "takes the value of a member"
    return first_unlike(effect.arguments, (Text, Number), "takes the value of a member")


def encoding(effect: Effect) -> str:
    """A dict of results, which answers attributes from its items."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if wrong := odd_keys(state):
        return wrong
    for key, value in _pairs(state):
        if key == "encodings" and not isinstance(value, Nothing) and not _is_list(value):
            return "holds something else than a list of encodings"
        if key == "data" and (not isinstance(value, Items) or value.kind != "dict" or odd_keys(value)):
            return "holds items that would hide a method"
        if key not in ("data", "encodings", "_encodings", "_n_sequences") or is_reserved(key):
            return f"has no attribute {key[:64]} in real files"
    return ""


def native(effect: Effect) -> str:
    """A part of a tokenizer, and its description in bytes, which the native parser reads."""
    if effect.use is Use.BUILD:
        return "" if is_bytes(effect.arguments[0]) else "takes a description in bytes"
    for argument in effect.arguments:
        if not makes(argument, "tokenizers.models.Model"):
            return "takes a model of tokens"
    return ""


def _pairs(state: Symbol) -> list[tuple[str, Symbol]]:
    items = state.items if isinstance(state, Items) else []
    return [(key.value, value) for key, value in zip(items[::2], items[1::2], strict=False) if isinstance(key, Text)]


def _is_dict(symbol: Symbol) -> bool:
    return (isinstance(symbol, Items) and symbol.kind == "dict") or called(symbol, "collections.OrderedDict")


def _is_list(symbol: Symbol) -> bool:
    return isinstance(symbol, Items) and symbol.kind == "list"
