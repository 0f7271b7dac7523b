"""What one element of an array of NumPy is, from the stand-in of its type; and bytes, however a protocol wrote them."""

from __future__ import annotations

import re
from typing import Any, Final

from hauberk.enforce.disarm.stand import Stand, name_of
from hauberk.errors import Malformed

_CODE: Final = re.compile(r"[<>|=]?([biufcOSUVmM])([0-9]*)")


def element_bytes(dtype: Any) -> int:
    """Return the bytes of one element of a dtype that a pickle makes, -1 where it is objects; raise `Malformed`."""
    kind, size, _ = element(dtype)
    return -1 if kind == "O" else size


def element(dtype: Any) -> tuple[str, int, str]:
    """Return the letter, the size in bytes and the byte order of a dtype; raise `Malformed`."""
    if name_of(dtype) != "numpy.dtype" or not dtype.arguments or not isinstance(dtype.arguments[0], str):
        raise Malformed("an array whose type is not made as numpy makes it")
    found = _CODE.fullmatch(dtype.arguments[0])
    if found is None:
        raise Malformed(f"an array of the type {dtype.arguments[0][:20]!r}")
    size = int(found[2] or 8)
    state = dtype.state if isinstance(dtype.state, tuple) and len(dtype.state) > 1 else (3, "|")
    return found[1], size * 4 if found[1] == "U" else size, state[1] if isinstance(state[1], str) else "|"


def bytes_of(value: Any) -> bytes | None:
    """Return bytes, which protocols before 3 write as text that is encoded; None for anything else."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if name_of(value) == "_codecs.encode" and len(value.arguments) == 2:
        text, encoding = value.arguments
        if isinstance(text, str) and encoding == "latin1":
            return text.encode("latin-1", "replace")
    if name_of(value) in ("builtins.bytes", "__builtin__.bytes") and isinstance(value, Stand) and not value.arguments:
        return b""
    return None


def wrapped_bytes(state: dict[Any, Any]) -> int:
    """Return the bytes of the array that joblib's wrapper describes, -1 for an array of objects."""
    shape = state.get("shape")
    if not isinstance(shape, tuple) or not all(type(length) is int and 0 <= length < 1 << 40 for length in shape):
        raise Malformed("a joblib array whose shape is not a tuple of whole numbers")
    count = 1
    for length in shape:
        count *= length
    size = element_bytes(state.get("dtype"))
    return -1 if size < 0 else count * size
