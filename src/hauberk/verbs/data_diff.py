"""What changed between two data sets, from their manifests and the hashes of their rows alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hauberk.dataset.diff import Changes, compare, picked
from hauberk.dataset.rows import KEY, RowHasher
from hauberk.edge.spool import spool
from hauberk.errors import Malformed, Misconfigured
from hauberk.formats.table import encoding
from hauberk.verbs.data_diff_pool import compared_by
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_rows_file import RowsFile, fields_of, open_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.dataset.manifest import Manifest, Rows
    from hauberk.dataset.rows import Column
    from hauberk.edge.files import StrPath
    from hauberk.verbs.data_pool import By
    from hauberk.verbs.data_side import Side

_AT_ONCE = 1 << 13  # rows: what is encoded at once stays in the processor's cache


@dataclass(frozen=True, slots=True)
class FileChanges:
    """Paths of files that were added, removed, and of those whose bytes are others."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnChanges:
    """Columns that were added, removed, and those of another type, with both types."""

    added: tuple[Column, ...]
    removed: tuple[Column, ...]
    retyped: tuple[tuple[str, str, str], ...]

    @property
    def none(self) -> bool:
        """Return whether names and types are the same; their order may differ."""
        return not (self.added or self.removed or self.retyped)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one manifest to another.

    Attributes:
        rows: None where the columns differ, so that no hash of a row is that of a row of the other, or where one of
            the sets has no rows.
        by_source: for each source, how many of its rows are new, changed and removed; empty without a source's column.
        common: where rows were compared although the columns or the salts differ: the columns that they were compared
            by. Their hashes were then made again from the data; without data at hand rows are not compared.
    """

    older: Manifest
    newer: Manifest
    files: FileChanges
    columns: ColumnChanges
    rows: Changes | None
    by_source: tuple[tuple[str, int, int, int], ...]
    common: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Return whether both hold the same rows under the same columns, in the same order and partitions."""
        if self.older.rows is None or self.newer.rows is None:
            return self.older.digest == self.newer.digest
        return self.older.rows.root == self.newer.rows.root and not self.repartitioned

    @property
    def repartitioned(self) -> bool:
        """Return whether rows stand in other partitions, which programs read as one more column of theirs."""
        return _partitions(self.older) != _partitions(self.newer)


def diff_manifests(
    older: StrPath, newer: StrPath, *, sides: tuple[Side, Side] | None = None, by: By | None = None
) -> Difference:
    """Return what changed between two manifests; the hashes of their rows are read from beside them.

    Args:
        older: the manifest of the data set as it was.
        newer: the manifest of the data set as it is.
        sides: the data of both, read only where columns or salts differ: rows are then compared by the columns that
            both have.
        by: who compares, if it is not this process alone; what is found is the same.

    Raises:
        Malformed: one is no manifest.
        Misconfigured: they cannot be compared: other salts, or other key columns.
        NotVerified: a file of hashes is not the one that its manifest is about, or a file of the data.
        Unavailable: a file is not there, or a process was lost.
    """
    before, after = read_manifest(older), read_manifest(newer)
    columns = _columns(before.rows, after.rows)
    rows: Changes | None = None
    by_source: tuple[tuple[str, int, int, int], ...] = ()
    names: tuple[str, ...] = ()
    if before.rows is not None and after.rows is not None:
        alike = before.rows.columns == after.rows.columns
        if sides is not None and not (alike and before.rows.salt == after.rows.salt):
            common = common_columns(before.rows, after.rows)
            _require_keys(before.rows, after.rows)
            names = tuple(column.name for column in common)
            if common:
                rows, by_source = _rows(older, newer, before.rows, after.rows, (*sides, common))
        elif alike:
            _require_comparable(before.rows, after.rows)
            if by is not None:
                rows, by_source = _rows_by(by, (older, before.rows), (newer, after.rows))
            else:
                rows, by_source = _rows(older, newer, before.rows, after.rows)
    return Difference(before, after, _files(before, after), columns, rows, by_source, names)


def _partitions(manifest: Manifest) -> list[tuple[tuple[str, ...], int]]:
    """Return the partitions of all rows in their order, as in `year=2026/label=1`, each with how many rows follow."""
    found: list[tuple[tuple[str, ...], int]] = []
    for file in manifest.files:
        names = tuple(part for part in file.path.split("/")[:-1] if "=" in part)
        before = found.pop()[1] if found and found[-1][0] == names else 0
        if before or file.rows:
            found.append((names, before + file.rows))
    return found


def common_columns(before: Rows, after: Rows) -> tuple[Column, ...]:
    """Return the columns that both have under one name with one type, in the order of the newer."""
    return tuple(column for column in after.columns if column in before.columns)


def _require_comparable(before: Rows, after: Rows) -> None:
    if before.salt != after.salt:
        raise Misconfigured(
            "the two manifests have different salts, so their rows cannot be compared",
            "make one of them again with the salt of the other: --salt FILE; or let the data be read: --distributions",
        )
    _require_keys(before, after)


def _require_keys(before: Rows, after: Rows) -> None:
    if before.person != after.person:
        raise Misconfigured(
            "the rows of the two manifests are hashed with salts of other persons, or from another file of salts",
            "make one of them again with the --person and --person-salts of the other",
        )
    if before.key != after.key:
        raise Misconfigured(
            f"the rows' keys are {', '.join(before.key) or 'none'} and {', '.join(after.key) or 'none'}",
            "make one of them again with the --key of the other",
        )


def _rows(
    older: StrPath,
    newer: StrPath,
    before: Rows,
    after: Rows,
    again: tuple[Side, Side, tuple[Column, ...]] | None = None,
) -> tuple[Changes, tuple[tuple[str, int, int, int], ...]]:
    with open_rows(older, before) as one, open_rows(newer, after) as other:
        first, second = RowsFile(one, before), RowsFile(other, after)
        if again is not None:
            first, second = (_again(side, own, again[2]) for side, own in zip(again[:2], (first, second), strict=True))
        found = compare(first, second)
        counted = _by_source(first, second, before, after, found)
        one.check_unchanged()
        other.check_unchanged()
    return found, counted


def _rows_by(
    by: By, older: tuple[StrPath, Rows], newer: tuple[StrPath, Rows]
) -> tuple[Changes, tuple[tuple[str, int, int, int], ...]]:
    with compared_by(by, older, newer) as (first, second, found):
        return found, _by_source(first, second, older[1], newer[1], found)


def _again(side: Side, own: RowsFile, common: tuple[Column, ...]) -> RowsFile:
    """Return the records of a side's rows by some of its columns: hashes made from the data, sources as they were."""
    names = [column.name for column in common]
    rows = own.rows
    key = rows.key if set(rows.key) <= set(names) else ()
    hasher, keys = RowHasher(None), RowHasher(None, KEY)

    def records() -> Iterator[bytes]:
        for piece in side.pieces():
            at = piece.first
            for some, encoded in encoding.pieces(piece.batch.select(names), _AT_ONCE):
                made = np.zeros(some.num_rows, fields_of(rows, key))
                made["hash"] = _words(hasher.hashes(encoded))
                if key:
                    keyed = encoding.encode([some.column(name) for name in key], some.num_rows)
                    made["key"] = _words(keys.hashes(keyed))[:, 0]
                if rows.source is not None:
                    made["source"] = own.read(at, at + some.num_rows)["source"]
                at += some.num_rows
                yield made.tobytes()

    return RowsFile(spool(records()), replace(rows, key=key))


def _words(hashes: bytes) -> Any:
    return np.frombuffer(hashes, "<u8").reshape(-1, 4)


def _by_source(
    first: RowsFile, second: RowsFile, before: Rows, after: Rows, found: Changes
) -> tuple[tuple[str, int, int, int], ...]:
    counts: dict[str, list[int]] = {}

    def count(records: RowsFile, rows: Rows, numbers: Any, at: int) -> None:
        if rows.source is None or not len(numbers):
            return
        codes, many = np.unique(picked(records, numbers)["source"], return_counts=True)
        for code, number in zip(codes.tolist(), many.tolist(), strict=True):
            if code >= len(rows.sources):
                raise Malformed(f"a row has the source {code} of {len(rows.sources)}", "make the manifest again")
            counts.setdefault(rows.sources[code][0], [0, 0, 0])[at] += number

    count(second, after, found.new, 0)
    count(second, after, found.changed[:, 1], 1)
    count(first, before, found.removed, 2)
    return tuple(
        (name, new, changed, removed)
        for name, (new, changed, removed) in sorted(counts.items(), key=lambda item: (-sum(item[1]), item[0]))
    )


def _files(before: Manifest, after: Manifest) -> FileChanges:
    was, now = {f.path: f.sha256 for f in before.files}, {f.path: f.sha256 for f in after.files}
    return FileChanges(
        tuple(path for path in now if path not in was),
        tuple(path for path in was if path not in now),
        tuple(path for path in was if path in now and was[path] != now[path]),
    )


def _columns(before: Rows | None, after: Rows | None) -> ColumnChanges:
    was = {c.name: c for c in before.columns} if before else {}
    now = {c.name: c for c in after.columns} if after else {}
    return ColumnChanges(
        tuple(c for name, c in now.items() if name not in was),
        tuple(c for name, c in was.items() if name not in now),
        tuple((n, c.type, now[n].type) for n, c in was.items() if n in now and now[n].type != c.type),
    )
