"""Which tables there are, what they were proved against, and which rows exactly: for statements about scans.

When a table changes, its digest does; a ledger of such statements then tells which models were scanned with the old.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from hauberk.callables.dangerous import MODULES, NAMES, SAME_AS
from hauberk.callables.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.callables.table import Row

CONDEMNED = "condemned"


@dataclass(frozen=True, slots=True)
class TableRelease:
    """One table: its name, the releases that it was proved against, the number of rows, the digest of all of them."""

    name: str
    releases: tuple[str, ...]
    rows: int
    digest: str


@cache
def releases() -> tuple[TableRelease, ...]:
    """Return the tables of safe rows in the order in which they are asked, and the table of what is condemned."""
    safe = [
        TableRelease(
            source.__name__.rpartition(".")[2],
            tuple(source.RELEASES),
            sum(map(len, source.ROWS.values())),
            digest_of(source.ROWS),
        )
        for source in SOURCES
    ]
    modules = [("", module, *map(str, row)) for module, row in MODULES.items()]
    names = [(module, name, *map(str, row)) for module, rows in NAMES.items() for name, row in rows.items()]
    same = [("=", module, other) for module, other in SAME_AS.items()]
    condemned = TableRelease(CONDEMNED, (), len(modules) + len(names), _digest([*modules, *names, *same]))
    return (*safe, condemned)


def digest_of(rows: Mapping[str, Mapping[str, Row]]) -> str:
    """Return the digest of a table: `sha256:` and hex of its rows, sorted, each part with its length before it."""
    return _digest((module, name, *row) for module, found in rows.items() for name, row in found.items())


def _digest(rows: Iterable[tuple[str, ...]]) -> str:
    found = sha256()
    for row in sorted(rows):
        for part in row:
            data = part.encode()
            found.update(len(data).to_bytes(4, "big") + data)
        found.update(b"\0\0\0\0")
    return f"sha256:{found.hexdigest()}"
