"""The safe rows as one table, and what a row says.

A row is a tuple of four texts: the uses that real files make of the name; the rule that its arguments must pass (empty:
the plain rule of each use); what a call makes (empty: an instance of the name itself, `0`: of its first argument, else
`module:name`); and the reason why it is safe. Plain tuples, because there are two thousand and they are loaded at every
start of a scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.tables import (
    boosting,
    imblearn,
    joblib,
    networkx,
    numpy,
    omegaconf,
    pandas,
    scipy,
    sklearn,
    stdlib,
    torch,
    transformers,
    ultralytics,
    vision,
)
from hauberk.symbol import Global, Made, Symbol, Text, Use

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = tuple[str, str, str, str]

SOURCES: Final = (
    stdlib,
    numpy,
    scipy,
    sklearn,
    joblib,
    torch,
    pandas,
    boosting,
    omegaconf,
    transformers,
    ultralytics,
    vision,
    imblearn,
    networkx,
)
BUILT_IN: Final[Mapping[str, Mapping[str, Mapping[str, Row]]]] = {
    source.__name__.rpartition(".")[2]: source.ROWS for source in SOURCES
}
_ROWS: Final[Mapping[str, Mapping[str, Row]]] = {
    module: rows for source in SOURCES for module, rows in source.ROWS.items()
}
_MOST_WRAPPED: Final = 4


def row_of(name: Symbol | None) -> Row | None:
    """Return the row of exactly this name, or None; nothing is looked up by prefix."""
    if not isinstance(name, Global):
        return None
    return _ROWS.get(name.module, {}).get(name.name)


def allows(name: Symbol, use: str) -> bool:
    """Say whether the tables hold a name for a use."""
    row = row_of(name)
    return row is not None and use in row[0].split()


def product_of(made: Symbol) -> Global | None:
    """Return the name of what a call makes an instance of, by the rows alone; None where no row says it."""
    for _ in range(_MOST_WRAPPED):
        function = reached(made.callable) if isinstance(made, Made) else None
        if not isinstance(made, Made) or not isinstance(function, Global):
            return None
        row = row_of(function)
        if row is None or row[2] == "":
            return function if row else None
        if row[2] != "0":
            module, _, name = row[2].partition(":")
            return Global(module, name)
        first = made.arguments[0] if made.arguments else None
        if isinstance(first, Global):
            return first
        made = first if first is not None else made.callable
    return None


def reached(target: Symbol) -> Symbol:
    """Return the dotted name that `getattr` of a class gives, so that it is judged by that name; else the symbol."""
    match target:
        case Made(
            callable=Global(module="builtins", name="getattr"),
            arguments=(Global() as cls, Text(value=name, cut=False)),
            use=Use.CALL,
        ):
            return Global(cls.module, f"{cls.name}.{name}", cls.offset)
    return target


def makes(symbol: Symbol, *names: str) -> bool:
    """Say whether a symbol is an instance of one of these `module.name`s, by the rows alone."""
    product = product_of(symbol)
    return row_of(product) is not None and str(product) in names


def called(symbol: Symbol, *names: str) -> bool:
    """Say whether a symbol is the result of a call of one of these `module.name`s, all of which are in the tables."""
    return isinstance(symbol, Made) and row_of(symbol.callable) is not None and str(symbol.callable) in names
