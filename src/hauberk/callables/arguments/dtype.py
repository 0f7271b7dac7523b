"""The rule for `numpy.dtype`, whose `__setstate__` believes what it is given.

A structure with an object field, and flags that deny it, turns bytes of the stream into pointers to objects, which the
first use of such a value follows. So sizes, offsets and flags must agree with the fields. Sources:
`arraydescr_setstate`, numpy/_core/src/multiarray/descriptor.c; flags, numpy/_core/include/numpy/ndarraytypes.h.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from hauberk.callables.arguments.ask import count_of, is_bytes
from hauberk.callables.table import makes, row_of
from hauberk.symbol import Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Use

_CODE: Final = re.compile(r"([biufcmMOSUV])(\d{1,9})", re.ASCII)
_RECORDS: Final = ("numpy.record", "numpy.rec.record", "numpy.void")
_UNICODE_BYTES: Final = 4
_ORDERS: Final = ("<", ">", "|", "=")
_ALIGNMENTS: Final = (1, 2, 4, 8, 16, 32, 64)
_ORDER, _SIZE, _ALIGNMENT, _FLAGS, _METADATA = 1, 5, 6, 7, 8  # places in the state
_OBJECT: Final = 0x3F  # NPY_OBJECT_DTYPE_FLAGS
_COUNTED: Final = 0x01  # NPY_ITEM_REFCOUNT: a value is, or holds, a pointer to an object
_NEEDS_INIT: Final = 0x08
_STRUCTURE: Final = 0x10  # NPY_NEEDS_PYAPI, which every structure has
_FROM_FIELDS: Final = 0x1B  # what a structure takes over from its fields
_ALIGNED_STRUCT: Final = 0x80
_UNIT_NUMBERS: Final = 3  # of a time: how many units, numerator, event


def dtype(effect: Effect) -> str:
    """A type code with its own copy, and a state whose sizes, offsets and flags agree with its fields."""
    if effect.use is Use.CALL:
        match effect.arguments:
            case (code, Number(value=0), Number(value=1)) if _letter(code):
                return ""
        return "takes one type code, and asks for a copy of its own"
    made, state = effect.callable, effect.arguments[0]
    if not isinstance(made, Made) or made.state is not state or made.changed > effect.offset:
        return "is given a second state, so its fields could differ from what was checked"
    return "" if _agrees(made, effect.offset) else "is given a size, fields and flags that do not agree"


def holds_no_objects(kind: Symbol, offset: int) -> bool:
    """Say whether no value of a data type is a pointer, as it was when it was used at `offset`, and stays so."""
    if not isinstance(kind, Made) or not makes(kind, "numpy.dtype") or kind.changed > offset:
        return False
    if not kind.arguments or _letter(kind.arguments[0]) in ("", "O"):
        return False
    flags = _flags(kind)
    return flags is not None and not flags & _COUNTED


def _letter(code: Symbol) -> str:
    """Return the letter of a data type's code, or an empty text."""
    if isinstance(code, Global):
        return "V" if row_of(code) and str(code) in _RECORDS else ""
    found = _CODE.fullmatch(code.value) if isinstance(code, Text) and not code.cut else None
    return found[1] if found else ""


def _number(state: Symbol | None, place: int) -> int | None:
    item = state.items[place] if isinstance(state, Items) and len(state.items) > place else None
    return item.value if isinstance(item, Number) and isinstance(item.value, int) else None


def is_structure(kind: Symbol) -> bool:
    """Say whether a data type has the code of records, whatever fields it has."""
    return isinstance(kind, Made) and bool(kind.arguments) and _letter(kind.arguments[0]) == "V"


def size_of(kind: Symbol) -> int | None:
    """Return the bytes of one element, None if unknown; a record's size stands in its state, not in its code."""
    if not isinstance(kind, Made) or not kind.arguments:
        return None
    code = kind.arguments[0]
    if isinstance(code, Text) and (found := _CODE.fullmatch(code.value)):
        return int(found[2]) * (_UNICODE_BYTES if found[1] == "U" else 1)
    return _number(kind.state, _SIZE)


def _flags(kind: Made) -> int | None:
    """Return the flags of a data type, as its state or else its code gives them."""
    if kind.state is not None:
        return _number(kind.state, _FLAGS)
    return {"O": _OBJECT, "U": _NEEDS_INIT}.get(_letter(kind.arguments[0]), 0)


def _agrees(kind: Made, offset: int) -> bool:
    """Say whether the state of a data type agrees with its code and its fields, as they were at `offset`.

    The fields' own types are not followed: each was judged when it was given its state, which is before this.
    """
    state = kind.state
    if not kind.arguments or not isinstance(state, Items) or state.kind != "tuple" or state.cut:
        return False
    letter, whole, flags = _letter(kind.arguments[0]), size_of(kind), _number(state, _FLAGS)
    if flags is None or not _is_plain(state.items, letter):
        return False
    under, names, fields = state.items[2:5]
    if isinstance(under, Nothing) and isinstance(names, Nothing) and isinstance(fields, Nothing):
        if letter in ("S", "U", "V"):
            return _number(state, _SIZE) == whole and flags in (0, _NEEDS_INIT if letter == "U" else 0)
        return flags == (_OBJECT if letter == "O" else 0)
    if letter != "V" or whole is None or _number(state, _SIZE) != whole:
        return False
    if isinstance(names, Nothing) and isinstance(fields, Nothing):
        inner = _array_of(under)
        return inner is not None and _fits(inner, whole, offset) == flags
    inner = _fields(names, fields, offset) if isinstance(under, Nothing) else None
    if inner is None or (found := _fits(inner, whole, offset)) is None:
        return False
    return flags & 0xFF & ~_ALIGNED_STRUCT == _STRUCTURE | (found & _FROM_FIELDS)


def _is_plain(items: list[Symbol], letter: str) -> bool:
    """Say whether version, byte order, alignment and metadata of a state are such as NumPy writes."""
    match items:
        case [Number(value=3), Text(value=order), _, _, _, Number(), Number(value=alignment), Number()]:
            metadata: Symbol = Nothing()
        case [Number(value=4), Text(value=order), _, _, _, Number(), Number(value=alignment), Number(), metadata]:
            pass
        case _:
            return False
    if order not in _ORDERS or (letter in ("S", "U", "V") and alignment not in _ALIGNMENTS):
        return False
    if letter not in ("m", "M"):
        return isinstance(metadata, Nothing) or (isinstance(metadata, Items) and metadata.kind == "dict")
    match metadata:
        case Items(
            kind="tuple", items=[Nothing() | Items(kind="dict"), Items(kind="tuple", cut=False, items=[unit, *counts])]
        ):
            numbers = [count for count in counts if isinstance(count, Number) and isinstance(count.value, int)]
            return (isinstance(unit, Text) or is_bytes(unit)) and len(numbers) == len(counts) == _UNIT_NUMBERS
    return False


def _array_of(under: Symbol) -> list[tuple[Symbol, int, int]] | None:
    """Return the element type of an array type, its offset and how many there are."""
    if not isinstance(under, Items) or under.kind != "tuple" or len(under.items) != 2:
        return None
    count = count_of(under.items[1])
    return None if count is None else [(under.items[0], 0, count)]


def _fields(names: Symbol, fields: Symbol, offset: int) -> list[tuple[Symbol, int, int]] | None:
    """Return type, offset and count (one) of each field, under its name and its title; None where one is odd."""
    if not isinstance(names, Items) or names.kind != "tuple" or names.cut:
        return None
    if not isinstance(fields, Items) or fields.kind != "dict" or fields.cut or fields.changed > offset:
        return None
    keys = {key.value for key in fields.items[::2] if isinstance(key, Text) and not key.cut}
    if not all(isinstance(name, Text) and name.value in keys for name in names.items):
        return None
    found: list[tuple[Symbol, int, int]] = []
    for value in fields.items[1::2]:
        match value:
            case Items(kind="tuple", items=[inner, Number(value=int() as at)]):
                found.append((inner, at, 1))
            case Items(kind="tuple", items=[inner, Number(value=int() as at), Text()]):
                found.append((inner, at, 1))
            case _:
                return None
    return found


def _fits(inner: list[tuple[Symbol, int, int]], whole: int, offset: int) -> int | None:
    """Return the flags of all fields together; None where one lies outside, or shares bytes with an object."""
    flags = 0
    places: set[tuple[int, int, int]] = set()
    for kind, at, count in inner:
        if not isinstance(kind, Made) or not makes(kind, "numpy.dtype") or not kind.arguments or kind.changed > offset:
            return None
        size, own = size_of(kind), _flags(kind)
        if size is None or own is None or not 0 <= at <= at + size * count <= whole:
            return None
        flags |= own
        places.add((at, at + size * count, id(kind)))
    if flags & _COUNTED:
        ordered = sorted(places)
        if any(end > start for (_, end, _), (start, _, _) in pairwise(ordered)):
            return None
    return flags
