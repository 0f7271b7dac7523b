"""Rules for PyTorch: storages, the functions that rebuild tensors over them, modules and optimizers.

A tensor is a view of a storage: an offset, sizes and strides. `set_` makes a storage longer where the view reaches
behind its end, so a few numbers allocate any amount of memory; the view must lie inside of what the stream declares.
Sources: torch/_utils.py, torch/_tensor.py, torch/serialization.py of 2.13.0.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments.ask import holds_conditional, is_reserved, odd_items, odd_keys, unlike
from hauberk.callables.arguments.plain import attributes, scalars
from hauberk.callables.arguments.ultralytics import odd_plan
from hauberk.callables.table import called, row_of
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Use

if TYPE_CHECKING:
    from collections.abc import Callable

_STORAGE: Final = re.compile(r"(torch|torch\.cuda|torch\.storage):(\w+Storage)", re.ASCII)
_KEY: Final = re.compile(r"\w{1,64}", re.ASCII)
_LOCATION: Final = re.compile(r"(cpu|cuda|hip|mps|meta|xpu|hpu|npu|xla|mtia|maia|privateuseone)(:\d{1,4})?", re.ASCII)
_MOST_DIMENSIONS: Final = 64
_MOST_ELEMENTS: Final = 1 << 40  # of a view; `expand` makes many of one, so the storage does not bound them
_MOST_LAYERS: Final = 1024
_REBUILT: Final = tuple(
    f"torch._utils._rebuild_{kind}"
    for kind in ("tensor", "tensor_v2", "tensor_v3", "parameter", "parameter_with_state", "qtensor", "sparse_tensor",
                 "meta_tensor_no_storage")
)  # fmt: skip
_FROM_TYPE: Final = "torch._tensor._rebuild_from_type_v2"
_TENSORS: Final = (*_REBUILT, _FROM_TYPE)
_CLASSES: Final = ("torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer")
_PLAIN_STORAGE: Final = "torch.storage._load_from_bytes"
_ORDERED: Final = ("collections.OrderedDict",)
_OWN: Final = frozenset({"data", "grad", "requires_grad", "names", "real", "imag", "_grad", "_backward_hooks"})
_MULTIPLIED: Final = ("head_dim", "num_heads")  # by ultralytics' AAttn, when its state is set
_TABLES: Final = re.compile(r"_parameters|_buffers|_modules|_\w*hooks\w*", re.ASCII)


def odd_storage(identity: Symbol) -> str:
    """Say why a persistent id is no storage as `torch.save` names them, and how many elements it declares."""
    match identity:
        case Items(
            kind="tuple",
            cut=False,
            items=[
                Text(value="storage"),
                Global() as kind,
                Text() as key,
                Text() as location,
                Number() as count,
                *rest,
            ],
        ):
            if not _STORAGE.fullmatch(f"{kind.module}:{kind.name}") or row_of(kind) is None:
                return f"asks for a storage of the class {kind.module[:64]}.{kind.name[:64]}, which is none"
            if key.cut or location.cut or not _KEY.fullmatch(key.value) or not _LOCATION.fullmatch(location.value):
                return "asks for a storage by a key or a device that torch.save does not write"
            if not _is_size(count):
                return "asks for a storage of a size that is none"
            return "" if _is_view(rest) else "asks for a view of a storage that is none"
    return "asks its loader for something else than a storage"


def odd_class(identity: Symbol) -> str:
    """Say why a persistent id is no class with its source, which older files than the zip format hold."""
    found = class_of(identity)
    if found is None or row_of(found) is None:
        return "asks its loader for a class that no table holds"
    return "asks its loader for a function that is not safe with every argument" if holds_conditional(found) else ""


def class_of(identity: Symbol) -> Global | None:
    """Return the class that a persistent id of an old file stands for, None where it stands for none.

    The loader compares its source with the installed one and warns where they differ.
    """
    match identity:
        case Items(
            kind="tuple",
            cut=False,
            items=[Text(value="module"), Global() as cls, Text() | Nothing(), Text() | Nothing()],
        ):
            return cls
    return None


def tensor(effect: Effect) -> str:
    """A storage, and a view that lies in it; hooks that are none; flags."""
    match effect.arguments:
        case (storage, offset, size, stride, *rest):
            return _odd_view(storage, offset, size, stride) or _odd_rest(rest)
    return "takes a storage, an offset, sizes and strides"


def quantised(effect: Effect) -> str:
    """As a tensor, with a scheme and its numbers; it is made at full size before it is given its storage."""
    match effect.arguments:
        case (storage, offset, size, stride, Items(kind="tuple", cut=False, items=[scheme, *numbers]), Number(), hooks):
            if not isinstance(scheme, Global) or row_of(scheme) is None or not all(map(_is_quantity, numbers)):
                return "takes a scheme and its numbers"
            if (prod(_numbers(size) or ()) or 0) > (_declared(storage) or 0):
                return "is larger than its storage"
            return _odd_view(storage, offset, size, stride) or _odd_hooks(hooks)
    return "takes a storage, an offset, sizes, strides and the numbers of a scheme"


def parameter(effect: Effect) -> str:
    """A tensor, a flag, hooks that are none, and attributes that are not a tensor's own."""
    match effect.arguments:
        case (data, Number(), hooks, *rest) if is_tensor(data) and len(rest) <= 1:
            return _odd_hooks(hooks) or (_odd_attributes(rest[0]) if rest else "")
    return "takes a tensor, a flag and hooks"


def from_type(effect: Effect) -> str:
    """A function that rebuilds tensors with arguments that it may have, a plain class of tensors, attributes."""
    match effect.arguments:
        case (Global() as rebuild, Global() as cls, Items(kind="tuple", cut=False, items=given), state):
            rule = _RULES.get(str(rebuild))
            if rule is None or row_of(rebuild) is None or row_of(cls) is None or str(cls) not in _CLASSES:
                return "calls something else than what rebuilds a tensor"
            again = Effect(Use.CALL, rebuild, tuple(given), effect.offset)
            return rule(again) or _odd_attributes(state)
    return "takes a function that rebuilds tensors, a class, arguments and attributes"


def sparse(effect: Effect) -> str:
    """A layout by name, and tensors from an archive, whose loader compares indices with sizes; nothing else does."""
    match effect.arguments:
        case (layout, Items(kind="tuple", cut=False, items=data)) if called(layout, "torch.serialization._get_layout"):
            fits = all(is_tensor(one) or isinstance(one, Number | Nothing) or _numbers(one) is not None for one in data)
            checked = any(map(is_tensor, data)) and all(_is_archived(one) for one in data if is_tensor(one))
            return "" if fits and checked else "takes tensors of an archive, and a size"
    return "takes a layout, tensors and a size"


def in_bytes(effect: Effect) -> str:
    """A file of `torch.save` that stands in the stream as bytes: the reader of the stream has it examined as a part."""
    match effect.arguments:
        case (Blob(),):
            return ""
    return "loads a file that does not stand in the stream"


def meta(effect: Effect) -> str:
    """A data type and numbers: no memory is taken."""
    match effect.arguments:
        case (Global(module="torch") as dtype, size, stride, Number()) if row_of(dtype):
            return "" if _numbers(size) is not None and _numbers(stride) is not None else "takes sizes and strides"
    return "takes a data type, sizes, strides and a flag"


def properties(effect: Effect) -> str:
    """What a tensor of a distributed checkpoint is like: a data type, a layout, flags."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[dtype, layout, Number(), encoding, Number()]),):
            known = called(layout, "torch.serialization._get_layout") and isinstance(encoding, Made)
            return "" if _is_dtype(dtype) and known else "takes a data type and a layout"
    return "takes a data type, a layout and flags"


def index(effect: Effect) -> str:
    """Where a tensor of a distributed checkpoint lies: a key of dicts, whose parts are hashed and compared."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    return odd_items(
        effect.arguments[0], {"fqn": (Text,), "offset": (Nothing, "torch.Size"), "index": (Number, Nothing)}
    )


def size(effect: Effect) -> str:
    """`torch.Size` of a few numbers."""
    if effect.use is Use.CALL and len(effect.arguments) == 1 and _numbers(effect.arguments[0]) is not None:
        return ""
    return "takes a tuple of numbers"


def module(effect: Effect) -> str:
    """The state of a module: its parameters, buffers, parts and hooks are dicts, whose methods are called."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    if wrong := attributes(_without_overloads(effect)):
        return wrong
    for key, value in _pairs(effect.arguments[0]):
        if _TABLES.fullmatch(key) and not _is_dict(value):
            return f"holds something else than a dict as {key[:64]}"
        if key in _MULTIPLIED and not isinstance(value, Number):
            return f"holds something else than a number as {key}, which is multiplied"
        if key == "yaml" and (wrong := odd_plan(value)):
            return wrong
        if key == "_non_persistent_buffers_set" and not _is_set(value):
            return "holds something else than a set of names"
    return ""


def _without_overloads(effect: Effect) -> Effect:
    """Leave out the empty table of overloads that `torch.jit.script` gives a module; a name with underscores is odd."""
    match effect.arguments:
        case (Items(kind="dict") as state,):
            pairs = list(zip(state.items[::2], state.items[1::2], strict=False))
            kept = [(key, value) for key, value in pairs if not _is_no_overloads(key, value)]
            if len(kept) < len(pairs):
                items = [symbol for pair in kept for symbol in pair]
                return replace(effect, arguments=(replace(state, items=items, count=len(items)),))
    return effect


def _is_no_overloads(key: Symbol, value: Symbol) -> bool:
    empty = isinstance(value, Items) and value.kind == "dict" and not value.items and not value.cut
    return empty and isinstance(key, Text) and key.value == "__overloads__"


def recurrent(effect: Effect) -> str:
    """As a module, with lists of names and weights; without names it would make as many as `num_layers` says."""
    if wrong := module(effect):
        return wrong
    for key, value in _pairs(effect.arguments[0]) if effect.use is Use.BUILD else ():
        if key in ("_all_weights", "all_weights"):
            first = value.items[0] if isinstance(value, Items) and value.items else value
            if not isinstance(first, Items) or not first.items or not isinstance(first.items[0], Text):
                return "holds something else than lists of names"
        if key.startswith("_flat_weight") and not (isinstance(value, Items) and value.kind == "list"):
            return f"holds something else than a list as {key[:64]}"
        if key == "num_layers" and not (isinstance(value, Number) and 0 <= (value.value or 0) <= _MOST_LAYERS):
            return "has more layers than there are"
    return ""


def optimizer(effect: Effect) -> str:
    """Defaults, groups and the state of each parameter are dicts and lists, whose methods are called."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    if wrong := attributes(effect):
        return wrong
    held = dict(_pairs(effect.arguments[0]))
    groups = held.get("param_groups")
    if not isinstance(groups, Items) or groups.kind != "list" or not all(map(_is_dict, groups.items)):
        return "holds something else than a list of groups"
    if not _is_dict(held.get("defaults")) or not _is_dict(held.get("state")):
        return "holds something else than dicts of defaults and state"
    return ""


def is_tensor(symbol: Symbol) -> bool:
    """Say whether a symbol is a tensor that the stream rebuilds."""
    return called(symbol, *_TENSORS)


def _is_archived(symbol: Symbol) -> bool:
    """Say whether a tensor stands over a storage of an archive."""
    first = symbol.arguments[0] if isinstance(symbol, Made) and symbol.arguments else None
    return isinstance(first, Made) and first.use is Use.PERSISTENT


def _odd_view(storage: Symbol, offset: Symbol, size: Symbol, stride: Symbol) -> str:
    declared, sizes, strides = _declared(storage), _numbers(size), _numbers(stride)
    if declared is None:
        return "takes a storage"
    if sizes is None or strides is None or len(sizes) != len(strides) or not isinstance(offset, Number):
        return "takes an offset, sizes and as many strides"
    if prod(sizes) > _MOST_ELEMENTS:
        return "makes a view of more elements than any memory holds"
    reach = sum((length - 1) * step for length, step in zip(sizes, strides, strict=True)) + 1 if all(sizes) else 0
    if not _is_size(offset) or int(offset.value or 0) + reach > declared:
        return "reaches behind the end of its storage"
    return ""


def _odd_rest(rest: list[Symbol]) -> str:
    """Say what is odd about what follows strides: a flag, hooks, a data type, flags by name."""
    for place, argument in enumerate(rest):
        if place == 0 and not isinstance(argument, Number):
            return unlike(argument, "takes a flag")
        if place == 1 and (wrong := _odd_hooks(argument)):
            return wrong
        if place > 1 and not _is_dtype(argument) and not _is_flags(argument):
            return "takes a data type or flags last"
    return ""


def _odd_hooks(hooks: Symbol) -> str:
    if isinstance(hooks, Nothing) or (isinstance(hooks, Items) and hooks.kind == "dict" and not hooks.count):
        return ""
    empty = called(hooks, *_ORDERED) and isinstance(hooks, Made) and not hooks.changed
    given = hooks.arguments[0] if isinstance(hooks, Made) and hooks.arguments else Items("list", [])
    return "" if empty and isinstance(given, Items) and not given.items and not given.cut else "brings hooks"


def _odd_attributes(state: Symbol) -> str:
    """Say which attribute of a tensor is its own, since it is set by `setattr`."""
    if isinstance(state, Nothing):
        return ""
    if isinstance(state, Items) and state.kind == "tuple":
        return "is given slots, which are set by their setters"
    if wrong := odd_keys(state):
        return wrong
    return next((f"is given a {key} of its own" for key, _ in _pairs(state) if key in _OWN or is_reserved(key)), "")


def _declared(storage: Symbol) -> int | None:
    """Return how many elements a persistent id declares, or a file in bytes may hold; None where it is no storage."""
    if isinstance(storage, Made) and called(storage, _PLAIN_STORAGE):
        first = storage.arguments[0] if storage.arguments else None
        return first.size if isinstance(first, Blob) else None
    if not isinstance(storage, Made) or storage.use is not Use.PERSISTENT or odd_storage(storage.arguments[0]):
        return None
    items = storage.arguments[0].items if isinstance(storage.arguments[0], Items) else []
    view = items[5] if len(items) > 5 else None
    count = view.items[2] if isinstance(view, Items) else items[4]
    return count.value if isinstance(count, Number) and isinstance(count.value, int) else None


def _is_view(rest: list[Symbol]) -> bool:
    """Say whether the end of a persistent id is that of old files: nothing, or key, offset and size of a view."""
    match rest:
        case [] | [Nothing()]:
            return True
        case [Items(kind="tuple", cut=False, items=[Text(), Number() as offset, Number() as count])]:
            return _is_size(offset) and _is_size(count)
    return False


def _is_size(number: Symbol) -> bool:
    return isinstance(number, Number) and isinstance(number.value, int) and number.value >= 0


def _numbers(shape: Symbol) -> list[int] | None:
    """Return sizes or strides, given as a tuple or as `torch.Size`; None where they are none."""
    if called(shape, "torch.Size") and isinstance(shape, Made) and shape.arguments:
        shape = shape.arguments[0]
    if not isinstance(shape, Items) or shape.kind not in ("tuple", "list") or shape.cut:
        return None
    found = [item.value for item in shape.items if isinstance(item, Number) and isinstance(item.value, int)]
    fits = len(found) == len(shape.items) <= _MOST_DIMENSIONS and min(found, default=0) >= 0
    return found if fits else None


def _is_quantity(symbol: Symbol) -> bool:
    return isinstance(symbol, Number) or is_tensor(symbol) or (isinstance(symbol, Items) and symbol.kind == "list")


def _is_dtype(symbol: Symbol) -> bool:
    return isinstance(symbol, Global) and symbol.module == "torch" and row_of(symbol) is not None


def _is_flags(symbol: Symbol) -> bool:
    if not isinstance(symbol, Items) or symbol.kind != "dict" or symbol.cut:
        return isinstance(symbol, Nothing)
    return all(isinstance(one, Text | Number) for one in symbol.items)


def _pairs(state: Symbol) -> list[tuple[str, Symbol]]:
    items = state.items if isinstance(state, Items) else []
    return [(key.value, value) for key, value in zip(items[::2], items[1::2], strict=False) if isinstance(key, Text)]


def _is_dict(symbol: Symbol | None) -> bool:
    if symbol is None or isinstance(symbol, Nothing) or (isinstance(symbol, Items) and symbol.kind == "dict"):
        return symbol is not None
    return called(symbol, "collections.OrderedDict", "collections.defaultdict", "builtins.dict")


def _is_set(symbol: Symbol) -> bool:
    return (isinstance(symbol, Items) and symbol.kind == "set") or called(symbol, "builtins.set")


_RULES: Final[dict[str, Callable[[Effect], str]]] = {
    "torch._utils._rebuild_tensor": tensor,
    "torch._utils._rebuild_tensor_v2": tensor,
    "torch._utils._rebuild_tensor_v3": tensor,
    "torch._utils._rebuild_qtensor": quantised,
    "torch._utils._rebuild_sparse_tensor": sparse,
    "torch._utils._rebuild_meta_tensor_no_storage": meta,
}
