"""The log on disk: one database with entries, envelopes and checkpoints (`hauberk.ledger.schema`).

What is appended is on disk before the call returns, envelope and entry in one transaction: no entry is without its
envelope. Any number of processes may append; the database's write lock puts them in a row, so there is one history. It
holds nothing that is believed: `hauberk ledger verify` and the witness recompute everything from it.

Which entries speak of a digest is asked of a table, which is computed from the entries and which somebody may have
changed. What it names is looked up in the leaves. What it hides no gate misses: gates build the index again from the
leaves, and its root is witnessed. Behind the newest checkpoint the leaves are read, not the table.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hauberk.digest import sha256
from hauberk.edge.stores import Blobs, make_folder
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import envelopes, filed, index, merkle, schema
from hauberk.ledger.admit import Admitted, admit, admitted_as
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.ledger.copies import copy, copy_rows
from hauberk.ledger.entry import Entry, envelope_in, read_leaf
from hauberk.ledger.listed import Total
from hauberk.ledger.nodes import REBUILD, TAMPERED, StoredTree
from hauberk.ledger.places import DATABASE, open_place, place_in
from hauberk.ledger.rows import Rows
from hauberk.ledger.tail import Tail
from hauberk.signature import dsse
from hauberk.signature.note import Note

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hauberk.digest import Digest
    from hauberk.edge.database import Database
    from hauberk.statement import Envelope, Verified

_MAX_NUMBER = 2**53  # beyond what JSON counts exactly there is no entry


class Log:
    """An open log; it owns its connection. Use it in a `with` statement, in one thread."""

    def __init__(self, database: Database) -> None:
        """Take an open database; `create` and `open` make it."""
        self._database = database
        self._blobs = Blobs(Path(database.place).parent / "blobs")  # where format 1 has its envelopes
        self._version = schema.VERSION
        self._tail = Tail(self.entries)

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
        place = place_in(directory)
        make_folder(place.parent)
        log = cls(open_place(place, create=True))
        try:
            with log._database.writing():
                _make_tables(log._database)
        except BaseException:
            log.close()
            raise
        return log

    @classmethod
    def open(cls, directory: str | os.PathLike[str], *, read_only: bool = False) -> Self:
        """Open a log; one of an earlier release gets the present format, unless it is only read.

        Raises:
            Unavailable: it is absent, cannot be opened, was written by a later release, or lacks an envelope that
                would have to be taken over; nothing has changed then.
            Malformed: the file is no log.
        """
        return cls.open_file(place_in(directory), read_only=read_only)

    @classmethod
    def open_file(cls, path: str | os.PathLike[str], *, read_only: bool = False) -> Self:
        """Open a log by its database, which may be a copy under another name; errors as `open`."""
        log = cls(open_place(path, read_only=read_only))
        try:
            log._check_format(read_only=read_only)
        except BaseException:
            log.close()
            raise
        return log

    @property
    def place(self) -> str:
        """Return the path by which another process opens the log (`open_file`)."""
        return self._database.place

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what another process needs in its environment for that."""
        return self._database.environment

    @property
    def version(self) -> int:
        """Return the format of the database; 1 only where a ledger of the first release is read."""
        return self._version

    @property
    def size(self) -> int:
        """Return the number of entries."""
        last = self._one("SELECT coalesce(max(number), -1) FROM entries")
        if not -1 <= last < _MAX_NUMBER:
            raise NotVerified(f"missing entry: the last is number {last}", TAMPERED)
        return last + 1

    def records(self, start: int = 0, end: int | None = None) -> list[bytes]:
        """Return the leaves from number `start` up to `end` (all that are left, if None).

        Raises `NotVerified` where one of them is missing, `Malformed` where the range goes past the end.
        """
        return [record for _, record, _ in self._rows(start, self.size if end is None else end)]

    def filed_records(self, start: int, end: int) -> tuple[list[bytes], bool]:
        """Return what `records` does, and whether each leaf is filed under the envelope that it names."""
        rows = self._rows(start, end)
        records = [record for _, record, _ in rows]
        return records, [envelope for _, _, envelope in rows] == list(map(envelope_in, records))

    def _rows(self, start: int, end: int) -> list[tuple[int, bytes, object]]:
        query = "SELECT number, record, envelope FROM entries WHERE number >= ? AND number < ? ORDER BY number"
        rows = self._database.ask(query, (start or -_MAX_NUMBER, end))
        for expected, (number, record, _) in enumerate(rows, start):
            if number != expected or not isinstance(record, bytes):
                raise NotVerified(f"missing entry: number {expected}", TAMPERED)
        if len(rows) != max(0, end - start):
            size = self.size
            if start + len(rows) < size:
                raise NotVerified(f"missing entry: number {start + len(rows)}", TAMPERED)
            raise Malformed(f"the log has {size} entries, {start} to {end} were asked for")
        return rows

    def entries(self, start: int = 0, end: int | None = None) -> list[Entry]:
        """Return the entries from number `start` up to `end` (all that are left, if None)."""
        records = self.records(start, end)
        return [read_leaf(number, record, Entry.decode) for number, record in enumerate(records, start)]

    def entry(self, number: int) -> Entry:
        """Return one entry; raise `Malformed` if there is none of that number."""
        return self.entries(number, number + 1)[0]

    def entries_about(self, digest: Digest) -> list[int]:
        """Return the numbers of all entries that speak of a digest.

        Raises `NotVerified` where the table of digests names an entry that does not speak of this one.
        """
        size = self.size
        start = min(size, self.listed, self._published())
        return [*self._listed(digest, start), *self._tail.about(str(digest), start, size)]

    def envelope(self, number: int) -> bytes:
        """Return the canonical envelope of an entry, hashed again.

        Raises `Unavailable` where it is missing, `Malformed` for other bytes in its place, or no such entry.
        """
        return self.envelopes(number, number + 1)[0]

    def envelopes(self, start: int, end: int) -> list[bytes]:
        """Return the canonical envelopes from entry `start` up to `end`; errors as `envelope`."""
        found = self.stored_envelopes(start, end)
        for number, (entry, data) in enumerate(zip(self.entries(start, end), found, strict=True), start):
            if sha256(data) != entry.envelope:
                raise Malformed(f"the envelope of entry {number} is another one", "restore the ledger from a copy")
        return found

    def stored_envelopes(self, start: int, end: int) -> list[bytes]:
        """Return what is stored for the entries from `start` up to `end`, not compared; errors as `envelope`."""
        if self._version == 1:
            return [self._blobs.get(entry.envelope) for entry in self.entries(start, end)]
        return envelopes.stored(self._database, start, min(end, self.size))

    def each_envelope(self, start: int, end: int) -> Iterator[bytes]:
        """Yield what `stored_envelopes` returns, some megabytes of it in memory."""
        if self._version == 1:
            yield from (self._blobs.get(entry.envelope) for entry in self.entries(start, end))
            return
        for first, last in envelopes.portions(self._database, start, end):
            yield from self.stored_envelopes(first, last)

    def each_hashed(self, start: int, end: int) -> Iterator[bytes]:
        """Yield what `envelopes` returns, some megabytes of it in memory."""
        portions = envelopes.portions(self._database, start, end) if self._version != 1 else [(start, end)]
        for first, last in portions:
            yield from self.envelopes(first, last)

    def tree(self) -> merkle.Hashes:
        """Return the tree over the leaves, as its hashes are stored: not believed, so verify what is made of them."""
        if self._version == 1:
            return merkle.Tree(self.leaf_hashes())
        return StoredTree(self._database, self.size)

    def leaves(self, size: int | None = None) -> Rows:
        """Return the first `size` leaves (all that there are now, if None), read as they are asked for."""
        return Rows(self.records, 0, self.size if size is None else size)

    def leaf_hashes(self, size: int | None = None) -> list[bytes]:
        """Return the leaf hashes of the first `size` entries (of all, if None), computed."""
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
        return self.append_admitted([admit(verified, now) for verified in statements], size=size)

    def append_admitted(self, admitted: Sequence[Admitted], *, size: int | None = None) -> list[int]:
        """Append what `admit` let in, as `append_many` does; the times must not decrease."""
        with self._database.writing():
            if size is not None and self.size != size:
                return []
            return self._append(admitted)

    def append_in_turn(self, several: Iterable[Callable[[], Sequence[Admitted]]]) -> list[list[int]]:
        """Append what each of some functions returns, all of it in one transaction; return the numbers of each.

        A function is called while nobody else can append, once what those before it returned is in the log. So it can
        look at the log as it will be, and leave things out.
        """
        try:
            with self._database.writing():
                return [self._append(one()) for one in several]
        except BaseException:
            self._tail = Tail(self.entries)  # it may have read what was not committed
            raise

    def numbers_of(self, envelopes: Sequence[Digest]) -> dict[Digest, int]:
        """Return the entries that hold some of these envelopes, by the digest of their canonical encoding."""
        known = filed.known(self._database, [str(one) for one in envelopes])
        return {one: known[str(one)] for one in envelopes if str(one) in known}

    def append_computed(self, make: Callable[[Sequence[bytes]], Envelope], now: int) -> int:
        """Append one envelope that is computed from all leaves before it, while nobody else can append.

        Args:
            make: is given the leaves, which are read as they are asked for, and returns the signed envelope; the write
                lock is held meanwhile.
            now: as in `append_many`, with the same errors.
        """
        with self._database.writing():
            envelope = make(self.leaves())
            return self._append([admitted_as(envelope, dsse.decode_statement(envelope.payload), now)])[0]

    def copy_to(self, target: str | os.PathLike[str]) -> None:
        """Copy the log as it is at this moment into a new SQLite file, while others go on appending.

        Raises `Misconfigured` where the target is there, `Unavailable` where the disk does not take it or the log is of
        format 1.
        """
        if self._version != schema.VERSION:
            raise Unavailable(
                f"{self._database.name} has the format 1, of which one file is not all",
                "run `hauberk ledger rebuild` once",
            )
        copy(self._database, target)

    def copy_into(self, directory: str | os.PathLike[str]) -> None:
        """Copy the log into the folder of a ledger that is not there yet: a file, or a server that a file names.

        Raises `Misconfigured` where it is there, `Unavailable` as `copy_to` or where the server cannot be written to.
        """
        place = place_in(directory)
        if place.name == DATABASE:
            self.copy_to(place)
            return
        with closing(open_place(place)) as server, server.writing():
            _make_tables(server)
            copy_rows(self._database, server)

    def rebuild(self) -> None:
        """Compute again what the entries give: the tree's stored hashes, and the table of digests."""
        with self._database.writing():
            schema.rebuild(self._database)

    def add_checkpoint(self, size: int, note_text: str) -> None:
        """Keep a published checkpoint behind those before it; raise `NotVerified` if it is over fewer entries."""
        schema.list_in_pieces(self._database, min(size, self.size))
        with self._database.writing():
            latest = self._one("SELECT coalesce(max(size), 0) FROM checkpoints")
            if size < latest:
                raise NotVerified(f"rollback: a checkpoint of {size} entries after one of {latest}")
            self._database.tell(schema.INSERT_CHECKPOINT, [(size, note_text)])

    def checkpoints(self) -> list[str]:
        """Return every published checkpoint, oldest first."""
        return [note for _, note in self.filed_checkpoints()]

    def filed_checkpoints(self) -> list[tuple[object, str]]:
        """Return every published checkpoint, oldest first, with the size that stands beside it."""
        rows = self._database.ask("SELECT size, note FROM checkpoints ORDER BY sequence")
        return [(size, str(note)) for size, note in rows]

    def latest_checkpoint(self) -> str | None:
        """Return the last published checkpoint, or None before the first; raise `NotVerified` for one that is none."""
        rows = self._database.ask("SELECT note FROM checkpoints ORDER BY sequence DESC LIMIT 1")
        note = str(rows[0][0]) if rows else None
        if note is not None:
            try:
                Checkpoint.parse(Note.parse(note).text)
            except HauberkError as error:
                raise NotVerified(f"the newest checkpoint is none: {error.message}", TAMPERED) from None
        return note

    @property
    def listed(self) -> int:
        """Return how many entries the table of digests covers, as the ledger says."""
        return schema.listed(self._database) if self._version == schema.VERSION else 0

    def listed_total(self, key: bytes) -> Total:
        """Return the table of digests as a total under a key."""
        return Total.over(schema.listed_leaves(self._database) if self._version == schema.VERSION else (), key)

    def check_tree(self, start: int, records: Sequence[bytes]) -> None:
        """Raise `NotVerified` unless the stored tree has what consecutive leaves from `start` on give."""
        if self._version == schema.VERSION:
            schema.check(self._database, start, records)

    def filed_total(self, size: int, key: bytes) -> Total | None:
        """Return what the database's own index has of the envelopes of the first `size` entries, under a key.

        None where it is not a right one: out of its order, or what it has is not found by it.
        """
        return filed.total(self._database, size, key)

    def misfiled(self, start: int, records: Sequence[bytes]) -> int | None:
        """Return the first of consecutive leaves from `start` on that is not found by the envelope that it names.

        It is filed under another one, or the database's own index, by which an append asks, lacks it.
        """
        return filed.misfiled(self._database, start, records)

    def check_totals(self) -> None:
        """Raise `NotVerified` where a table has more or fewer rows than the entries give."""
        if self._version == schema.VERSION:
            schema.check_totals(self._database)

    def index_totals(self, sizes: Sequence[int]) -> list[index.Totals]:
        """Return the totals of the index over the first entries, for each size, by the table of digests.

        One pass over the table, which is not believed: compare it with the entries.
        """
        leaves = schema.index_leaves(self._database, max(sizes, default=0), self.listed)
        return index.Totals.of_each(leaves, sizes)

    def likely_indexes(self, size: int, most: int) -> list[int]:
        """Return which of the first entries are index statements, as the table of checkpoints has it: the last few."""
        query = "SELECT DISTINCT size FROM checkpoints WHERE size > 0 AND size <= ? ORDER BY size DESC LIMIT ?"
        return [one - 1 for (one,) in self._database.ask(query, (size, most)) if isinstance(one, int)]

    def _check_format(self, *, read_only: bool) -> None:
        self._version = schema.read_version(self._database)
        if self._version == schema.VERSION or read_only:
            return
        with self._database.writing():
            if schema.read_version(self._database) == 1:  # else another process was faster
                schema.migrate(self._database, self._blobs.get)
        self._version = schema.VERSION

    def _published(self) -> int:
        """Return the size that the newest checkpoint claims, or 0 before the first."""
        note = self.latest_checkpoint()
        return 0 if note is None else Checkpoint.parse(Note.parse(note).text).size

    def _listed(self, digest: Digest, end: int) -> list[int]:
        """Return the entries below `end` that the table of digests names, each looked up in its leaf."""
        if not end:
            return []
        prefix = str(digest).encode("ascii") + b"\x00"
        query = "SELECT leaf FROM about WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
        leaves = [leaf for (leaf,) in self._database.ask(query, (prefix, prefix + end.to_bytes(8, "big")))]
        numbers = [int.from_bytes(leaf[len(prefix) :], "big") for leaf in leaves]
        for number, leaf in zip(numbers, leaves, strict=True):
            if len(leaf) != len(prefix) + 8 or str(digest) not in self.entry(number).subjects:
                raise NotVerified(f"lying table: entry {number} does not speak of {digest}", REBUILD)
        return numbers

    def _append(self, admitted: Sequence[Admitted]) -> list[int]:
        """Insert entries behind the last, inside of a transaction; return their numbers, or those that they have."""
        known = filed.known(self._database, [str(one.entry.envelope) for one in admitted])
        size, added = self.size, list[Admitted]()
        for one in admitted:
            if known.setdefault(str(one.entry.envelope), size + len(added)) == size + len(added):
                added.append(one)
        if added:
            self._check_time(added[0].entry.time, size)
            self._insert(added, size)
        return [known[str(one.entry.envelope)] for one in admitted]

    def _insert(self, added: Sequence[Admitted], size: int) -> None:
        numbered = [(number, one, one.entry.encode()) for number, one in enumerate(added, size)]
        nodes = StoredTree(self._database, size).grow(merkle.leaf_hash(record) for _, _, record in numbered)
        tell = self._database.tell
        tell(schema.INSERT_ENTRY, [(number, record, str(one.entry.envelope)) for number, one, record in numbered])
        tell(schema.INSERT_ENVELOPE, [(number, one.data) for number, one, _ in numbered])
        tell(schema.INSERT_NODE, nodes)

    def _check_time(self, time: int, size: int) -> None:
        """Raise `Unavailable` where a time is before that of the last entry."""
        if size and time < (last := self.entry(size - 1).time):
            raise Unavailable(
                f"the clock says {time}, and the last entry of the log is from {last}",
                "correct the clock; nothing was appended",
            )

    def _one(self, query: str) -> int:
        ((value,),) = self._database.ask(query)
        if not isinstance(value, int):
            raise NotVerified(f"lying table: {value!r:.40} stands where a number belongs", TAMPERED)
        return value


def _make_tables(database: Database) -> None:
    if not database.is_empty():
        raise Misconfigured(f"{database.name} is there already", "use it, or name another directory")
    schema.make(database)
