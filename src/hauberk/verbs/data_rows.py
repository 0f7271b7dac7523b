"""The rows of a data set for those who count them: a batch at a time, each file hashed beside it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.dataset.manifest import DataFile, digest_of
from hauberk.edge.sources import FileView, hash_view, printable
from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Exceeded, Malformed, Misconfigured
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.table.encoding import decimal_texts, plain
from hauberk.formats.table.logical import logical_type
from hauberk.verbs.data_found import found_files
from hauberk.verbs.data_images import image_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.verbs.data_found import Opener
    from hauberk.view import View

_FROM_TEXT: Mapping[str, Any] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"),
}
TIMES = ("date", "timestamp", "instant")
_MICROSECONDS_A_DAY = 86_400_000_000
_MOST_DAYS = (1 << 63) // _MICROSECONDS_A_DAY - 1


@dataclass(slots=True)
class Rows:
    """A batch of rows.

    Attributes:
        path: of their file.
        start: the number of the first of them.
        batch: an Arrow record batch.
        types: logical types by column, after cells of text were read.
        reads: of a file of text, the type that the cells of a column are read as.
        unread: how many cells of a column are not of that type, and the first such row.
        strict: refuse a column with such cells, where nothing else tells of them.
        text: all cells are text, as CSV has them.
    """

    path: str
    start: int
    batch: Any
    types: Mapping[str, str]
    reads: Mapping[str, str]
    unread: dict[str, tuple[int, int]] = field(default_factory=dict)
    strict: bool = False
    text: bool = False
    _read: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array in one piece; raise `Malformed` where there is none of that name."""
        if name not in self.types:
            raise Malformed(f"there is no column {name!r}", f"the columns are {', '.join(self.types):.300}")
        if name not in self._read:
            found = plain(self.batch.column(name))
            if name in self.reads:
                found, bad = _cells(found, _FROM_TEXT[self.reads[name]])
                if len(bad):
                    self.unread[name] = (len(bad), self.start + int(bad[0]))
            self._read[name] = found
        if self.strict and name in self.unread:
            count, first = self.unread[name]
            raise Malformed(
                f"{self.path}: {name}: {count} cells are no {self.reads[name]}; the first is in row {first}"
            )
        return self._read[name]

    def is_null(self, name: str) -> Any:
        """Return for each row whether the value is null or NaN."""
        column = self.column(name)
        return column.is_null(nan_is_null=pa.types.is_floating(column.type)).to_numpy(zero_copy_only=False)

    def numbers(self, name: str) -> Any:
        """Return the values of what has an order as float64, NaN for null; raise `Malformed` where it has none."""
        column, kind = self.column(name), self.types[name]
        if kind in TIMES:
            times, null = self.times(name)
            return np.where(null, np.nan, times.astype("f8"))
        if kind not in ("int", "float", "bool", "decimal"):
            raise Malformed(f"the column {name!r} is {kind}, and no number", "in CSV, say its type under `columns`")
        if kind == "bool":
            column = column.cast(pa.int8())
        return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)

    def times(self, name: str) -> tuple[Any, Any]:
        """Return microseconds since 1970 (UTC where no zone is said), and which are null; else raise `Malformed`."""
        column, kind = self.column(name), self.types[name]
        if kind not in TIMES:
            raise Malformed(f"the column {name!r} is {kind}, and no time", "in CSV, say its type under `columns`")
        null = self.is_null(name)
        if kind == "date":
            days = column.cast(pa.date32()).cast(pa.int32()).fill_null(0).to_numpy().astype("i8")
            if (np.abs(days) > _MOST_DAYS).any():
                raise Malformed(f"the column {name!r} has a date that is more than 290,000 years away")
            return days * _MICROSECONDS_A_DAY, null
        try:  # what is finer is cut; what is coarser may not fit
            micros = column.cast(pa.timestamp("us", column.type.tz), safe=column.type.unit != "ns")
        except pa.ArrowException:
            raise Malformed(f"the column {name!r} has a time that is more than 290,000 years away") from None
        return micros.cast(pa.int64()).fill_null(0).to_numpy(), null

    def texts(self, name: str) -> Any:
        """Return the values as Arrow strings, equal ones alike; raise `Malformed` where they have no text."""
        column = self.column(name)
        if self.types[name] == "decimal":
            return decimal_texts(column)
        try:
            return unsigned_zero(column).cast(pa.string())
        except pa.ArrowException:
            raise Malformed(f"the values of {name!r} ({self.types[name]}) have no text") from None


class Hashes(Protocol):
    """Takes the rows of one table after the other, as a manifest has them."""

    def begin(self, name: str, names: tuple[str, ...], types: tuple[Any, ...]) -> None:
        """Begin a table."""

    def add(self, batch: Any) -> None:
        """Take rows."""


def unsigned_zero(column: Any) -> Any:
    """Return a column whose every -0.0, which equals 0.0, is that."""
    if pa.types.is_float16(column.type):  # Arrow adds nothing to these
        column = column.cast(pa.float32())
    return pc.add(column, pa.scalar(0, column.type)) if pa.types.is_floating(column.type) else column


class DataSet:
    """Files, directories and addresses as one data set; what was read of it is known once its batches have ended."""

    def __init__(self, paths: tuple[StrPath, ...], reads: Mapping[str, str], *, hashes: Hashes | None = None) -> None:
        """Take places; `reads` says as what the cells of text are read, by column; `hashes` is shown all rows."""
        self.paths = paths
        self._hashes = hashes
        self.tables: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.unread: dict[str, tuple[int, int]] = {}
        self.unchecked: list[Unchecked] = []
        self.rows = 0
        self.digest: Digest | None = None
        self.files: list[DataFile] = []
        self._reads = {name: kind for name, kind in reads.items() if kind in _FROM_TEXT}

    def batches(self) -> Iterator[Rows]:
        """Yield all rows. A file that cannot be read as a table is noted as unchecked, and the others are read.

        Raises:
            Unavailable: a file that cannot be read at all, or that changed while it was.
            Malformed: a name that no digest of a tree can hold.
            Misconfigured: there is no file, or two of one name.
        """
        self.tables, self.unread, self.unchecked, self.rows, self.files = [], {}, [], 0, []
        with ExitStack() as stack:
            files, is_tree = _files(self.paths, stack)
            for name, opened in files:
                with opened() as (view, _):
                    yield from self._of_file(view, name)
                    if isinstance(view, FileView):
                        view.check_unchanged()
        if not self.tables and not self.unchecked:
            yield from self._images()
        if not self.files:
            raise Misconfigured(f"no file in {', '.join(map(printable, self.paths))}", "name what holds the data")
        self.digest = digest_of(tuple(self.files), single=not is_tree)

    def _of_file(self, view: View, name: str) -> Iterator[Rows]:
        kind, before = self._kind_of(view, name), self.rows
        if kind not in KINDS:
            self.files.append(DataFile(name, view.size, hash_view(view).hex, kind, 0))
            return
        with hashed(view) as digest:
            try:
                with ExitStack() as stack:
                    table = stack.enter_context(open_table(view, kind, printable(name)))
                    yield from self._of_table(table, printable(name), text=kind == "csv")
            except (Malformed, Exceeded) as error:
                self.unchecked.append(Unchecked(UncheckedCode.MALFORMED, error.message, Location(path=printable(name))))
            sha256 = digest().hex
        self.files.append(DataFile(name, view.size, sha256, kind, self.rows - before))

    def _kind_of(self, view: View, name: str) -> str:
        """Return what a file is; one that is named as one table and begins as another is noted, and not read."""
        try:
            return kind_of(view, name)
        except Malformed as error:
            self.unchecked.append(Unchecked(UncheckedCode.MALFORMED, error.message, Location(path=printable(name))))
            return "other"

    def _images(self) -> Iterator[Rows]:
        """Yield the images of a set without tables, each a row, as a manifest has them."""
        batch = image_rows(self.files)
        if not batch.num_rows:
            return
        names = batch.schema.names
        types = {name: logical_type(kind, name) for name, kind in zip(names, batch.schema.types, strict=True)}
        self.tables.append(("images", tuple(types.items())))
        if self._hashes is not None:
            self._hashes.begin("images", tuple(names), tuple(batch.schema.types))
            self._hashes.add(batch)
        yield Rows("images", 0, batch, types, {})
        self.rows = batch.num_rows

    def _of_table(self, table: Any, path: str, *, text: bool) -> Iterator[Rows]:
        reads = {name: kind for name, kind in self._reads.items() if text and name in table.names}
        types = {n: reads.get(n) or logical_type(t, n) for n, t in zip(table.names, table.types, strict=True)}
        self.tables.append((path, tuple(types.items())))
        if self._hashes is not None:
            self._hashes.begin(path, table.names, table.types)
        for batch in table.batches():
            if self._hashes is not None:
                self._hashes.add(batch)
            rows = Rows(path, self.rows, batch, types, reads, text=text)
            for name in reads:
                rows.column(name)
            for name, (count, first) in rows.unread.items():
                known = self.unread.get(name, (0, first))
                self.unread[name] = (known[0] + count, known[1])
            yield rows
            self.rows += len(rows)


def _cells(texts: Any, kind: Any) -> tuple[Any, Any]:
    """Return cells of text as a type, an empty one as null, and which could not be read."""
    texts = pc.utf8_trim_whitespace(texts)
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    try:
        return texts.cast(kind), np.zeros(0, "i8")
    except pa.ArrowException:
        found, bad = [], []
        for number, cell in enumerate(texts):
            try:
                found.append(cell.cast(kind))
            except pa.ArrowException:
                found.append(pa.scalar(None, kind))
                bad.append(number)
        return pa.array([one.as_py() for one in found], kind), np.array(bad, "i8")


def _files(paths: tuple[StrPath, ...], stack: ExitStack) -> tuple[list[tuple[str, Opener]], bool]:
    """Return name and opener of each file, named and ordered as in a manifest, and whether they are a tree."""
    found = found_files(paths, stack)
    return [(file.name, file.opener) for file in found.files()], found.is_tree or len(paths) > 1
