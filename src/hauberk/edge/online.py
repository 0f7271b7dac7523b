"""An online store in a SQLite file, of our own layout or of Feast's: its newest values, and who may write to it.

The file may be hostile: only rows of a table are read, no view, which may compute without end; no value is long, and
time and memory are bounded.
"""

from __future__ import annotations

import os
import pwd
import sqlite3
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from hauberk.edge.clock import stopwatch
from hauberk.edge.files import printable, unavailable
from hauberk.edge.online_limits import MAX_BYTES, MAX_ROWS, MAX_SECONDS
from hauberk.edge.stores import database_errors, open_database
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.formats.table.feast_values import parse_entity_key, parse_value
from hauberk.formats.wire.resp import VALUE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.edge.files import StrPath

_FEAST = ("entity_key", "feature_name", "value", "event_ts")
_HINT = "name the store of this view; Feast's tables are named PROJECT_VIEW"
_LONGEST_VALUE = 1 << 20
_STEPS = 100_000  # of SQLite's machine, between two looks at the clock


def read_online(path: StrPath, table: str, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Return columns of a table; their names are words, which the caller has seen to.

    Raises:
        Malformed: it has no such table or column, or is no SQLite file.
        Unavailable: it cannot be read, or not in `MAX_SECONDS`.
        Exceeded: more rows than `MAX_ROWS`, or more bytes than `MAX_BYTES`.
    """
    found: dict[str, list[Any]] = {column: [] for column in columns}
    with _opened(path) as database:
        for row in _rows(database, printable(path), table, columns):
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
        Unavailable, Exceeded: as `read_online`.
    """
    name, (entity, time, *features) = printable(path), columns
    found: dict[str, list[Any]] = {column: [] for column in columns}
    row_of: dict[bytes, int] = {}
    with _opened(path) as database:
        for key, feature, value, when in _rows(database, name, table, _FEAST):
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


@contextmanager
def _opened(path: StrPath) -> Iterator[sqlite3.Connection]:
    """Yield a database as it is at one time, in which every statement ends."""
    name, ends = printable(path), stopwatch() + MAX_SECONDS
    with closing(open_database(path, create=False, read_only=True)) as database, database_errors(name):
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        database.set_progress_handler(lambda: stopwatch() > ends, _STEPS)
        try:
            database.execute("BEGIN")
            yield database
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0)
            if code == sqlite3.SQLITE_INTERRUPT:
                raise Unavailable(f"{name}: not read after {MAX_SECONDS} s", "see who wrote that file") from None
            if code == sqlite3.SQLITE_TOOBIG:
                said = f"{name}: a row or value of more than {_LONGEST_VALUE} bytes"
                raise Exceeded(said, "see who wrote that file") from None
            raise


def _rows(database: sqlite3.Connection, name: str, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield columns of the rows that are stored in a table; errors as of `read_online`."""
    sql = "SELECT type, rootpage FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(?)"
    match database.execute(sql, (table,)).fetchall():
        case [("table", int() as page)] if page > 0:  # a virtual table has none
            pass
        case []:
            raise Malformed(f"{name}: there is no table {printable(table)}", _HINT)
        case _:
            raise Malformed(f"{name}: {printable(table)} is no plain table, but a view or computed", _HINT)
    known = {row[1] for row in database.execute(f"PRAGMA table_info({_quoted(table)})")}  # none that is generated
    if missing := [column for column in columns if column not in known]:
        raise Malformed(f"{name}: the table {printable(table)} has no column {missing[0]}", _HINT)
    left, listed = MAX_BYTES, ", ".join(map(_quoted, columns))
    for count, row in enumerate(database.execute(f"SELECT {listed} FROM {_quoted(table)}")):  # noqa: S608 - quoted
        left -= sum(VALUE_BYTES + (len(value) if isinstance(value, str | bytes) else 0) for value in row)
        if count >= MAX_ROWS or left < 0:
            raise Exceeded(f"{name}: more than {MAX_ROWS} rows, or than {MAX_BYTES} bytes", "read a smaller store")
        yield row


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
    """Return the file and its folder, each with who may write to it beyond the named users, in words.

    Of a symbolic link that is the folder of every link on the way, in which it can be replaced, and the file's own.
    """
    file = os.fspath(path)
    seen = [(printable(file), _others(file, named))]  # first: it finds links that lead in a circle
    folders: dict[str, str] = {}
    for place in _chain(file):
        folder = os.path.dirname(os.path.abspath(place))  # noqa: PTH100, PTH120 - a path, as given
        folders.setdefault(os.path.realpath(os.path.dirname(place)), folder)  # noqa: PTH120 - the same
    return seen + [(printable(folder), _others(real, named)) for real, folder in folders.items()]


def _chain(path: str) -> Iterator[str]:
    """Yield a path, and where it leads while that is a symbolic link; raise `Unavailable` where it cannot be read."""
    yield path
    try:
        while os.path.islink(path):  # noqa: PTH114 - a path, as given
            folder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120 - a path, as given
            path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118 - a path, as given
            yield path
    except OSError as error:
        raise unavailable(path, error) from None


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
