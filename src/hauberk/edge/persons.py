"""The salts of persons: 32 random bytes for each, in a SQLite file that only its owner reads.

A person is named by a hash under the set's salt, so that the file does not say who is in it to whom has not that one.
What is destroyed is overwritten in the file and its log (`secure_delete`, and a log that is cut off); copies of the
file elsewhere, and what a disk keeps of freed blocks, are not in the reach of a program.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hauberk.edge.files import printable, unavailable
from hauberk.edge.stores import database_errors, make_folder, open_database, transaction
from hauberk.errors import Malformed, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hauberk.edge.files import StrPath

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS store (id TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS person (name BLOB PRIMARY KEY, salt BLOB NOT NULL) STRICT, WITHOUT ROWID",
)


class PersonStore:
    """A file of salts that is open. Use it in a `with` statement."""

    def __init__(self, path: StrPath, salt: bytes, *, create: bool) -> None:
        """Open it for the set that has this salt.

        Raises:
            Misconfigured: others may read it.
            Unavailable: it is absent and not to be made, or cannot be used.
            Malformed: it is no such file.
        """
        self._name, self._salt = printable(path), salt
        if create and not os.path.lexists(path):
            _make(path)
        _require_private(path)
        self._database = open_database(path, create=False)
        try:
            self.id = self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _prepare(self) -> str:
        """Return the name of the store, a random one that is made with it."""
        with transaction(self._database, self._name):
            self._database.execute("PRAGMA secure_delete = ON")
            for command in _SCHEMA:
                self._database.execute(command)
            found = self._database.execute("SELECT id FROM store").fetchall()
            if not found:
                found = [(os.urandom(16).hex(),)]
                self._database.execute("INSERT INTO store VALUES (?)", found[0])
        if len(found) != 1:
            raise Malformed(f"{self._name} has {len(found)} names", "restore it from a copy")
        return str(found[0][0])

    def made(self, persons: Sequence[str]) -> dict[str, bytes]:
        """Return the salts of persons; who has none gets one, which is on disk when this returns."""
        found = self.known(persons)
        if new := [one for one in persons if one not in found]:
            with transaction(self._database, self._name):
                self._database.executemany(
                    "INSERT OR IGNORE INTO person VALUES (?, ?)", [(self._named(one), os.urandom(32)) for one in new]
                )
            found |= self.known(new)
        return found

    def known(self, persons: Iterable[str]) -> dict[str, bytes]:
        """Return the salts of those persons who have one."""
        found = {}
        with database_errors(self._name):
            for one in persons:
                row = self._database.execute("SELECT salt FROM person WHERE name = ?", (self._named(one),)).fetchone()
                if row is not None:
                    found[one] = _salt(row[0], self._name)
        return found

    def destroy(self, persons: Iterable[str]) -> int:
        """Destroy salts for good, and return how many there were.

        Raises:
            Unavailable: another program has the file open, so that its log cannot be cut off; the salts may be gone
                from the file, and still be in the log. Do it again.
        """
        with database_errors(self._name):
            with transaction(self._database, self._name):
                count = sum(
                    self._database.execute("DELETE FROM person WHERE name = ?", (self._named(one),)).rowcount
                    for one in persons
                )
            busy, _, _ = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(f"{self._name} is in use, so what was destroyed may be in its log", "do it again later")
        return count

    def _named(self, person: str) -> bytes:
        return hashlib.sha256(b"hauberk person 1".ljust(32, b"\0") + self._salt + person.encode()).digest()


def _salt(value: object, name: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != 32:
        raise Malformed(f"{name} holds a salt that is none", "restore it from a copy")
    return value


def _make(path: StrPath) -> None:
    try:
        make_folder(Path(os.fspath(path)).parent)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None


def _require_private(path: StrPath) -> None:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a path, as given
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(
            f"{printable(path)} can be read by others, who could then try out values of rows",
            f"chmod 600 {printable(path)}; if it was read, make a new one and new manifests",
        )
