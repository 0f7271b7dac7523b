"""An online store in a SQLite file: its newest values, and who may write to it."""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

from hauberk.edge.files import printable, unavailable
from hauberk.edge.stores import database_errors, open_database
from hauberk.errors import Exceeded, Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.edge.files import StrPath

MAX_ROWS = 20_000_000


def read_online(path: StrPath, table: str, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Return columns of a table; their names are words, which the caller has seen to.

    Raises:
        Malformed: it has no such table or column, or is no SQLite file.
        Unavailable: it cannot be read.
        Exceeded: more rows than `MAX_ROWS`.
    """
    name = printable(path)
    with closing(open_database(path, create=False, read_only=True)) as database, database_errors(name):
        database.execute("BEGIN")  # all of it at one time
        known = {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')}
        if missing := [column for column in columns if column not in known]:
            raise Malformed(f"{name}: the table {table} has no column {missing[0]}", "name the store of this view")
        (count,) = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - words
        if count > MAX_ROWS:
            raise Exceeded(f"{name}: {count} rows, where {MAX_ROWS} are read")
        listed = ", ".join(f'"{column}"' for column in columns)
        found: dict[str, list[Any]] = {column: [] for column in columns}
        for row in database.execute(f'SELECT {listed} FROM "{table}"'):  # noqa: S608 - words
            for column, value in zip(columns, row, strict=True):
                found[column].append(value)
    return found


def writers_of(path: StrPath, named: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the file and its folder, each with who may write to it beyond the named users, in words."""
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120 - a path, as given
    return [(printable(place), _others(place, named)) for place in (os.fspath(path), folder)]


def _others(place: str, named: Sequence[str]) -> tuple[str, ...]:
    try:
        seen = os.stat(place)  # noqa: PTH116 - a path, as given
    except OSError as error:
        raise unavailable(place, error) from None
    owner = _user(seen.st_uid)
    found = [f"its owner {owner}"] if named and owner not in named else []
    sticky = stat.S_ISDIR(seen.st_mode) and seen.st_mode & stat.S_ISVTX  # others' files cannot be replaced there
    found += ["its group"] if seen.st_mode & stat.S_IWGRP and not sticky else []
    found += ["everybody"] if seen.st_mode & stat.S_IWOTH and not sticky else []
    return tuple(found)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
