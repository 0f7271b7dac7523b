"""NumPy's `.npy` files: a header in the form of a Python literal, then the bytes of one array.

An array of Python objects is a pickle behind the header, and is described as one. The header is read by a reader that
knows nothing but what NumPy writes: a dict of the three keys, strings, numbers, booleans, tuples and lists. Source:
NEP 1; `numpy/lib/_format_impl.py`, format versions 1.0 to 3.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from hauberk.errors import Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats import magics
from hauberk.formats.model.dtype import Element, count_of, element_of
from hauberk.formats.model.pickle import description
from hauberk.formats.model.pickle.description import PickleDescription, RawArray
from hauberk.formats.model.spans import part_of
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

MAGIC = magics.NPY
HEADER_LENGTH_BYTES = {(1, 0): 2, (2, 0): 4, (3, 0): 4}
LONGEST_HEADER = 1 << 20
DEEPEST_HEADER = 32
MOST_EMPTY = 1 << 24  # elements without bytes; the length of the file bounds the others
KEYS = {"descr", "fortran_order", "shape"}

_TOKEN = re.compile(r"""\s*(?:(-?[0-9]{1,20})L?|'([^'\\\n]*)'|"([^"\\\n]*)"|(True|False)|([{}()\[\],:]))""", re.ASCII)
_CLOSERS = {"(": ")", "[": "]", "{": "}"}

Literal: TypeAlias = "str | int | bool | tuple[Literal, ...] | list[Literal] | dict[str, Literal]"


@dataclass(frozen=True, slots=True)
class Header:
    """What an `.npy` header says, and the offset of the array behind it; `code` is empty for a structure."""

    element: Element
    count: int
    end: int
    code: str = ""
    shape: tuple[int, ...] = ()
    fortran: bool = False


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> PickleDescription:
    """Return what `numpy.load` would do with an `.npy` file. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    try:
        header = read_header(view)
    except Malformed as error:
        return PickleDescription(unchecked=(_note(error.message, 0),))
    if header.element.objects:
        return description.describe(view, limits, start=header.end)
    if header.element.size == 0 and header.count > MOST_EMPTY:
        seen = f"an array of {header.count} elements without bytes, which no loop ends over"
        return PickleDescription(unchecked=(_note(seen, header.end),))
    size = header.element.size * header.count
    described = PickleDescription(arrays=(RawArray(header.end, size),))
    if header.end + size == view.size:
        return described
    seen = f"an array of {size} bytes, where {view.size - header.end} follow its header"
    end = header.end + size
    parts = (part_of(view, "behind the array", end, view.size),) if end < view.size else ()
    return replace(described, unchecked=(_note(seen, header.end),), parts=parts)


def read_header(view: View) -> Header:
    """Return what the header says; raise `Malformed` for anything that NumPy does not write."""
    start = view.read_at(0, 12)
    version = (start[6], start[7]) if len(start) == 12 and start.startswith(MAGIC) else (0, 0)
    width = HEADER_LENGTH_BYTES.get(version)
    if width is None:
        raise Malformed("not an .npy file of version 1.0, 2.0 or 3.0")
    length = int.from_bytes(start[8 : 8 + width], "little")
    end = 8 + width + length
    if length > LONGEST_HEADER or end > view.size:
        raise Malformed(f"an .npy header of {length} bytes")
    try:
        text = view.read_at(8 + width, length).decode("utf-8" if version == (3, 0) else "latin-1")
    except UnicodeDecodeError:
        raise Malformed("an .npy header that is not UTF-8") from None
    found = read_literal(text)
    if not isinstance(found, dict) or set(found) != KEYS or not isinstance(found["fortran_order"], bool):
        raise Malformed("an .npy header without exactly descr, fortran_order and shape")
    shape = found["shape"]
    if not isinstance(shape, tuple):
        raise Malformed("an .npy header whose shape is not a tuple")
    count = count_of([size if isinstance(size, int) else None for size in shape])
    code, lengths = found["descr"], tuple(size for size in shape if isinstance(size, int))
    element = _element(code, DEEPEST_HEADER)
    return Header(element, count, end, code if isinstance(code, str) else "", lengths, found["fortran_order"])


def read_literal(text: str) -> Literal:
    """Return the value of a literal of strings, whole numbers, booleans, tuples, lists and dicts.

    Raises:
        Malformed: anything else, or nested deeper than `DEEPEST_HEADER`.
    """
    tokens = []
    at, stop = 0, len(text.rstrip())
    while at < stop:
        match = _TOKEN.match(text, at)
        if match is None:
            raise Malformed(f"an .npy header that is not a plain literal, at {text[at : at + 20]!r}")
        tokens.append(match)
        at = match.end()
    value, rest = _value(tokens, 0, DEEPEST_HEADER)
    if rest != len(tokens):
        raise Malformed("an .npy header with something behind its literal")
    return value


def _value(tokens: list[re.Match[str]], at: int, depth: int) -> tuple[Literal, int]:
    number, single, double, truth, mark = tokens[at].groups() if at < len(tokens) else ("", None, None, None, "")
    if number:
        return int(number), at + 1
    if truth:
        return truth == "True", at + 1
    if mark is None:
        return str(double if single is None else single), at + 1
    if mark not in _CLOSERS or not depth:
        raise Malformed("an .npy header that is not a plain literal, or is nested too deep")
    return _sequence(tokens, at + 1, mark, depth - 1)


def _sequence(tokens: list[re.Match[str]], at: int, opener: str, depth: int) -> tuple[Literal, int]:
    """Read items up to the closing mark; a comma must stand between them and may stand behind the last."""
    items: list[Literal] = []
    keys: list[Literal] = []
    comma = True
    while _mark(tokens, at) != _CLOSERS[opener]:
        if not comma:
            raise Malformed("an .npy header with a comma missing")
        item, at = _value(tokens, at, depth)
        if opener == "{":
            keys.append(item)
            if _mark(tokens, at) != ":":
                raise Malformed("an .npy header with a key that has no value")
            item, at = _value(tokens, at + 1, depth)
        items.append(item)
        comma = _mark(tokens, at) == ","
        at += comma
    if opener == "[":
        return items, at + 1
    if opener == "(":
        return (tuple(items) if comma or len(items) != 1 else items[0]), at + 1
    named = {key: item for key, item in zip(keys, items, strict=True) if isinstance(key, str)}
    if len(named) != len(items):
        raise Malformed("an .npy header with a key twice, or one that is not a string")
    return named, at + 1


def _mark(tokens: list[re.Match[str]], at: int) -> str | None:
    return tokens[at][5] if at < len(tokens) else None


def _element(descr: Literal, depth: int) -> Element:
    """Return the element of a `descr`: a type string, or a list of fields (name, type) or (name, type, shape)."""
    if isinstance(descr, str):
        return element_of(descr)
    if isinstance(descr, tuple) and len(descr) == 2 and isinstance(descr[1], tuple) and depth:
        return _times(_element(descr[0], depth - 1), descr[1])
    if not isinstance(descr, list) or not descr or not depth:
        raise Malformed("an .npy header whose descr is not a plain type")
    size, objects = 0, False
    for field in descr:
        if not isinstance(field, tuple) or len(field) not in (2, 3) or not isinstance(field[0], str | tuple):
            raise Malformed("an .npy header with a field that is not (name, type) or (name, type, shape)")
        element = _element(field[1], depth - 1)
        if len(field) == 3:
            element = _times(element, field[2])
        size, objects = size + element.size, objects or element.objects
    return Element(size, objects)


def _times(element: Element, shape: Literal) -> Element:
    sizes = shape if isinstance(shape, tuple) else (shape,)
    return Element(element.size * count_of([s if isinstance(s, int) else None for s in sizes]), element.objects)


def _note(detail: str, offset: int) -> Unchecked:
    return Unchecked(UncheckedCode.MALFORMED, detail, Location(offset=offset))
