"""Rules for what PyTorch's files hold beside tensors and modules: layers to be made, generators, sequences, hooks."""

from __future__ import annotations

from typing import Final

from hauberk.callables.arguments.ask import odd_keys
from hauberk.callables.arguments.plain import scalars
from hauberk.callables.arguments.torch import class_of, is_tensor
from hauberk.callables.table import called, makes, row_of
from hauberk.symbol import Effect, Items, Made, Nothing, Number, Symbol, Text, Use

_SPECTRAL: Final = tuple(
    f"torch.nn.utils.spectral_norm.SpectralNorm{kind}" for kind in ("", "LoadStateDictPreHook", "StateDictHook")
)


_SMALL = tuple(
    f"torch.nn.modules.{name}." for name in ("activation", "batchnorm", "dropout", "instancenorm", "normalization")
)
_LARGE = ".MultiheadAttention"


def is_layer(symbol: Symbol) -> bool:
    """Say whether a symbol is a class of small layers of torch.nn, or the persistent id of one, as older files have it.

    Small: it holds a few numbers a channel at most, so that whoever makes one later allocates next to nothing.
    """
    if isinstance(symbol, Made) and symbol.use is Use.PERSISTENT:
        symbol = class_of(symbol.arguments[0]) or symbol
    row = row_of(symbol)
    name = str(symbol)
    return row is not None and row[1] == "module" and name.startswith(_SMALL) and not name.endswith(_LARGE)


def generator(effect: Effect) -> str:
    """A generator of a device, and its state: a seed, an offset, a tensor whose size and numbers it checks."""
    match effect.arguments:
        case (device,) if effect.use is Use.CALL:
            return "" if called(device, "torch.device") else "takes a device"
        case (Items(kind="tuple", cut=False, items=[Number(), Number() | Nothing(), state]),) if is_tensor(state):
            return ""
    return "takes a device, and a seed, an offset and a tensor"


def packed(effect: Effect) -> str:
    """Two tensors, and two more or nothing: the class asks them for their devices."""
    match effect.arguments:
        case (data, sizes, *rest) if is_tensor(data) and is_tensor(sizes):
            return "" if all(isinstance(one, Nothing) or is_tensor(one) for one in rest) else "takes tensors"
    return "takes tensors"


def spectral_hook(effect: Effect) -> str:
    """A hook that a module calls; only those of the spectral norm are known, which are classes with numbers."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    if wrong := odd_keys(effect.arguments[0]):
        return wrong
    state = effect.arguments[0]
    items = state.items if isinstance(state, Items) else []
    held = {key.value: value for key, value in zip(items[::2], items[1::2], strict=False) if isinstance(key, Text)}
    known = makes(held.get("hook", Nothing()), *_SPECTRAL)
    if not known or set(held) - {"hook", "with_module", "module"} or not isinstance(held.get("with_module"), Number):
        return "wraps a hook that is not shown safe"
    return ""
