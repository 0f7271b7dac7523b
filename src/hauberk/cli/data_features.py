"""`hauberk data features`: did training see what serving sees, and nothing from the future?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver
from hauberk.cli.progress import progress
from hauberk.edge import clock
from hauberk.edge.extras import require_extra
from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.verbs.data_features import CheckedView


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("view", help="the feature view, a YAML file")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="FILE", help="where to write the answer (default: standard output)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Check, and say what was found; 1 where anything was."""
    require_extra("data", "numpy", "pyarrow")
    from hauberk.verbs.data_features import check_view  # noqa: PLC0415 - an extra

    with progress(f"checking {options.view}"):
        found = check_view(options.view, now=clock.now())
    text = json.dumps(as_json(found), indent=2) if options.format == "json" else "\n".join(as_text(found))
    deliver(text, options.output, recognise=_is_answer, inputs=(options.view,))
    return Exit.FOUND if found.findings else Exit.CLEAN


def as_json(found: CheckedView) -> dict[str, Any]:
    """Return the whole answer as plain data."""
    return {
        "schema": "urn:hauberk:feature-report:v1",
        "view": found.view.name,
        "digest": str(found.digest),
        "tables": [{"path": path, "digest": str(digest), "rows": rows} for path, digest, rows in found.tables],
        "online": found.online,
        "findings": [
            {"rule": one.rule, "severity": str(one.severity), "where": one.location.pointer, "saw": one.saw}
            for one in found.findings
        ],
    }


def as_text(found: CheckedView) -> Iterator[str]:
    """Yield the lines that a person reads."""
    view = found.view
    yield f"feature view {visible(view.name)}, {found.digest}"
    for path, digest, rows in found.tables:
        yield f"  {visible(path)}: {counted(rows, 'row')}, {digest}"
    online = "no online store" if found.online is None else f"{found.online:,} entities online"
    training = "" if view.training is not None else ", no training rows"
    yield f"  {counted(len(view.features), 'feature')}, {online}{training}"
    for one in found.findings:
        yield visible(f"  {one.severity}: {one.rule}: {one.saw}")
    yield f"  {counted(len(found.findings), 'finding')}"


def _is_answer(data: bytes) -> bool:
    return data.startswith((b'{\n  "schema": "urn:hauberk:feature-report:v1"', b"feature view "))
