"""`hauberk data features`: did training see what serving sees, and nothing from the future?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.cli.data_check import EXITS
from hauberk.cli.output import deliver, note, warn
from hauberk.cli.progress import progress
from hauberk.edge import clock
from hauberk.edge.extras import require_extra
from hauberk.errors import Misconfigured
from hauberk.pipeline.project import open_project
from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.statement import Named
    from hauberk.verbs.data_features import CheckedView

_SAID = {
    "pass": "approved and signed; `hauberk run` publishes it",
    "fail": "not approved: the failure is signed, and denies where a policy asks",
    "incomplete": "not approved: signed as incomplete",
}
_MARKS = {"pass": "✓", "fail": "✗", "incomplete": "?"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("view", help="the feature view, a YAML file")
    parser.add_argument("--owner", metavar="NAME", help="sign the answer into the project's ledger, for whom it is")
    parser.add_argument("--project", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="FILE", help="where to write the answer (default: standard output)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Check, sign where it is asked for, and say what was found; 1 for a finding, else 3 for anything unchecked."""
    require_extra("data", "numpy", "pyarrow")
    if options.project is not None and options.owner is None:
        raise Misconfigured("--project is where the answer is signed, and that needs --owner", 'as in --owner "Ada"')
    with progress(f"checking {options.view}"):
        found, subject = _checked(options)
    text = json.dumps(as_json(found, subject), indent=2) if options.format == "json" else "\n".join(as_text(found))
    deliver(text, options.output, recognise=_is_answer, inputs=(options.view,))
    if subject is not None:
        note(f"{_SAID[found.result]}, for {options.owner}: {subject.label} {subject.digests[0]}")
    return EXITS[found.result]


def _checked(options: argparse.Namespace) -> tuple[CheckedView, Named | None]:
    """Return what was found, and the subject of the statement if one was signed."""
    from hauberk.pipeline.feature_approval import approve_view  # noqa: PLC0415 - an extra
    from hauberk.verbs.data_features import check_view  # noqa: PLC0415

    if options.owner is None:
        return check_view(options.view, now=clock.now()), None
    subject, found = approve_view(open_project(options.project or "."), options.view, options.owner, warn=warn)
    return found, subject


def as_json(found: CheckedView, subject: Named | None = None) -> dict[str, Any]:
    """Return the whole answer as plain data, with the subject of its statement if it was signed."""
    return {
        "schema": "urn:hauberk:feature-report:v1",
        "view": found.view.name,
        "digest": str(found.digest),
        "subject": None if subject is None else {"name": subject.label, "digest": str(subject.digests[0])},
        "result": found.result,
        "sources": [
            {"part": one.part, "path": one.path, "digest": str(one.digest), "rows": one.rows} for one in found.sources
        ],
        "checks": [{"rule": rule, "result": result} for rule, result in found.answers],
        "findings": [
            {"rule": one.rule, "severity": str(one.severity), "where": one.location.pointer, "saw": one.saw}
            for one in found.findings
        ],
        "unchecked": [{"where": one.location.pointer, "detail": one.detail} for one in found.unchecked],
    }


def as_text(found: CheckedView) -> Iterator[str]:
    """Yield the lines that a person reads."""
    yield f"feature view {visible(found.view.name)}, {found.digest}"
    for one in found.sources:
        yield f"  {one.part}: {visible(one.path)}: {counted(one.rows, 'row')}, {one.digest}"
    for part in ("training", "online"):
        if found.source(part) is None:
            yield f"  {part}: none, and so not checked"
    for rule, result in found.answers:
        yield f"  {_MARKS[result]} {rule}"
        yield from (visible(f"      {one.severity}: {one.saw}") for one in found.findings if one.rule == rule)
    yield from (visible(f"  not checked: {one.detail}") for one in found.unchecked)
    unchecked = f", {len(found.unchecked)} unchecked" if found.unchecked else ""
    yield f"  {found.result}: {counted(len(found.findings), 'finding')}{unchecked}"


def _is_answer(data: bytes) -> bool:
    return data.startswith((b'{\n  "schema": "urn:hauberk:feature-report:v1"', b"feature view "))
