"""Canonical JSON (RFC 8785), strictly both ways.

`encode` is the `rfc8785` library behind our error door. `decode` refuses what JSON readers commonly let pass: duplicate
keys (decoders keep the last one silently), depth without end, numbers that no double holds, lone surrogates.
`decode_canonical` also refuses every text that is not the one canonical encoding of its value.

Most documents are *plain*: no number but small integers and fractions of ordinary size, no character outside of the
Basic Multilingual Plane. There `orjson`, with sorted keys, writes RFC 8785 exactly: what the two do differently is how
they write other numbers, and how they sort surrogate pairs. It is a hundred times as fast, and a ledger lives by it. It
only writes: what others wrote is read by the standard library.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

import orjson
import rfc8785

from hauberk.errors import Exceeded, Malformed
from hauberk.limits import DEFAULT_LIMITS, Limits

_EXACT = 1 << 53
_SMALL = 1e-4  # below, the fast writer has an exponent before ECMAScript has, which is only below 1e-6
# The closing quote is optional: a string without one swallows the rest once, instead of being tried at every quote.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_NO_STRUCTURE = bytes(set(range(256)) - set(b'"[]{}'))
_STRINGS = frozenset({str})
_MOST_PLAIN = 1 << 20  # values in a document that is written the fast way
# A number of 16 digits or more, in a canonical text: digits are zeros here, and what stands before them is a comma.
_SHAPE = bytes(ord("0") if byte in b"0123456789" else ord(",") if byte in b":[,-" else byte for byte in range(256))
_LARGE = b"," + b"0" * 16
_BEYOND_BMP = re.compile(rb"[\xf0-\xff]")  # UTF-8 of four bytes


def encode(value: Any) -> bytes:
    """Return the RFC 8785 encoding of plain data; raise `Malformed` for a value that it cannot hold."""
    try:
        if _is_plain(value):
            data = _write_plain(value)
            if data.isascii() or not _BEYOND_BMP.search(data):
                return data
    except ValueError:
        pass  # deeper than the fast writer goes, or half of a character
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise Malformed(f"not representable as canonical JSON: {error}") from None


def encode_plain(value: Any) -> bytes:
    """Return the RFC 8785 encoding of data whose keys are ASCII and whose numbers are whole and below 2^53.

    For those the standard library's writer gives the same bytes, ten times as fast. The caller knows what it passes.

    Raises:
        Malformed: a text that is not UTF-8.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"not representable as canonical JSON: {error}") from None


def decode(data: bytes, *, what: str = "document", limits: Limits = DEFAULT_LIMITS) -> Any:
    """Return the value of one JSON text.

    Raises:
        Exceeded: longer than `max_document_bytes` or deeper than `max_document_depth`.
        Malformed: not UTF-8, not JSON, a key twice in an object, or a number outside of the range of a double.
    """
    check_size(data, what=what, limits=limits)
    try:
        return json.loads(
            data.decode("utf-8", "strict"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except Malformed as error:
        raise Malformed(f"the {what} is not strict JSON: {error.message}") from None
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the {what} is not JSON: {error}") from None


def decode_canonical(data: bytes, *, what: str = "document", limits: Limits = DEFAULT_LIMITS) -> Any:
    """Return the value of a text that is its own RFC 8785 encoding; raise `Malformed` where one byte differs."""
    check_size(data, what=what, limits=limits)
    try:
        return _read_plain(data)
    except (ValueError, RecursionError):
        pass  # not plain, or not canonical: the long way says which
    value = decode(data, what=what, limits=limits)
    if encode(value) != data:
        raise Malformed(
            f"the {what} is not in canonical form (RFC 8785)", "it was changed or re-encoded after it was made"
        )
    return value


def check_size(data: bytes, *, what: str = "document", limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise `Exceeded` for a JSON text that is longer than `max_document_bytes` or deeper than `max_document_depth`."""
    if len(data) > limits.max_document_bytes:
        raise Exceeded(f"the {what} is {len(data)} bytes long, the limit is {limits.max_document_bytes}")
    _check_depth(data, what, limits.max_document_depth)


def _is_plain(value: Any) -> bool:
    """Say whether the fast writer writes a value as RFC 8785 does, but for surrogate pairs in keys."""
    waiting = [value]
    for _ in range(_MOST_PLAIN):  # a value that holds itself has no end
        if not waiting:
            return True
        value = waiting.pop()
        kind = type(value)
        if kind is str or kind is bool or value is None or (kind is int and -_EXACT < value < _EXACT):
            continue
        if kind is dict:
            if not _STRINGS.issuperset(map(type, value)):
                return False
            waiting.extend(value.values())
        elif kind is list or kind is tuple:
            waiting.extend(value)
        elif kind is not float or not _is_fraction(value):
            return False
    return False


def _read_plain(data: bytes) -> Any:
    """Return the value of a plain text in canonical form; raise `ValueError` for every other text.

    A text that is what the writer writes for its value has each key once, sorted, and nothing beside the values.
    """
    if _LARGE in b"," + data.translate(_SHAPE) or not (data.isascii() or not _BEYOND_BMP.search(data)):
        raise ValueError
    value, _ = _PLAIN.raw_decode(data.decode("utf-8", "strict"))
    if _write_plain(value) != data:
        raise ValueError
    return value


def _is_fraction(value: float) -> bool:
    """Say whether the fast writer writes a number as ECMAScript does: the shortest digits, a point, no exponent."""
    return _SMALL <= abs(value) < _EXACT and not value.is_integer()


def _fraction(text: str) -> float:
    value = float(text)
    if not _is_fraction(value):
        raise ValueError(text)
    return value


def _not_plain(text: str) -> NoReturn:
    raise ValueError(text)


_PLAIN = json.JSONDecoder(parse_float=_fraction, parse_constant=_not_plain)


def _write_plain(value: Any) -> bytes:
    """Return a plain value in RFC 8785's form, but for the order of surrogate pairs in keys."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed(f"the key {twice!r} occurs twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Malformed(f"the number {text[:40]} is outside of the range of a double")
    return value


def _whole(text: str) -> int | float:
    """Return an int where every int has its own double; beyond, a number is the double that it names (RFC 8785)."""
    value = _finite(text)
    return int(text) if abs(value) < _EXACT else value


def _check_depth(data: bytes, what: str, limit: int) -> None:
    """Raise `Exceeded` past `limit` open brackets (not those in strings), before a recursive reader sees them."""
    if data.count(b"[") + data.count(b"{") <= limit:
        return
    if b"\\" not in data:  # then each quote opens or closes, and a bracket is in a string after an odd number of them
        data = data.translate(None, _NO_STRUCTURE).replace(b'""', b"")
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > limit:
            raise Exceeded(f"the {what} nests deeper than {limit}")
