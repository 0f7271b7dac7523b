"""Rules for NumPy's functions: arrays, scalars, random generators.

`numpy.ndarray.__setstate__` takes as many objects from a list as the shape says, not as the list has, and reads past
its end (`_setlist_pkl`, numpy/_core/src/multiarray/methods.c). The constructors in `numpy.random` call what they are
given.
"""

from __future__ import annotations

from typing import Final

from hauberk.callables.arguments.ask import (
    ARRAYS,
    SCALARS,
    count_of,
    first_unlike,
    holds_conditional,
    is_array,
    is_bytes,
    is_unconditional,
)
from hauberk.callables.arguments.dtype import holds_no_objects, is_structure, size_of
from hauberk.callables.arguments.sklearn import cython
from hauberk.callables.table import allows, called, makes
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Unknown, Use

_GENERATOR_KEYS: Final = frozenset(  # of the states of NumPy's five bit generators
    {"bit_generator", "state", "inc", "key", "pos", "counter", "buffer", "buffer_pos", "has_uint32", "uinteger"}
    | {"has_gauss", "gauss"}  # of RandomState
)
_BIT_GENERATOR: Final = "numpy.random._pickle.__bit_generator_ctor"
_MOST_NESTED: Final = 3
_MOST_INSIDE: Final = 16
_EMPTY_ARRAYS: Final = ("numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct")
_SEED_FIELDS: Final = 5
_MOST_EMPTY: Final = 1 << 24  # elements without bytes; a file of any length bounds the others
_LARGEST_FILL: Final = 1 << 16  # bytes; a masked array makes a fill value of its own of one element's size


def scalar(effect: Effect) -> str:
    """A data type without objects, and bytes. Without the bytes NumPy would make as many as the type says."""
    match effect.arguments:
        case (kind, data) if holds_no_objects(kind, effect.offset) and is_bytes(data):
            return ""
    return "takes a data type without objects, and bytes"


def reconstruct(effect: Effect) -> str:
    """An empty array of a class that the tables hold, of shape (0,) and type `b`."""
    match effect.arguments:
        case (Global() as cls, Items(kind="tuple", cut=False, items=[Number(value=0)]), code):
            known = allows(cls, "build") and str(cls) in ARRAYS
            return "" if known and (isinstance(code, Text) or is_bytes(code)) else "only makes arrays"
    return "only makes empty arrays"


def array(effect: Effect) -> str:
    """Version, shape, type, order and contents, where a list of objects is exactly as long as the shape says.

    And once only: a second state frees memory that others may have been given.
    """
    if not called(effect.callable, *_EMPTY_ARRAYS) or not _is_first(effect):
        return "is given a second state"
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[Number(value=1), shape, kind, Number(), contents]),):
            return _odd_contents(shape, kind, contents, effect.offset)
    return "takes version 1, a shape, a data type, an order and contents"


def frombuffer(effect: Effect) -> str:
    """Protocol 5: bytes that stand in the stream, a data type without objects, a shape, an order."""
    match effect.arguments:
        case (data, kind, shape, Text(), *rest):
            if is_bytes(data) and holds_no_objects(kind, effect.offset) and count_of(shape) is not None:
                return first_unlike(tuple(rest), (Nothing, Items), "takes an order of axes last")
    return "takes bytes, a data type without objects, a shape and an order"


def masked_reconstruct(effect: Effect) -> str:
    """An empty masked array."""
    match effect.arguments:
        case (
            Global(name="MaskedArray" | "mvoid") as cls,
            Global(module="numpy", name="ndarray"),
            Items() as shape,
            code,
        ):
            if allows(cls, "build") and count_of(shape) == 0 and (isinstance(code, Text) or is_bytes(code)):
                return ""
    return "only makes empty masked arrays"


def masked_array(effect: Effect) -> str:
    """As an array, with the bytes of the mask and a fill value that is no object with methods."""
    if not _is_first(effect):
        return "is given a second state"
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[_, shape, kind, Number(), contents, mask, fill]),):
            if is_bytes(mask) and _is_fill(fill) and (size_of(kind) or 0) <= _LARGEST_FILL:
                return _odd_contents(shape, kind, contents, effect.offset)
    return "takes a shape, a data type, contents, a mask of bytes and a plain fill value"


def bit_generator(effect: Effect) -> str:
    """The name or class of a bit generator; any other class would be called."""
    if effect.use is Use.BUILD:
        return _odd_generator_state(effect)
    match effect.arguments:
        case () | (Text(),):
            return ""
        case (Global() as cls,) if cls.module.startswith("numpy.random._") and allows(cls, "import"):
            return ""
    return "only makes bit generators"


def generator(effect: Effect) -> str:
    """A bit generator, or the name of one; the second argument is called and so must be NumPy's own."""
    if effect.use is Use.BUILD:
        return _odd_generator_state(effect)
    match effect.arguments:
        case () | (Text(),):
            return ""
        case (bits,) if called(bits, _BIT_GENERATOR):
            return ""
        case (bits, Global(module="numpy.random._pickle", name="__bit_generator_ctor")):
            return "" if isinstance(bits, Text) or called(bits, _BIT_GENERATOR) else "takes a bit generator"
        case (_, _):
            return "calls its second argument"
    return "takes a bit generator"


def seed_sequence(effect: Effect) -> str:
    """Cython's constructor of seeds, and their state of numbers and arrays."""
    if effect.use is not Use.BUILD:
        return cython(effect)
    state = effect.arguments[0]
    whole = isinstance(state, Items) and state.kind == "tuple" and len(state.items) == _SEED_FIELDS
    return "" if whole and _is_numbers(state, _MOST_NESTED) else "takes the whole state: five numbers and arrays"


def ufunc(effect: Effect) -> str:
    """`_ufunc_reconstruct(module, name)` imports what it is told, so the name must be in the tables."""
    match effect.arguments:
        case (Text(value=module, cut=False), Text(value=name, cut=False)):
            safe = is_unconditional(Global(module, name))
            return "" if safe else f"imports {module[:64]}.{name[:64]}, which is not shown safe"
    return "takes the module and name of an array function"


def _odd_contents(shape: Symbol, kind: Symbol, contents: Symbol, offset: int) -> str:
    count = count_of(shape)
    if count is None or not isinstance(kind, Made) or not makes(kind, "numpy.dtype"):
        return "takes a shape of numbers and a data type"
    if size_of(kind) == 0 and count > _MOST_EMPTY:
        return "makes more elements of no bytes than any loop ends over"
    if isinstance(contents, Items) and contents.kind == "list":
        if contents.changed > offset or kind.changed > offset:
            return "is given a list or a data type that changes later"
        if holds_conditional(contents):
            return "keeps a function that is not safe with every argument"
        if is_structure(kind) and not all(
            _is_record(item) for item in (*contents.items, *[Unknown("")] * contents.cut)
        ):
            return "takes records of constants, since other fields than objects convert what they are given"
        return "" if contents.count == count else f"takes {count} objects from a list of {contents.count}"
    return (
        "" if is_bytes(contents) and holds_no_objects(kind, offset) else "takes bytes, or a list where it holds objects"
    )


def _is_first(effect: Effect) -> bool:
    return isinstance(effect.callable, Made) and effect.callable.state is effect.arguments[0]


def _is_record(item: Symbol) -> bool:
    """Say whether an element of a structure is a tuple of constants, each of which is converted as its field says."""
    return isinstance(item, Items) and not item.cut and all(map(_is_constant, item.items))


def _is_constant(item: Symbol) -> bool:
    return isinstance(item, Text | Number | Nothing | Blob)


def _is_fill(fill: Symbol) -> bool:
    """Say whether a fill value is a constant, or an array of one, since it is converted to the type of the array."""
    if _is_constant(fill) or is_array(fill):
        return True
    if not makes(fill, *ARRAYS) or not isinstance(fill, Made) or not isinstance(fill.state, Items):
        return False
    contents = fill.state.items[-1] if fill.state.items else fill
    return isinstance(contents, Items) and not contents.cut and all(map(_is_constant, contents.items))


def _odd_generator_state(effect: Effect) -> str:
    state = effect.arguments[0]
    if isinstance(state, Items) and state.kind == "tuple" and len(state.items) == 2:
        state, seeds = state.items
        if not makes(seeds, "numpy.random.bit_generator.SeedSequence") and not isinstance(seeds, Nothing):
            return "takes a dict and a seed sequence"
    return "" if _is_numbers(state, _MOST_NESTED) else "takes a dict of numbers and arrays"


def _is_numbers(symbol: Symbol, depth: int) -> bool:
    if isinstance(symbol, Items):
        fits = depth > 0 and not symbol.cut and len(symbol.items) <= _MOST_INSIDE
        keys = symbol.items[::2] if symbol.kind == "dict" else []
        known = all(isinstance(key, Text) and key.value in _GENERATOR_KEYS for key in keys)
        return fits and known and all(_is_numbers(item, depth - 1) for item in symbol.items)
    return isinstance(symbol, Number | Text | Nothing) or is_array(symbol) or makes(symbol, *SCALARS)
