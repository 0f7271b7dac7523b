"""`hauberk data diff`: what changed between two data sets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver
from hauberk.cli.progress import progress
from hauberk.edge.extras import require_extra
from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from hauberk.verbs.data_diff import Difference

_SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("older", help="the manifest of the data set as it was")
    parser.add_argument("newer", help="the manifest of the data set as it is")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="FILE", help="where to write the answer (default: standard output)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Compare, and say what changed; 1 where anything did."""
    require_extra("data", "numpy", "pyarrow")
    from hauberk.verbs.data_diff import diff_manifests  # noqa: PLC0415 - an extra

    with progress(f"comparing {options.older} and {options.newer}"):
        found = diff_manifests(options.older, options.newer)
    text = json.dumps(as_json(found), indent=2) if options.format == "json" else "\n".join(as_text(found))
    deliver(text, options.output, recognise=_is_answer, inputs=(options.older, options.newer))
    return Exit.CLEAN if found.none else Exit.FOUND


def as_json(found: Difference) -> dict[str, Any]:
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
    }


def as_text(found: Difference) -> Iterator[str]:
    """Yield the lines that a person reads."""
    yield f"{visible(found.older.name)} -> {visible(found.newer.name)}"
    if found.none:
        yield "  the same rows, in the same order, under the same columns"
    yield from _named("files", found.files.added, found.files.removed, found.files.changed, "with other bytes")
    yield from _columns(found)
    if found.rows is None:
        if found.older.rows is not None and found.newer.rows is not None:
            yield "  rows     not compared: their hashes are of other columns"
        return
    new, changed, removed = (len(part) for part in (found.rows.new, found.rows.changed, found.rows.removed))
    yield f"  rows     {new:,} new, {changed:,} changed, {removed:,} removed"
    if found.rows.none and not found.none:
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
        yield f"  column   {visible(column.name)} ({column.type}) is new"
    for column in found.columns.removed:
        yield f"  column   {visible(column.name)} ({column.type}) is gone"
    for name, was, now in found.columns.retyped:
        yield f"  column   {visible(name)} was {was}, is {now}"
    older, newer = found.older.rows, found.newer.rows
    if found.columns.none and older is not None and newer is not None and older.columns != newer.columns:
        yield "  columns  stand in another order"


def _is_answer(data: bytes) -> bool:
    return data.startswith(b'{\n  "schema": "urn:hauberk:data-diff:v1"') or b" -> " in data.split(b"\n", 1)[0]
