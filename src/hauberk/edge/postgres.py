"""A PostgreSQL as a ledger's database: one sequencer at a time, under an advisory lock that lives as long as its write.

Where the server is, a file in the ledger's folder says, in one line: `postgresql://USER@HOST/DATABASE`, or `env:NAME`
for a variable that holds that. A password comes with it, or as libpq finds one (`PGPASSWORD`, `~/.pgpass`); never from
the command line, where everybody on the machine could read it.

The lock belongs to the transaction, so that nobody writes without it: who loses the connection loses both, and what was
not committed has not happened. A server that does not wait for its disk is refused.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hauberk.edge.files import StrPath, open_file, printable, read_whole
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_LOCK = 0x48424B4C  # "HBKL": one ledger in a database, or several that take turns
_LOCK_SECONDS, _IDLE_SECONDS = (
    10,
    60,
)  # how long a writer waits for others; how long one may hold the lock and be silent
_BEGIN = f"""
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';
    SET LOCAL idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s';
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
"""
_DEFAULTS = {
    "application_name": "hauberk",
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_HERE = ("localhost", "127.0.0.1", "::1")
_ROWS_AT_ONCE = 1000
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
# By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html): what happened, and what to do.
_NAMED = {
    "25006": ("it can only be read here", "name the primary, not a standby"),
    "23505": (
        "somebody appends without the lock",
        "find who else writes these tables, and run `hauberk ledger verify`",
    ),
    "25P03": ("the write lock was lost: this process was silent for too long", _AGAIN),
    "28P01": ("the password is wrong", "correct it where the server is named, or in ~/.pgpass"),
    "42501": ("this user is not permitted to do that", "grant it to the user"),
    "53100": ("the server's disk is full", "make room; nothing was appended"),
    "55P03": ("it is locked: others have been appending for too long", "try again; nothing was appended"),
    "57P01": ("the connection was lost: the server ended it", _AGAIN),
}
_BROKEN = ("42P01", "42703", "XX001", "XX002")  # no such table or column, corrupt data, corrupt index


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
        self._given = _settings(address, self._path)
        self._connection = self._connect()

    @property
    def name(self) -> str:
        """Return host and database."""
        host = self._given.get("host") or os.environ.get("PGHOST") or "localhost"
        return f"postgresql://{host}/{self._given.get('dbname') or os.environ.get('PGDATABASE') or ''}"

    @property
    def place(self) -> str:
        """Return the path of the file that says where the server is."""
        return self._path

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables that this connection was made from."""
        return {name: value for name, value in os.environ.items() if name.startswith("PG") or name == self._variable}

    def ask(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that answer a question."""
        with self._errors():
            asked = self._live().execute(query.replace("?", "%s").encode(), values or None, binary=True)
            return asked.fetchall() if asked.description else []

    def tell(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        """Do something with each of the rows."""
        waiting, said = iter(rows), query.replace("?", "%s").encode()
        while several := list(islice(waiting, _ROWS_AT_ONCE)):
            with self._errors(), self._live().cursor() as cursor:
                cursor.executemany(said, several)
        self.ask("SELECT 1")  # or the server does not count how long this transaction is idle: rows go in a pipeline

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the advisory lock, for which others wait, until the transaction is on disk."""
        with self._errors():
            connection = self._live()
            self._is_writing = True
            try:
                connection.execute(_BEGIN.encode())
                connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})".encode())
                yield
                self._commit(connection)
            except BaseException:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._is_writing = False

    def marks(self) -> tuple[int, int]:
        """Return what the table of marks says."""
        if self.ask("SELECT to_regclass('hauberk_ledger') IS NULL") == [(True,)]:
            return 0, 0
        ((application, version),) = self.ask("SELECT application, version FROM hauberk_ledger")
        return int(application), int(version)

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

    def _commit(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        done = connection.execute("COMMIT").statusmessage
        if done != "COMMIT":
            raise Unavailable(f"{self.name}: the server answered {done} where it should commit", _AGAIN)

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        with self._errors():
            connection = psycopg.connect(make_conninfo("", **self._given), autocommit=True)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _prepare(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        if self._read_only:
            connection.execute("SET default_transaction_read_only = on")
        elif connection.execute("SELECT current_setting('fsync')").fetchone() != ("on",):
            raise Unavailable(
                f"{self.name} does not wait for its disk (fsync is off): what it acknowledges can be lost",
                "set fsync = on",
            )

    def _live(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection.closed and not self._is_writing:
            self._connection = self._connect()
        return self._connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise _named(self.name, error) from None


def _named(name: str, error: psycopg.Error) -> HauberkError:
    """Return an error of ours for one of the server's or of the connection to it."""
    said, state = " ".join(str(error).split()) or type(error).__name__, error.sqlstate or ""
    if "password authentication failed" in said:  # which has no state: there was no session yet
        state = "28P01"
    if state in _BROKEN:
        return Malformed(f"{name} is not an intact ledger: {said}", "restore it from a copy")
    if state in _NAMED:
        what, hint = _NAMED[state]
        return Unavailable(f"{name}: {what} ({said})", hint)
    if isinstance(error, psycopg.OperationalError) and (not state or state.startswith(("08", "57P"))):
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
    if not text.startswith(("postgresql://", "postgres://")) or len(text.split()) != 1:
        raise Misconfigured(f"{name} names no server", "write postgresql://USER@HOST/DATABASE into it, or env:NAME")
    if variable is None and "password" in _parsed(text, name) and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(f"{name} holds a password and can be read by others", f"chmod 600 {name}")
    return text, variable


def _parsed(address: str, name: str) -> dict[str, Any]:
    try:
        return conninfo_to_dict(address)
    except psycopg.ProgrammingError:  # whose text holds all of the address
        raise Misconfigured(
            f"{name} names no server: no such address", "write postgresql://USER@HOST/DATABASE"
        ) from None


def _settings(address: str, name: str) -> dict[str, Any]:
    """Return how the server is connected to; one on another machine has to show a certificate, unless it says how."""
    given = _parsed(address, name)
    hosts = str(given.get("host") or os.environ.get("PGHOST") or "").split(",")
    is_here = all(not host or host in _HERE or host.startswith("/") for host in hosts)
    if not is_here and "PGSSLMODE" not in os.environ:
        given.setdefault("sslmode", "verify-full")
    return _DEFAULTS | given
