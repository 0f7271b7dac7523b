"""The tables of a ledger, how they changed from release to release, and what of them can be computed again.

    entries      number, record, envelope: the leaves, and the digest of each one's envelope
    envelopes    number, data: canonical envelopes
    checkpoints  sequence, size, note
    nodes        position, hash: the tree over the leaves (`hauberk.ledger.nodes`)      } computed from
    about        leaf: `<alg>:<hex>` 0x00 u64be(entry), which entries speak of a digest } the entries
    listed       size: how many entries the table `about` covers, from number 0 on

What is appended is listed when a checkpoint over it is published: a new digest stands anywhere among the others, so
that writing it down at once would cost more than all the rest of an append.

Format 1, of the first release, has entries and checkpoints, and its envelopes lie beside it in `blobs/`. It is read as
it is, and becomes format 2 in one transaction when it is first opened for writing. A format keeps its promise: what a
release has written, every later one opens. A later format than this release's is refused by name.
"""

from __future__ import annotations

from heapq import merge
from operator import lt
from typing import TYPE_CHECKING, Any

from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.entry import Entry, read_leaf, subjects_in
from hauberk.ledger.index import leaves_of
from hauberk.ledger.nodes import REBUILD, TAMPERED, StoredTree, grow, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.edge.database import Database

APPLICATION_ID = 0x48424B4C  # "HBKL", in the file's header: sqlite.org/fileformat.html section 1.3.14
VERSION = 2

_AT_ONCE = 1000  # entries in memory while tables are computed
_LEAVES_AT_ONCE = 10_000
_LISTED_AT_ONCE = 50_000  # entries in one transaction
_FIRST = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, record BLOB NOT NULL, envelope TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE checkpoints (sequence INTEGER PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT",
)
_SECOND = (
    "CREATE TABLE envelopes (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT",
    "CREATE TABLE nodes (position INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT",
    "CREATE TABLE about (leaf BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
    "CREATE TABLE listed (size INTEGER NOT NULL) STRICT",
    "INSERT INTO listed (size) VALUES (0)",
)
INSERT_ENTRY = "INSERT INTO entries (number, record, envelope) VALUES (?, ?, ?)"
INSERT_ENVELOPE = "INSERT INTO envelopes (number, data) VALUES (?, ?)"
INSERT_NODE = "INSERT INTO nodes (position, hash) VALUES (?, ?)"
INSERT_CHECKPOINT = (
    "INSERT INTO checkpoints (sequence, size, note) SELECT coalesce(max(sequence), 0) + 1, ?, ? FROM checkpoints"
)
INSERT_ABOUT = "INSERT INTO about (leaf) VALUES (?) ON CONFLICT DO NOTHING"

_TOTALS = """
    SELECT (SELECT coalesce(max(number), -1) FROM entries),
           (SELECT count(*) FROM nodes), (SELECT count(*) FROM envelopes)
"""


def make(database: Database) -> None:
    """Make the tables of an empty database, inside of a transaction."""
    database.make((*_FIRST, *_SECOND), (APPLICATION_ID, VERSION))


def read_version(database: Database) -> int:
    """Return the format of a ledger, whose tables are as a release has made them.

    Raises:
        Malformed: it is no ledger.
        NotVerified: it has a table or an index of another making.
        Unavailable: a later release wrote it.
    """
    application, version = database.marks()
    if application != APPLICATION_ID:
        raise Malformed(
            f"{database.name} is not a ledger", "restore a copy; `hauberk init` makes one where there never was any"
        )
    if version > VERSION:
        raise Unavailable(
            f"{database.name} has the format {version}, this release reads up to {VERSION}", "upgrade hauberk"
        )
    if version < 1:
        raise Malformed(f"{database.name} has the format {version}, which no release wrote", "restore it from a copy")
    database.check_made((*_FIRST, *_SECOND))  # all of them: another process may make the second while this one looks
    return version


def migrate(database: Database, envelope_of: Callable[[Digest], bytes]) -> None:
    """Make format 2 of format 1, inside of a transaction: each envelope comes in, hashed again.

    Args:
        database: a ledger of format 1, write-locked.
        envelope_of: returns an envelope of the old store by its digest, or raises what is wrong with it.
    """
    database.make(_SECOND, (APPLICATION_ID, VERSION))
    database.tell(
        INSERT_ENVELOPE,
        ((number, envelope_of(Entry.decode(record).envelope)) for number, record in records(database)),
    )
    fill(database)


def rebuild(database: Database) -> None:
    """Compute again, inside of a transaction, what the entries give: the tree's hashes and who speaks of what."""
    database.ask("DELETE FROM nodes")
    database.ask("DELETE FROM about")
    fill(database)
    database.reindex()


def fill(database: Database) -> None:
    """Fill the computed tables, which are empty, from all entries."""
    database.tell(INSERT_NODE, grow(0, [], (merkle.leaf_hash(record) for _, record in records(database))))
    _set_listed(database, 0)
    list_subjects(database)


def list_subjects(database: Database, end: int = 2**53) -> None:
    """Write down, inside of a transaction, which digests the entries below `end` speak of that are not listed yet."""
    start, leaves = listed(database), list[bytes]()
    for number, record in records(database, start, end):
        leaves += _leaves(number, record)
        start = number + 1
    leaves.sort()  # page by page
    database.tell(INSERT_ABOUT, ((leaf,) for leaf in leaves))
    _set_listed(database, start)


def list_in_pieces(database: Database, end: int) -> None:
    """List the entries below `end`, which are all there; a piece in a transaction, so that others append meanwhile."""
    while (start := listed(database)) < end:
        with database.writing():
            list_subjects(database, min(end, start + _LISTED_AT_ONCE))


def index_leaves(database: Database, size: int, listed: int) -> Iterator[bytes]:
    """Return the leaves of the index over the first `size` entries in order: from the table, and of what is not listed.

    Args:
        database: of a ledger.
        size: how many entries.
        listed: how many the table covers.
    """
    end = size.to_bytes(8, "big")
    behind = [leaf for number, record in records(database, min(size, listed), size) for leaf in _leaves(number, record)]
    known = (leaf for leaf in listed_leaves(database) if leaf[-8:] < end) if listed else iter(())
    return merge(known, sorted(behind)) if behind else known


def _leaves(number: int, record: bytes) -> list[bytes]:
    return leaves_of(number, read_leaf(number, record, subjects_in))


def _set_listed(database: Database, size: int) -> None:
    database.ask("DELETE FROM listed")
    database.ask("INSERT INTO listed (size) VALUES (?)", (size,))


def listed(database: Database) -> int:
    """Return how many entries are listed, as the ledger says."""
    ((size,),) = database.ask("SELECT coalesce(min(size), 0) FROM listed")
    if not isinstance(size, int) or size < 0:
        raise NotVerified(f"lying table: that of digests covers {size!r:.40} entries", REBUILD)
    return size


def listed_leaves(database: Database) -> Iterator[bytes]:
    """Return the table of digests in order, a few thousand rows in memory."""
    last = b""
    query = "SELECT leaf FROM about WHERE leaf > ? ORDER BY leaf LIMIT ?"
    while rows := database.ask(query, (last, _LEAVES_AT_ONCE + 1)):  # one more: it could be the last again
        leaves = [leaf for (leaf,) in rows]
        if not are_ordered([last, *leaves]):  # or it would be read without an end
            raise NotVerified("lying table: that of digests is not in its order", REBUILD)
        told = leaves[:_LEAVES_AT_ONCE]
        yield from told
        last = told[-1]


def are_ordered(keys: Sequence[Any]) -> bool:
    """Say whether all are bytes, or text, as the first is, and each is behind the one before it."""
    try:
        return all(map(lt, keys, keys[1:]))
    except TypeError:
        return False


def check(database: Database, start: int, leaves: Sequence[bytes]) -> None:
    """Raise `NotVerified` unless the stored tree has what consecutive leaves from number `start` on give.

    The upper hashes are compared with what the stored hashes below them give: right for all entries, if it is for each.
    """
    expected = list(StoredTree(database, start).grow(map(merkle.leaf_hash, leaves)))
    query = "SELECT position, hash FROM nodes WHERE position >= ? AND position < ? ORDER BY position"
    if database.ask(query, (stored(start), stored(start + len(leaves)))) != expected:
        raise NotVerified(f"lying table: the stored tree is not that of entry {start} and those behind it", REBUILD)


def check_totals(database: Database) -> None:
    """Raise `NotVerified` where a table has more or fewer rows than the entries give, at one moment."""
    ((last, nodes, envelopes),) = database.ask(_TOTALS)
    for table, found, rows, hint in (
        ("nodes", nodes, stored(last + 1), REBUILD),
        ("envelopes", envelopes, last + 1, "keep the ledger as evidence, restore a copy"),
    ):
        if found != rows:
            raise NotVerified(f"lying table: {table} has {found} rows, the entries give {rows}", hint)


def records(database: Database, start: int = 0, end: int = 2**53) -> Iterator[tuple[int, bytes]]:
    """Return leaves in order, a thousand in memory; raise `NotVerified` where one is missing."""
    number = start
    query = "SELECT number, record FROM entries WHERE number >= ? AND number < ? ORDER BY number LIMIT ?"
    while rows := database.ask(query, (number or -(2**53), end, _AT_ONCE)):
        for found, record in rows:
            if found != number or not isinstance(record, bytes):
                raise NotVerified(f"missing entry: number {number}", TAMPERED)
            yield number, record
            number += 1
