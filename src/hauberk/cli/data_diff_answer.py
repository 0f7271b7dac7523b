"""The answer of `hauberk data diff`: as plain data, and as the lines that a person reads."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.dataset.diff import Changes
    from hauberk.dataset.profile import Profile
    from hauberk.dataset.shift import Shift
    from hauberk.verbs.data_diff import Difference
    from hauberk.verbs.data_diff_read import Compared
    from hauberk.verbs.data_distributions import Distributions

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SHOWN = 20


def as_json(found: Difference, seen: Compared | None = None) -> dict[str, Any]:
    """Return the whole answer as plain data; rows are numbered from 0 in the order of their manifest."""
    rows = found.rows
    return {
        "schema": "urn:hauberk:data-diff:v1",
        "older": {"name": found.older.name, "digest": str(found.older.digest)},
        "newer": {"name": found.newer.name, "digest": str(found.newer.digest)},
        "same": found.none,
        "files": {
            "added": list(found.files.added),
            "removed": list(found.files.removed),
            "changed": list(found.files.changed),
        },
        "columns": {
            "added": [{"name": c.name, "type": c.type} for c in found.columns.added],
            "removed": [{"name": c.name, "type": c.type} for c in found.columns.removed],
            "retyped": [{"name": n, "was": was, "is": now} for n, was, now in found.columns.retyped],
        },
        "rows": None
        if rows is None
        else {
            "new": rows.new.tolist(),
            "changed": [{"was": was, "is": now} for was, now in rows.changed.tolist()],
            "removed": rows.removed.tolist(),
        },
        "sources": [{"name": n, "new": new, "changed": c, "removed": r} for n, new, c, r in found.by_source],
        "comparedBy": list(found.common) or None,
        "distributions": None if seen is None or seen.distributions is None else _distributions(seen.distributions),
        "unread": [] if seen is None else list(seen.unread),
        "written": None if seen is None else seen.written,
    }


def _distributions(found: Distributions) -> dict[str, Any]:
    return {
        "sampled": {"older": found.older_rows, "newer": found.newer_rows},
        "columns": [_shift(shift) for shift in found.columns],
        "sources": [asdict(source) for source in found.sources],
        "notCompared": [{"what": what, "why": why} for what, why in found.left_out],
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "name": shift.older.name,
        "type": shift.older.type,
        "compared": shift.compared,
        "distance": shift.distance,
        "yardstick": shift.yardstick,
        "stabilityIndex": shift.index,
        "older": _profile(shift.older),
        "newer": _profile(shift.newer),
        "quantiles": [
            {"at": at, "older": was, "newer": now} for at, (was, now) in zip(QUANTILES, shift.quantiles, strict=False)
        ],
        "bars": [asdict(bar) for bar in shift.bars],
    }


def _profile(profile: Profile) -> dict[str, Any]:
    kept = ("rows", "nulls", "infinite", "least", "most", "mean", "distinct")
    return {name: getattr(profile, name) for name in kept}


def as_text(found: Difference, seen: Compared | None = None) -> Iterator[str]:
    """Yield the lines that a person reads."""
    yield f"{visible(found.older.name)} -> {visible(found.newer.name)}"
    if found.none:
        yield "  the same rows, in the same order, under the same columns"
    yield from _named("files", found.files.added, found.files.removed, found.files.changed, "with other bytes")
    yield from _columns(found)
    if found.rows is None:
        if found.older.rows is not None and found.newer.rows is not None:
            read = seen is not None and not seen.unread
            why = "no column is in both with one type" if read else "their hashes are of other columns"
            yield f"  rows     not compared: {why}" + ("" if read else "; --distributions reads the data for it")
    else:
        yield from _rows(found, found.rows)
    if seen is not None:
        yield from _seen(seen)


def _rows(found: Difference, rows: Changes) -> Iterator[str]:
    new, changed, removed = (len(part) for part in (rows.new, rows.changed, rows.removed))
    yield f"  rows     {new:,} new, {changed:,} changed, {removed:,} removed"
    if found.common:
        yield f"           compared by what both have: {', '.join(map(visible, found.common[:_SHOWN]))}"
    if found.repartitioned:
        yield "           in other partitions: who reads column=value from a folder's name reads other rows"
    elif rows.none and not found.none:
        yield "           the same rows in another order"
    if found.older.rows is not None and not found.older.rows.key and new and removed:
        yield "           without --key a row that changed is one removed and one new"
    for name, new, changed, removed in found.by_source[:_SHOWN]:
        yield f"    {visible(name) or '(no source)'}: {new:,} new, {changed:,} changed, {removed:,} removed"
    if len(found.by_source) > _SHOWN:
        yield f"    and {counted(len(found.by_source) - _SHOWN, 'more source')}; --format json has all"


def _named(what: str, added: Sequence[str], removed: Sequence[str], changed: Sequence[str], how: str) -> Iterator[str]:
    for mark, names in ((" more", added), (" gone", removed), (f" {how}", changed)):
        if names:
            rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            yield f"  {what:<8} {len(names)}{mark}: {', '.join(map(visible, names[:_SHOWN]))}{rest}"


def _columns(found: Difference) -> Iterator[str]:
    for column in found.columns.added:
        yield f"  column   {visible(column.name)} ({visible(column.type)}) is new"
    for column in found.columns.removed:
        yield f"  column   {visible(column.name)} ({visible(column.type)}) is gone"
    for name, was, now in found.columns.retyped:
        yield f"  column   {visible(name)} was {visible(was)}, is {visible(now)}"
    older, newer = found.older.rows, found.newer.rows
    if found.columns.none and older is not None and newer is not None and older.columns != newer.columns:
        yield "  columns  stand in another order"


def _seen(seen: Compared) -> Iterator[str]:
    for why in seen.unread:
        yield f"  unread   {visible(why)}"
    if seen.written is not None:
        yield "  written  " + ", ".join(f"{count:,} {mark}" for mark, count in seen.written.items())
    if seen.distributions is None:
        return
    found = seen.distributions
    yield f"  sampled  {found.older_rows:,} and {found.newer_rows:,} rows; distance (what chance makes of the older)"
    over = [shift for shift in found.columns if shift.excess]
    for shift in over[:_SHOWN]:
        yield f"    {visible(shift.older.name)}: {shift.distance:.4f} ({shift.yardstick:.4f}), by {shift.compared}"
    yield f"    {len(over)} of {counted(len(found.columns), 'column')} changed by more than chance makes"
    for source in found.sources[:_SHOWN]:
        if source.column is not None and (source.distance or 0.0) > (source.yardstick or 0.0):
            near = "unknown" if source.yardstick is None else f"{source.yardstick:.4f}"
            yield f"    source {visible(source.name)}: {visible(source.column)} most, {source.distance:.4f} ({near})"
    for what, why in found.left_out[:_SHOWN]:
        yield f"    {visible(what)}: {visible(why)}"
