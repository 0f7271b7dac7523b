"""Rows on their way into a manifest: batches of tables become records of a file, and leaves of a tree."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from hauberk.dataset.manifest import KEY_BYTES, SOURCE_BYTES, DataFile, Rows
from hauberk.dataset.rows import HASH_BYTES, Column, RowTree, commitment, hashes_after
from hauberk.errors import Malformed, Misconfigured, Unavailable
from hauberk.formats.table import encoding
from hauberk.formats.table.logical import logical_type
from hauberk.ledger import merkle
from hauberk.verbs.data_images import image_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from hashlib import _Hash

    from hauberk.verbs.data_salts import Salts
    from hauberk.verbs.data_wire import Hashed

MAX_SOURCES = 65_536
_AT_ONCE = 1 << 13  # rows: what is encoded at once stays in the processor's cache


class Record(Protocol):
    """Where records are written: a file, or nowhere."""

    @property
    def sha256(self) -> str:
        """Return the hex SHA-256 of what was written."""

    def write(self, data: bytes) -> None:
        """Append."""


class RowWriter:
    """Takes batches of rows in their order; writes a record for each and grows the tree."""

    def __init__(self, record: Record, salts: Salts, key: tuple[str, ...] = (), source: str | None = None) -> None:
        self.tree = RowTree()
        self.columns: tuple[Column, ...] | None = None
        self._key, self._source = key, source
        self._record = record
        self._salts = salts
        self._places: tuple[int, ...] = ()
        self._codes: dict[str, int] = {}
        self._counts: list[int] = []
        self._first = ""

    def begin(self, name: str, names: tuple[str, ...], types: tuple[Any, ...]) -> None:
        """Begin a table; raise `Malformed` unless its columns are those of the tables before."""
        self._begin(name, tuple(Column(n, logical_type(t, n)) for n, t in zip(names, types, strict=True)))
        self._places = tuple(names.index(column) for column in self._key)

    def _begin(self, name: str, columns: tuple[Column, ...]) -> None:
        if self.columns is None:
            self.columns, self._first = columns, name
            self._require(tuple(column.name for column in columns))
        elif columns != self.columns:
            raise Malformed(
                f"{name} has other columns than {self._first}: {_difference(self.columns, columns)}",
                "a data set is one table: make a manifest of each",
            )

    def _require(self, names: tuple[str, ...]) -> None:
        person = self._salts.person and self._salts.person.column
        for asked in (*self._key, self._source, person):
            if asked is not None and asked not in names:
                raise Malformed(f"{self._first} has no column {asked!r}", f"its columns are {', '.join(names):.300}")

    def add(self, batch: Any) -> None:
        """Append the rows of a record batch."""
        for some, encoded in encoding.pieces(batch, _AT_ONCE):
            starts = self._salts.starts(some)
            hashes = hashes_after(starts.rows, encoded)
            self.tree.add(hashes)
            self._record.write(self._records(some, hashes, starts.keys))

    @property
    def record_bytes(self) -> int:
        """Return the length of a record."""
        return HASH_BYTES + (KEY_BYTES if self._key else 0) + (SOURCE_BYTES if self._source is not None else 0)

    @property
    def sources(self) -> tuple[tuple[str, int], ...]:
        """Return the sources in the order of their numbers, each with how many rows it has."""
        return tuple(zip(self._codes, self._counts, strict=True))

    def take(self, name: str, found: Hashed, records: Iterable[bytes]) -> None:
        """Append records that another writer made of a part of the data.

        Raises:
            Malformed: its columns are not those of the parts before.
            Unavailable: the records are not those that were answered.
        """
        assert found.columns is not None
        self._begin(name, found.columns)
        numbers = np.array([self._code(source) for source, _ in found.sources] or [0], "<u4")
        for source, count in found.sources:
            self._counts[self._codes[source]] += count
        digest = hashlib.sha256()
        for piece in records:
            digest.update(piece)
            self._take(piece, numbers)
        if digest.hexdigest() != found.part:
            raise Unavailable(f"{name}: its records changed after they were written", "do it again")

    def _take(self, piece: bytes, numbers: Any) -> None:
        if self.record_bytes != HASH_BYTES:
            parts = np.frombuffer(piece, "u1").reshape(-1, self.record_bytes).copy()
            self.tree.add(parts[:, :HASH_BYTES].tobytes())
            if self._source is not None:
                codes = parts[:, -SOURCE_BYTES:].copy().view("<u4")[:, 0]
                if int(codes.max(initial=0)) >= len(numbers):
                    raise Unavailable("a record names a source that was not answered", "do it again")
                parts[:, -SOURCE_BYTES:] = numbers[codes].view("u1").reshape(-1, SOURCE_BYTES)
            piece = parts.tobytes()
        else:
            self.tree.add(piece)
        self._record.write(piece)

    def _records(self, batch: Any, hashes: bytes, starts: Iterable[_Hash]) -> bytes:
        if not self._places and self._source is None:
            return hashes

        parts = [np.frombuffer(hashes, "u1").reshape(-1, HASH_BYTES)]
        if self._places:
            encoded = encoding.encode([batch.column(i) for i in self._places], batch.num_rows)
            keys = hashes_after(starts, encoded)
            parts.append(np.frombuffer(keys, "u1").reshape(-1, HASH_BYTES)[:, :KEY_BYTES])
        if self._source is not None:
            codes = self._sources(batch.column(self._source)).astype("<u4")
            parts.append(codes.view("u1").reshape(-1, SOURCE_BYTES))
        return np.concatenate(parts, axis=1).tobytes()

    def _sources(self, column: Any) -> Any:
        """Return the number of each row's source; a null has the name that is empty."""
        try:
            texts = encoding.plain(column).cast(pa.string()).fill_null("").dictionary_encode()
        except pa.ArrowException:
            raise Malformed(f"the column {self._source!r} holds no names", "name a column of text") from None
        known = [self._code(name) for name in texts.dictionary.to_pylist()]
        codes = np.array(known, "i8")[texts.indices.to_numpy()]
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            self._counts[int(code)] += int(count)
        return codes

    def _code(self, name: str) -> int:
        if name not in self._codes:
            if len(self._codes) == MAX_SOURCES:
                raise Malformed(
                    f"the column {self._source!r} has more than {MAX_SOURCES} values", "name one with sources"
                )
            self._codes[name] = len(self._codes)
            self._counts.append(0)
        return self._codes[name]

    def of_files(self, files: list[DataFile]) -> list[DataFile]:
        """Return the files of a data set without tables, each image of it a row: path, label, size and hash."""
        batch = image_rows(files)
        if not batch.num_rows:
            return files
        if self._key or self._source or self._salts.person:
            raise Misconfigured(
                "these files hold no table, so there are no columns", "leave out --key, --source and --person"
            )
        self.begin("images", tuple(batch.schema.names), tuple(batch.schema.types))
        self.add(batch)
        return [replace(file, rows=1) if file.kind == "image" else file for file in files]

    def rows(self) -> Rows | None:
        """Return what is known of all rows; None where nothing has any."""
        if self.columns is None:
            return None
        salt = self._salts.salt
        return Rows(
            self.tree.count,
            self.columns,
            commitment(salt),
            merkle.root(self.tree.blocks()).hex(),
            self.tree.root(self.columns, salt, self._salts.person),
            self._record.sha256,
            self._key,
            self._source,
            self.sources,
            self._salts.person,
        )


def _difference(before: tuple[Column, ...], after: tuple[Column, ...]) -> str:
    """Return in words how columns differ."""
    was, now = {c.name: c.type for c in before}, {c.name: c.type for c in after}
    said = [f"no {name!r}" for name in was if name not in now]
    said += [f"{name!r} more" for name in now if name not in was]
    said += [f"{name!r} is {now[name]}, not {was[name]}" for name in was if name in now and now[name] != was[name]]
    return "; ".join(said)[:300] or "another order"
