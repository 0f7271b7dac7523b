"""The rule for pandas, whose constructors and states run much of its own Python over whatever they are given.

So they are given values and nothing else: constants, arrays, containers of these, and what pandas itself makes of
them. No function, no class but pandas's own, no object whose methods could be of the stream's choice; and attributes
only under the names that real files have, since some are set by `setattr`.
"""

from __future__ import annotations

import re
from typing import Final

from hauberk.callables.arguments.ask import ARRAYS, is_bytes
from hauberk.callables.table import makes, product_of, row_of
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Symbol, Text

_FROM: Final = re.compile(r"(pandas|numpy|datetime|dateutil|zoneinfo|pytz|decimal|pyarrow)(\.\w+)*", re.ASCII)
_BUILT_IN: Final = ("builtins.slice", "builtins.set", "builtins.frozenset", "builtins.range", "builtins.complex")
_NAMES: Final = frozenset(
    # of frames, blocks and indexes
    {"_mgr", "_data", "_typ", "_metadata", "attrs", "_attrs", "_flags", "_name", "name", "names", "axes", "blocks",
     "values", "mgr_locs", "data", "levels", "codes", "labels", "sortorder", "start", "stop", "step", "freq", "_freq",
     "tz", "left", "right", "closed", "dtype", "0.14.1", "copy", "unit"}
    # of arrays and types
    | {"_ndarray", "_dtype", "_codes", "_categories", "_ordered", "categories", "ordered", "_mask", "_data", "_cache",
       "_sparse_index", "_sparse_values", "_fill_value", "fill_value", "subtype", "_subtype", "_closed", "storage",
       "_storage", "na_value", "_na_value", "_left", "_right", "_tz", "_unit", "_readonly", "_items_cache"}
    | {"_pa_array", "pyarrow_dtype"}
    # of offsets and durations
    | {"n", "normalize", "_offset", "_use_relativedelta", "kwds", "weekmask", "holidays", "calendar", "offset",
       "years", "months", "weeks", "days", "leapdays", "hours", "minutes", "seconds", "microseconds", "nanoseconds",
       "year", "month", "day", "hour", "minute", "second", "microsecond", "weekday", "_has_time", "startingMonth",
       "week", "variation", "qtr_with_extra_week"}
    | {"0", "1"}
)  # fmt: skip
_DEEPEST: Final = 6


def pandas(effect: Effect) -> str:
    """Values, and attributes under the names that real files have."""
    for argument in effect.arguments:
        if wrong := _odd_names(argument):
            return wrong
        if not _is_value(argument, _DEEPEST):
            return "takes values: constants, arrays, and what pandas makes of them"
    return ""


def _odd_names(state: Symbol) -> str:
    """Say which attribute has a name that no real file has; a state is a dict, or a tuple with dicts in it."""
    if not isinstance(state, Items):
        return ""
    if state.kind == "tuple":
        return next((wrong for item in state.items if (wrong := _odd_names(item))), "")
    if state.kind != "dict":
        return ""
    for key in state.items[::2]:
        if not isinstance(key, Text) or key.cut or key.value not in _NAMES:
            name = f" {key.value[:64]}" if isinstance(key, Text) else ""
            return f"is given an attribute{name}, which no real file has"
    return "is given a state that cannot be seen" if state.cut else ""


def _is_value(symbol: Symbol, depth: int) -> bool:
    if isinstance(symbol, Text | Number | Blob | Nothing):
        return True
    if isinstance(symbol, Global):
        row = row_of(symbol)
        return row is not None and row[1] == "pandas"
    if isinstance(symbol, Items):
        return depth > 0 and all(_is_value(item, depth - 1) for item in symbol.items)
    if not isinstance(symbol, Made):
        return False
    if is_bytes(symbol) or makes(symbol, *ARRAYS, *_BUILT_IN):
        return True
    product = product_of(symbol)
    return product is not None and row_of(product) is not None and _FROM.fullmatch(product.module) is not None


def zone(effect: Effect) -> str:
    """The name of a time zone: its file is read from the system's folder of zones, and from nowhere else."""
    match effect.arguments:
        case (Text(value=name, cut=False), *rest) if _ZONE.fullmatch(name):
            constants = all(isinstance(one, Text | Number | Nothing) for one in rest)
            return "" if constants else "takes the name of a zone and numbers"
    return "takes the name of a time zone"


_ZONE: Final = re.compile(r"[A-Z][A-Za-z0-9_+-]{0,31}(/[A-Z][A-Za-z0-9_+-]{0,31}){0,2}", re.ASCII)
