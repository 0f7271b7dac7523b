"""Copies of a ledger's database: as the file that it is, or row by row, from a server or to one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.database import SqliteDatabase
from hauberk.edge.salt import draw
from hauberk.ledger import schema
from hauberk.ledger.envelopes import portions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from hauberk.edge.database import Database

_AT_ONCE = 1000


def copy(source: Database, target: str | os.PathLike[str]) -> None:
    """Copy a database as it is at this moment into a new SQLite file, durable, then under its name."""
    if source.copy_to(target):
        return
    part = Path(target).with_name(f".{draw(8).hex()}.copied")
    try:
        with closing(SqliteDatabase(part, create=True)) as made:
            with made.writing():
                schema.make(made)
                copy_rows(source, made)
            made.copy_to(target)
    finally:
        for name in (part.name, f"{part.name}-wal", f"{part.name}-shm"):
            part.with_name(name).unlink(missing_ok=True)


def copy_rows(source: Database, target: Database) -> None:
    """Copy what cannot be computed into empty tables, inside of a transaction, and compute the rest.

    The source may grow meanwhile: an entry never changes, so that the first ones are the ledger as it was.
    """
    ((size,),) = source.ask("SELECT coalesce(max(number), -1) + 1 FROM entries")
    checkpoints = source.ask("SELECT size, note FROM checkpoints WHERE size <= ? ORDER BY sequence", (size,))
    target.tell(schema.INSERT_ENTRY, _rows(source, "number, record, envelope FROM entries", size))
    target.tell(schema.INSERT_ENVELOPE, _envelopes(source, size))
    for one in checkpoints:
        target.tell(schema.INSERT_CHECKPOINT, [one])
    schema.fill(target)


def _envelopes(source: Database, size: int) -> Iterator[Sequence[object]]:
    query = "SELECT number, data FROM envelopes WHERE number >= ? AND number < ? ORDER BY number"
    for start in range(0, size, _AT_ONCE):
        for first, last in portions(source, start, min(start + _AT_ONCE, size)):
            yield from source.ask(query, (first, last), is_long=True)


def _rows(source: Database, which: str, size: int) -> Iterator[Sequence[object]]:
    last = -(2**53)
    query = f"SELECT {which} WHERE number > ? AND number < ? ORDER BY number LIMIT ?"
    while rows := source.ask(query, (last, size, _AT_ONCE)):
        yield from rows
        last = rows[-1][0]
