"""Which tables of callables this release has: each by its source, what it was made from, and a digest of its rows.

A scan says by which tables it judged, so that whoever keeps its statement knows, when a table changes, which models
were judged by the old one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from hauberk.callables.dangerous import MODULES, NAMES, SAME_AS
from hauberk.callables.table import BUILT_IN, SOURCES
from hauberk.digest import sha256
from hauberk.finding import TableUsed
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.digest import Digest

DANGEROUS: Final = "dangerous"


@cache
def tables() -> tuple[TableUsed, ...]:
    """Return every table of this release, ours of the dangerous names last."""
    safe = [
        TableUsed(name, ", ".join(source.RELEASES), _digest(_lines(name)))
        for name, source in zip(BUILT_IN, SOURCES, strict=True)
    ]
    known = [
        *(f"{module} {capability} {why}" for module, (capability, why) in MODULES.items()),
        *(f"{module}:{name} {row[0]} {row[1]}" for module, names in NAMES.items() for name, row in names.items()),
        *(f"{module} = {same}" for module, same in SAME_AS.items()),
    ]
    return (*safe, TableUsed(DANGEROUS, VERSION, _digest(known)))


def _lines(table: str) -> Iterable[str]:
    return ("\t".join((module, name, *row)) for module, rows in BUILT_IN[table].items() for name, row in rows.items())


def _digest(lines: Iterable[str]) -> Digest:
    return sha256("\n".join(sorted(lines)).encode())
