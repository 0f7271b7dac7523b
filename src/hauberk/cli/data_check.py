"""`hauberk data check`: does a data set hold what was agreed?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver
from hauberk.cli.progress import progress
from hauberk.edge import clock
from hauberk.edge.extras import require_extra
from hauberk.edge.sources import check_output, require_apart
from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.finding import Finding, Unchecked
    from hauberk.verbs.data_check import Checked

EXITS = {"pass": Exit.CLEAN, "fail": Exit.FOUND, "incomplete": Exit.UNCHECKED}
_TEXT = re.compile(rb"[^\n]+: [0-9,]+ rows?, (sha256|dirHash):[0-9a-f]{64}\n  ")  # how an answer in words begins
MARKS = {"pass": "✓", "fail": "✗", "incomplete": "?"}
REFERENCE = "another data set that is compared with: MANIFEST, MANIFEST=PATH or NAME=PATH; may be given several times"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("data", nargs="+", help="the data set: files, directories of them, or addresses")
    parser.add_argument("--checks", required=True, metavar="FILE", help="what must hold: checks.yaml")
    parser.add_argument("--reference", action="append", default=[], metavar="SET", help=REFERENCE)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="FILE", help="where to write the answer (default: standard output)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Check, and say what was found; 1 for a finding, else 3 for anything unchecked."""
    require_extra("data", "numpy", "pyarrow")
    from hauberk.verbs.data_check import check_data, other_of, read_checks  # noqa: PLC0415 - an extra
    from hauberk.verbs.data_manifest import local  # noqa: PLC0415

    here = tuple(map(str, local(options.data)))
    if options.output is not None:
        check_output(options.output, recognise=_is_answer, inputs=(*here, options.checks))
        require_apart(options.output, here)
    checks, _ = read_checks(options.checks)
    others = tuple(map(other_of, options.reference))
    with progress(f"checking {', '.join(options.data)}"):
        found = check_data(checks, tuple(options.data), others, now=clock.now())
    heading = f"{checks.name}: {', '.join(options.data)}"
    text = json.dumps(as_json(found), indent=2) if options.format == "json" else "\n".join(as_text(found, heading))
    deliver(text, options.output, recognise=_is_answer, inputs=(*here, options.checks))
    return EXITS[found.result]


def as_json(found: Checked) -> dict[str, Any]:
    """Return the whole answer as plain data; rows are numbered from 0 in the order of the files."""
    return {
        "schema": "urn:hauberk:data-report:v1",
        "digest": str(found.digest),
        "rows": found.rows,
        "outcome": found.result,
        "checks": [{"check": one.check, "rule": one.rule, "result": one.result} for one in found.answers],
        "findings": [_finding(one) for one in found.findings],
        "unchecked": [_unchecked(one) for one in found.unchecked],
        "references": [{"name": name, "digest": str(digest)} for name, digest in found.others],
    }


def as_text(found: Checked, heading: str) -> Iterator[str]:
    """Yield the lines that a person reads."""
    yield visible(f"{heading}: {counted(found.rows, 'row')}, {found.digest}")
    saw: dict[str | None, list[str]] = {}
    for finding in found.findings:
        where = f"{finding.location.path}: " if finding.location.path else ""
        saw.setdefault(finding.location.pointer, []).append(f"{where}{finding.saw}")
    for unchecked in found.unchecked:
        saw.setdefault(unchecked.location.pointer, []).append(unchecked.detail)
    for answer in found.answers:
        yield visible(f"  {MARKS[answer.result]} {answer.check:<22} {answer.rule}")
        for line in saw.get(answer.check, ()):
            yield visible(f"      {line}")
    for unchecked in found.unchecked:
        if unchecked.location.path:
            yield visible(f"  ? {unchecked.location.path}: {unchecked.detail}")
    if found.answers or found.unchecked:  # there are none of ours where only suites were asked
        yield f"  {found.result}: {counted(len(found.findings), 'finding')}, {len(found.unchecked)} unchecked"


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": str(one.severity),
        "check": one.location.pointer,
        "path": one.location.path,
        "saw": one.saw,
    }


def _unchecked(one: Unchecked) -> dict[str, Any]:
    return {"code": str(one.code), "check": one.location.pointer, "path": one.location.path, "detail": one.detail}


def _is_answer(data: bytes) -> bool:
    return data.startswith(b'{\n  "schema": "urn:hauberk:data-report:v1"') or _TEXT.match(data) is not None
