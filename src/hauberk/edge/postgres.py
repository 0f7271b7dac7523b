"""A PostgreSQL as a ledger's database: one sequencer at a time, under an advisory lock that lives as long as its write.

Where the server is, a file in the ledger's folder says, in one line: `postgresql://USER@HOST/DATABASE`, or `env:NAME`
for a variable that holds that. A password comes with it, or from the variable `PGPASSWORD`; never from the command
line, where everybody on the machine could read it.

The lock belongs to the transaction, so that nobody writes without it: who loses the connection loses both, and what was
not committed has not happened. A server that does not wait for its disk is refused.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from hauberk.edge.files import StrPath, open_file, printable, read_whole
from hauberk.edge.postgres_address import PASSWORD, SCHEMES, read_address
from hauberk.edge.postgres_link import Link, LinkError
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_LOCK = 0x48424B4C  # "HBKL": one ledger in a database, or several that take turns
_LOCK_SECONDS, _IDLE_SECONDS = (
    10,
    60,
)  # how long a writer waits for others; how long one may hold the lock and be silent
# Functions are named with their schema and their types: one of the same name in another schema could fit better.
_BEGIN = f"""
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';
    SET LOCAL idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s';
    SELECT pg_catalog.set_config('synchronous_commit', 'on', true)
        WHERE pg_catalog.current_setting('synchronous_commit') = 'off';
"""
# What a question waits for a lock, such as that of somebody who changes a table; and how bytes are written, as is read.
_SESSION = f"SET lock_timeout = '{_LOCK_SECONDS}s'; SET bytea_output = 'hex'"
_ROWS_AT_ONCE, _BYTES_AT_ONCE = 1000, 4_194_304  # in one statement
_MARKS = "hauberk_ledger"  # the table that says whose the others are
_MADE = re.compile(r"CREATE TABLE (\w+)")
_UNLOGGED = "is UNLOGGED: a crash of the server would empty it"
_ODD = f"""
    WITH ours AS (SELECT *, relname::text AS called FROM pg_catalog.pg_class WHERE oid IN ({{names}}))
    SELECT called, 'is no table' FROM ours WHERE relkind <> 'r'
    UNION ALL SELECT called, 'has rules' FROM ours WHERE relhasrules
    UNION ALL SELECT called, 'hides rows: row security is on' FROM ours WHERE relrowsecurity
    UNION ALL SELECT called, 'has the trigger ' || tgname::text FROM ours
        JOIN pg_catalog.pg_trigger ON tgrelid = ours.oid
    UNION ALL SELECT called, 'has the constraint ' || conname::text FROM ours
        JOIN pg_catalog.pg_constraint ON conrelid = ours.oid WHERE contype NOT IN ('p', 'u', 'n')
    UNION ALL SELECT called, 'has a value for the column ' || attname::text FROM ours
        JOIN pg_catalog.pg_attribute ON attrelid = ours.oid
        WHERE attnum > 0 AND (atthasdef OR attidentity <> '' OR attgenerated <> '')
    UNION ALL SELECT called, 'has an index that computes' FROM ours
        JOIN pg_catalog.pg_index ON indrelid = ours.oid WHERE indexprs IS NOT NULL OR indpred IS NOT NULL
    UNION ALL SELECT called, '{_UNLOGGED}' FROM ours WHERE relpersistence = 'u'
"""  # noqa: S608 - of our own words
_INDEXED = re.compile(r" INDEXED BY \w+")
_ROW = re.compile(r"(?<=VALUES )\(\?(?:, \?)*\)")
_MOST_BYTES = 4096  # of the file that says where the server is
# How types are called there; the rest of what makes a table is the same.
_WORDS = (
    (", WITHOUT ROWID", ""),
    (" STRICT", ""),
    ("INTEGER", "BIGINT"),
    ("BLOB", "BYTEA"),
    ("TEXT", 'TEXT COLLATE "C"'),
)
_AGAIN = "nothing of it is in the ledger, or all: append it again, nothing enters twice"
_BACK = "see whether the server is up and reached from here, then try again"
# By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html): what happened, and what to do.
_NAMED = {
    "25006": ("it can only be read here", "name the primary, not a standby"),
    "23505": (
        "somebody appends without the lock",
        "find who else writes these tables, and run `hauberk ledger verify`",
    ),
    "25P03": ("the write lock was lost: this process was silent for too long", _AGAIN),
    "28P01": ("the password is wrong", "correct it where the server is named, or in PGPASSWORD"),
    "42501": ("this user is not permitted to do that", "grant it to the user"),
    "53100": ("the server's disk is full", "make room; nothing was appended"),
    "55P03": ("it is locked: others have been appending for too long", "try again; nothing was appended"),
    "57014": ("it was stopped there: by a limit such as statement_timeout, or by a person", _AGAIN),
    "57P01": ("the connection was lost: the server ended it", _AGAIN),
}
# No such table or column, a column of another type, corrupt data, corrupt index.
_BROKEN = ("42P01", "42703", "42804", "42883", "XX001", "XX002")


class PostgresDatabase:
    """A `Database` on a server. A connection that was lost is made again, but not in the middle of a write."""

    def __init__(self, path: StrPath, *, read_only: bool = False) -> None:
        """Connect to the server that a file names.

        Raises:
            Misconfigured: the file names no server, or holds a password that others can read.
            Unavailable: the file or the server cannot be reached, or the server does not wait for its disk.
        """
        self._path, self._read_only, self._is_writing = printable(path), read_only, False
        address, self._variable = _address(path)
        self._given = read_address(address, self._path)
        self._connection = self._connect()

    @property
    def name(self) -> str:
        """Return host and database."""
        return f"postgresql://{self._given.host}/{self._given.dbname}"

    @property
    def place(self) -> str:
        """Return the path of the file that says where the server is."""
        return self._path

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables that this connection was made from."""
        return {name: value for name, value in os.environ.items() if name in (PASSWORD, self._variable)}

    def ask(
        self,
        query: str,
        values: Sequence[object] = (),
        *,
        is_long: bool = False,  # noqa: ARG002 - only a file's rows are limited
    ) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question."""
        with self._errors(is_writing=self._is_writing):
            return self._live().ask(_numbered(query), values)

    def tell(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Do something with each of the rows."""
        row_of = _ROW.search(query)
        for several in _portions(rows, _ROWS_AT_ONCE if row_of else 1):
            said = query.replace(row_of[0], ", ".join([row_of[0]] * len(several))) if row_of else query
            self.ask(said, [value for row in several for value in row])

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the advisory lock, for which others wait, until the transaction is on disk."""
        with self._errors(is_writing=True):
            connection = self._live()
            self._is_writing = True
            try:
                connection.ask(_BEGIN)
                connection.ask(f"SELECT pg_catalog.pg_advisory_xact_lock({_LOCK}::bigint)")
                yield
                self._commit(connection)
            except BaseException:
                with suppress(LinkError):
                    connection.ask("ROLLBACK")
                raise
            finally:
                self._is_writing = False

    def marks(self) -> tuple[int, int]:
        """Return what the table of marks says."""
        if self.ask("SELECT to_regclass('hauberk_ledger') IS NULL") == [(True,)]:
            return 0, 0
        match self.ask("SELECT application, version FROM hauberk_ledger"):
            case [(int(application), int(version))]:
                return application, version
        raise Malformed(
            f"{self.name} is not an intact ledger: it does not say of which format", "restore it from a copy"
        )

    def check_made(self, tables: Iterable[str]) -> None:
        """Ask the server's catalogue what acts on the tables, or hides a part of them, beside the commands.

        Raises also `Unavailable`, to whoever writes, for a table that a crash of the server would empty.
        """
        made = [*_MADE.findall("\n".join(tables)), _MARKS]
        names = ", ".join(f"to_regclass('{name}')::oid" for name in made)
        for table, what in self.ask(_ODD.format(names=names)):
            told = f"{self.name}: the table {printable(str(table))} {printable(str(what))}"
            if what != _UNLOGGED:
                raise NotVerified(f"{told}, which nobody of ours made", "see who did, and take it away; keep a copy")
            if not self._read_only:
                raise Unavailable(told, f"ALTER TABLE {table} SET LOGGED; until then nothing is appended")

    def reindex(self) -> None:
        """Do nothing: `REINDEX` is for the owner of the tables, who need not be the one who writes."""

    def is_empty(self) -> bool:
        """Say whether there are neither marks nor entries."""
        return self.ask("SELECT to_regclass('hauberk_ledger') IS NULL AND to_regclass('entries') IS NULL") == [(True,)]

    def make(self, tables: Iterable[str], marks: tuple[int, int]) -> None:
        """Make tables, and one of marks."""
        for line in tables:
            for ours, theirs in _WORDS:
                line = line.replace(ours, theirs)  # noqa: PLW2901 - word by word
            self.ask(line)
        self.ask("CREATE TABLE IF NOT EXISTS hauberk_ledger (application BIGINT NOT NULL, version BIGINT NOT NULL)")
        self.ask("DELETE FROM hauberk_ledger")
        self.ask("INSERT INTO hauberk_ledger (application, version) VALUES (?, ?)", marks)

    def copy_to(self, target: StrPath) -> bool:  # noqa: ARG002 - there is no file to copy
        """Return False: a copy is made row by row."""
        return False

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _commit(self, connection: Link) -> None:
        connection.ask("COMMIT")
        if connection.answer != "COMMIT":
            raise Unavailable(f"{self.name}: the server answered {connection.answer} where it should commit", _AGAIN)
        if connection.warning:  # that no standby has it, say: whoever waited for one was sent on
            raise Unavailable(
                f"{self.name}: it is in the ledger, and not as safe as it should be: {connection.warning}",
                "see to the standby, then append it again",
            )

    def _connect(self) -> Link:
        with self._errors():
            connection = Link(self._given)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _prepare(self, connection: Link) -> None:
        connection.ask(_SESSION)
        if self._read_only:
            connection.ask("SET default_transaction_read_only = on")
        elif connection.ask("SELECT pg_catalog.current_setting('fsync')") != [("on",)]:
            raise Unavailable(
                f"{self.name} does not wait for its disk (fsync is off): what it acknowledges can be lost",
                "set fsync = on",
            )

    def _live(self) -> Link:
        if self._connection.is_closed and not self._is_writing:
            self._connection = self._connect()
        return self._connection

    @contextmanager
    def _errors(self, *, is_writing: bool = False) -> Iterator[None]:
        try:
            yield
        except LinkError as error:
            named = _named(self.name, error)
            if named.hint == _AGAIN and not is_writing:
                raise Unavailable(named.message, _BACK) from None
            raise named from None


def _named(name: str, error: LinkError) -> HauberkError:
    """Return an error of ours for one of the server's or of the connection to it; the hint is for who was writing."""
    said, state = str(error), error.state
    if state in _BROKEN:
        return Malformed(f"{name} is not an intact ledger: {said}", "restore it from a copy")
    if state in _NAMED:
        what, hint = _NAMED[state]
        return Unavailable(f"{name}: {what} ({said})", hint)
    if not state or state.startswith(("08", "57P")):
        return Unavailable(f"{name}: no connection to the server: {said}", _AGAIN)
    return Unavailable(f"{name}: {said}", "look into the server's log")


def _address(path: StrPath) -> tuple[str, str | None]:
    """Return what a file says of where the server is, and the variable that it was looked up in, if any."""
    name = printable(path)
    with open_file(path) as view:
        mode, text = view.mode, read_whole(view, _MOST_BYTES, name).decode("utf-8", "replace").strip()
    variable = text.removeprefix("env:") if text.startswith("env:") else None
    if variable is not None:
        text = os.environ.get(variable, "")
        if not text:
            raise Misconfigured(f"{name} names the variable {variable}, which is not set", "set it to postgresql://…")
    if not text.startswith(SCHEMES) or len(text.split()) != 1:
        raise Misconfigured(f"{name} names no server", "write postgresql://USER@HOST/DATABASE into it, or env:NAME")
    if variable is None and read_address(text, name).password and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(f"{name} holds a password and can be read by others", f"chmod 600 {name}")
    return text, variable


def _numbered(query: str) -> str:
    """Return a question with `$1`, `$2` … in the place of each `?`, and without the name of an index of SQLite's."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", _INDEXED.sub("", query))


def _portions(rows: Iterable[Sequence[object]], most: int) -> Iterator[list[Sequence[object]]]:
    """Return rows, as many at a time as one statement has."""
    several: list[Sequence[object]] = []
    size = 0
    for row in rows:
        several.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(several) >= most or size >= _BYTES_AT_ONCE:
            yield several
            several, size = [], 0
    if several:
        yield several
