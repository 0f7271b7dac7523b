"""What rests on what in a log, as a table beside it: asked in both directions without reading every statement again.

    names    id, name          digests, and `entry/N` for a statement about several at once
    edges    cause, effect, entry; the causes of `entry/N` are those of the statement, its effects what it is about
    deployed id, entry         what a statement says to run or to have run, and which statement
    state    size, root        how many entries are in it, and the root over them

It can be thrown away at any time and is made again from the log. It is believed as far as a file in the ledger's folder
is: what it names is looked up in the log before it is told; what somebody cut out of it, only making it again finds.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from hauberk.digest import Digest
from hauberk.edge.stores import database_errors, open_database, transaction
from hauberk.errors import Exceeded, Malformed
from hauberk.ledger.index import MAX_NUMBER

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hauberk.ledger.log import Log

DATABASE: Final = "edges.sqlite"
_AGAIN: Final = "move it away: it is made again"
MAX_WALKED: Final = 100_000  # things between a running digest and what it rests on

_APPLICATION_ID: Final = 0x48424B45  # "HBKE"
_VERSION: Final = 3
_AT_ONCE: Final = 1000  # entries in one transaction
_TABLES: Final = ("names", "edges", "deployed", "state")
_SCHEMA: Final = (
    "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE edges (cause INT, effect INT, entry INT, PRIMARY KEY (cause, effect)) STRICT, WITHOUT ROWID",
    "CREATE INDEX upwards ON edges (effect, cause)",
    "CREATE TABLE deployed (id INTEGER, entry INTEGER, PRIMARY KEY (id, entry)) STRICT, WITHOUT ROWID",
    "CREATE TABLE state (size INTEGER NOT NULL, root BLOB NOT NULL) STRICT",
    "INSERT INTO state VALUES (0, x'')",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)
# What one statement is about together shares its fate for one step, and nothing beyond: a gate asks no further either.
_BELOW: Final = """
WITH RECURSIVE start (id) AS (
    SELECT id FROM names WHERE name = ?1
    UNION
    SELECT beside.effect FROM edges AS own JOIN names AS joint ON joint.id = own.cause AND joint.name LIKE 'entry/%'
        JOIN edges AS beside ON beside.cause = joint.id WHERE own.effect = (SELECT id FROM names WHERE name = ?1)
), below (id) AS (
    SELECT id FROM start UNION SELECT effect FROM edges JOIN below ON cause = below.id
)
SELECT DISTINCT name FROM below JOIN deployed USING (id) JOIN names USING (id) ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Stated:
    """What one entry adds: effects that rest on causes, and what runs. All of them as their text."""

    effects: Sequence[Digest]
    causes: Sequence[Digest]
    deployed: Sequence[Digest]


@dataclass(frozen=True, slots=True)
class Step:
    """One step down: what rests on the thing before, and the entry that says so."""

    digest: Digest
    entry: int


class Edges:
    """An open table of edges; it owns its connection. Use it in a `with` statement, in one thread."""

    def __init__(self, name: str, database: sqlite3.Connection) -> None:
        """Take an open database; `open` makes it."""
        self._name = name
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Edges:
        """Open the table in a folder, and make it where there is none.

        Raises:
            Unavailable: it cannot be opened or written.
            Malformed: the file is another program's, or damaged.
        """
        path = Path(folder) / DATABASE
        with _errors(str(path)):
            edges = cls(str(path), open_database(path, create=True))
        try:
            edges._prepare()
        except BaseException:
            edges._database.close()
            raise
        return edges

    def extend(self, log: Log, read: Callable[[bytes], Stated]) -> int:
        """Take in what the log has and the table has not; return the number of entries that are in it then.

        Args:
            log: the log; where it is not the one that the table was made from, the table is made again.
            read: tells of a canonical envelope what it states.
        """
        while True:
            with transaction(self._database, self._name):
                size = self._known(log)
                end = min(size + _AT_ONCE, log.size)
                if size == end:
                    return size
                for number, envelope in enumerate(log.each_hashed(size, end), size):
                    self._add(number, read(envelope))
                self._database.execute("UPDATE state SET size = ?, root = ?", (end, log.tree().root(end)))

    def forget(self) -> None:
        """Forget everything, so that it is made again."""
        with transaction(self._database, self._name):
            self._empty()

    def deployed(self) -> list[Digest]:
        """Return every digest that ran at some time, sorted."""
        query = "SELECT DISTINCT name FROM deployed JOIN names USING (id) ORDER BY name"
        return self._digests(query)

    def deployments_of(self, digest: Digest) -> list[int]:
        """Return the entries that say that a digest runs, or has ended, in the log's order."""
        query = "SELECT entry FROM deployed JOIN names USING (id) WHERE name = ? ORDER BY entry"
        with _errors(self._name):
            return [self._entry(entry) for (entry,) in self._database.execute(query, (str(digest),))]

    def is_known(self, digest: Digest) -> bool:
        """Say whether any statement names the digest: as what it is about, made from, or signed by."""
        with _errors(self._name):
            found = self._database.execute("SELECT 1 FROM names WHERE name = ?", (str(digest),)).fetchone()
        return found is not None

    def deployed_below(self, digest: Digest) -> list[Digest]:
        """Return what ran at some time and is the digest, or rests on it through any number of steps, sorted.

        SQLite keeps what it has met, on disk where it is much.
        """
        return self._digests(_BELOW, str(digest))

    def above(self, digest: Digest) -> dict[Digest, tuple[Step, ...]]:
        """Return everything that a digest rests on, itself first, each with the shortest way down from it.

        Raises:
            Exceeded: it rests on more than `MAX_WALKED` things.
        """
        start = str(digest)
        below: dict[str, tuple[str, int] | None] = {start: None}
        waiting = [start]
        for effect in waiting:
            for cause, entry in self._causes(effect):
                if cause not in below:
                    below[cause] = (effect, entry)
                    waiting.append(cause)
            _check_walked(digest, below)
        for effect in waiting:
            if ":" in effect:
                for other, entry in self._beside(effect):
                    below.setdefault(other, (effect, entry))
                _check_walked(digest, below)
        return {Digest.parse(name): _way(name, below) for name in below if ":" in name}

    def _beside(self, name: str) -> list[tuple[str, int]]:
        """Return what statements are about together with a digest, and their entries."""
        query = (
            "SELECT other.name, beside.entry FROM edges AS own"
            " JOIN names AS joint ON joint.id = own.cause AND joint.name LIKE 'entry/%'"
            " JOIN edges AS beside ON beside.cause = joint.id JOIN names AS other ON other.id = beside.effect"
            " WHERE own.effect = (SELECT id FROM names WHERE name = ?) ORDER BY beside.entry, other.name"
        )
        with _errors(self._name):
            return [(str(other), self._entry(entry)) for other, entry in self._database.execute(query, (name,))]

    def _causes(self, effect: str) -> list[tuple[str, int]]:
        query = (
            "SELECT above.name, entry FROM edges JOIN names AS above ON above.id = cause"
            " WHERE effect = (SELECT id FROM names WHERE name = ?) ORDER BY entry, above.name"
        )
        with _errors(self._name):
            return [(str(name), self._entry(entry)) for name, entry in self._database.execute(query, (effect,))]

    def _digests(self, query: str, *values: str) -> list[Digest]:
        with _errors(self._name):
            names = [str(name) for (name,) in self._database.execute(query, values)]
        return [Digest.parse(name) for name in names]

    def _prepare(self) -> None:
        with transaction(self._database, self._name):
            application, version = (self._number(f"PRAGMA {what}") for what in ("application_id", "user_version"))
            if (application, version) == (_APPLICATION_ID, _VERSION):
                return
            if application != _APPLICATION_ID and self._number("PRAGMA schema_version"):
                raise Malformed(f"{self._name} is no table of edges", _AGAIN)
            self._empty()

    def _empty(self) -> None:
        for table in _TABLES:
            self._database.execute(f"DROP TABLE IF EXISTS {table}")
        for line in _SCHEMA:
            self._database.execute(line)

    def _known(self, log: Log) -> int:
        """Return how many entries of this log are in the table; of another log, none, and the table is emptied."""
        match self._database.execute("SELECT size, root FROM state").fetchall():
            case [(0, _)]:
                return 0
            case [(int(size), root)] if 0 < size <= log.size and log.tree().root(size) == root:
                return size
        self._empty()
        return 0

    def _add(self, number: int, said: Stated) -> None:
        effects, causes = map(str, said.effects), map(str, said.causes)
        if len(said.effects) > 1:  # joined by the statement, or each cause would have a row for each effect
            joint = f"entry/{number}"
            self._join(number, causes, (joint,))
            self._join(number, (joint,), effects)
        else:
            self._join(number, causes, list(effects))
        self._database.executemany(
            "INSERT OR IGNORE INTO deployed VALUES (?, ?)", [(self._id(str(d)), number) for d in said.deployed]
        )

    def _join(self, number: int, causes: Iterable[str], effects: Iterable[str]) -> None:
        below = [self._id(name) for name in effects]
        rows = [(cause, effect, number) for name in causes for cause in [self._id(name)] for effect in below]
        self._database.executemany("INSERT OR IGNORE INTO edges VALUES (?, ?, ?)", rows)

    def _id(self, name: str) -> int:
        self._database.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", (name,))
        (found,) = self._database.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()
        return int(found)

    def _entry(self, value: object) -> int:
        if not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
            raise Malformed(f"{self._name} names {value!r:.40} as an entry", _AGAIN)
        return value

    def _number(self, query: str) -> int:
        (value,) = self._database.execute(query).fetchone()
        return int(value)


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Turn SQLite's errors into ours; nobody needs a copy of what is made again."""
    try:
        with database_errors(name):
            yield
    except Malformed as error:
        raise Malformed(error.message, _AGAIN) from None


def _check_walked(digest: Digest, below: Mapping[str, object]) -> None:
    if len(below) > MAX_WALKED:
        raise Exceeded(f"{digest} rests on more than {MAX_WALKED} things")


def _way(name: str, below: dict[str, tuple[str, int] | None]) -> tuple[Step, ...]:
    """Return the steps down from a thing; what joins several is passed over."""
    steps = []
    while (down := below[name]) is not None:
        name, entry = down
        if ":" in name:
            steps.append(Step(Digest.parse(name), entry))
    return tuple(steps)
