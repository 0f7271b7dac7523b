"""Check a feature view: training rows, offline table and online store against each other, at one time."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.checks.features.document import View
from hauberk.checks.features.facts import AgeFacts, JoinFacts, KeyFacts, SkewFacts, WriterFacts
from hauberk.checks.features.registry import RULES
from hauberk.dataset.as_of import as_of, newest
from hauberk.digest import Digest, sha256
from hauberk.edge.online import read_online, writers_of
from hauberk.edge.sources import open_file, printable, read_file
from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Malformed
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml
from hauberk.rule import apply
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.checks.features.document import Feature
    from hauberk.edge.files import StrPath
    from hauberk.finding import Finding

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class CheckedView:
    """What was seen of a feature view.

    Attributes:
        digest: of its definition, canonical: the same however the file is laid out.
        tables: each file that was read, with its digest and how many rows it has.
        online: entities in the online store; None: the view names none.
    """

    view: View
    digest: Digest
    tables: tuple[tuple[str, Digest, int], ...]
    online: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Columns of a table: entities as text, times as nanoseconds, and each feature."""

    who: Any
    when: Any
    features: dict[str, Any]

    def __len__(self) -> int:
        return len(self.when)


def read_view(path: StrPath) -> View:
    """Return a feature view; raise `Misconfigured` where it is none."""
    what = printable(path)
    return decode(read_yaml(read_file(path, limit=LARGEST_BYTES), what=what), View, what=what)


def check_view(path: StrPath, *, now: int) -> CheckedView:
    """Check the view in a file.

    Args:
        path: the view; what it names is relative to its folder.
        now: seconds since 1970, for the age of values.

    Raises:
        Misconfigured: it is no view.
        Malformed: a table has not the columns that the view says, or no times, or an entity is online twice.
        Unavailable, Exceeded: something cannot be read, or is too large.
    """
    view, folder = read_view(path), Path(os.fspath(path)).parent
    digest = sha256(jcs.encode(asdict(view)))
    offline, seen = _table(folder / view.offline, view, view.time)
    tables, facts, count = [(view.offline, seen, len(offline))], list[Any](), None
    if view.training is not None:
        training, seen = _table(folder / view.training.path, view, view.training.time)
        tables.append((view.training.path, seen, len(training)))
        facts += _joined(view, offline, training)
    if view.online is not None:
        place = folder / view.online.removeprefix("sqlite:")
        online = _online(place, view)
        count = len(online)
        facts += [*_skew(view, offline, online), *_age(view, online, now)]
        facts += [WriterFacts(where, others) for where, others in writers_of(place, view.writers)]
    findings = [found for fact in facts for found in apply(RULES, fact)]
    return CheckedView(view, digest, tuple(tables), count, tuple(findings))


def _table(path: Path, view: View, time: str) -> tuple[_Rows, Digest]:
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
    return _Rows(_entities(whole.column(view.entity), name), _times(whole.column(time), name), features), found


def _entities(column: Any, name: str) -> Any:
    try:
        texts = column.cast(pa.string())
    except pa.ArrowException:
        raise Malformed(f"{name}: the entities are no texts or numbers", "name another column") from None
    if texts.null_count:
        raise Malformed(f"{name}: {texts.null_count} rows are about nobody", "remove rows without an entity")
    return texts


def _times(column: Any, name: str) -> Any:
    """Return times as whole nanoseconds since 1970; numbers are seconds, texts ISO 8601; one without a zone is UTC."""
    try:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = _parsed(column)
        if pa.types.is_integer(column.type):
            times = pc.multiply_checked(column.cast(pa.int64()), _NS)
        elif pa.types.is_floating(column.type):
            times = pc.multiply(column, float(_NS)).cast(pa.int64(), safe=False)
        else:
            times = column.cast(pa.timestamp("ns", column.type.tz)).cast(pa.int64())
    except (pa.ArrowException, AttributeError):
        raise Malformed(f"{name}: its times cannot be read", "write timestamps, seconds, or ISO 8601") from None
    if times.null_count:
        raise Malformed(f"{name}: {times.null_count} rows have no time", "remove rows without a time")
    return times.to_numpy()


def _parsed(texts: Any) -> Any:
    """Return times of ISO 8601 texts, all without a zone or all with one."""
    try:
        return texts.cast(pa.timestamp("ns"))
    except pa.ArrowException:
        return texts.cast(pa.timestamp("ns", "UTC"))


def _codes(*columns: Any) -> list[Any]:
    """Return entities of several tables as whole numbers, the same for the same text."""
    whole = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    codes = whole.combine_chunks().dictionary_encode()
    numbers = codes.indices.to_numpy().astype("i8") if len(whole) else np.empty(0, "i8")
    return np.split(numbers, np.cumsum([len(column) for column in columns])[:-1])


def _joined(view: View, offline: _Rows, training: _Rows) -> Iterator[JoinFacts]:
    who, asked = _codes(offline.who, training.who)
    held, following = as_of(who, offline.when, asked, training.when)
    for feature in view.features:
        told = training.features[feature.name]
        right = _same(told, _picked(offline.features[feature.name], held), feature)
        early = _same(told, _picked(offline.features[feature.name], following), feature) & (following >= 0) & ~right
        wrong = np.flatnonzero(~right)
        first = int(wrong[0]) if len(wrong) else 0
        yield JoinFacts(feature.name, len(training), len(wrong), int(early.sum()), first)


def _skew(view: View, offline: _Rows, online: _Rows) -> Iterator[SkewFacts | KeyFacts]:
    who, there = _codes(offline.who, online.who)
    if len(np.unique(there)) != len(there):
        raise Malformed("an entity is online twice", "make the entity the table's primary key")
    last = newest(who, offline.when)
    both, ours, theirs = np.intersect1d(who[last], there, assume_unique=True, return_indices=True)
    yield KeyFacts(len(last), len(last) - len(both), len(there) - len(both), view.max_skew)
    for feature in view.features:
        newest_values = _picked(offline.features[feature.name], last[ours])
        same = _same(_picked(online.features[feature.name], theirs), newest_values, feature)
        yield SkewFacts(feature.name, len(both), int((~same).sum()), view.max_skew)


def _age(view: View, online: _Rows, now: int) -> Iterator[AgeFacts]:
    if view.max_age_hours is None or not len(online):
        return
    hours = (now * _NS - online.when) / (3600 * _NS)
    old, future = int((hours > view.max_age_hours).sum()), int((hours < 0).sum())
    yield AgeFacts(len(online), old, future, float(hours.max()), view.max_age_hours)


def _online(place: Path, view: View) -> _Rows:
    columns = [view.entity, view.time, *(feature.name for feature in view.features)]
    found = read_online(place, view.name, columns)
    name = printable(place)
    try:
        arrays = {column: pa.chunked_array([pa.array(values)]) for column, values in found.items()}
    except pa.ArrowException:
        raise Malformed(f"{name}: a column has values of several types", "write one type") from None
    if not found[view.entity]:
        arrays = {column: pa.chunked_array([pa.array([], pa.string())]) for column in columns}
    features = {feature.name: arrays[feature.name] for feature in view.features}
    return _Rows(_entities(arrays[view.entity], name), _times(arrays[view.time], name), features)


def _picked(column: Any, rows: Any) -> Any:
    """Return values by their rows; of the row -1, null."""
    return column.take(pa.array(rows, pa.int64(), mask=rows < 0))


def _same(one: Any, other: Any, feature: Feature) -> Any:
    """Return which values are the same: numbers within the tolerance, others as text; null and NaN are the same.

    A text beside a number, as in CSV, is read as one. Whole numbers without a tolerance are compared in full.
    """
    kinds = [column.type for column in (one, other)]
    if not any(map(_is_number, kinds)) or (all(map(pa.types.is_integer, kinds)) and not feature.tolerance):
        return _same_texts(one, other, feature.name)
    try:
        numbers = [column.cast(pa.float64()).to_numpy(zero_copy_only=False) for column in (one, other)]
    except pa.ArrowException:
        return _same_texts(one, other, feature.name)
    first, second = numbers
    none = np.isnan(first) & np.isnan(second)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        near = np.abs(first - second) <= feature.tolerance
    return none | near | (first == second)


def _is_number(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _same_texts(one: Any, other: Any, name: str) -> Any:
    try:
        texts: Sequence[Any] = [column.cast(pa.string()) for column in (one, other)]
    except pa.ArrowException:
        raise Malformed(f"the feature {name} is nested, or is no number or text", "leave it out of the view") from None
    alike = pc.fill_null(pc.equal(*texts), fill_value=False)
    none = pc.and_(texts[0].is_null(), texts[1].is_null())
    return pc.or_(alike, none).to_numpy(zero_copy_only=False)
