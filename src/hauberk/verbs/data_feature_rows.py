"""Rows of a feature view, out of a table file or an online store: whom they are about, when, and each feature."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from hauberk.edge.sources import open_file, printable
from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Malformed

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.checks.features.document import View
    from hauberk.digest import Digest

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of a table: entities as text, times as nanoseconds, and each feature."""

    who: Any
    when: Any
    features: dict[str, Any]

    def __len__(self) -> int:
        return len(self.when)


def read_table(path: Path, view: View, time: str) -> tuple[Rows, Digest]:
    """Return the rows of a table file, whose times are in a column of that name, and the file's digest.

    Raises:
        Malformed: it holds no table, or not the columns that the view says.
        Unavailable: it cannot be read, or changes meanwhile.
    """
    name = printable(path)
    names = [view.entity, time, *(feature.name for feature in view.features)]
    with ExitStack() as stack:
        opened = stack.enter_context(open_file(path))
        kind = kind_of(opened, path.name)
        if kind not in KINDS:
            raise Malformed(f"{name} holds no table", "Parquet, Arrow, CSV and JSON lines are read")
        digest = stack.enter_context(hashed(opened))
        table = stack.enter_context(open_table(opened, kind, name))
        if missing := [column for column in names if column not in table.names]:
            raise Malformed(f"{name} has no column {missing[0]!r}", f"its columns are {', '.join(table.names):.300}")
        schema = pa.schema([(column, table.types[table.names.index(column)]) for column in names])
        whole = pa.Table.from_batches([batch.select(names) for batch in table.batches()], schema)
        found = digest()
        opened.check_unchanged()
    features = {feature.name: whole.column(feature.name) for feature in view.features}
    return Rows(entities_of(whole.column(view.entity), name), times_of(whole.column(time), name), features), found


def entities_of(column: Any, name: str) -> Any:
    """Return entities as texts; raise `Malformed` where they are none, or one is null."""
    try:
        texts = column.cast(pa.string())
    except pa.ArrowException:
        raise Malformed(f"{name}: the entities are no texts or numbers", "name another column") from None
    if texts.null_count:
        raise Malformed(f"{name}: {texts.null_count} rows are about nobody", "remove rows without an entity")
    return texts


def times_of(column: Any, name: str) -> Any:
    """Return times as whole nanoseconds since 1970; raise `Malformed` where they are none, or one is null."""
    try:
        times = nanoseconds_of(column)
    except pa.ArrowException:
        raise Malformed(f"{name}: its times cannot be read", "write timestamps, seconds, or ISO 8601") from None
    if times.null_count:
        raise Malformed(f"{name}: {times.null_count} rows have no time", "remove rows without a time")
    return times.to_numpy()


def nanoseconds_of(column: Any) -> Any:
    """Return times as whole nanoseconds since 1970; numbers are seconds, texts ISO 8601; one without a zone is UTC.

    Raises:
        pyarrow.ArrowException: they are none, or too far away.
    """
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = parsed_times(column)
    if pa.types.is_integer(column.type):
        return pc.multiply_checked(column.cast(pa.int64()), NANOSECONDS)
    if pa.types.is_floating(column.type):
        finite = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
        return pc.round(pc.multiply(finite.cast(pa.float64()), float(NANOSECONDS))).cast(pa.int64())
    return column.cast(pa.timestamp("ns", getattr(column.type, "tz", None))).cast(pa.int64())


def parsed_times(texts: Any) -> Any:
    """Return times of texts: all seconds, or all of ISO 8601, with a zone or without; errors as `nanoseconds_of`."""
    for kind in (pa.int64(), pa.float64(), pa.timestamp("ns")):
        try:
            return texts.cast(kind)
        except pa.ArrowException:
            continue
    return texts.cast(pa.timestamp("ns", "UTC"))
