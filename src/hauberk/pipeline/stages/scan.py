"""The stage `scan`: looks into the model without running it, records what it saw, and ends the run on anything bad."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hauberk.callables.versions import tables
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused, Unavailable
from hauberk.evidence.predicates import MODEL_SCAN, counts
from hauberk.finding import Outcome
from hauberk.pipeline.bodies import core, definition, is_of
from hauberk.pipeline.workplace import How, Result
from hauberk.render.report_json import finding_json, location_json
from hauberk.render.words import counted, storable
from hauberk.statement import Named
from hauberk.verbs.scan import scan
from hauberk.verbs.tool import own_interpreter

if TYPE_CHECKING:
    from hauberk.finding import Finding, Location, Report, Scan, Unchecked
    from hauberk.pipeline.project import Project
    from hauberk.pipeline.workplace import Workplace
    from hauberk.statement import Statement, Verified

NAME = "scan"


def go(place: Workplace) -> Result:
    """Scan the model, unless this release has; either way the run ends where the outcome says so.

    Raises:
        Refused: the outcome is at or over `fail_on`.
        Unavailable: something could not be looked at.
    """
    project = place.project
    model = Named(project.label, (digest_path(project.at(project.file.model.path)),))
    stage = definition(NAME, scan=asdict(project.file.scan), interpreter=own_interpreter())
    how, found = How.UNCHANGED, _standing(place, model, stage)
    if found is None:
        how = How.RAN
        place.book.record("scanner", MODEL_SCAN, model, _body(place, model, stage))
        found = _standing(place, model, stage)
    assert found is not None
    return Result(how, _pass(project, found.statement))


def _standing(place: Workplace, model: Named, stage: dict[str, Any]) -> Verified | None:
    found = place.book.about(model, MODEL_SCAN)
    return next((verified for verified in reversed(found) if is_of(verified, stage, ours=True)), None)


def _body(place: Workplace, model: Named, stage: dict[str, Any]) -> dict[str, Any]:
    path = str(place.project.at(place.project.file.model.path))
    seen = scan(path)
    subject = seen.subjects[0]
    if subject.digest != model.digests[0]:
        raise Unavailable("the model changed while it was scanned", "let its writer finish, then run again")
    checked = core(
        MODEL_SCAN,
        stage,
        now=place.book.clock(),
        result=_result(seen),
        findings=[_finding(found, path) for report in seen.reports for found in report.findings],
        unchecked=[_unchecked(found, path) for report in seen.reports for found in report.unchecked],
    )
    used = [{"source": one.source, "release": one.release, "digest": str(one.digest)} for one in tables()]
    return checked | {"files": [_file(report, path) for report in seen.reports], "tables": used}


def _file(report: Report, folder: str) -> dict[str, Any]:
    assert report.digest is not None  # the scan above hashes all bytes
    return {
        "path": _inside(report.path, folder),
        "sha256": report.digest.hex,
        "format": report.format,
        "coverage": report.coverage.value,
    }


def _result(seen: Scan) -> str:
    if seen.outcome is not Outcome.CLEAN:
        return "fail"
    return "pass" if seen.complete else "incomplete"


def _pass(project: Project, statement: Statement) -> str:
    """Return in words what a scan statement says, or raise where the run ends."""
    seen, files = counts(statement), len(statement.predicate["files"])
    outcome = Outcome.CLEAN
    if seen["critical"] or seen["high"]:
        outcome = Outcome.MALICIOUS
    elif seen["medium"]:
        outcome = Outcome.SUSPICIOUS
    said = f"{outcome.value}, {counted(files, 'file')}"
    again = f"see `hauberk scan {project.file.model.path}`"
    if outcome in project.file.scan.fails:
        findings = sum(number for name, number in seen.items() if name != "unchecked")
        raise Refused(f"the model is {outcome.value}: {counted(findings, 'finding')}; the scan is recorded", again)
    if seen["unchecked"]:
        number = counted(seen["unchecked"], "thing")
        raise Unavailable(f"the scan is incomplete: {number} could not be looked at; the scan is recorded", again)
    return said


def _finding(found: Finding, folder: str) -> dict[str, Any]:
    related = [_location(place, folder) for place in found.related]
    return finding_json(found) | {"location": _location(found.location, folder), "related": related}


def _unchecked(found: Unchecked, folder: str) -> dict[str, Any]:
    return {"code": found.code.value, "detail": storable(found.detail), "location": _location(found.location, folder)}


def _location(location: Location, folder: str) -> dict[str, Any]:
    path = location.path
    return location_json(location) | ({} if path is None else {"path": _inside(path, folder)})


def _inside(path: str, folder: str) -> str:
    """Return a path relative to the model, as the statement's reader knows it."""
    return storable(os.path.relpath(path, folder).replace(os.sep, "/"))
