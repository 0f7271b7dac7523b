"""Where state lives: SQLite files, and a directory of blobs that are named by their own hash.

A SQLite file is data that somebody else may have written: its schema may call no function with side effects
(`trusted_schema`), its pages are checked as they are read (`cell_size_check`), and it is never mapped into memory. What
is written is on disk before the call returns: write-ahead log with `synchronous=FULL`, `fsync` of file and directory.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.digest import Digest, sha256
from hauberk.edge.clock import stopwatch
from hauberk.edge.files import (
    DIRECTORY,
    FLAGS,
    StrPath,
    kind,
    printable,
    read_whole,
    require_descriptors,
    require_regular,
    unavailable,
    write_atomic,
)
from hauberk.edge.walk import open_in_tree
from hauberk.errors import Exceeded, Malformed, Misconfigured, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUSY_SECONDS, _RETRY_SECONDS = 10.0, 0.01
# SQLITE_ERROR is for commands that do not fit the schema: ours do, so tables or columns are gone.
_BROKEN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)
_NO_TEXT = "Could not decode to UTF-8"  # of Python, without a code: what is stored as text is none
_HINT = "check its permissions, and who else has it open"
_HINTS = {
    sqlite3.SQLITE_BUSY: "see who else has it open, then try again",
    sqlite3.SQLITE_CONSTRAINT: "its tables do not fit together: have them verified",
    sqlite3.SQLITE_FULL: "make room on the disk, then try again",
    sqlite3.SQLITE_IOERR: "see what the system says of this disk, and how much room is on it; then try again",
    sqlite3.SQLITE_READONLY_ROLLBACK: "a write was interrupted: copy the folder, then open it once to write",
    sqlite3.SQLITE_TOOBIG: "it holds more in one place than anything of ours has: restore it from a copy",
}


def open_database(path: StrPath, *, create: bool, read_only: bool = False) -> sqlite3.Connection:
    """Open a SQLite file in autocommit mode: a transaction is what stands between BEGIN and COMMIT.

    Args:
        path: the file; its `-wal` and `-shm` lie beside it.
        create: make it if it is absent.
        read_only: open for reading; nothing can be written through the connection.

    Raises:
        Unavailable: it is absent, not permitted, no regular file, locked too long, or cannot have a write-ahead log.
        Malformed: it is no SQLite database, or a damaged one.
    """
    name = printable(path)
    mode = "ro" if read_only else "rwc" if create else "rw"
    try:
        if not create or os.path.lexists(path):
            require_regular(os.stat(path), name)  # noqa: PTH116 - a path, as given
        uri = f"{Path(path).absolute().as_uri()}?mode={mode}"
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(path), error) from None
    with database_errors(name):
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        with database_errors(name):
            _prepare(connection, name, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def copy_database(connection: sqlite3.Connection, name: str, target: StrPath) -> None:
    """Copy an open database, as it is at this moment, into a new file of its own: durable, then under its name.

    Others may go on writing. The copy has no write-ahead log, so that one file is all of it, and it can be read where
    nothing can be written.

    Raises:
        Misconfigured: the target is there already, or is the empty path.
        Unavailable: the disk does not take it, or the database cannot be read.
        Malformed: the database is damaged, so that there is no copy.
    """
    if not os.fspath(target):
        raise Misconfigured("the empty path names no file", "name the file of the copy")
    path = Path(target)
    try:
        with suppress(FileNotFoundError):
            path.lstat()
            raise Misconfigured(f"{printable(target)} is there already", "name another file: a backup replaces nothing")
        part = path.with_name(f".{os.urandom(8).hex()}.part")
        part.touch(mode=0o600, exist_ok=False)
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(target), error) from None
    both = f"{name}, copied to {printable(target)}"  # whose disk it is, SQLite does not say
    try:
        with database_errors(both), closing(sqlite3.connect(part, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = FULL")
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            _check_whole(copy, name)
        _give_name(part, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise unavailable(os.fspath(target), error) from None
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            with suppress(OSError):
                left.unlink()


def _check_whole(copy: sqlite3.Connection, name: str) -> None:
    """Raise `Malformed` where pages, indexes or the list of free pages do not fit together."""
    ((said,),) = copy.execute("PRAGMA integrity_check(1)")
    if said != "ok":
        raise Malformed(
            f"{name} is not an intact SQLite database: {printable(' '.join(str(said).split()))}",
            "an index alone `hauberk ledger rebuild` makes again; else keep the file, and see whether a copy is intact",
        )


def _give_name(part: Path, path: Path) -> None:
    """Give a file its name, which nothing has yet; where there are no hard links (FAT), the name is taken first."""
    try:
        os.link(part, path)  # which, unlike a rename, replaces nothing
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        path.touch(mode=0o600, exist_ok=False)
        part.rename(path)


@contextmanager
def database_errors(name: str) -> Iterator[None]:
    """Turn SQLite's errors inside of the `with` into ours: `Malformed` for a damaged file, else `Unavailable`."""
    try:
        yield
    except sqlite3.Error as error:
        said = printable(str(error))
        code = getattr(error, "sqlite_errorcode", 0)
        primary = code & 0xFF  # sqlite.org/rescode.html
        if primary in _BROKEN or said.startswith(_NO_TEXT):
            raise Malformed(f"{name} is not an intact SQLite database: {said}", "restore it from a copy") from None
        raise Unavailable(f"{name}: {said}", _HINTS.get(code, _HINTS.get(primary, _HINT))) from None


@contextmanager
def transaction(connection: sqlite3.Connection, name: str) -> Iterator[None]:
    """Hold SQLite's write lock, for which others wait: what happens inside is durable after it, or did not happen.

    Raises as `database_errors` does.
    """
    with database_errors(name):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself has undone it after some errors
                connection.execute("ROLLBACK")
            raise


class Blobs:
    """A directory of immutable blobs: `ab/abcd…`, named by the hex SHA-256 of their content.

    Two writers of one blob write the same bytes under the same name, so they need no lock.
    """

    def __init__(self, directory: StrPath, *, limits: Limits = DEFAULT_LIMITS) -> None:
        """Use a directory, which need not exist yet; a blob has at most `max_document_bytes`."""
        self._directory = Path(directory)
        self._limit = limits.max_document_bytes

    def put(self, data: bytes) -> Digest:
        """Store bytes and return their SHA-256; they are on disk, under their name, when this returns.

        Raises:
            Exceeded: larger than `max_document_bytes`.
            Unavailable: the disk does not take it.
        """
        if len(data) > self._limit:
            raise Exceeded(f"a blob of {len(data)} bytes; {self._limit} are allowed")
        digest = sha256(data)
        folder = self._directory / digest.hex[:2]
        make_folder(folder)
        if self._holds(digest, data):
            _sync_folder(folder)  # its writer may be between rename and fsync
        else:
            write_atomic(folder / digest.hex, data)
        return digest

    def get(self, digest: Digest) -> bytes:
        """Return the bytes of a digest, hashed again.

        Raises:
            Unavailable: there is no such blob here.
            Malformed: the bytes under that name have another hash, or the digest is not a `sha256`.
        """
        with open_in_tree(self._directory, _blob_name(digest)) as view:
            data = read_whole(view, self._limit, str(digest))
        if sha256(data) != digest:
            raise Malformed(f"the blob {digest} holds other bytes", "restore it from a copy")
        return data

    def has(self, digest: Digest) -> bool:
        """Return whether a file of that name is here; only `get` says whether it holds what it should."""
        return (self._directory / _blob_name(digest)).is_file()

    def _holds(self, digest: Digest, data: bytes) -> bool:
        """Say whether these very bytes are stored; a damaged blob is not, and so is written anew."""
        if not self.has(digest):
            return False
        with open_in_tree(self._directory, _blob_name(digest)) as view:
            return view.size == len(data) and view.read_at(0, view.size) == data


def _prepare(connection: sqlite3.Connection, name: str, *, read_only: bool) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA schema_version").fetchone()  # the first read: a file that is no database ends here
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    journal = _write_ahead(connection)
    if journal != ("wal",):
        raise Unavailable(f"{name} cannot have a write-ahead log", "keep it on a local disk, not on a network share")


def _write_ahead(connection: sqlite3.Connection) -> object:
    """Give a database its write-ahead log; where another makes the file at the same time, SQLite itself does not wait.

    It takes a lock in which it could wait for ever (sqlite.org/c3ref/busy_handler.html).
    """
    began = stopwatch()
    while True:
        try:
            return connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or stopwatch() - began > _BUSY_SECONDS:
                raise
        time.sleep(_RETRY_SECONDS)


def _blob_name(digest: Digest) -> str:
    if digest.algorithm != "sha256":
        raise Malformed(f"blobs are named by sha256, not {digest.algorithm}")
    return f"{digest.hex[:2]}/{digest.hex}"


def make_folder(folder: Path) -> None:
    """Make a directory and its parents, each durable in the one above it; raise `Unavailable` where it cannot be."""
    try:
        if folder.is_dir():
            return
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
    except FileExistsError:
        what = kind(folder.lstat()) if not folder.is_file() else "a file"
        raise Unavailable(f"{printable(folder)} is {what}, not a folder", "name a folder, or one to be made") from None
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(folder), error) from None
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    require_descriptors()
    try:
        descriptor = os.open(folder, FLAGS | DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unavailable(os.fspath(folder), error) from None
