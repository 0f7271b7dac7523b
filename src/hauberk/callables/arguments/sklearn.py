"""Rules for scikit-learn's classes whose `__setstate__` does more than fill a dict, and for joblib's array wrapper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments.ask import (
    ARRAYS,
    SCALARS,
    count_of,
    holds_conditional,
    is_array,
    is_reserved,
    odd_items,
    odd_keys,
    unlike,
)
from hauberk.callables.arguments.plain import attributes, scalars
from hauberk.callables.table import allows, called, row_of
from hauberk.symbol import Effect, Global, Items, Nothing, Number, Symbol, Text, Use

if TYPE_CHECKING:
    from collections.abc import Mapping

    Wanted = Mapping[str, tuple[type | str, ...]]

_TREE: Final[Wanted] = {
    **dict.fromkeys(("max_depth", "node_count"), (Number,)),
    **dict.fromkeys(("nodes", "values"), ARRAYS),
}
_ISOTONIC: Final[Wanted] = {
    **dict.fromkeys(("_sklearn_version", "increasing", "out_of_bounds"), (Text, Number)),
    **dict.fromkeys(("y_min", "y_max", "n_features_in_"), (Number, Nothing)),
    **dict.fromkeys(("increasing_", "X_min_", "X_max_"), (Number, *SCALARS)),
    **dict.fromkeys(("X_thresholds_", "y_thresholds_", "feature_names_in_"), ARRAYS),
}
_WRAPPER: Final[Wanted] = {
    "shape": (Items,),
    "order": (Text,),
    "dtype": ("numpy.dtype",),
    "allow_mmap": (Number,),
    "numpy_array_alignment_bytes": (Number, Nothing),
}
_TREE_COUNTS: Final = 7
_WRAPPED: Final = ("numpy.ndarray", "numpy.matrix", "numpy.memmap")


def cython(effect: Effect) -> str:
    """A constructor that Cython writes: a class that the tables hold, a checksum, and no state."""
    match effect.arguments:
        case (Global() as cls, Number(), Nothing() | Items(kind="tuple", items=[], cut=False)) if row_of(cls):
            return ""
    return "takes a class that the tables hold, a checksum and no state"


def new_object(effect: Effect) -> str:
    """`newObj(cls)` calls `cls.__new__(cls)`; each module has one, for its own classes."""
    match effect.arguments:
        case (Global() as cls,) if allows(cls, "build"):
            own = isinstance(effect.callable, Global) and effect.callable.module == cls.module
            return "" if own else "only makes instances of classes of its module"
    return "only makes instances of classes that the tables hold"


def tree(effect: Effect) -> str:
    """Numbers and an array; the state holds numbers and arrays."""
    if effect.use is Use.BUILD:
        return odd_items(effect.arguments[0], _TREE)
    for argument in effect.arguments:
        if not isinstance(argument, Number) and not is_array(argument):
            return unlike(argument, "takes numbers and an array")
    return ""


def neighbours(effect: Effect) -> str:
    """The whole state: four arrays, seven numbers, a metric, weights. A shorter tuple is read past its end."""
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[a, b, c, d, *counts, metric, weights]),):
            arrays = all(is_array(one) for one in (a, b, c, d))
            numbers = [one for one in counts if isinstance(one, Number)]
            known = called(metric, "sklearn.metrics._dist_metrics.newObj")
            if arrays and known and len(numbers) == len(counts) == _TREE_COUNTS:
                return "" if isinstance(weights, Nothing) or is_array(weights) else "takes weights last"
    return "takes the whole state of a tree: arrays, numbers, a metric and weights"


def metric(effect: Effect) -> str:
    """The whole state: a number and two arrays. A shorter tuple is read past its end."""
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[Number(), vector, matrix]),) if is_array(vector) and is_array(
            matrix
        ):
            return ""
    return "takes the whole state of a metric: a number and two arrays"


def isotonic(effect: Effect) -> str:
    """Loading calls `self._build_f(X, y)`: no attribute may take that name, and both must be arrays."""
    return odd_items(effect.arguments[0], _ISOTONIC) if effect.use is Use.BUILD else scalars(effect)


def predictor(effect: Effect) -> str:
    """Loading calls `self.nodes.astype`, so the nodes must be an array."""
    arrays = dict.fromkeys(("nodes", "binned_left_cat_bitsets", "raw_left_cat_bitsets"), ARRAYS)
    return odd_items(effect.arguments[0], arrays) if effect.use is Use.BUILD else scalars(effect)


def is_bunch(cls: Global) -> bool:
    """Say whether a class is a dict that answers attributes from its items, as scikit-learn and SciPy have."""
    row = row_of(cls)
    return row is not None and row[1] == "bunch"


def odd_bunch_items(items: Items) -> str:
    """Say which item of a Bunch would hide a method that pickle or NumPy calls."""
    if items.cut:
        return "is given items that cannot be seen"
    for key in items.items[::2]:
        if not isinstance(key, Text) or key.cut or is_reserved(key.value):
            return "is given an item that would hide a method"
    if holds_conditional(items):
        return "keeps a function that is not safe with every argument"
    return ""


def bunch(effect: Effect) -> str:
    """A dict that answers attributes from its items; its state is ignored."""
    if effect.use is Use.EXTEND:
        return odd_bunch_items(Items("dict", list(effect.arguments)))
    return attributes(effect) if effect.use is Use.BUILD else scalars(effect)


def array_wrapper(effect: Effect) -> str:
    """Every method of the wrapper is called by joblib, so it holds what joblib writes and nothing else."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    kept: list[Symbol] = []
    state = effect.arguments[0]
    items = state.items if isinstance(state, Items) else []
    for key, value in zip(items[::2], items[1::2], strict=False):
        if key != Text("subclass"):
            kept += [key, value]
        elif not (row_of(value) and str(value) in _WRAPPED):
            return "wraps something that is no array"
        if key == Text("shape") and count_of(value) is None:
            return "has a shape that is no tuple of numbers"
    return odd_items(replace(state, items=kept) if isinstance(state, Items) else state, _WRAPPER)


def memory(effect: Effect) -> str:
    """A cache that is none: with a folder it would load the pickles in it when an estimator is used."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if wrong := odd_keys(state):
        return wrong
    items = state.items if isinstance(state, Items) else []
    for key, value in zip(items[::2], items[1::2], strict=False):
        if key in (Text("location"), Text("store_backend")) and not isinstance(value, Nothing):
            return "keeps its results in a folder, and loads pickles from there"
    return ""
