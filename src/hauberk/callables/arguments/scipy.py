"""Rules for SciPy's distributions, which execute a template of their state when it is set.

The template defines three functions that sort arguments; a stream could bring any other source. So it must be the one
that SciPy writes, letter by letter, with plain names for the shapes (`parse_arg_template`, scipy/stats/
_distn_infrastructure.py, 1.17.1), and no attribute may take the place of a method that setting the state calls.
"""

from __future__ import annotations

import re
from typing import Final

from hauberk.callables.arguments.ask import ARRAYS, holds_conditional, is_array, is_unconditional, odd_items, odd_keys
from hauberk.callables.arguments.plain import attributes, scalars
from hauberk.callables.table import product_of, row_of
from hauberk.symbol import Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Use

TEMPLATE: Final = re.compile(
    r"\ndef _parse_args\(self, ((?:[A-Za-z_][A-Za-z0-9_]{0,31}, ){0,16}) loc=0(?P<scale>(?:, scale=1)?)\):\n"
    r"    return \(\1\), loc, (?P<value>scale|1)\n\n"
    r"def _parse_args_rvs\(self, \1 loc=0(?P=scale), size=None\):\n"
    r"    return self\._argcheck_rvs\(\1 loc, (?P=value), size=size\)\n\n"
    r"def _parse_args_stats\(self, \1 loc=0(?P=scale), moments='mv'\):\n"
    r"    return \(\1\), loc, (?P=value), moments\n",
    re.ASCII,
)
_KEYS: Final = frozenset(
    {"_stats_has_moments", "_random_state", "_ctor_param", "badvalue", "name", "a", "b", "xtol", "moment_tol", "inc",
     "shapes", "moment_type", "_parse_arg_template", "numargs", "vecentropy", "longname", "extradoc", "__doc__",
     "values", "m", "xk", "pk", "qvals", "_histogram", "_hpdf", "_hcdf", "_hbins", "_hbin_widths", "_density"}
)  # fmt: skip
_VECTORIZE: Final = frozenset(
    {"pyfunc", "cache", "signature", "__name__", "__doc__", "_ufunc", "_doc", "otypes", "excluded",
     "_in_and_out_core_dims"}
)  # fmt: skip
_SLOTS: Final = {
    **dict.fromkeys(("_c", "_x", "c", "x"), ARRAYS),
    "extrapolate": (Number, Text, Nothing),
    "axis": (Number,),
    "_asarray": (Global,),
}
_LINE: Final = {"_y_axis": (Number,), "_y_extra_shape": (Items,), "dtype": (Global, Nothing, "numpy.dtype")}
_METHOD: Final = "_entropy"
DISTRIBUTION: Final = "distribution"


def distribution(effect: Effect) -> str:
    """The state of a distribution, with the template that SciPy writes."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if not isinstance(state, Items) or state.kind != "dict" or state.cut:
        return "is given a state whose keys cannot be seen"
    template = ""
    for key, value in zip(state.items[::2], state.items[1::2], strict=False):
        if not isinstance(key, Text) or key.value not in _KEYS:
            return "is given an attribute that no real file has"
        if holds_conditional(value):
            return f"keeps as {key.value} a function that is not safe with every argument"
        if key.value == "__doc__" and not isinstance(value, Text | Nothing):
            return "holds something else than text as its description"
        if key.value == "_parse_arg_template":
            template = value.value if isinstance(value, Text) and not value.cut else ""
    return "" if TEMPLATE.fullmatch(template) else "would execute a template that SciPy does not write"


def vectorize(effect: Effect) -> str:
    """The entropy of a distribution, or a function that the tables hold without conditions, for each item."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if not isinstance(state, Items) or state.kind != "dict" or state.cut:
        return "is given a state whose keys cannot be seen"
    for key, value in zip(state.items[::2], state.items[1::2], strict=False):
        if not isinstance(key, Text) or key.value not in _VECTORIZE:
            return "is given an attribute that no real file has"
        if holds_conditional(value):
            return f"keeps as {key.value} a function that is not safe with every argument"
        if key.value == "pyfunc" and not is_unconditional(value) and not is_entropy(value):
            return "calls a function that is not shown safe"
        if key.value.startswith("__") and not isinstance(value, Text | Nothing):
            return "holds something else than text as its name"
    return ""


def is_entropy(symbol: Symbol) -> bool:
    """Say whether a symbol is the method of a distribution that its state holds, reached by `getattr`."""
    match symbol:
        case Made(
            callable=Global(module="builtins", name="getattr"),
            arguments=(Made() as owner, Text(value=name)),
            use=Use.CALL,
        ):
            row = row_of(product_of(owner))
            return name == _METHOD and row is not None and row[1] == DISTRIBUTION
    return False


def polynomial(effect: Effect) -> str:
    """A piecewise polynomial in slots: arrays, two settings, and the function that makes arrays."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[Nothing() | Items(kind="dict", items=[], cut=False), slots]),):
            wrong = odd_items(slots, _SLOTS)
            items = slots.items if isinstance(slots, Items) else []
            return wrong or ("" if all(map(_is_plain, items)) else "holds a function that is not shown safe")
    return "takes no attributes, and slots"


def line(effect: Effect) -> str:
    """Values on a line: attributes, and the three slots of its base."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[state, slots]),):
            return odd_keys(state) or odd_items(slots, _LINE)
    return "takes attributes and slots"


def documented(effect: Effect) -> str:
    """Attributes, and a description of the instance in text."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    state = effect.arguments[0]
    if not isinstance(state, Items) or state.kind != "dict":
        return odd_keys(state)
    kept: list[Symbol] = []
    for key, value in zip(state.items[::2], state.items[1::2], strict=False):
        if key != Text("__doc__"):
            kept += [key, value]
        elif not isinstance(value, Text | Nothing):
            return "holds something else than text as its description"
    return odd_keys(Items("dict", kept, cut=state.cut))


def rotation(effect: Effect) -> str:
    """Quaternions in an array, and a flag."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[array, Number()]),) if is_array(array):
            return ""
    return "takes an array of numbers and a flag"


def two_tuples(effect: Effect) -> str:
    """What an interpolator keeps, in two tuples that its state takes apart."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[Items(kind="tuple") as first, Items(kind="tuple") as second]),):
            return odd_keys(Items("dict", [part for one in (first, second) for part in _named(one)]))
    return "takes two tuples"


def _named(held: Items) -> list[Symbol]:
    return [part for place, item in enumerate(held.items) for part in (Text(f"item {place}"), item)]


def qhull(effect: Effect) -> str:
    """Attributes, but not the two that dropping the instance asks to close."""
    if effect.use is not Use.BUILD or (wrong := attributes(effect)):
        return scalars(effect) if effect.use is not Use.BUILD else wrong
    items = effect.arguments[0].items if isinstance(effect.arguments[0], Items) else []
    for key, value in zip(items[::2], items[1::2], strict=False):
        if key == Text("close") or (key == Text("_qhull") and not isinstance(value, Nothing)):
            return "holds what is closed when the instance is dropped"
    return ""


def _is_plain(value: Symbol) -> bool:
    return not isinstance(value, Global) or is_unconditional(value)
