"""The rule for `numpy.dtype`, whose `__setstate__` believes what it is given.

A structure with an object field, and flags that deny it, turns bytes of the stream into pointers to objects, which the
first use of such a value follows. So sizes, offsets and flags must agree with the fields. Sources:
`arraydescr_setstate`, numpy/_core/src/multiarray/descriptor.c; flags, numpy/_core/include/numpy/ndarraytypes.h.
"""

from __future__ import annotations

import re
from typing import Final

from hauberk.callables.arguments.ask import count_of
from hauberk.callables.table import makes, row_of
from hauberk.symbol import Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Use

_CODE: Final = re.compile(r"([biufcmMOSUV])(\d{1,9})", re.ASCII)
_RECORDS: Final = ("numpy.record", "numpy.rec.record", "numpy.void")
_UNICODE_BYTES: Final = 4
_SIZE, _FLAGS = 5, 7  # places in the state
_OBJECT: Final = 0x3F  # NPY_OBJECT_DTYPE_FLAGS
_FROM_FIELDS: Final = 0x1B  # counted, pickled as a list, needs init, needs the interpreter
_COUNTED_OR_LISTED: Final = 0x03  # NPY_ITEM_REFCOUNT, NPY_LIST_PICKLE
_OWN: Final = {"U": 0x08, "V": 0x10}  # NPY_NEEDS_INIT; NPY_USE_GETITEM
_ALIGNED_STRUCT: Final = 0x80


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
    flags = _number(kind.state, _FLAGS)
    return kind.state is None or (flags is not None and not flags & _COUNTED_OR_LISTED)


def _letter(code: Symbol) -> str:
    """Return the letter of a data type's code, or an empty text."""
    if isinstance(code, Global):
        return "V" if row_of(code) and str(code) in _RECORDS else ""
    found = _CODE.fullmatch(code.value) if isinstance(code, Text) and not code.cut else None
    return found[1] if found else ""


def _number(state: Symbol | None, place: int) -> int | None:
    item = state.items[place] if isinstance(state, Items) and len(state.items) > place else None
    return item.value if isinstance(item, Number) and isinstance(item.value, int) else None


def _size(kind: Made) -> int | None:
    """Return the bytes of one element; a record's size stands in its state, not in its code."""
    code = kind.arguments[0]
    if isinstance(code, Text) and (found := _CODE.fullmatch(code.value)):
        return int(found[2]) * (_UNICODE_BYTES if found[1] == "U" else 1)
    return _number(kind.state, _SIZE)


def _agrees(kind: Made, offset: int) -> bool:
    """Say whether the state of a data type agrees with its code and its fields, as they were at `offset`.

    The fields' own types are not followed: each was judged when it was given its state, which is before this.
    """
    state = kind.state
    if not kind.arguments or not isinstance(state, Items) or state.kind != "tuple" or state.cut:
        return False
    match state.items:
        case [Number(value=3 | 4), Text(), under, names, fields, Number(), Number(), Number(), *_]:
            size, flags = _number(state, _SIZE), _number(state, _FLAGS)
        case _:
            return False
    letter, whole = _letter(kind.arguments[0]), _size(kind)
    if isinstance(under, Nothing) and isinstance(names, Nothing) and isinstance(fields, Nothing):
        if letter in ("S", "U", "V"):
            return size == whole and flags in (0, _OWN.get(letter, 0))
        return flags == (_OBJECT if letter == "O" else 0)
    if letter != "V" or whole is None or size != whole or flags is None:
        return False
    inner = _array_of(under) if isinstance(names, Nothing) else _fields(names, fields, offset)
    return inner is not None and _fits(inner, whole, flags & ~_ALIGNED_STRUCT & 0xFF, offset)


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


def _fits(inner: list[tuple[Symbol, int, int]], whole: int, flags: int, offset: int) -> bool:
    """Say whether all fields lie inside of the structure, and its flags admit the objects among them."""
    objects = False
    for kind, at, count in inner:
        if not isinstance(kind, Made) or not makes(kind, "numpy.dtype") or kind.changed > offset:
            return False
        size = _size(kind)
        if size is None or not 0 <= at <= at + size * count <= whole:
            return False
        objects = objects or not holds_no_objects(kind, offset)
    return flags & _FROM_FIELDS == _FROM_FIELDS if objects else not flags & _COUNTED_OR_LISTED
