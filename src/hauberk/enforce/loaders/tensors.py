"""safetensors as a dict of NumPy arrays.

What was examined covers the file exactly, so offsets are taken as they are. NumPy has no brain floats and no floats of
one byte: `ml_dtypes` adds them. Floats of four and six bits are packed, and no array holds them so.
"""

from __future__ import annotations

import json
from math import prod
from typing import Any, Final

from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.errors import Refused, Unavailable

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
    numpy = imported("numpy")
    return opened(lambda: _arrays(numpy, data))


def _arrays(numpy: Any, data: bytes) -> dict[str, object]:
    start = 8 + int.from_bytes(data[:8], "little")
    arrays = {}
    for name, tensor in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = tensor["data_offsets"]
        kind = _type_of(tensor["dtype"], name)
        flat = numpy.frombuffer(bytearray(data[start + begin : start + end]), dtype=kind, count=prod(tensor["shape"]))
        arrays[name] = flat.reshape(tensor["shape"])
    return arrays


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
