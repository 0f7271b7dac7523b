"""Tensors out of stand-ins: where a pickle would have built an array of NumPy or a tensor of PyTorch, its numbers.

Every number comes out as it went in, bit for bit, in C order and little-endian. What is no array of numbers, or cannot
be had so, is `Left`, with why.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product, repeat
from math import prod
from typing import TYPE_CHECKING, Any, Final

from hauberk.enforce.disarm.element import bytes_of, element
from hauberk.enforce.disarm.stand import Asked, Stand, name_of
from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MOST_BYTES: Final = 64 << 30
_MOST_PIECES: Final = 1 << 22
_WORDS: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}  # of `memoryview.cast`; nothing is computed with them
MOST_EXPANDED_BYTES: Final = 256 << 20  # of a tensor that reads elements of its storage more than once
RECONSTRUCT: Final = ("numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct")
_FROMBUFFER: Final = ("numpy._core.numeric._frombuffer", "numpy.core.numeric._frombuffer")
_SCALAR: Final = ("numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar")
_JOBLIB: Final = "joblib.numpy_pickle.NumpyArrayWrapper"
_NUMPY: Final = {
    "b1": "BOOL", "i1": "I8", "i2": "I16", "i4": "I32", "i8": "I64", "u1": "U8", "u2": "U16", "u4": "U32", "u8": "U64",
    "f2": "F16", "f4": "F32", "f8": "F64", "c8": "C64",
}  # fmt: skip
STORAGES: Final = {
    "FloatStorage": ("F32", 4), "DoubleStorage": ("F64", 8), "HalfStorage": ("F16", 2), "BFloat16Storage": ("BF16", 2),
    "LongStorage": ("I64", 8), "IntStorage": ("I32", 4), "ShortStorage": ("I16", 2), "CharStorage": ("I8", 1),
    "ByteStorage": ("U8", 1), "BoolStorage": ("BOOL", 1), "ComplexFloatStorage": ("C64", 8),
    "UntypedStorage": ("U8", 1),
}  # fmt: skip
_DTYPES: Final = {
    "torch.float8_e4m3fn": ("F8_E4M3", 1), "torch.float8_e5m2": ("F8_E5M2", 1), "torch.uint16": ("U16", 2),
    "torch.uint32": ("U32", 4), "torch.uint64": ("U64", 8), "torch.float8_e4m3fnuz": ("F8_E4M3FNUZ", 1),
    "torch.float8_e5m2fnuz": ("F8_E5M2FNUZ", 1),
}  # fmt: skip
_WRAPPERS: Final = frozenset(
    {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter"}
)


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers: the type as safetensors names it, the shape, and the bytes in C order, little-endian."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not carried over, and why."""

    why: str


def tensor_of(value: Any, storage: Callable[[str], bytes]) -> Tensor | Left | None:
    """Return the tensor that a stand-in is, why it cannot be had, or None where it is no tensor at all.

    Args:
        value: an object as `inert.read` gives it.
        storage: returns the bytes of a PyTorch storage by its key; raises `Malformed`.
    """
    if not isinstance(value, Stand):
        return None
    try:
        return _numpy(value) or _torch(value, storage)
    except Malformed as error:
        return Left(error.message)


@dataclass(frozen=True, slots=True)
class Array:
    """An array of NumPy as the pickle describes it: its type is a stand-in, its bytes are in its own order."""

    dtype: Any
    shape: Any
    data: bytes
    fortran: bool


def array_of(value: Stand) -> Array | Left | None:
    """Return the array that a stand-in is, why its bytes cannot be had, or None where it is no array."""
    name, given = name_of(value), value.arguments
    if name in RECONSTRUCT:
        match value.state:
            case (int(), tuple() as shape, Stand() as dtype, bool() | int() as fortran, data) if (
                bytes_of(data) is not None
            ):
                return Array(dtype, shape, bytes_of(data) or b"", bool(fortran))
        return Left("an array of Python objects, or one that numpy does not write")
    if name in _FROMBUFFER:
        match given:
            case (data, Stand() as dtype, tuple() as shape, str() as order) if bytes_of(data) is not None:
                return Array(dtype, shape, bytes_of(data) or b"", order == "F")
        return Left("an array whose bytes lie outside of the file")
    if name in _SCALAR and len(given) == 2 and (raw := bytes_of(given[1])) is not None:
        return Array(given[0], (), raw, fortran=False)
    if name == _JOBLIB and isinstance(value.state, dict):
        if value.raw is None:
            return Left("an array of Python objects")
        return Array(value.state.get("dtype"), value.state["shape"], value.raw, value.state.get("order") == "F")
    return None


def _numpy(value: Stand) -> Tensor | Left | None:
    found = array_of(value)
    return _array(found) if isinstance(found, Array) else found


def _array(array: Array) -> Tensor | Left:
    dtype, data = array.dtype, array.data
    letter, size, order = element(dtype)
    name = _NUMPY.get(f"{letter}{size}")
    if name is None or (isinstance(dtype.state, tuple) and len(dtype.state) > 4 and dtype.state[4] is not None):
        return Left(f"an array of the type {letter}{size}, which safetensors has not")
    lengths = _lengths(array.shape)
    if prod(lengths) * size != len(data):
        raise Malformed(f"an array of {prod(lengths) * size} bytes that has {len(data)}")
    whole = data
    if order == ">":
        whole = _swapped(whole, size // 2 if letter == "c" else size)
    if array.fortran and len(lengths) > 1:
        strides = [prod(lengths[:index]) for index in range(len(lengths))]
        return Tensor(name, lengths, gather(whole, 0, lengths, strides, size))
    return Tensor(name, lengths, whole)


def _torch(value: Stand, storage: Callable[[str], bytes]) -> Tensor | Left | None:
    name, given = name_of(value), value.arguments
    if name in _WRAPPERS and given:
        return tensor_of(given[0], storage)
    if name == "torch._tensor._rebuild_from_type_v2" and len(given) > 2 and isinstance(given[2], tuple):
        return tensor_of(_called(given[0], given[2]), storage)
    if name in ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v3"):
        dtype = name_of(given[6]) if name.endswith("_v3") and len(given) > 6 else ""
        marks = given[7:] if name.endswith("_v3") else given[6:]
        if any(marks):
            return Left("a tensor that is kept conjugated or negated, or with marks of its own")
        return _strided(given[:4], dtype, storage)
    if name.startswith(("torch._utils._rebuild_", "torch.storage.")):
        return Left(f"{name} makes a tensor that safetensors has not")
    return None


def _called(function: Any, arguments: tuple[Any, ...]) -> Any:
    return function(*arguments) if isinstance(function, type) and issubclass(function, Stand) else None


def _strided(given: tuple[Any, ...], dtype: str, storage: Callable[[str], bytes]) -> Tensor:
    if len(given) < 4:
        raise Malformed("a tensor without a shape and strides")
    asked, offset, shape, strides = given
    match asked:
        case Asked(identity=("storage", kind, str() | int() as key, _, int(), *view)):
            if any(one is not None for one in view):
                raise Malformed("a tensor of a part of a storage, as PyTorch before 0.4 wrote it")
            known = _DTYPES.get(dtype) or STORAGES.get(name_of(kind).rpartition(".")[2])
        case _:
            raise Malformed("a tensor whose storage is not asked for as PyTorch does")
    if known is None or (dtype and dtype not in _DTYPES):
        raise Malformed(f"a tensor of {dtype or name_of(kind)}, which safetensors has not")
    lengths, steps = _lengths(shape), _lengths(strides)
    if type(offset) is not int or offset < 0 or len(steps) != len(lengths):
        raise Malformed("a tensor whose place in its storage is not told by whole numbers")
    return Tensor(known[0], lengths, gather(storage(str(key)), offset, lengths, steps, known[1]))


def gather(data: bytes, offset: int, shape: Sequence[int], strides: Sequence[int], size: int) -> bytes | memoryview:
    """Return the elements of a strided view in C order; offset and strides are in elements of `size` bytes.

    Raises:
        Malformed: an element lies outside of the data, or there are more than `MOST_BYTES` of them.
    """
    count = prod(shape)
    if not count:
        return b""
    last = offset + sum((length - 1) * step for length, step in zip(shape, strides, strict=True))
    if count * size > max(MOST_EXPANDED_BYTES, len(data)):
        raise Malformed(f"a tensor of {count * size} bytes out of a storage of {len(data)}")
    if (last + 1) * size > len(data) or count * size > MOST_BYTES:
        raise Malformed(f"a tensor that reaches to element {last}, where the storage has {len(data) // size}")
    run, inner = 1, len(shape)
    while inner and (strides[inner - 1] == run or shape[inner - 1] == 1):
        run *= shape[inner - 1]
        inner -= 1
    view = memoryview(data)
    if not inner:
        return view[offset * size : (offset + run) * size]
    if run == 1:
        return _one_by_one(view, offset, shape[:inner], strides[:inner], size)
    _require_few(prod(shape[:inner]))
    made = bytearray()
    for start in _starts(offset, shape[:inner], strides[:inner]):
        made += view[start * size : (start + run) * size]
    return bytes(made)


def _one_by_one(view: memoryview, offset: int, shape: Sequence[int], strides: Sequence[int], size: int) -> bytes:
    """Return elements of which no two lie side by side; those of the last dimension are taken at once."""
    length, step = shape[-1], strides[-1]
    _require_few(prod(shape[:-1]))
    elements: Any = view[: len(view) // size * size].cast("B")
    elements = elements.cast(_WORDS[size])
    made = bytearray()
    for start in _starts(offset, shape[:-1], strides[:-1]):
        made += (
            elements[start : start + (length - 1) * step + 1 : step].tobytes()
            if step
            else (view[start * size : (start + 1) * size].tobytes() * length)
        )
    return bytes(made)


def _require_few(pieces: int) -> None:
    if pieces > _MOST_PIECES:
        raise Malformed(f"a tensor that lies in {pieces} pieces")


def _starts(offset: int, shape: Sequence[int], strides: Sequence[int]) -> Iterator[int]:
    ways = (
        range(0, length * step, step) if step else repeat(0, length)
        for length, step in zip(shape, strides, strict=True)
    )
    return map(offset.__add__, map(sum, product(*ways))) if shape else iter((offset,))


def _lengths(shape: Any) -> tuple[int, ...]:
    if name_of(shape) == "torch.Size" and shape.arguments:
        shape = shape.arguments[0]
    if not isinstance(shape, tuple | list) or not all(type(one) is int and 0 <= one < 1 << 48 for one in shape):
        raise Malformed("a shape that is not a tuple of whole numbers")
    if len(shape) > 64 or prod(shape) > MOST_BYTES:
        raise Malformed("a shape with more elements than any file has")
    return tuple(shape)


def _swapped(data: bytes, size: int) -> bytes:
    made = bytearray(len(data))
    for index in range(size):
        made[index::size] = data[size - 1 - index :: size]
    return bytes(made)
