"""Write out the rows that are new, changed or gone, with what they were, into one table."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hauberk.edge.table_file import TableFile
from hauberk.formats.table.encoding import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.dataset.diff import Changes
    from hauberk.dataset.rows import Column
    from hauberk.verbs.data_side import Piece, Side

_ADDED = {"change": pa.string(), "row": pa.int64(), "file": pa.string(), "source": pa.string()}


def write_rows(rows: Changes, newer: Side, older: Side | None, target: str) -> dict[str, int]:
    """Write rows to `target`, and return how many of each kind there are.

    Columns are added before those of the data: `change` (`new`, `changed`, `removed`, `was`: what a changed row was),
    `row` (its number in its manifest), `file`, and `source` where there is one; each with underscores before its name
    where the data has such a column. A column that only the older set has, or that has another type there, comes last.

    Args:
        rows: what changed.
        newer: the data of the rows that are new or changed.
        older: that of those that are gone or were changed; None: these are left out.
        target: ends in `.parquet` or `.csv`.

    Raises:
        Misconfigured, Malformed, NotVerified, Unavailable: as `TableFile` and `Side.pieces`.
    """
    marked = [(newer, _marked(rows.new, "new", rows.changed[:, 1], "changed"))]
    if older is not None:
        marked.append((older, _marked(rows.removed, "removed", rows.changed[:, 0], "was")))
    streams = [(side, *marks, *_begun(side)) for side, marks in marked]
    places = _places(newer, older)
    schema = _schema(places, [types for *_, types, _ in streams], named=any(_source(side) for side, _ in marked))
    counts = dict.fromkeys(("new", "changed", "removed", "was"), 0)
    with TableFile(target, schema) as table:
        for at, (side, numbers, marks, _, pieces) in enumerate(streams):
            for piece in pieces:
                first, last = np.searchsorted(numbers, (piece.first, piece.first + piece.batch.num_rows))
                if first < last:
                    some = _Picked(piece, numbers[first:last], marks[first:last])
                    table.write(some.columns(schema, [place[at] for place in places], _source(side)))
                    for mark in counts:
                        counts[mark] += int((some.marks == mark).sum())
        table.keep()
    return counts


def _marked(one: Any, mark: str, other: Any, other_mark: str) -> tuple[Any, Any]:
    """Return numbers of rows in their order, and the mark of each."""
    numbers = np.concatenate([one, other]).astype("i8")
    marks = np.array([mark] * len(one) + [other_mark] * len(other), object)
    order = np.argsort(numbers, kind="stable")
    return numbers[order], marks[order]


def _begun(side: Side) -> tuple[dict[str, Any], Iterator[Piece]]:
    """Return the types of a side's columns, from its first batch, and all of its batches."""
    pieces = side.pieces()
    first = next(pieces, None)
    if first is None:
        return {}, iter(())
    return {field.name: _wide(field.type) for field in first.batch.schema}, chain([first], pieces)


def _wide(kind: Any) -> Any:
    """Return the type that holds what files of one set store in several."""
    kind = plain(pa.array([], kind)).type
    if pa.types.is_integer(kind):
        return kind if kind == pa.uint64() else pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_large_string(kind):
        return pa.string()
    return kind


def _source(side: Side) -> str | None:
    return None if side.manifest.rows is None else side.manifest.rows.source


def _places(newer: Side, older: Side | None) -> list[tuple[str | None, str | None, str]]:
    """Return for each column of the output its name in the newer data, in the older data, and in the output."""
    now = _columns(newer)
    was = {column.name: column for column in (_columns(older) if older else ())}
    found: list[tuple[str | None, str | None, str]] = [
        (column.name, column.name if was.get(column.name) == column else None, column.name) for column in now
    ]
    taken = {name for *_, name in found}
    for name, column in was.items():
        if column not in now:
            shown = name if name not in taken else f"{name} (was {column.type})"
            while shown in taken:
                shown = f"_{shown}"
            taken.add(shown)
            found.append((None, name, shown))
    return found


def _columns(side: Side) -> tuple[Column, ...]:
    return () if side.manifest.rows is None else side.manifest.rows.columns


def _schema(places: list[tuple[str | None, str | None, str]], types: list[dict[str, Any]], *, named: bool) -> Any:
    taken = {name for *_, name in places}
    fields = []
    for name, kind in _ADDED.items():
        if name == "source" and not named:
            continue
        shown = name
        while shown in taken:
            shown = f"_{shown}"
        fields.append(pa.field(shown, kind))
    for now, was, shown in places:
        known = [side[name] for side, name in zip(types, (now, was), strict=False) if name is not None and name in side]
        fields.append(pa.field(shown, known[0] if known else pa.string()))
    return pa.schema(fields, metadata={"hauberk": "urn:hauberk:data-rows:v1"})


class _Picked:
    """Those rows of a batch that are written."""

    def __init__(self, piece: Piece, numbers: Any, marks: Any) -> None:
        self._piece, self._numbers, self.marks = piece, numbers, marks
        self._batch = piece.batch.take(pa.array(numbers - piece.first))

    def columns(self, schema: Any, names: list[str | None], source: str | None) -> list[Any]:
        """Return the columns of the output; `names` are those of the data's columns, None where it has none."""
        rows = len(self._numbers)
        added = [pa.array(self.marks, pa.string()), pa.array(self._numbers), pa.repeat(self._piece.file, rows)]
        if len(schema) - len(names) == len(_ADDED):
            column = plain(self._batch.column(source)) if source else pa.nulls(rows)
            added.append(column)
        return added + [
            pa.nulls(rows, schema.field(len(added) + at).type) if name is None else plain(self._batch.column(name))
            for at, name in enumerate(names)
        ]
