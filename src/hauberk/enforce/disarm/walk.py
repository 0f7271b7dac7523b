"""Walk over what a pickle holds, and give everything in it a name: `model.layer1.weight`, `optimizer.lr`.

Keys of dicts, places in lists and attributes of objects lie between dots. A module of PyTorch keeps its parts in
`_parameters`, `_buffers` and `_modules`, which `state_dict` leaves out of the names, and so do we. An object that was
met before is named once more and not walked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hauberk.enforce.disarm.arrays import Left, Tensor, tensor_of
from hauberk.enforce.disarm.stand import Asked, Stand, is_name, name_of
from hauberk.errors import Malformed
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PARTS: Final = frozenset({"_parameters", "_buffers", "_modules"})
_HIDDEN: Final[dict[str, type | tuple[type, ...]]] = {
    "_non_persistent_buffers_set": (set, Stand), "training": bool, "_is_full_backward_hook": (bool, type(None)),
    "_metadata": (dict, Stand),
}  # fmt: skip
_SETS: Final = frozenset({"builtins.set", "__builtin__.set", "collections.OrderedDict"})
_DICTS: Final = frozenset(
    {"collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict"}
)
_RESERVED: Final = "__metadata__"  # safetensors keeps its own things under this name
_MOST_BITS: Final = 8192  # of a whole number, as text
_MOST_VISITS: Final = 5_000_000
_LONGEST_NAME: Final = 1024
ROOT: Final = "tensor"  # of an array that is not inside of anything


@dataclass(slots=True)
class Contents:
    """What was found: tensors and plain values by name; what stays behind, and what is another name of something."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


def walk(root: Any, storage: Callable[[str], bytes], *, most_bytes: int = DEFAULT_LIMITS.max_load_bytes) -> Contents:
    """Return the contents of an object as `inert.read` gives it.

    Args:
        root: the object.
        storage: as for `tensor_of`.
        most_bytes: of all tensors together; views of one storage are written once each, so a few bytes could be many.
    """
    found = Contents()
    held = 0

    def within(key: str) -> bytes:
        if held > most_bytes:
            raise Malformed(f"more than {most_bytes} bytes in all")
        return storage(key)

    seen: dict[int, str] = {}
    waiting: list[tuple[str, Any]] = [("", root)]
    visits = 0
    while waiting:
        name, value = waiting.pop()
        visits += 1
        if visits > _MOST_VISITS:
            found.left[name or ROOT] = f"and all behind it: more than {_MOST_VISITS} values"
            break
        tensor = tensor_of(value, within)
        if isinstance(tensor, Tensor):
            held += len(tensor.data)
            _put(found, name or ROOT, tensor if held <= most_bytes else Left(f"more than {most_bytes} bytes in all"))
        elif isinstance(tensor, Left):
            _put(found, name or ROOT, tensor)
        elif _is_plain(value):
            _put_value(found, name, value)
        elif id(value) in seen:
            found.aliases[name] = seen[id(value)]
        else:
            seen[id(value)] = name
            inner = _inner(found, name, value)
            waiting += reversed([(_joined(name, key), item) for key, item in inner])
    return found


def _put(found: Contents, name: str, tensor: Tensor | Left) -> None:
    if isinstance(tensor, Left):
        _leave(found, name, tensor.why)
    elif name in found.tensors:
        _leave(found, f"{name} (again)", "another tensor has this name")
    elif name == _RESERVED:
        _leave(found, name, "a tensor of a name that safetensors keeps for itself")
    else:
        found.tensors[name] = tensor


def _put_value(found: Contents, name: str, value: Any) -> None:
    if type(value) is int and value.bit_length() > _MOST_BITS:
        _leave(found, name or ROOT, f"a number of {value.bit_length()} bits")
    elif name in found.values:
        _leave(found, f"{name} (again)", "another value has this name")
    else:
        found.values[name] = value


def _leave(found: Contents, name: str, why: str) -> None:
    while name in found.left:
        name = f"{name} (again)"
    found.left[name] = why


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _inner(found: Contents, name: str, value: Any) -> Iterator[tuple[str | None, Any]]:
    """Yield what lies inside of a value, by key; note what is left behind of it."""
    if isinstance(value, dict):
        yield from _pairs(list(value.items()))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((str(index), item) for index, item in enumerate(value))
    elif isinstance(value, Stand):
        yield from _object(found, name, value)
    elif is_name(value):
        _leave(found, name or "(the object)", f"the name {name_of(value)}")
    elif isinstance(value, Asked):
        _leave(found, name or "(the object)", "something that its loader was asked for")
    else:
        size = f" of {len(value)} bytes" if isinstance(value, bytes | bytearray) else ""
        _leave(found, name or "(the object)", f"{type(value).__name__}{size}")


def _object(found: Contents, name: str, value: Stand) -> Iterator[tuple[str | None, Any]]:
    made = name_of(value)
    if made not in _DICTS:
        _leave(found, name or "(the object)", f"an object of {made}")
    yield from _pairs(value.pairs)
    yield from ((str(index), item) for index, item in enumerate(value.items))
    states = value.state if isinstance(value.state, tuple) else (value.state,)
    for state in states:
        if isinstance(state, dict):
            yield from (
                (None if key in _PARTS else key, item)
                for key, item in _pairs(list(state.items()))
                if not _is_hidden(key, item)
            )
        elif isinstance(state, list | Stand):
            yield "state", state
    if made in _DICTS or not (value.state or value.pairs or value.items):
        given = ((index, item) for index, item in enumerate(value.arguments) if not (made in _DICTS and is_name(item)))
        yield from ((f"argument{index}", item) for index, item in given if not _is_plain(item))


def _is_hidden(key: Any, item: Any) -> bool:
    """Say whether an attribute is one that PyTorch keeps beside the parameters, and holds what it always holds."""
    return key in _HIDDEN and isinstance(item, _HIDDEN[key]) and (not isinstance(item, Stand) or name_of(item) in _SETS)


def _pairs(pairs: list[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    yield from ((_key(key), item) for key, item in pairs)


def _key(key: Any) -> str:
    """Return a key as text that UTF-8 can hold."""
    if type(key) is int and key.bit_length() > _MOST_BITS:
        return f"a number of {key.bit_length()} bits"
    if isinstance(key, str):
        return key.encode("utf-8", "backslashreplace").decode()
    return str(key) if type(key) in (int, float, bool) else name_of(key) or "?"


def _joined(name: str, key: str | None) -> str:
    if key is None:
        return name
    return (f"{name}.{key}" if name else key)[:_LONGEST_NAME]
