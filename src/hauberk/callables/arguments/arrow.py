"""Rules for Arrow's arrays, which pandas keeps its text in: a type, a length, and buffers of bytes.

Arrow believes the length, so it must fit the buffers. The offsets inside a buffer of texts are believed too, when the
values are read; the bytes of a stream are not kept here, so these are not looked at.
"""

from __future__ import annotations

from typing import Final

from hauberk.callables.arguments.ask import first_unlike, is_bytes
from hauberk.callables.arguments.pandas import pandas
from hauberk.callables.arguments.plain import scalars
from hauberk.callables.table import called
from hauberk.symbol import Blob, Effect, Items, Made, Nothing, Number, Symbol, Text, Use

_RESTORE: Final = "pyarrow.lib._restore_array"
_ALIAS: Final = "pyarrow.lib.type_for_alias"
_TIMES: Final = "pyarrow.lib.timestamp"
_UNITS: Final = ("s", "ms", "us", "ns")
_BITS: Final = {
    "bool": 1,
    **dict.fromkeys(("int8", "uint8"), 8),
    **dict.fromkeys(("int16", "uint16", "halffloat"), 16),
    **dict.fromkeys(("int32", "uint32", "float", "date32[day]"), 32),
    **dict.fromkeys(("int64", "uint64", "double", "date64[ms]", *(f"duration[{unit}]" for unit in _UNITS)), 64),
}
_OFFSETS: Final = {"string": 32, "binary": 32, "large_string": 64, "large_binary": 64}
_EMPTY: Final = ("builtins.bytearray", "builtins.bytes")  # so protocols before 5 write one without bytes
_MOST_NAME: Final = 64


def arrow_buffer(effect: Effect) -> str:
    """A buffer over bytes of the stream."""
    match effect.arguments:
        case (data,) if is_bytes(data):
            return ""
    return "takes bytes of the stream"


def arrow_type(effect: Effect) -> str:
    """The name of a type without parts."""
    match effect.arguments:
        case (Text(value=name, cut=False),) if name in _BITS or name in _OFFSETS:
            return ""
    return "takes the name of a type of numbers or text"


def arrow_time(effect: Effect) -> str:
    """The type of times: a unit, and the name of a zone, which is kept as text."""
    match effect.arguments:
        case (Text(value=unit), *rest) if unit in _UNITS:
            short = all(len(one.value) <= _MOST_NAME for one in rest if isinstance(one, Text))
            return first_unlike(tuple(rest), (Text, Nothing), "takes a unit and a zone") if short else "is a long name"
    return "takes a unit and a zone"


def arrow_array(effect: Effect) -> str:
    """A type, a length, how many are missing, an offset, buffers that are long enough, and no parts."""
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[kind, length, _, offset, buffers, children, Nothing()]),):
            if not isinstance(children, Items) or children.kind != "list" or children.items or children.cut:
                return "has parts, which are not compared with its length"
            count = _whole(length) + _whole(offset) if min(_whole(length), _whole(offset)) >= 0 else -1
            if count < 0 or not isinstance(buffers, Items) or buffers.kind != "list" or buffers.cut:
                return "takes a length, an offset and a list of buffers"
            return _odd_buffers(kind, count, buffers.items)
    return "takes a type, a length, an offset and buffers"


def arrow_backed(effect: Effect) -> str:
    """A column of pandas over an array of Arrow, which its state converts: so it must be one."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    if wrong := pandas(effect):
        return wrong
    state = effect.arguments[0]
    items = state.items if isinstance(state, Items) and state.kind == "dict" else []
    held = {key.value: value for key, value in zip(items[::2], items[1::2], strict=False) if isinstance(key, Text)}
    return "" if "_data" not in held and called(held.get("_pa_array", Nothing()), _RESTORE) else "takes an array"


def _odd_buffers(kind: Symbol, count: int, buffers: list[Symbol]) -> str:
    """Say why buffers are too short for so many values: which are missing, then the values or where texts begin."""
    name = _name(kind)
    if name not in _BITS and name not in _OFFSETS:
        return "has a type that is not looked at"
    wanted = [(count + 7) // 8]
    if name in _BITS:
        wanted.append((count * _BITS[name] + 7) // 8)
    else:
        wanted += [(count + 1) * _OFFSETS[name] // 8 if count else 0, 0]
    if len(buffers) != len(wanted):
        return "has another number of buffers than its type"
    for place, (buffer, size) in enumerate(zip(buffers, wanted, strict=True)):
        if isinstance(buffer, Nothing) and (place == 0 or not count):
            continue
        if _size(buffer) < size:
            return "reaches behind the end of its buffers"
    return ""


def _name(kind: Symbol) -> str:
    """Return the name of a type; that of times is the one of their numbers."""
    if not isinstance(kind, Made):
        return ""
    if called(kind, _TIMES):
        return "int64"
    first = kind.arguments[0] if called(kind, _ALIAS) and kind.arguments else None
    return first.value if isinstance(first, Text) else ""


def _size(buffer: Symbol) -> int:
    """Return how many bytes a buffer holds at least, -1 where it is none."""
    while isinstance(buffer, Made) and buffer.arguments:
        buffer = buffer.arguments[0]
    if isinstance(buffer, Made):
        return 0 if called(buffer, *_EMPTY) else -1
    return buffer.size if isinstance(buffer, Blob) else len(buffer.value) if isinstance(buffer, Text) else -1


def _whole(symbol: Symbol) -> int:
    return symbol.value if isinstance(symbol, Number) and isinstance(symbol.value, int) else -1
