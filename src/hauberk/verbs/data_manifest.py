"""Make the manifest of a data set: hash every file, and every row of its tables, in constant memory."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hauberk.dataset.manifest import KEY_BYTES, SOURCE_BYTES, DataFile, Manifest, Rows, digest_of, encode, is_manifest
from hauberk.dataset.rows import HASH_BYTES, KEY, Column, RowHasher, RowTree, commitment
from hauberk.edge import clock
from hauberk.edge.part_file import PartFile
from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import Odd, hash_view, open_file, open_in_tree, printable, walk_tree, write_output
from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.formats.table import encoding
from hauberk.formats.table.logical import logical_type
from hauberk.ledger import merkle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from hauberk.edge.files import FileView, StrPath
    from hauberk.verbs.data_remote import Place
    from hauberk.view import View

    _Opener = Callable[[], AbstractContextManager[tuple[View, Place | None]]]

ROWS_SUFFIX = ".rows"
MAX_SOURCES = 65_536
_AT_ONCE = 1 << 13  # rows: what is encoded at once stays in the processor's cache


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a manifest is to hold beside the files.

    Attributes:
        name: of the data set, as in `fraud-train`.
        salt: 32 bytes, or None for hashes without one.
        key: columns by whose values a row is found again although it changed.
        source: the column that says where a row came from.
        retain_until: an instant, or None.
    """

    name: str
    salt: bytes | None
    key: tuple[str, ...] = ()
    source: str | None = None
    retain_until: str | None = None


def make_manifest(
    paths: tuple[StrPath, ...], output: StrPath, wanted: Wanted, *, seen: Callable[[str, int], None] = lambda *_: None
) -> Manifest:
    """Write the manifest of files and directories to `output`, and the hashes of its rows to `output`.rows.

    Args:
        paths: a file, a directory, an address, or several of them, which are then told apart by their last names.
        output: must not lie in what is read.
        wanted: see there.
        seen: called with a file's path and the rows read so far, for progress.

    Raises:
        Malformed: a file that cannot be read as what it is, tables of different columns, a key or source that is no
            column, a name that no digest of a tree can hold.
        Unavailable: a file that cannot be read, or that changed while it was, or since it was listed.
        NotVerified: a store that says another digest, or gives another version, than there is.
        Misconfigured: nothing to read, or two paths with one name.
    """
    with PartFile(f"{os.fspath(output)}{ROWS_SUFFIX}") as record, ExitStack() as stack:
        writer = _Writer(record, wanted)
        files: list[DataFile] = []
        found = _Found(stack, are_several=len(paths) > 1)
        for path in paths:
            found.look(os.fspath(path))
        files.extend(_opened(opened, name, writer, seen) for name, opened in found.files())
        if not files:
            raise Misconfigured(f"no file in {', '.join(map(printable, paths))}", "name what holds the data")
        if writer.columns is None:
            files = writer.of_files(files)
        single = len(paths) == 1 and not found.is_tree
        manifest = Manifest(
            wanted.name,
            digest_of(tuple(files), single=single),
            format_instant(clock.now()),
            tuple(map(_written, paths)),
            tuple(files),
            writer.rows(),
            wanted.retain_until,
        )
        if manifest.rows is not None:
            record.keep()
    write_output(output, encode(manifest), recognise=is_manifest, inputs=local(paths))
    return manifest


def local(paths: tuple[StrPath, ...]) -> tuple[StrPath, ...]:
    """Return those of some paths and addresses that are here."""
    return tuple(path for path in paths if not is_address(os.fspath(path)))


class _Found:
    """The files of several paths and addresses, each with what opens it; two of one name are refused."""

    def __init__(self, stack: ExitStack, *, are_several: bool) -> None:
        self.is_tree = False
        self._stack = stack
        self._are_several = are_several
        self._files: dict[str, _Opener] = {}

    def files(self) -> list[tuple[str, _Opener]]:
        """Return all, in the order of the bytes of their names."""
        return sorted(self._files.items(), key=lambda item: item[0].encode("utf-8", "surrogateescape"))

    def look(self, path: str) -> None:
        """Add what lies at a path or an address."""
        if is_address(path):
            from hauberk.verbs.data_remote import elsewhere  # noqa: PLC0415 - only for what lies elsewhere

            there = elsewhere(path, self._stack)
            for inside, opener in there.files:
                self._add(there.name, inside if there.is_tree else "", opener)
            self.is_tree = self.is_tree or there.is_tree
            return
        prefix = os.path.basename(os.path.normpath(path))  # noqa: PTH119 - a path, as given
        if not os.path.isdir(path):  # noqa: PTH112
            self._add(prefix, "", partial(_here, partial(open_file, path)))
            return
        self.is_tree = True
        for inside in _names(path):
            self._add(prefix, inside, partial(_here, partial(open_in_tree, path, inside)))

    def _add(self, prefix: str, inside: str, opener: _Opener) -> None:
        name = inside if inside and not self._are_several else "/".join(filter(None, (prefix, inside)))
        if name in self._files:
            raise Misconfigured(
                f"two files would be named {printable(name)}", "name directories with different last names"
            )
        self._files[name] = opener


@contextmanager
def _here(opened: Callable[[], FileView]) -> Iterator[tuple[View, None]]:
    with opened() as view:
        yield view, None


def _members(place: Place | None) -> dict[str, Any]:
    return {} if place is None else {"address": place.address, "version": place.version, "lock": place.lock}


def _written(path: StrPath) -> str:
    """Return a path or an address as the manifest says where it was made from."""
    if not is_address(os.fspath(path)):
        return printable(path)
    from hauberk.verbs.data_remote import spoken  # noqa: PLC0415 - only for what lies elsewhere

    return spoken(os.fspath(path))


def _names(path: StrPath) -> Iterator[str]:
    for found in walk_tree(path):
        if isinstance(found, Odd):
            where = printable(f"{os.fspath(path)}/{found.path}")
            raise Malformed(f"{where}: {found.detail}", "remove it or rename it: a data set's digest names each file")
        yield found[0]


def _opened(opener: _Opener, name: str, writer: _Writer, seen: Callable[[str, int], None]) -> DataFile:
    with opener() as (view, place):  # in a frame of its own: a file without a name goes with its view
        return replace(_read(view, name, writer, seen), **_members(place))


def _read(view: View, name: str, writer: _Writer, seen: Callable[[str, int], None]) -> DataFile:
    kind = kind_of(view, name)
    if kind not in KINDS:
        return DataFile(name, view.size, hash_view(view).hex, kind, 0)
    before = writer.tree.count
    with ExitStack() as stack:
        digest = stack.enter_context(hashed(view))
        table = stack.enter_context(open_table(view, kind, printable(name)))
        writer.begin(printable(name), table.names, table.types)
        for batch in table.batches():
            writer.add(batch)
            seen(name, writer.tree.count)
        sha256 = digest().hex
    if hasattr(view, "check_unchanged"):
        view.check_unchanged()  # which one of hashing and decoding ended last is not known
    return DataFile(name, view.size, sha256, kind, writer.tree.count - before)


class _Writer:
    """Takes batches of rows in their order; writes a record for each and grows the tree."""

    def __init__(self, record: PartFile, wanted: Wanted) -> None:
        self.tree = RowTree()
        self.columns: tuple[Column, ...] | None = None
        self._wanted = wanted
        self._record = record
        self._rows = RowHasher(wanted.salt)
        self._keys = RowHasher(wanted.salt, KEY)
        self._places: tuple[int, ...] = ()
        self._codes: dict[str, int] = {}
        self._counts: list[int] = []
        self._first = ""

    def begin(self, name: str, names: tuple[str, ...], types: tuple[Any, ...]) -> None:
        """Begin a table; raise `Malformed` unless its columns are those of the tables before."""
        columns = tuple(Column(n, logical_type(t, n)) for n, t in zip(names, types, strict=True))
        if self.columns is None:
            self.columns, self._first = columns, name
            self._require(names)
        elif columns != self.columns:
            raise Malformed(
                f"{name} has other columns than {self._first}: {_difference(self.columns, columns)}",
                "a data set is one table: make a manifest of each",
            )
        self._places = tuple(names.index(column) for column in self._wanted.key)

    def _require(self, names: tuple[str, ...]) -> None:
        for asked in (*self._wanted.key, *([self._wanted.source] if self._wanted.source else [])):
            if asked not in names:
                raise Malformed(f"{self._first} has no column {asked!r}", f"its columns are {', '.join(names):.300}")

    def add(self, batch: Any) -> None:
        """Append the rows of a record batch."""
        for start in range(0, batch.num_rows, _AT_ONCE):
            some = batch.slice(start, _AT_ONCE)
            hashes = self._rows.hashes(encoding.encode(some.columns, some.num_rows))
            self.tree.add(hashes)
            self._record.write(self._records(some, hashes))

    def _records(self, batch: Any, hashes: bytes) -> bytes:
        if not self._places and self._wanted.source is None:
            return hashes

        parts = [np.frombuffer(hashes, "u1").reshape(-1, HASH_BYTES)]
        if self._places:
            keys = self._keys.hashes(encoding.encode([batch.column(i) for i in self._places], batch.num_rows))
            parts.append(np.frombuffer(keys, "u1").reshape(-1, HASH_BYTES)[:, :KEY_BYTES])
        if self._wanted.source is not None:
            codes = self._sources(batch.column(self._wanted.source)).astype("<u4")
            parts.append(codes.view("u1").reshape(-1, SOURCE_BYTES))
        return np.concatenate(parts, axis=1).tobytes()

    def _sources(self, column: Any) -> Any:
        """Return the number of each row's source; a null has the name that is empty."""
        try:
            texts = encoding.plain(column).cast(pa.string()).fill_null("").dictionary_encode()
        except pa.ArrowException:
            raise Malformed(f"the column {self._wanted.source!r} holds no names", "name a column of text") from None
        known = [self._code(name) for name in texts.dictionary.to_pylist()]
        codes = np.array(known, "i8")[texts.indices.to_numpy()]
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            self._counts[int(code)] += int(count)
        return codes

    def _code(self, name: str) -> int:
        if name not in self._codes:
            if len(self._codes) == MAX_SOURCES:
                raise Malformed(
                    f"the column {self._wanted.source!r} has more than {MAX_SOURCES} values", "name one with sources"
                )
            self._codes[name] = len(self._codes)
            self._counts.append(0)
        return self._codes[name]

    def of_files(self, files: list[DataFile]) -> list[DataFile]:
        """Return the files of a data set without tables, each image of it a row: path, label, size and hash."""
        images = [file for file in files if file.kind == "image"]
        if not images:
            return files
        if self._wanted.key or self._wanted.source:
            raise Misconfigured("these files hold no table, so there are no columns", "leave out --key and --source")
        columns = {
            "path": pa.array([file.path for file in images], pa.string()),
            "label": pa.array([file.path.rpartition("/")[0].rpartition("/")[2] for file in images], pa.string()),
            "size": pa.array([file.size for file in images], pa.int64()),
            "sha256": pa.array([bytes.fromhex(file.sha256) for file in images], pa.binary()),
        }
        batch = pa.RecordBatch.from_pydict(columns)
        self.begin("images", tuple(columns), tuple(batch.schema.types))
        self.add(batch)
        return [replace(file, rows=1) if file.kind == "image" else file for file in files]

    def rows(self) -> Rows | None:
        """Return what is known of all rows; None where nothing has any."""
        if self.columns is None:
            return None
        salt = self._wanted.salt
        return Rows(
            self.tree.count,
            self.columns,
            commitment(salt),
            merkle.root(self.tree.blocks()).hex(),
            self.tree.root(self.columns, salt),
            self._record.sha256,
            self._wanted.key,
            self._wanted.source,
            tuple(zip(self._codes, self._counts, strict=True)),
        )


def _difference(before: tuple[Column, ...], after: tuple[Column, ...]) -> str:
    """Return in words how columns differ."""
    was, now = {c.name: c.type for c in before}, {c.name: c.type for c in after}
    said = [f"no {name!r}" for name in was if name not in now]
    said += [f"{name!r} more" for name in now if name not in was]
    said += [f"{name!r} is {now[name]}, not {was[name]}" for name in was if name in now and now[name] != was[name]]
    return "; ".join(said)[:300] or "another order"
