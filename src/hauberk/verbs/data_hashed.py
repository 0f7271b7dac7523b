"""Checks that compare rows by hashes: uniqueness, duplicates, values that refer to another data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hauberk.checks.data import facts
from hauberk.dataset.hashes import RECORD, among, records, repeated
from hauberk.dataset.rows import HASH_BYTES, RowHasher
from hauberk.edge.row_spool import RowSpool
from hauberk.errors import Malformed
from hauberk.formats.table import encoding
from hauberk.verbs.data_counts import Alone, none_to_check
from hauberk.verbs.data_rows import unsigned_zero

if TYPE_CHECKING:
    from hauberk.checks.data import document as asked
    from hauberk.verbs.data_rows import Rows

_AT_ONCE = 1 << 13


class _Hashed:
    """The hashes of some columns of a data set, on disk."""

    def __init__(self, salt: bytes) -> None:
        self.stored = RowSpool(RECORD.itemsize)
        self.types: tuple[str, ...] | None = None
        self._hasher = RowHasher(salt)

    def add(self, rows: Rows, columns: tuple[str, ...], *, nulls: bool) -> None:
        """Append the rows; with `nulls`, also those whose first column is null."""
        found = [unsigned_zero(rows.column(name)) for name in columns]
        types = tuple(rows.types[name] for name in columns)
        if self.types not in (None, types):
            raise Malformed(f"{', '.join(columns)} are of other types in {rows.path} than before")
        self.types = types
        for start in range(0, len(rows), _AT_ONCE):
            some = [column.slice(start, _AT_ONCE) for column in found]
            many = len(some[0])
            hashes = self._hasher.hashes(encoding.encode(some, many))
            numbers: Any = np.arange(many) + (rows.start + start)
            if not nulls:
                kept = ~rows.is_null(columns[0])[start : start + many]
                hashes = np.frombuffer(hashes, "u1").reshape(-1, HASH_BYTES)[kept].tobytes()
                numbers = numbers[kept]
            self.stored.append(records(hashes, HASH_BYTES, numbers))


class Repeating(Alone):
    """Counts rows that repeat others."""

    def __init__(self, name: str, check: asked.Unique, salt: bytes) -> None:
        super().__init__(name)
        self._columns = check.columns
        self._hashed = _Hashed(salt)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self.rows += len(rows)
        self._hashed.add(rows, self._columns, nulls=True)

    def facts(self) -> object:
        """Return how many repeat."""
        self.require_rows()
        with self._hashed.stored as stored:
            found = repeated(stored)
        return facts.UniqueFacts(self.name, self._columns, found.rows, self.rows, found.first)


class _Compared(Alone):
    """Rows of two data sets by hashes of columns of each."""

    turns = 1

    def __init__(self, name: str, against: str, salt: bytes) -> None:
        super().__init__(name)
        self.against = against
        self._mine, self._theirs = _Hashed(salt), _Hashed(salt)

    def compared(self) -> tuple[Any, Any]:
        """Return the rows that are among the others, and those that are not."""
        self.require_rows()
        mine, theirs = self._mine.types, self._theirs.types
        if theirs is None:
            raise Malformed(f"there is no row in {self.against}")
        if mine != theirs:
            raise Malformed(f"{', '.join(mine or ())} here and {', '.join(theirs)} in {self.against} are not compared")
        with self._mine.stored as one, self._theirs.stored as other:
            return among(one, other)


class Shared(_Compared):
    """Counts rows that are also in the other data set."""

    def __init__(self, name: str, check: asked.Duplicates, against: str, salt: bytes) -> None:
        super().__init__(name, against, salt)
        self._columns = check.columns

    def learn(self, rows: Rows, turn: int) -> None:  # noqa: ARG002 - one turn only
        """Take rows of the other data set."""
        self._theirs.add(rows, self._columns, nulls=True)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self.rows += len(rows)
        self._mine.add(rows, self._columns, nulls=True)

    def facts(self) -> object:
        """Return how many are in both."""
        found, _ = self.compared()
        return facts.DuplicateFacts(self.name, self._columns, str(self.against), found.rows, self.rows, found.first)


class Referring(_Compared):
    """Counts values that are not among those of the other data set."""

    def __init__(self, name: str, check: asked.Reference, against: str, salt: bytes) -> None:
        super().__init__(name, against, salt)
        self._column = check.column
        self._key = check.key or check.column

    def learn(self, rows: Rows, turn: int) -> None:  # noqa: ARG002 - one turn only
        """Take rows of the other data set."""
        self._theirs.add(rows, (self._key,), nulls=False)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self.rows += len(rows)
        self._mine.add(rows, (self._column,), nulls=False)

    def facts(self) -> object:
        """Return how many refer to nothing."""
        _, found = self.compared()
        of = len(self._mine.stored)
        if not of:
            raise none_to_check(self._column)
        return facts.ReferenceFacts(self.name, self._column, found.rows, of, found.first, str(self.against))
