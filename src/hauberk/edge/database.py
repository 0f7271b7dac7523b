"""What a ledger asks of the database under it, and a SQLite file that answers; `hauberk.edge.postgres` is the other.

Questions are in the SQL that both understand, with `?` where a value goes; `INDEXED BY`, by which SQLite reads an index
whatever a file's statistics say, is SQLite's alone. Each is a transaction of its own, unless it is asked while the
write lock is held: then all of it happens, and is on disk, or nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hauberk.edge.files import printable
from hauberk.edge.stores import copy_database, database_errors, open_database, transaction
from hauberk.errors import NotVerified, Unavailable
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

_CACHE_KIB = 262_144  # of pages at most while it is written: new digests stand anywhere in their tables
_JOURNAL_PAGES = 16_384  # of the write-ahead log, before its pages go to where they belong
# Of a row; what is longer is not read into memory. Of envelopes only a few are read at once, of other rows thousands.
_LONGEST_BYTES, _LONG_BYTES = 2 * DEFAULT_LIMITS.max_document_bytes, 2 * DEFAULT_LIMITS.max_note_bytes
_STATISTICS = ("sqlite_stat1", "sqlite_stat4")  # what `ANALYZE` leaves, from which only ways of reading are chosen
_KEEP = "the ledger was tampered with: keep it as evidence, restore a copy"


class Database(Protocol):
    """An open database. Its errors are `Malformed` where it is damaged, else `Unavailable`, in words that name it."""

    @property
    def name(self) -> str:
        """Return what a message calls it."""

    @property
    def place(self) -> str:
        """Return the path by which another process opens it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what another process needs in its environment to open it."""

    def ask(self, query: str, values: Sequence[object] = (), *, is_long: bool = False) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question; each may have the length of an envelope if it `is_long`."""

    def tell(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Do something with each of the rows; the write lock is held."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold the write lock; what happened inside is durable after it, or did not happen."""

    def marks(self) -> tuple[int, int]:
        """Return which program's database this is, and of which format; (0, 0) where nobody has said."""

    def check_made(self, tables: Iterable[str]) -> None:
        """Raise `NotVerified` where something in it was not made by the commands of `make`."""

    def reindex(self) -> None:
        """Make the database's own indexes again, where that is for us to do; the write lock is held."""

    def is_empty(self) -> bool:
        """Say whether there is nothing in it yet."""

    def make(self, tables: Iterable[str], marks: tuple[int, int]) -> None:
        """Make tables, and say whose they are; the write lock is held."""

    def copy_to(self, target: str | os.PathLike[str]) -> bool:
        """Copy all of it into a new SQLite file; False where it is no file, and nothing was copied."""

    def close(self) -> None:
        """Close it."""


class SqliteDatabase:
    """A SQLite file as a `Database`.

    One that is open for writing and was moved away or replaced meanwhile does nothing more: nobody would read what is
    appended to it. Who only reads reads on: it is a ledger as it was.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = False, read_only: bool = False) -> None:
        """Open a file; errors as `open_database`, and `NotVerified` where it has a trigger or a view."""
        self._name = printable(path)
        self._path = Path(path)
        self._whole_path, self._read_only = self._path.absolute(), read_only
        self._connection = open_database(path, create=create, read_only=read_only)
        self._file = _file_at(self._whole_path)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_BYTES)
        try:
            self._refuse_programs()
        except BaseException:
            self.close()
            raise
        if not read_only:
            self._set("cache_size", -_CACHE_KIB)
            self._set("wal_autocheckpoint", _JOURNAL_PAGES)

    @property
    def name(self) -> str:
        """Return the path, printable."""
        return self._name

    @property
    def place(self) -> str:
        """Return the path."""
        return str(self._path)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return nothing: the path is all that is needed."""
        return {}

    def ask(self, query: str, values: Sequence[object] = (), *, is_long: bool = False) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question."""
        with database_errors(self._name):
            if not self._read_only and not self._connection.in_transaction:
                self._check_in_place()
            if is_long:
                return self._connection.execute(query, values).fetchall()
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONG_BYTES)
            try:
                return self._connection.execute(query, values).fetchall()
            finally:
                self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_BYTES)

    def tell(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Do something with each of the rows."""
        with database_errors(self._name):
            self._connection.executemany(query, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold SQLite's write lock, for which others wait."""
        with transaction(self._connection, self._name):
            yield
            self._check_in_place()

    def marks(self) -> tuple[int, int]:
        """Return what the file's header says (sqlite.org/fileformat.html section 1.3)."""
        return int(self.ask("PRAGMA application_id")[0][0]), int(self.ask("PRAGMA user_version")[0][0])

    def check_made(self, tables: Iterable[str]) -> None:
        """Compare what the file says of its tables and indexes with the commands, letter by letter.

        A word more in a command can drop what is inserted (`ON CONFLICT`), delete what another table refers to, or let
        an index answer instead of a table.
        """
        known = {line for line in tables if line.startswith("CREATE TABLE ")}
        for called, made in self.ask("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
            if made not in known and called not in _STATISTICS:
                raise NotVerified(f"{self._name} has the table or index {printable(called)} of another making", _KEEP)

    def reindex(self) -> None:
        """Make all indexes again from the tables."""
        self.ask("REINDEX")

    def is_empty(self) -> bool:
        """Say whether the file has no table."""
        return self.ask("PRAGMA schema_version") == [(0,)]

    def make(self, tables: Iterable[str], marks: tuple[int, int]) -> None:
        """Make tables, and write the marks into the file's header."""
        for line in tables:
            self.ask(line)
        self._set("application_id", marks[0])
        self._set("user_version", marks[1])

    def copy_to(self, target: str | os.PathLike[str]) -> bool:
        """Copy the file as it is at this moment, while others go on writing; errors as `copy_database`."""
        copy_database(self._connection, self._name, target)
        return True

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _check_in_place(self) -> None:
        if _file_at(self._whole_path) != self._file:
            raise Unavailable(
                f"{self._name} was moved away or replaced while it was open",
                "nothing was written: start what had it open again, once the right file is in its place",
            )

    def _refuse_programs(self) -> None:
        """Raise `NotVerified` for what we make none of: a trigger changes what is written, a view what is read."""
        for kind, called in self.ask("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"):
            raise NotVerified(
                f"{self._name} has the {kind} {printable(called)}, which would act on what is written and read", _KEEP
            )

    def _set(self, what: str, value: int) -> None:
        self.ask(f"PRAGMA {what} = {value}")


def _file_at(path: Path) -> tuple[int, int] | None:
    """Return which file has a name now, None where there is none."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino
