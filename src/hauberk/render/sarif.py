"""A scan as SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format), for tools that show findings beside code.

The same results as in JSON: each finding is a `result`, each thing that could not be looked at a notification of the
tool's run, which then did not succeed (3.20.14, 3.20.21). Every file is an `artifact` with its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from hauberk.finding import Severity
from hauberk.render.words import REASONS, storable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.finding import Finding, Location, Reading, Report, Scan, Unchecked
    from hauberk.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# Severity -> SARIF level (3.27.10), and the number by which viewers sort security findings.
_LEVELS = {
    Severity.CRITICAL: ("error", "9.5"),
    Severity.HIGH: ("error", "8.0"),
    Severity.MEDIUM: ("warning", "5.5"),
    Severity.LOW: ("note", "3.0"),
    Severity.INFO: ("note", "1.0"),
}
_SCHEMES = frozenset({"https", "http", "hf", "s3", "oci"})  # of addresses that are scanned; no viewer runs one
# RFC 3986 2.3 unreserved characters, and the slash between segments.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def render(scan: Scan, *, rules: Iterable[Rule], version: str) -> str:
    """Return the SARIF log, indented, in ASCII only.

    Args:
        scan: what was seen.
        rules: all rules that were asked, whether they found something or not.
        version: of Hauberk.
    """
    return json.dumps(log(scan, rules=tuple(rules), version=version), indent=2, allow_nan=False)


def log(scan: Scan, *, rules: tuple[Rule, ...], version: str) -> dict[str, Any]:
    """Return the SARIF log as plain data."""
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    pairs = [
        (finding, result)
        for index, report in enumerate(scan.reports)
        for finding, result in zip(report.findings, _results(report, index=index, numbers=numbers), strict=True)
    ]
    if any(finding.accepted for finding, _ in pairs):  # then every result says whether it is suppressed (3.27.23)
        results = [result | {"suppressions": _suppressions(finding)} for finding, result in pairs]
    else:
        results = [result for _, result in pairs]
    driver = {"name": "hauberk", "version": version, "rules": [_rule(rule) for rule in rules]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver, **_extensions(scan)},
                "invocations": [_invocation(scan)],
                "artifacts": [_artifact(report) for report in scan.reports],
                "results": results,
            }
        ],
    }


def _extensions(scan: Scan) -> dict[str, Any]:
    """Return the tables that were believed beside our own, as what extends the driver (3.18.3)."""
    used = [
        {"name": f"callables/{one.source}", "version": one.release, "properties": {"digest": str(one.digest)}}
        for one in scan.tables
    ]
    return {"extensions": used} if used else {}


def _rule(rule: Rule) -> dict[str, Any]:
    level, number = _LEVELS[rule.severity]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": list(dict.fromkeys(("security", *rule.references))), "security-severity": number},
    }


def _invocation(scan: Scan) -> dict[str, Any]:
    notes = [_notification(unchecked, report) for report in scan.reports for unchecked in report.unchecked]
    return {
        "executionSuccessful": scan.complete,
        "toolExecutionNotifications": [*notes, *(_notification(unread, None) for unread in scan.unread)],
    }


def _notification(unchecked: Unchecked, report: Report | None) -> dict[str, Any]:
    path = unchecked.location.path or "" if report is None else report.path
    return {
        "descriptor": {"id": unchecked.code.value},
        "level": "error",
        "message": {"text": storable(f"unchecked: {REASONS[unchecked.code]}: {unchecked.detail}")},
        "locations": [_location(unchecked.location, {"uri": _uri(path)})],
    }


def _artifact(report: Report) -> dict[str, Any]:
    digest = report.digest
    return {
        "location": {"uri": _uri(report.path)},
        "length": report.size,
        "hashes": {"sha-256": digest.hex} if digest is not None and digest.algorithm == "sha256" else {},
        "properties": {
            "digest": None if digest is None else str(digest),
            "format": report.format,
            "coverage": report.coverage.value,
            "outcome": report.outcome.value,
            "complete": report.complete,
            "basis": report.basis.value,
            **_read(report.reading),
        },
    }


def _read(reading: Reading | None) -> dict[str, Any]:
    """Return how much was read of a file that lies elsewhere; JSON has the ranges that were not."""
    return {} if reading is None else {"pinned": storable(reading.pinned), "bytesRead": reading.bytes}


def _results(report: Report, *, index: int, numbers: dict[str, int]) -> Iterable[dict[str, Any]]:
    artifact = {"uri": _uri(report.path), "index": index}
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in report.findings:
        # Stable when the file is moved or bytes before the fact are; equal facts are told apart by their order.
        fact = (finding.rule, finding.location.member or "", finding.location.pointer or "", finding.saw)
        seen[fact] += 1
        mark = _fingerprint(*fact)
        yield {
            "ruleId": finding.rule,
            **({"ruleIndex": numbers[finding.rule]} if finding.rule in numbers else {}),
            "level": _LEVELS[finding.severity][0],
            "message": {"text": storable(finding.saw)},
            "locations": [_location(finding.location, artifact)],
            **_related(finding, artifact),
            # The second is the only name by which GitHub's code scanning knows one, in its form `hash:count`.
            "partialFingerprints": {
                "hauberkFinding/v2": f"{mark}:{seen[fact]}",
                "primaryLocationLineHash": f"{mark}:{seen[fact]}",
            },
            "properties": {"severity": finding.severity.value, "confidence": finding.confidence.value},
        }


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    """Return how a finding that a baseline accepts is suppressed: outside of the code (3.35)."""
    if finding.accepted is None:
        return []
    return [{"kind": "external", "status": "accepted", "justification": storable(str(finding.accepted))}]


def _related(finding: Finding, artifact: dict[str, Any]) -> dict[str, Any]:
    places = dict.fromkeys(finding.related)  # the items are unique (3.27.22)
    return {"relatedLocations": [_location(place, artifact) for place in places]} if places else {}


def _location(location: Location, artifact: dict[str, Any]) -> dict[str, Any]:
    region: dict[str, Any] = {}
    # An offset counts in the file itself, or in an archive's member: only the first is a region of the artifact.
    if location.offset is not None and location.member is None:
        region["byteOffset"] = location.offset
    if location.line is not None:
        region["startLine"] = location.line
    physical: dict[str, Any] = {"artifactLocation": artifact, **({"region": region} if region else {})}
    inside = [part for part in (location.member, location.pointer) if part is not None]
    if not inside:
        return {"physicalLocation": physical}
    name = storable(" ".join(inside))
    offset = {"properties": {"offset": location.offset}} if location.offset is not None else {}
    return {
        "physicalLocation": physical,
        "logicalLocations": [
            {"fullyQualifiedName": name, "kind": "member" if location.member else "element", **offset}
        ],
    }


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _uri(path: str) -> str:
    """Return a path as a URI reference: an absolute path as a `file` URI (RFC 8089), an address with its scheme."""
    scheme, apart, rest = path.partition("://")
    if apart and scheme in _SCHEMES:
        return f"{scheme}://{_uri(rest).removeprefix('file://')}"
    raw = path.encode("utf-8", "surrogateescape")
    quoted = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)
    return f"file://{quoted}" if path.startswith("/") else quoted
