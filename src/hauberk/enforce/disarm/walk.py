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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PARTS: Final = frozenset({"_parameters", "_buffers", "_modules"})
_HIDDEN: Final = frozenset({"_non_persistent_buffers_set", "training", "_is_full_backward_hook", "_metadata"})
_DICTS: Final = frozenset(
    {"collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict"}
)
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


def walk(root: Any, storage: Callable[[str], bytes]) -> Contents:
    """Return the contents of an object as `inert.read` gives it; `storage` as for `tensor_of`."""
    found = Contents()
    seen: dict[int, str] = {}
    waiting: list[tuple[str, Any]] = [("", root)]
    visits = 0
    while waiting:
        name, value = waiting.pop()
        visits += 1
        if visits > _MOST_VISITS:
            found.left[name or ROOT] = f"and all behind it: more than {_MOST_VISITS} values"
            break
        tensor = tensor_of(value, storage)
        if isinstance(tensor, Tensor):
            _put(found, name or ROOT, tensor)
        elif isinstance(tensor, Left):
            found.left[name or ROOT] = tensor.why
        elif _is_plain(value):
            found.values[name] = value
        elif id(value) in seen:
            found.aliases[name] = seen[id(value)]
        else:
            seen[id(value)] = name
            inner = _inner(found, name, value)
            waiting += reversed([(_joined(name, key), item) for key, item in inner])
    return found


def _put(found: Contents, name: str, tensor: Tensor) -> None:
    if name in found.tensors:
        found.left[f"{name} (again)"] = "another tensor has this name"
    else:
        found.tensors[name] = tensor


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
        found.left[name or "(the object)"] = f"the name {name_of(value)}"
    elif isinstance(value, Asked):
        found.left[name or "(the object)"] = "something that its loader was asked for"
    else:
        found.left[name or "(the object)"] = (
            f"{type(value).__name__} of {len(value)} bytes"
            if isinstance(value, bytes | bytearray)
            else type(value).__name__
        )


def _object(found: Contents, name: str, value: Stand) -> Iterator[tuple[str | None, Any]]:
    made = name_of(value)
    if made not in _DICTS:
        found.left[name or "(the object)"] = f"an object of {made}"
    yield from _pairs(value.pairs)
    yield from ((str(index), item) for index, item in enumerate(value.items))
    states = value.state if isinstance(value.state, tuple) else (value.state,)
    for state in states:
        if isinstance(state, dict):
            yield from (
                (None if key in _PARTS else key, item)
                for key, item in _pairs(list(state.items()))
                if key not in _HIDDEN
            )
        elif isinstance(state, list | Stand):
            yield "state", state
    if value.state is None and not value.pairs and not value.items:
        yield from ((f"argument{index}", item) for index, item in enumerate(value.arguments) if not _is_plain(item))


def _pairs(pairs: list[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    for key, item in pairs:
        yield (
            (key if isinstance(key, str) else str(key) if type(key) in (int, float, bool) else name_of(key) or "?"),
            item,
        )


def _joined(name: str, key: str | None) -> str:
    if key is None:
        return name
    return (f"{name}.{key}" if name else key)[:_LONGEST_NAME]
