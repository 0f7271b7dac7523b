"""Raw bytes of a tensor as numbers that can be computed with, and NumPy where it is installed.

NumPy is an extra, and is imported when something is computed. bfloat16 is the upper half of a float32.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from hauberk.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

REAL: Final = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
BFLOAT: Final = "BF16"
COMPUTED: Final = frozenset({*REAL, BFLOAT})


def numpy() -> Any:
    """Return the module.

    Raises:
        Unavailable: it is not installed.
    """
    try:
        import numpy as np  # noqa: PLC0415 - an extra
    except ImportError:
        raise Unavailable(
            "weights are compared with NumPy, which is not installed", "pip install 'hauberk[weights]'"
        ) from None
    return np


def decode(dtype: str, shape: Sequence[int], data: bytes | memoryview) -> Any:
    """Return a float64 array of the shape.

    Args:
        dtype: one of `COMPUTED`, as safetensors names it.
        shape: of the tensor.
        data: in C order, little-endian.

    Raises:
        Malformed: the bytes are not as many as type and shape say.
        Unavailable: NumPy is not installed.
    """
    np = numpy()
    size = 2 if dtype in (BFLOAT, "F16") else int(REAL[dtype][2:])
    if len(data) != prod(shape) * size:
        raise Malformed(f"a tensor of {prod(shape) * size} bytes that has {len(data)}")
    if dtype == BFLOAT:
        halves = np.frombuffer(data, dtype="<u2").astype(np.uint32)
        return (halves << 16).view(np.float32).astype(np.float64).reshape(shape)
    return np.frombuffer(data, dtype=REAL[dtype]).astype(np.float64).reshape(shape)
