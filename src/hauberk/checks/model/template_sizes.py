"""What in a template's code makes more than any conversation has: a text of gigabytes, a number of a million digits.

A sandbox keeps a template from Python's names, and bounds each `range`; it bounds nothing else. So `'a' * 10 ** 10` or
`'%9999999999s' % 1` is enough to take down the server that renders it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.text.jinja import Token

_MANY: Final = 10_000_000
_MANY_TOGETHER: Final = 1_000_000_000
_COUNTED: Final = 100  # smaller factors stand in every sum
_MANY_DIGITS: Final = 1000
_LONGEST: Final = 400
# A width of a format: `%99999999s`, `{:99999999}`; one that is given as a value is a number of its own.
_WIDTH: Final = re.compile(r"%[-+ #0]*[0-9]{7,}|%[-+ #0]*(?:[0-9]+|\*)?\.[0-9]{7,}|\{[^{}]{0,64}:[^{}]{0,16}?[0-9]{7,}")


def large(tokens: tuple[Token, ...]) -> Iterator[int]:
    """Yield the places of tokens that make so much: numbers, powers, products, widths, texts that double themselves."""
    product = 1.0
    for index, token in enumerate(tokens):
        if token.kind == "number":
            value = _value(token.text) if _text(tokens, index - 1) != "**" else _raised(tokens, index)
            repeats = _repeats(tokens, index)
            product *= min(value, _MANY) if repeats and value >= _COUNTED else 1.0
            if value >= _MANY or product >= _MANY_TOGETHER:
                product = 1
                yield index
        elif _makes_much(tokens, index):
            yield index


def _makes_much(tokens: tuple[Token, ...], index: int) -> bool:
    token = tokens[index]
    if token.kind == "string":
        return _WIDTH.search(token.text) is not None
    return token.kind == "operator" and (_is_power(tokens, index) or _doubles(tokens, index))


def _value(text: str) -> float:
    """Return a number's value; one that is too long to be read is as large as one can be."""
    plain = text[:_LONGEST].replace("_", "").lower()
    try:
        return int(plain, 0) if plain[1:2] in ("x", "o", "b") else float(plain)
    except (ValueError, OverflowError):
        return float("inf")


def _raised(tokens: tuple[Token, ...], index: int) -> float:
    """Return the value of a power whose exponent stands here, where its base is a number too; else the exponent."""
    exponent, before = _value(tokens[index].text), tokens[index - 2] if index > 1 else None
    if before is None or before.kind != "number":
        return exponent
    try:
        return float(_value(before.text) ** exponent)
    except OverflowError:
        return float("inf")


def _repeats(tokens: tuple[Token, ...], index: int) -> bool:
    """Say whether a number says how often: beside `*`, or last in what a range is given."""
    before, after = _text(tokens, index - 1), _text(tokens, index + 1)
    return not {"*", "**"}.isdisjoint((before, after)) or (
        index > 1 and before in ("(", ",") and after == ")" and _is_range(tokens, index)
    )


def _is_range(tokens: tuple[Token, ...], index: int) -> bool:
    return any(token.kind == "name" and token.text == "range" for token in tokens[max(0, index - 4) : index])


def _is_power(tokens: tuple[Token, ...], index: int) -> bool:
    """Say whether a power is one of a power, or makes a number of thousands of digits."""
    if tokens[index].text != "**":
        return False
    ahead = [token for token in tokens[index + 1 : index + 3] if token.kind in ("number", "operator")]
    return any(token.text == "**" or (token.kind == "number" and _value(token.text) >= _MANY_DIGITS) for token in ahead)


def _doubles(tokens: tuple[Token, ...], index: int) -> bool:
    """Say whether a name is put behind itself, as `x ~ x`, which a loop makes into 2 to the number of its turns."""
    if tokens[index].text not in ("~", "+") or index + 1 >= len(tokens):
        return False
    size = 1
    while index - size > 1 and tokens[index - size].kind == "attribute":
        size += 2
    left = [(token.kind, token.text) for token in tokens[max(0, index - size) : index]]
    right = [(token.kind, token.text) for token in tokens[index + 1 : index + 1 + size]]
    follows = _text(tokens, index + 1 + size)
    return left == right and bool(left) and left[0][0] == "name" and follows not in (".", "[", "(")


def _text(tokens: tuple[Token, ...], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) and tokens[index].kind == "operator" else ""
