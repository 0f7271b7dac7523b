"""A scan as one JSON document, `urn:hauberk:report:v1`; its schema is `report.schema.json` beside this file.

A name that could not be read has its place among `results`, with no digest and `complete` false: who reads nothing but
`results` misses nothing. In the summary `clean` counts what is clean and complete; `incomplete` counts every file with
something unchecked, whatever was found in the rest of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.finding import Outcome, Report, Scan, Unchecked
from hauberk.render.words import REASONS, storable
from hauberk.view import Basis

if TYPE_CHECKING:
    from hauberk.finding import Acceptance, Finding, Location, Reading, Scanned

SCHEMA = "urn:hauberk:report:v1"


def render(scan: Scan, *, version: str) -> str:
    """Return the document, indented, in ASCII only, so that nothing in it drives a terminal.

    Args:
        scan: what was seen.
        version: of Hauberk.
    """
    return json.dumps(document(scan, version=version), indent=2, allow_nan=False)


def document(scan: Scan, *, version: str) -> dict[str, Any]:
    """Return the document as plain data, its fields in the order in which they are printed."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "hauberk", "version": version, **_tables(scan)},
        "subjects": [_subject(subject) for subject in scan.subjects],
        "results": [*(_result(report) for report in scan.reports), *(_unread(unread) for unread in scan.unread)],
        "summary": _summary(scan),
    }


def _tables(scan: Scan) -> dict[str, Any]:
    """Return what was believed beside our own tables, where anything was."""
    used = [{"source": one.source, "release": one.release, "digest": str(one.digest)} for one in scan.tables]
    return {"tables": used} if used else {}


def _subject(subject: Scanned) -> dict[str, Any]:
    return {
        "path": storable(subject.path),
        "digest": None if subject.digest is None else str(subject.digest),
        "basis": subject.basis.value,
    }


def _result(report: Report) -> dict[str, Any]:
    return {
        "path": storable(report.path),
        "digest": None if report.digest is None else str(report.digest),
        "basis": report.basis.value,
        "format": report.format,
        "coverage": report.coverage.value,
        "outcome": report.outcome.value,
        "complete": report.complete,
        "findings": [finding_json(finding) for finding in report.findings],
        "unchecked": [_unchecked(unchecked) for unchecked in report.unchecked],
        **({} if report.reading is None else {"read": _read(report.reading, report)}),
    }


def _read(reading: Reading, report: Report) -> dict[str, Any]:
    return {
        "pinned": storable(reading.pinned),
        "bytes": reading.bytes,
        "of": report.size,
        "unread": [{"offset": offset, "length": length} for offset, length in reading.unread],
        "unread_ranges": reading.spans,
        "unread_known": report.complete,
    }


def _unread(unread: Unchecked) -> dict[str, Any]:
    return {
        "path": storable(unread.location.path or ""),
        "digest": None,
        "basis": Basis.COMPUTED.value,
        "format": None,
        "coverage": None,
        "outcome": Outcome.CLEAN.value,
        "complete": False,
        "findings": [],
        "unchecked": [_unchecked(unread)],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "location": location_json(finding.location),
        "related": [location_json(related) for related in finding.related],
        "saw": storable(finding.saw),
        **({} if finding.accepted is None else {"accepted": _acceptance(finding.accepted)}),
    }


def _acceptance(accepted: Acceptance) -> dict[str, Any]:
    return {
        "owner": storable(accepted.owner),
        "reason": storable(accepted.reason),
        "until": accepted.until,
    }


def _unchecked(unchecked: Unchecked) -> dict[str, Any]:
    return {
        "location": location_json(unchecked.location),
        "code": unchecked.code.value,
        "reason": REASONS[unchecked.code],
        "detail": storable(unchecked.detail),
    }


def location_json(location: Location) -> dict[str, Any]:
    """Return a location as plain data."""
    return {
        "path": None if location.path is None else storable(location.path),
        "member": None if location.member is None else storable(location.member),
        "offset": location.offset,
        "line": location.line,
        "pointer": None if location.pointer is None else storable(location.pointer),
    }


def _summary(scan: Scan) -> dict[str, Any]:
    outcomes = [report.outcome for report in scan.reports]
    return {
        "files": len(scan.reports) + len(scan.unread),
        "bytes": sum(report.size for report in scan.reports),
        "clean": sum(report.outcome is Outcome.CLEAN and report.complete for report in scan.reports),
        "suspicious": outcomes.count(Outcome.SUSPICIOUS),
        "malicious": outcomes.count(Outcome.MALICIOUS),
        "incomplete": sum(not report.complete for report in scan.reports) + len(scan.unread),
        "seconds": round(scan.seconds, 3),
    }
