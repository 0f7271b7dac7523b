"""The log on disk: entries and checkpoints in SQLite, envelopes as blobs beside it.

    DIR/ledger.sqlite     entries (number, record), checkpoints in the order in which they were made
    DIR/blobs/ab/abcd…    canonical envelopes by their SHA-256

What is appended is on disk before the call returns: first each envelope with its directory, then the entries, in one
transaction. Any number of processes may append; SQLite's write lock puts them in a row, so there is one history.
The database holds nothing that is believed: `hauberk ledger verify` and the witness recompute everything from it.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hauberk.edge.stores import Blobs, database_errors, make_folder, open_database
from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.entry import Entry
from hauberk.ledger.replay import INDEX_TYPE, entry_for
from hauberk.signature import dsse

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.statement import Envelope, Verified

APPLICATION_ID = 0x48424B4C  # "HBKL", in the file's header: sqlite.org/fileformat.html section 1.3.14
VERSION = 1

_MAX_NUMBER = 2**53  # beyond what JSON counts exactly there is no entry
_TAMPERED = "the ledger was tampered with: keep it as evidence, restore a copy"
_SCHEMA = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, record BLOB NOT NULL, envelope TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE checkpoints (sequence INTEGER PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)


class Log:
    """An open log; it owns its connection. Use it in a `with` statement, in one thread."""

    def __init__(self, directory: Path, connection: sqlite3.Connection) -> None:
        """Take an open database; `create` and `open` make it."""
        self._name = str(directory / "ledger.sqlite")
        self._database = connection
        self._blobs = Blobs(directory / "blobs")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @classmethod
    def create(cls, directory: str | os.PathLike[str]) -> Log:
        """Make an empty log in a directory, which need not exist yet.

        Raises:
            Misconfigured: there is a log, or another program's database, already.
            Unavailable: the directory or the file cannot be written.
        """
        folder = Path(directory)
        make_folder(folder / "blobs")
        log = cls(folder, open_database(folder / "ledger.sqlite", create=True))
        try:
            log._make_tables()
        except BaseException:
            log.close()
            raise
        return log

    @classmethod
    def open(cls, directory: str | os.PathLike[str], *, read_only: bool = False) -> Log:
        """Open a log.

        Raises:
            Unavailable: it is absent, cannot be opened, or was written by a later release.
            Malformed: the file is no log.
        """
        folder = Path(directory)
        log = cls(folder, open_database(folder / "ledger.sqlite", create=False, read_only=read_only))
        try:
            log._check_format()
        except BaseException:
            log.close()
            raise
        return log

    @property
    def size(self) -> int:
        """Return the number of entries."""
        with database_errors(self._name):
            last = self._one("SELECT coalesce(max(number), -1) FROM entries")
        if not -1 <= last < _MAX_NUMBER:
            raise NotVerified(f"missing entry: the last is number {last}", _TAMPERED)
        return last + 1

    def records(self, start: int = 0, end: int | None = None) -> list[bytes]:
        """Return the leaves from number `start` up to `end` (all that are left, if None).

        Raises `NotVerified` where one of them is missing, `Malformed` where the range goes past the end.
        """
        end = self.size if end is None else end
        query = "SELECT number, record FROM entries WHERE number >= ? AND number < ? ORDER BY number"
        with database_errors(self._name):
            rows = self._database.execute(query, (start or -_MAX_NUMBER, end)).fetchall()
        for expected, (number, record) in enumerate(rows, start):
            if number != expected or not isinstance(record, bytes):
                raise NotVerified(f"missing entry: number {expected}", _TAMPERED)
        if len(rows) != max(0, end - start):
            raise Malformed(f"the log has {self.size} entries, {start} to {end} were asked for")
        return [record for _, record in rows]

    def entries(self, start: int = 0, end: int | None = None) -> list[Entry]:
        """Return the entries from number `start` up to `end` (all that are left, if None)."""
        return [Entry.decode(record) for record in self.records(start, end)]

    def entry(self, number: int) -> Entry:
        """Return one entry; raise `Malformed` if there is none of that number."""
        return self.entries(number, number + 1)[0]

    def entries_about(self, digest: Digest) -> list[int]:
        """Return the numbers of all entries that speak of a digest: read from the leaves, for no list of it is kept."""
        wanted = str(digest)
        return [number for number, entry in enumerate(self.entries()) if wanted in entry.subjects]

    def envelope(self, number: int) -> bytes:
        """Return the canonical envelope of an entry, hashed again.

        Raises:
            Unavailable: the blob is not there.
            Malformed: the blob holds other bytes, or there is no such entry.
        """
        return self._blobs.get(self.entry(number).envelope)

    def leaf_hashes(self, size: int | None = None) -> list[bytes]:
        """Return the leaf hashes of the first `size` entries (of all, if None): computed, never stored."""
        return [merkle.leaf_hash(record) for record in self.records(0, size)]

    def append_many(self, statements: Sequence[Verified], now: int, *, size: int | None = None) -> list[int]:
        """Append statements in their order, in one transaction, and return their numbers; they are durable then.

        An envelope that is in the log already keeps its number and its time and is not appended again, so that a run
        that was interrupted continues. The same statement signed by somebody else is another envelope.

        Args:
            statements: whose signers are trusted for them now; only `evidence/` makes such values.
            now: Unix seconds, the time of these entries.
            size: the size of the log under whose trust they were admitted, if that matters; where somebody else has
                appended since, nothing is appended and the list is empty.

        Raises:
            NotVerified: a value that is not the statement in its envelope, or an index statement (`publish` makes it).
            Exceeded: a statement that speaks of more digests than an entry holds.
            Unavailable: the disk or the lock, or a clock that is behind the last entry.
        """
        admitted = []
        for verified in statements:
            entry = self._admit(verified.envelope, now)
            if verified.id != entry.id or dsse.encode_statement(verified.statement) != verified.envelope.payload:
                raise NotVerified(f"the statement {verified.id} is not the one in its envelope")
            if verified.statement.predicate_type == INDEX_TYPE:
                raise NotVerified("an index statement is made by publishing", "run `hauberk run`")
            admitted.append(entry)
        with self._writing():
            if size is not None and self.size != size:
                return []
            return [self._append(entry) for entry in admitted]

    def append_computed(self, make: Callable[[list[bytes]], Envelope], now: int) -> int:
        """Append one envelope that is computed from all leaves before it, while nobody else can append.

        Args:
            make: is given the leaves and returns the signed envelope; the write lock is held meanwhile.
            now: as in `append_many`, with the same errors.
        """
        with self._writing():
            return self._append(self._admit(make(self.records()), now))

    def add_checkpoint(self, size: int, note_text: str) -> None:
        """Keep a published checkpoint behind those before it; raise `NotVerified` if it is over fewer entries."""
        with self._writing():
            latest = self._one("SELECT coalesce(max(size), 0) FROM checkpoints")
            if size < latest:
                raise NotVerified(f"rollback: a checkpoint of {size} entries after one of {latest}")
            self._database.execute("INSERT INTO checkpoints (size, note) VALUES (?, ?)", (size, note_text))

    def checkpoints(self) -> list[str]:
        """Return every published checkpoint, oldest first."""
        with database_errors(self._name):
            return [str(note) for (note,) in self._database.execute("SELECT note FROM checkpoints ORDER BY sequence")]

    def latest_checkpoint(self) -> str | None:
        """Return the last published checkpoint, or None before the first."""
        with database_errors(self._name):
            row = self._database.execute("SELECT note FROM checkpoints ORDER BY sequence DESC LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def _make_tables(self) -> None:
        with self._writing():
            if self._one("PRAGMA schema_version") != 0:
                raise Misconfigured(f"{self._name} is there already", "use it, or name another directory")
            for line in _SCHEMA:
                self._database.execute(line)

    def _check_format(self) -> None:
        with database_errors(self._name):
            application, version = self._one("PRAGMA application_id"), self._one("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise Malformed(f"{self._name} is not a ledger", "make one with `hauberk init`")
        if version != VERSION:
            raise Unavailable(f"{self._name} has the format {version}, this release reads {VERSION}", "upgrade hauberk")

    def _admit(self, envelope: Envelope, now: int) -> Entry:
        """Make an envelope durable and return its entry; what a reader would refuse is refused here."""
        data = dsse.encode_envelope(envelope)
        entry = entry_for(dsse.decode_envelope(data), dsse.decode_statement(envelope.payload), now)
        self._blobs.put(data)
        return entry

    def _append(self, entry: Entry) -> int:
        """Insert an entry behind the last, inside of a transaction; return its number, or the one that it has."""
        envelope = str(entry.envelope)
        known = self._database.execute("SELECT number, record FROM entries WHERE envelope = ?", (envelope,)).fetchone()
        if known:
            if Entry.decode(known[1]).envelope != entry.envelope:
                raise NotVerified(f"rewritten entry: number {known[0]} is filed under another envelope", _TAMPERED)
            return int(known[0])
        last = self._database.execute("SELECT number, record FROM entries ORDER BY number DESC LIMIT 1").fetchone()
        number = last[0] + 1 if last else 0
        if last and entry.time < Entry.decode(last[1]).time:
            raise Unavailable(
                f"the clock says {entry.time}, and the last entry of the log is from {Entry.decode(last[1]).time}",
                "correct the clock; nothing was appended",
            )
        row = (number, entry.encode(), envelope)
        self._database.execute("INSERT INTO entries (number, record, envelope) VALUES (?, ?, ?)", row)
        return number

    def _one(self, query: str) -> int:
        (value,) = self._database.execute(query).fetchone()
        return int(value)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the write lock; what happened inside is durable after it, or did not happen."""
        with database_errors(self._name):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
