"""The tables of a ledger, how they changed from release to release, and what of them can be computed again.

    entries      number, record, envelope: the leaves, and the digest of each one's envelope
    envelopes    number, data: canonical envelopes
    checkpoints  sequence, size, note
    nodes        position, hash: the tree over the leaves (`hauberk.ledger.nodes`)      } computed from
    about        leaf: `<alg>:<hex>` 0x00 u64be(entry), which entries speak of a digest } the entries

Format 1, of the first release, has entries and checkpoints, and its envelopes lie beside it in `blobs/`. It is read as
it is, and becomes format 2 in one transaction when it is first opened for writing. A format keeps its promise: what a
release has written, every later one opens. A later format than this release's is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.entry import Entry
from hauberk.ledger.index import leaves_of
from hauberk.ledger.nodes import REBUILD, StoredTree, grow, marks, stored

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hauberk.digest import Digest

APPLICATION_ID = 0x48424B4C  # "HBKL", in the file's header: sqlite.org/fileformat.html section 1.3.14
VERSION = 2

_AT_ONCE = 1000  # entries in memory while tables are computed
_ASKED = 500  # values in one question
_FIRST = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, record BLOB NOT NULL, envelope TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE checkpoints (sequence INTEGER PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT",
    f"PRAGMA application_id = {APPLICATION_ID}",
)
_SECOND = (
    "CREATE TABLE envelopes (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT",
    "CREATE TABLE nodes (position INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT",
    "CREATE TABLE about (leaf BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
    "PRAGMA user_version = 2",
)
INSERT_ENVELOPE = "INSERT INTO envelopes (number, data) VALUES (?, ?)"
INSERT_NODE = "INSERT INTO nodes (position, hash) VALUES (?, ?)"
INSERT_ABOUT = "INSERT INTO about (leaf) VALUES (?)"


def make(database: sqlite3.Connection) -> None:
    """Make the tables of an empty database, inside of a transaction."""
    for line in (*_FIRST, *_SECOND):
        database.execute(line)


def read_version(database: sqlite3.Connection, name: str) -> int:
    """Return the format of a ledger.

    Raises:
        Malformed: the file is no ledger.
        Unavailable: a later release wrote it.
    """
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise Malformed(f"{name} is not a ledger", "make one with `hauberk init`")
    if version > VERSION:
        raise Unavailable(f"{name} has the format {version}, this release reads up to {VERSION}", "upgrade hauberk")
    if version < 1:
        raise Malformed(f"{name} has the format {version}, which no release wrote", "restore it from a copy")
    return int(version)


def migrate(database: sqlite3.Connection, envelope_of: Callable[[Digest], bytes]) -> None:
    """Make format 2 of format 1, inside of a transaction: each envelope comes in, hashed again.

    Args:
        database: a ledger of format 1, write-locked.
        envelope_of: returns an envelope of the old store by its digest, or raises what is wrong with it.
    """
    for line in _SECOND:
        database.execute(line)
    for number, record in _records(database):
        database.execute(INSERT_ENVELOPE, (number, envelope_of(Entry.decode(record).envelope)))
    fill(database)


def rebuild(database: sqlite3.Connection) -> None:
    """Compute again, inside of a transaction, what the entries give: the tree's hashes and who speaks of what."""
    database.execute("DELETE FROM nodes")
    database.execute("DELETE FROM about")
    fill(database)


def fill(database: sqlite3.Connection) -> None:
    """Fill the computed tables, which are empty, from all entries."""
    database.executemany(INSERT_NODE, grow(0, [], (merkle.leaf_hash(record) for _, record in _records(database))))
    database.executemany(INSERT_ABOUT, _leaves(database))


def check(
    database: sqlite3.Connection, start: int, records: Sequence[bytes], subjects: Sequence[Sequence[str]]
) -> None:
    """Raise `NotVerified` unless the computed tables have what consecutive entries from number `start` on give.

    The upper hashes are compared with what the stored hashes below them give: right for all entries, if it is for each.
    """
    expected = list(StoredTree(database, start).grow(map(merkle.leaf_hash, records)))
    query = "SELECT position, hash FROM nodes WHERE position >= ? AND position < ? ORDER BY position"
    found = database.execute(query, (stored(start), stored(start + len(records)))).fetchall()
    if found != expected:
        raise NotVerified(f"lying table: the stored tree is not that of entry {start} and those behind it", REBUILD)
    leaves = [leaf for number, several in enumerate(subjects, start) for leaf in leaves_of(number, several)]
    for place in range(0, len(leaves), _ASKED):
        asked = leaves[place : place + _ASKED]
        query = f"SELECT count(*) FROM about WHERE leaf IN {marks(len(asked))}"  # noqa: S608 - marks
        if database.execute(query, asked).fetchone() != (len(asked),):
            raise NotVerified(f"lying table: what entry {start} and those behind it speak of is not in it", REBUILD)


def check_totals(database: sqlite3.Connection, size: int, mentions: int) -> None:
    """Raise `NotVerified` where a table has more or fewer rows than `size` entries with so many subjects give."""
    for table, rows, hint in (
        ("nodes", stored(size), REBUILD),
        ("about", mentions, REBUILD),
        ("envelopes", size, "keep the ledger as evidence, restore a copy"),
    ):
        (found,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - of the three
        if found != rows:
            raise NotVerified(f"lying table: {table} has {found} rows, the entries give {rows}", hint)


def _leaves(database: sqlite3.Connection) -> Iterable[tuple[bytes]]:
    for number, record in _records(database):
        for leaf in leaves_of(number, Entry.decode(record).subjects):
            yield (leaf,)


def _records(database: sqlite3.Connection) -> Iterator[tuple[int, bytes]]:
    """Return all leaves in order, a thousand in memory; raise `NotVerified` where one is missing."""
    number = 0
    query = "SELECT number, record FROM entries WHERE number >= ? ORDER BY number LIMIT ?"
    while rows := database.execute(query, (number or -(2**53), _AT_ONCE)).fetchall():
        for found, record in rows:
            if found != number or not isinstance(record, bytes):
                raise NotVerified(f"missing entry: number {number}", "keep the ledger as evidence, restore a copy")
            yield number, record
            number += 1
