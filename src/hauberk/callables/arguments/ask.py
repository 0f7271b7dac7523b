"""What the rules ask of a symbol: is it bytes, an array, a dict whose keys are known."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Final

from hauberk.callables.dangerous import NAMES, SAME_AS
from hauberk.callables.table import called, makes, row_of
from hauberk.symbol import Blob, Global, Items, Made, Nothing, Number, Symbol, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.callables.table import Row

ARRAYS: Final = (
    "numpy.ndarray",
    "numpy.matrix",
    "numpy.recarray",
    "numpy.rec.recarray",
    "numpy.char.chararray",
    "joblib.numpy_pickle.NumpyArrayWrapper",
)
SCALARS: Final = ("numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar")
_VERSION: Final = "_sklearn_version"  # BaseEstimator.__setstate__ formats it where it is not the installed one
_SHOWN: Final = re.compile(r"_(repr|ipython)_\w+_", re.ASCII)  # called by a notebook, which runs the HTML that it gets
_NAMES_FILES: Final = "input"  # scikit-learn's vectorizers then open what they are given
_NAMES_FOLDER: Final = "memory"  # scikit-learn loads pickles from there when it fits again
_CALLED_BY_PICKLE: Final = frozenset({"append", "extend", "add"})
_MOST_DIMENSIONS: Final = 64
_MOST_CONTAINED: Final = 3  # containers in each other
_CONTENTS: Final = 4  # place in the state of an array
# Rules of classes that make a value and nothing else, whatever their constructors are given. Those of the other rules
# read a file by its name, call what they are given, or believe a size: nobody asks them when they are called later.
_MAKE_VALUES: Final = frozenset(
    {"", "values", "containers", "default-factory", "fraction", "uuid", "user-string", "struct-time", "enum", "buffer"}
    | {"random-state", "pair-of-numbers", "dtype", "array", "masked-array", "seed-sequence", "generator", "vectorize"}
    | {"tree", "neighbours", "metric", "isotonic", "predictor", "bunch", "distribution", "polynomial", "line"}
    | {"documented", "parameter", "size", "properties", "index", "module", "recurrent", "optimizer", "pandas", "fields"}
)


def unlike(argument: Symbol, wanted: str) -> str:
    """Return the sentence that a rule wants something else than it was given."""
    return f"{wanted}, and is given {type(argument).__name__.lower()}"


def first_unlike(arguments: tuple[Symbol, ...], kinds: tuple[type, ...], wanted: str) -> str:
    """Say which is the first argument of another kind, if one is."""
    return next((unlike(argument, wanted) for argument in arguments if not isinstance(argument, kinds)), "")


def is_huge(argument: Symbol) -> bool:
    """Say whether a symbol is a number that is too long to keep, or a float that is not finite."""
    return isinstance(argument, Number) and argument.value is None


def is_named(symbol: Symbol, name: Global) -> bool:
    """Say whether a symbol is the import of a name, wherever it stands."""
    return isinstance(symbol, Global) and (symbol.module, symbol.name) == (name.module, name.name)


def is_reserved(name: str) -> bool:
    """Say whether pickle, NumPy, Python or a notebook looks a name up on an instance in order to call it."""
    is_special = name.startswith("__") and name.endswith("__")
    return is_special or name in _CALLED_BY_PICKLE or _SHOWN.fullmatch(name) is not None


def odd_keys(state: Symbol | None) -> str:
    """Say why the keys of a state could be more than names of attributes."""
    if isinstance(state, Nothing):
        return ""
    if not isinstance(state, Items) or state.kind != "dict" or state.cut:
        return "is given a state whose keys cannot be seen"
    for key, value in zip(state.items[::2], state.items[1::2], strict=False):
        if not isinstance(key, Text) or key.cut:
            return "is given a state with a key that is no text in the stream"
        is_flag = key.value in _CALLED_BY_PICKLE and isinstance(value, Number)  # which can be called by nobody
        if is_reserved(key.value) and not is_flag:
            return f"is given an attribute named {key.value[:64]}"
        if key.value == _VERSION and not isinstance(value, Text):
            return "is given a version that is no text, which the warning about it would call"
        if key.value in (_NAMES_FILES, _NAMES_FOLDER) and _opens_files(key.value, value):
            return f"opens files when it is used, by its setting {key.value}"
        if holds_conditional(value):
            return f"keeps as {key.value[:64]} a function that is not safe with every argument"
    return ""


def _opens_files(setting: str, value: Symbol) -> bool:
    """Say whether a setting is a folder, or that inputs are names of files; text may be made by a call as well."""
    if isinstance(value, Text):
        return setting == _NAMES_FOLDER or value.cut or value.value in ("file", "filename")
    return makes(value, *SCALARS, "collections.UserString")


def odd_items(state: Symbol, wanted: Mapping[str, tuple[type | str, ...]]) -> str:
    """Say which item of a state is not in real files, or of another kind: a type of symbol, or what it is made by."""
    if wrong := odd_keys(state):
        return wrong
    items = state.items if isinstance(state, Items) else []
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = key.value if isinstance(key, Text) else ""
        if name not in wanted:
            return f"has no attribute {name[:64]} in real files"
        classes = tuple(kind for kind in wanted[name] if isinstance(kind, type))
        names = tuple(kind for kind in wanted[name] if isinstance(kind, str))
        if not isinstance(value, classes) and (not makes(value, *names) or holds_objects(value)):
            return unlike(value, f"holds something else as {name}")
    return ""


def is_bytes(symbol: Symbol) -> bool:
    """Say whether a symbol is bytes in the stream, or text encoded as Latin-1, as old protocols write them."""
    if isinstance(symbol, Made) and called(symbol, "builtins.bytearray", "builtins.bytes"):
        return all(
            isinstance(argument, Blob | Text) or called(argument, "_codecs.encode") for argument in symbol.arguments
        )
    return isinstance(symbol, Blob) or called(symbol, "_codecs.encode")


def is_array(symbol: Symbol) -> bool:
    """Say whether a symbol is an array of numbers, or what joblib puts in the place of one.

    An array of objects is none: who compares or converts its elements calls methods of theirs.
    """
    return makes(symbol, *ARRAYS) and not holds_objects(symbol)


def makes_scalar(symbol: Symbol) -> bool:
    """Say whether a symbol is a number of NumPy."""
    return makes(symbol, *SCALARS)


def holds_objects(symbol: Symbol) -> bool:
    """Say whether a symbol is an array whose contents are a list, as they are where it holds objects, or unknown."""
    if not isinstance(symbol, Made) or symbol.state is None or not makes(symbol, *ARRAYS):
        return False
    items = symbol.state.items if isinstance(symbol.state, Items) else []
    return len(items) <= _CONTENTS or isinstance(items[_CONTENTS], Items)


def is_unconditional(function: Symbol) -> bool:
    """Say whether the tables hold a name without a rule: a rule could not be asked when it is called after loading.

    Nor is it one that calls what it is given, as `max` calls its `key`.
    """
    row = row_of(function)
    return row is not None and row[1] == "" and not _is_known_bad(function)


def holds_conditional(symbol: Symbol, depth: int = _MOST_CONTAINED) -> bool:
    """Say whether a function that is safe with some arguments only is kept in a value, to be called after loading."""
    if isinstance(symbol, Items):
        return depth > 0 and any(holds_conditional(item, depth - 1) for item in symbol.items)
    row = row_of(symbol) if isinstance(symbol, Global) else None
    return row is not None and (row[1] not in _MAKE_VALUES or _calls_what_it_is_given(row) or _is_known_bad(symbol))


def _calls_what_it_is_given(row: Row) -> bool:
    """Say whether a row is that of a function which makes generators by calling its second argument."""
    return row[1] == "generator" and "call" in row[0]


def _is_known_bad(name: Symbol) -> bool:
    return isinstance(name, Global) and name.name in NAMES.get(SAME_AS.get(name.module, name.module), {})


def count_of(shape: Symbol | None) -> int | None:
    """Return the number of elements of a shape, None where it is no tuple of a few non-negative integers."""
    if not isinstance(shape, Items) or shape.kind != "tuple" or shape.cut or len(shape.items) > _MOST_DIMENSIONS:
        return None
    sizes = [item.value if isinstance(item, Number) else None for item in shape.items]
    whole = [size for size in sizes if isinstance(size, int) and size >= 0]
    return prod(whole) if len(whole) == len(sizes) else None
