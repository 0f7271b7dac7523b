"""safetensors as NumPy arrays.

What was examined covers the file exactly, so offsets are taken as they are. NumPy has no brain floats and no floats of
one byte: `ml_dtypes` adds them. Floats of four and six bits are packed, and no array holds them so.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.errors import Refused, Unavailable
from hauberk.formats.model.safetensors_places import places
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.formats.model.safetensors_places import Place

_NUMPY_TYPES: Final = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "F16": "<f2", "U32": "<u4", "I32": "<i4",
    "F32": "<f4", "U64": "<u8", "I64": "<i8", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
_ML_TYPES: Final = {
    "BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu",
    "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
}  # fmt: skip


def load_safetensors(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return a dict of arrays that can be written."""
    if names:
        raise Refused("the file holds a pickle as well", "scan it again")
    room = bytearray(data)
    found = places(BytesView(data))
    return {name: array_over(room, place, name) for name, place in found.items()}


def array_over(memory: Any, place: Place, name: str) -> Any:
    """Return the array of a tensor over memory that holds its file; only one that is not aligned is copied.

    Args:
        memory: the file, in memory of this process's own; the array keeps it.
        place: where the tensor lies in it.
        name: the tensor's.

    Raises:
        Unavailable: NumPy, or a package for the tensor's type, is not installed, or no array holds that type.
        Malformed: NumPy does not take it.
    """
    numpy, kind = imported("numpy"), _type_of(place.dtype, name)
    return opened(lambda: _array(numpy, memory, place, kind))


def _array(numpy: Any, memory: Any, place: Place, kind: Any) -> Any:
    count = prod(place.shape)
    if not count:
        return numpy.empty(place.shape, kind)
    flat = numpy.frombuffer(memory, dtype=kind, count=count, offset=place.start)
    return (flat if flat.flags.aligned else flat.copy()).reshape(place.shape)


def _type_of(dtype: str, name: str) -> Any:
    if dtype in _NUMPY_TYPES:
        return _NUMPY_TYPES[dtype]
    if dtype not in _ML_TYPES:
        raise Unavailable(
            f"NumPy has no type {dtype}, which the tensor {name!r} has", "open it with safetensors.torch.load"
        )
    found = getattr(imported("ml_dtypes"), _ML_TYPES[dtype], None)
    if found is None:
        raise Unavailable(f"the installed ml_dtypes has no {_ML_TYPES[dtype]}", "pip install --upgrade ml_dtypes")
    return found
