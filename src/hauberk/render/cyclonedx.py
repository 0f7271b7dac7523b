"""A scan as a CycloneDX 1.6 bill of materials, for inventories of what a system is made of.

What was named is a component of the type `machine-learning-model`, each file of a directory a component of the type
`file` inside of it, with its hash; what CycloneDX has no word for are properties named `hauberk:`. Each finding is a
vulnerability that affects its file. Whether all of a component was looked at is its composition: `complete` or
`incomplete`.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from hauberk.render.words import REASONS, place, storable
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hauberk.digest import Digest
    from hauberk.finding import Finding, Report, Scan, Scanned, TableUsed, Unchecked
    from hauberk.rule import Rule

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_CWE = re.compile(r"CWE-([0-9]+)", re.ASCII)


def render(scan: Scan, *, rules: Iterable[Rule], version: str) -> str:
    """Return the document, indented, in ASCII only.

    Args:
        scan: what was seen.
        rules: give titles, remedies and weaknesses.
        version: of Hauberk.
    """
    return json.dumps(document(scan, rules=rules, version=version), indent=2, allow_nan=False)


def document(scan: Scan, *, rules: Iterable[Rule], version: str) -> dict[str, Any]:
    """Return the document as plain data. Its serial number follows from its content, so equal scans have equal ones."""
    known = {rule.id: rule for rule in rules}
    reports = [(f"file-{number}", report) for number, report in enumerate(scan.reports)]
    unread = [(f"unread-{number}", seen) for number, seen in enumerate(scan.unread)]
    files = [*(_file(ref, report) for ref, report in reports), *(_unread(ref, seen) for ref, seen in unread)]
    body = {
        "components": _within_subjects(scan.subjects, files),
        "compositions": _compositions(reports, unread),
        "vulnerabilities": [
            entry for ref, report in reports for entry in _vulnerabilities(ref, report.findings, known)
        ],
    }
    tools = [{"type": "application", "name": "hauberk", "version": version}, *map(_table, scan.tables)]
    return {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": {"components": tools}},
        "serialNumber": _serial([tools, body]),
        **body,
    }


def _table(used: TableUsed) -> dict[str, Any]:
    """Return a table that was believed beside our own, as a part of the tool."""
    return {"type": "data", "name": f"callables/{used.source}", "version": used.release, **_hashes(used.digest)}


def _within_subjects(subjects: tuple[Scanned, ...], files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a component for each thing that was named: a file as it is, a directory with its files inside."""
    left = {file["bom-ref"]: file for file in files}
    named: dict[str, list[str]] = {}
    for file in reversed(files):
        named.setdefault(file["name"], []).append(file["bom-ref"])
    components = []
    for number, subject in enumerate(subjects):
        path = storable(subject.path)
        if alone := named.get(path):
            components.append(left.pop(alone.pop()) | {"type": "machine-learning-model"})
            continue
        inside = [ref for ref, file in left.items() if file["name"].startswith(f"{path.rstrip('/')}/")]
        facts = _properties({"path": path, "digest": _told(subject.digest), "basis": subject.basis.value})
        model = {"bom-ref": f"subject-{number}", "type": "machine-learning-model", "name": path, "properties": facts}
        components.append(model | {"components": [left.pop(ref) for ref in inside]})
    return [*components, *left.values()]


def _file(ref: str, report: Report) -> dict[str, Any]:
    facts = {
        "path": report.path,
        "digest": _told(report.digest),
        "basis": report.basis.value,
        "format": report.format,
        "coverage": report.coverage.value,
        "outcome": report.outcome.value,
        "complete": str(report.complete).lower(),
        "size": str(report.size),
        **({"pinned": report.reading.pinned, "bytes-read": str(report.reading.bytes)} if report.reading else {}),
    }
    properties = [*_properties(facts), *(_unchecked(unchecked) for unchecked in report.unchecked)]
    component = {"bom-ref": ref, "type": "file", "name": storable(report.path)}
    return component | _hashes(report.digest) | {"properties": properties}


def _unread(ref: str, unread: Unchecked) -> dict[str, Any]:
    path = storable(unread.location.path or "")
    facts = _properties({"path": path, "basis": Basis.COMPUTED.value, "complete": "false"})
    return {"bom-ref": ref, "type": "file", "name": path, "properties": [*facts, _unchecked(unread)]}


def _told(digest: Digest | None) -> str:
    return "" if digest is None else str(digest)


def _hashes(digest: Digest | None) -> dict[str, Any]:
    if digest is None or digest.algorithm != "sha256":
        return {}
    return {"hashes": [{"alg": "SHA-256", "content": digest.hex}]}


def _properties(facts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": f"hauberk:{name}", "value": storable(value)} for name, value in facts.items() if value]


def _unchecked(unchecked: Unchecked) -> dict[str, str]:
    where = place(unchecked.location)
    what = f"{unchecked.code.value}: {REASONS[unchecked.code]}: {unchecked.detail}"
    return {"name": "hauberk:unchecked", "value": storable(f"{what} ({where})" if where else what)}


def _compositions(reports: list[tuple[str, Report]], unread: list[tuple[str, Unchecked]]) -> list[dict[str, Any]]:
    complete = [ref for ref, report in reports if report.complete]
    incomplete = [*(ref for ref, report in reports if not report.complete), *(ref for ref, _ in unread)]
    groups = (("complete", complete), ("incomplete", incomplete))
    return [{"aggregate": aggregate, "assemblies": refs} for aggregate, refs in groups if refs]


def _vulnerabilities(ref: str, findings: tuple[Finding, ...], rules: Mapping[str, Rule]) -> Iterator[dict[str, Any]]:
    for number, finding in enumerate(findings):
        rule = rules.get(finding.rule)
        where = _properties({"location": place(finding.location), "confidence": finding.confidence.value})
        accepted = finding.accepted
        yield {
            "bom-ref": f"{ref}-finding-{number}",
            "id": finding.rule,
            "source": {"name": "hauberk"},
            "ratings": [{"source": {"name": "hauberk"}, "severity": finding.severity.value, "method": "other"}],
            **({"cwes": _weaknesses(rule), "description": rule.title, "recommendation": rule.remedy} if rule else {}),
            "detail": storable(finding.saw),
            **({"analysis": {"response": ["will_not_fix"], "detail": str(accepted)}} if accepted else {}),
            "affects": [{"ref": ref}],
            "properties": where,
        }


def _weaknesses(rule: Rule) -> list[int]:
    found = (_CWE.fullmatch(reference) for reference in rule.references)
    return sorted({int(match[1]) for match in found if match})


def _serial(content: Any) -> str:
    """Return a UUID of version 8 (RFC 9562 5.8), made of a hash of the content."""
    digits = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"
