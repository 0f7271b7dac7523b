"""Rules for transformers and tokenizers, whose classes look attributes up in ways of their own."""

from __future__ import annotations

import re
from typing import Final

from hauberk.callables.arguments.ask import first_unlike, is_bytes, odd_keys
from hauberk.callables.arguments.attributes import Attribute, attributes, never
from hauberk.callables.table import called, makes
from hauberk.symbol import Effect, Items, Nothing, Number, Symbol, Text, Use


def settings(effect: Effect) -> str:
    """Attributes, but none that says how others are looked up, or that hashing or comparing would call."""
    return attributes(effect, _SETTINGS)


def enum(effect: Effect) -> str:
    """A member by its value; with more arguments a class would be made."""
    if effect.use is not Use.CALL or len(effect.arguments) != 1:
        return "takes the value of a member"
    return first_unlike(effect.arguments, (Text, Number), "takes the value of a member")


def encoding(effect: Effect) -> str:
    """A dict of results, which answers attributes from its items."""
    return attributes(effect, _ENCODING, once=False)


def native(effect: Effect) -> str:
    """A part of a tokenizer, and its description in bytes, which the native parser reads."""
    if effect.use is Use.BUILD:
        return "" if is_bytes(effect.arguments[0]) else "takes a description in bytes"
    for argument in effect.arguments:
        if not makes(argument, "tokenizers.models.Model"):
            return "takes a model of tokens"
    return ""


def _is_dict(symbol: Symbol) -> bool:
    return (isinstance(symbol, Items) and symbol.kind == "dict") or called(symbol, "collections.OrderedDict")


def _is_list_or_nothing(symbol: Symbol) -> bool:
    return isinstance(symbol, Nothing) or (isinstance(symbol, Items) and symbol.kind == "list")


def _hides_nothing(symbol: Symbol) -> bool:
    return isinstance(symbol, Items) and symbol.kind == "dict" and not odd_keys(symbol)


_SETTINGS: Final = (
    # `attribute_map` says under which name an attribute is looked up, `__setstate__` too; hashing calls the others.
    Attribute(
        re.compile(r"attribute_map|SPECIAL_TOKENS_ATTRIBUTES|(to|get|from|dict|convert|update|validate)_\w+", re.ASCII),
        never,
        "is given {name}, which is called, or by which others are looked up",
    ),
    Attribute(re.compile("_?special_tokens_map"), _is_dict, "holds something else than a dict as {name}"),
)
_ENCODING: Final = (
    Attribute(re.compile("encodings"), _is_list_or_nothing, "holds something else than a list of encodings"),
    Attribute(re.compile("data"), _hides_nothing, "holds items that would hide a method"),
    Attribute(
        re.compile(r"(?!(?:data|encodings|_encodings|_n_sequences)\Z).*", re.DOTALL),
        never,
        "has no attribute {name} in real files",
    ),
)
