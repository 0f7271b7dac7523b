"""An online store in a SQLite file, of our own layout or of Feast's: its newest values, and who may write to it."""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

from hauberk.edge.files import printable, unavailable
from hauberk.edge.stores import database_errors, open_database
from hauberk.errors import Exceeded, Malformed
from hauberk.formats.table.feast_values import parse_entity_key, parse_value

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


def read_feast(path: StrPath, table: str, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Return columns of a table of Feast, which has a row for each entity and feature; times are the oldest of them.

    Args:
        path: the file.
        table: `PROJECT_VIEW`.
        columns: of the entity, of the time, and of each feature.

    Raises:
        Malformed: it has no such table, or keys and values that are not read; or is no SQLite file.
        Unavailable: it cannot be read.
        Exceeded: more rows than `MAX_ROWS`.
    """
    name, (entity, time, *features) = printable(path), columns
    found: dict[str, list[Any]] = {column: [] for column in columns}
    row_of: dict[bytes, int] = {}
    sql = f"SELECT entity_key, feature_name, value, event_ts FROM {_quoted(table)}"  # noqa: S608 - quoted
    with closing(open_database(path, create=False, read_only=True)) as database, database_errors(name):
        database.execute("BEGIN")
        if not database.execute(f"PRAGMA table_info({_quoted(table)})").fetchall():
            raise Malformed(f"{name}: there is no table {table}", "Feast's tables are named PROJECT_VIEW")
        for count, (key, feature, value, when) in enumerate(database.execute(sql)):
            if count >= MAX_ROWS:
                raise Exceeded(f"{name}: more than {MAX_ROWS} rows")
            if feature not in features:
                continue
            if not isinstance(key, bytes) or not isinstance(value, bytes | None):
                raise Malformed(f"{name}: the table {table} is none of Feast", "name the table of this view")
            row = row_of.get(key)
            if row is None:
                row = row_of[key] = len(row_of)
                _begin_row(found, entity, key, name)
            found[feature][row] = None if value is None else parse_value(value)
            found[time][row] = _oldest(found[time][row], when, name)
    return found


def _oldest(before: Any, when: Any, name: str) -> Any:
    """Return the earlier of two times of one kind."""
    if when is None or (before is not None and not isinstance(when, type(before))):
        raise Malformed(f"{name}: an entity has no time, or times of several types", "fill the store again")
    return when if before is None else min(before, when)


def _begin_row(found: dict[str, list[Any]], entity: str, key: bytes, name: str) -> None:
    column, who = parse_entity_key(key)
    if column != entity:
        raise Malformed(f"{name}: its entities are {printable(column)}, not {entity}", "name the table of this view")
    for values in found.values():
        values.append(None)
    found[entity][-1] = who


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


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
