"""How many bytes an element of a NumPy array takes, from the description of its type alone.

Two spellings occur: the string of an `.npy` header (`<f8`), and the call by which a pickle makes a dtype:
`numpy.dtype('f8', False, True)`, then a state. A wrong size would put the reader off its place in the file, and hide
what follows. So only what NumPy itself writes is understood, and all else refused.

Source: `numpy/_core/src/multiarray/descriptor.c`, `arraydescr_reduce` and `arraydescr_setstate`, NumPy 1.x and 2.x.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.symbol import Global, Items, Made, Nothing, Number, Symbol, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ELEMENTS = 1 << 63
MOST_DIMENSIONS = 64
STATE_VERSIONS = (3, 4)
HAS_OBJECTS = 1  # bit NPY_ITEM_HASOBJECT of a dtype's flags
_CODE = re.compile(r"[<>|=]?([biufcSUVOmM])([0-9]{1,10})(\[[0-9a-zA-Z/]{1,24}\])?|\|O", re.ASCII)
_SIZES = {
    "b": (1,),
    "i": (1, 2, 4, 8),
    "u": (1, 2, 4, 8),
    "f": (2, 4, 8, 12, 16),
    "c": (8, 16, 24, 32),
    "m": (8,),
    "M": (8,),
    "O": (4, 8),
}
_TEXT_BYTES = 4  # a character of U is UTF-32


@dataclass(frozen=True, slots=True)
class Element:
    """The size of an array's element in bytes; `objects` where the array holds Python objects, and is pickled."""

    size: int
    objects: bool = False


def element_of(code: str) -> Element:
    """Return the element that a type string such as `<f8`, `|b1`, `U12`, `M8[ns]` or `|O` describes.

    Raises:
        Malformed: not the string of a plain type.
    """
    match = _CODE.fullmatch(code)
    if match is None:
        raise Malformed(f"not a NumPy type: {code[:40]!r}")
    letter, digits, unit = match[1] or "O", match[2] or "8", match[3]
    count = int(digits)
    if (unit and letter not in "mM") or (letter in _SIZES and count not in _SIZES[letter]):
        raise Malformed(f"not a NumPy type: {code[:40]!r}")
    return Element(count * _TEXT_BYTES if letter == "U" else count, objects=letter == "O")


def element_of_symbol(dtype: Symbol | None) -> Element:
    """Return the element of a dtype that a pickle makes.

    The state is `(version, byte order, subarray, names, fields, size, alignment, flags)` and, from version 4, metadata;
    the size is -1 for a type whose code fixes it. Whether a structure holds objects is what its flags say, for NumPy
    asks nothing else.

    Raises:
        Malformed: made in any other way than by `numpy.dtype.__reduce__`, or not from constants.
    """
    if not isinstance(dtype, Made) or name_of(dtype.callable) != "numpy.dtype" or len(dtype.arguments) != 3:
        raise Malformed("an array whose type is not made as NumPy makes it")
    code, align, copy = dtype.arguments
    if not isinstance(code, Text) or align not in (Number(0), Number(1)) or copy != Number(1):
        raise Malformed("an array whose type is not made as NumPy makes it")
    element = element_of(code.value)
    state = constants(dtype.state)
    version, _, subarray, _, fields, size, _, flags = [*state, *[Nothing()] * 8][:8]
    if version not in [Number(known) for known in STATE_VERSIONS] or len(state) not in (8, 9):
        raise Malformed("an array whose type has a state of an unknown version")
    if subarray != Nothing() or size not in (Number(-1), Number(element.size)) or not isinstance(flags, Number):
        raise Malformed("an array whose type contradicts its state")
    objects = bool(int(flags.value or 0) & HAS_OBJECTS)
    if flags.value is None or (fields == Nothing() and objects != element.objects):
        raise Malformed("an array whose type contradicts its state")
    return Element(element.size, objects)


def name_of(symbol: Symbol) -> str:
    """Return `module.name` of an imported name, else an empty text: the text of a result may have no end."""
    return str(symbol) if isinstance(symbol, Global) else ""


def count_of(shape: Sequence[int | float | None]) -> int:
    """Return the number of elements of a shape; raise `Malformed` unless it is whole numbers, and few enough."""
    sizes = [size for size in shape if type(size) is int and 0 <= size < MOST_ELEMENTS]
    if len(sizes) != len(shape) or len(shape) > MOST_DIMENSIONS or prod(sizes) >= MOST_ELEMENTS:
        raise Malformed("an array whose shape is not a tuple of whole numbers")
    return prod(sizes)


def count_of_symbol(shape: Symbol) -> int:
    """Return the number of elements of the shape that a pickle makes; raise `Malformed` for one that is not plain."""
    return count_of([item.value if isinstance(item, Number) else None for item in constants(shape)])


def constants(value: Symbol | None) -> list[Symbol]:
    """Return the items of a tuple; raise `Malformed` for anything else, or where items are missing."""
    if not isinstance(value, Items) or value.kind != "tuple" or value.cut:
        raise Malformed("an array whose description is not a plain tuple")
    return value.items
