"""What changed in the distribution of each column, from the data of both sides, read once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hauberk.dataset.profile import Profiled
from hauberk.dataset.shift import Shift, shift_of
from hauberk.verbs.data_profiled import profilers, sampled_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.dataset.diff import Records
    from hauberk.dataset.rows import Column
    from hauberk.verbs.data_side import Side

_SOURCES = 20
LEAST_OF_SOURCE = 100  # rows of a source in each sample; with fewer it is not compared


@dataclass(frozen=True, slots=True)
class SourceShift:
    """A source's share of all rows on either side, and the column that changed most among its rows (None: none)."""

    name: str
    older: float
    newer: float
    column: str | None = None
    distance: float | None = None
    yardstick: float | None = None


@dataclass(frozen=True, slots=True)
class Distributions:
    """What was measured.

    Attributes:
        older_rows, newer_rows: how many rows the samples have.
        columns: those that changed most first.
        sources: those with the most rows, in the order of how much they changed.
        left_out: what was not compared, and why.
    """

    older_rows: int
    newer_rows: int
    columns: tuple[Shift, ...]
    sources: tuple[SourceShift, ...]
    left_out: tuple[tuple[str, str], ...]


def distributions(
    older: tuple[Side, Records],
    newer: tuple[Side, Records],
    common: Sequence[Column],
    read: Callable[[Sequence[Column]], tuple[Profiled, Profiled]] | None = None,
) -> Distributions:
    """Read both sides, and compare the columns that they have in common; errors as of `Side.pieces`.

    Args:
        older: a side, and its hashes.
        newer: the other.
        common: the columns.
        read: reads both in the place of this process, and finds the same.
    """
    keys = {name for side, _ in (older, newer) for name in (side.manifest.rows.key if side.manifest.rows else ())}
    common = [column for column in common if column.name not in keys]
    was, now = (_profiled(*older, common), _profiled(*newer, common)) if read is None else read(common)
    shifts = [shift_of(one, other) for one, other in zip(was.columns, now.columns, strict=True)]
    shifts.sort(key=lambda shift: (-shift.excess, -(shift.distance or 0.0)))
    sizes = [len(side.columns[0].numbers) if side.columns else 0 for side in (was, now)]
    sources, few = _by_source(older[0], newer[0], was, now)
    left_out = [(shift.older.name, _why(shift)) for shift in shifts if _why(shift)]
    few += [(name, "a key, whose values are others in new rows") for name in sorted(keys)]
    return Distributions(sizes[0], sizes[1], tuple(shifts), sources, (*left_out, *few))


def _why(shift: Shift) -> str:
    if shift.distance is None:
        return "one of the sets has no rows"
    kind = shift.older.type.partition("<")[0]
    if shift.compared == "nulls" and kind != "null":
        return f"{kind}: only how many rows have none was compared"
    if shift.compared == "lengths":
        return f"{kind}: only lengths were compared" + (", since few values recur" if kind == "string" else "")
    return "" if shift.yardstick is not None else "too few rows to say what chance makes of them"


def _profiled(side: Side, records: Records, common: Sequence[Column]) -> Profiled:
    """Read the data of a side once."""
    makers = profilers(side, records, common, side.pieces())
    return Profiled(tuple(maker.profile() for maker in makers), sampled_sources(records)[0])


def _by_source(
    older: Side, newer: Side, was: Profiled, now: Profiled
) -> tuple[tuple[SourceShift, ...], list[tuple[str, str]]]:
    before, after = older.manifest.rows, newer.manifest.rows
    if before is None or after is None or was.sources is None or now.sources is None:
        return (), []
    old, new = dict(before.sources), dict(after.sources)
    names = sorted(old | new, key=lambda name: (-(old.get(name, 0) + new.get(name, 0)), name))
    found, few = [], []
    for name in names[:_SOURCES]:
        shares = old.get(name, 0) / max(1, before.count), new.get(name, 0) / max(1, after.count)
        rows = _of_source(was.sources, before.sources, name), _of_source(now.sources, after.sources, name)
        if min(int(rows[0].sum()), int(rows[1].sum())) < LEAST_OF_SOURCE:
            few.append((f"source {name}", f"fewer than {LEAST_OF_SOURCE} of its rows are in one of the samples"))
            found.append(SourceShift(name, *shares))
            continue
        shifts = [shift_of(one, other, rows=rows) for one, other in zip(was.columns, now.columns, strict=True)]
        most = max(shifts, key=lambda shift: (shift.excess, shift.distance or 0.0), default=None)
        far = (most.older.name, most.distance, most.yardstick) if most is not None else ()
        found.append(SourceShift(name, *shares, *far))
    if len(names) > _SOURCES:
        few.append((f"{len(names) - _SOURCES} sources", "only those with the most rows were compared"))
    return tuple(sorted(found, key=lambda one: -max(0.0, (one.distance or 0.0) - (one.yardstick or 0.0)))), few


def _of_source(codes: Any, sources: Sequence[tuple[str, int]], name: str) -> Any:
    numbers = [number for number, source in enumerate(sources) if source[0] == name]
    return codes == numbers[0] if numbers else np.zeros(len(codes), bool)
