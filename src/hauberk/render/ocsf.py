"""Events as lines of OCSF 1.5.0 (Open Cybersecurity Schema Framework), the first version that knows MITRE ATLAS.

A line is one JSON object in ASCII: whatever a name holds, it cannot begin another line or drive a terminal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hauberk.finding import Confidence, Severity
from hauberk.render.event import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.render.event import Event

VERSION: Final = "1.5.0"

_SEVERITIES: Final = {
    Severity.INFO: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_CONFIDENCES: Final = {str(Confidence.CERTAIN): (3, "High")}
_LIKELY: Final = (2, "Medium")


class _Class(NamedTuple):
    uid: int
    name: str
    category: str
    members: Callable[[Event], dict[str, Any]]


def line(event: Event, version: str) -> str:
    """Return an event as one line without its end; `version` is of Hauberk."""
    return json.dumps(document(event, version), ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def document(event: Event, version: str) -> dict[str, Any]:
    """Return an event as plain data."""
    kind = _CLASSES[event.kind]
    members = kind.members(event)
    severity, name = _SEVERITIES[event.severity]
    source = event.source
    return {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": kind.uid // 1000,
        "category_name": kind.category,
        "class_uid": kind.uid,
        "class_name": kind.name,
        "type_uid": kind.uid * 100 + members.get("activity_id", 1),
        "severity_id": severity,
        "severity": name,
        "time": source.time * 1000,
        "message": event.title,
        "metadata": {
            "version": VERSION,
            "product": {"name": "Hauberk", "vendor_name": "Hauberk", "version": version},
            "uid": event.uid,
            "correlation_uid": source.statement,
            "event_code": source.predicate,
            "log_name": source.log,
            "sequence": source.entry,
            "logged_time": source.time * 1000,
        },
        "unmapped": {"hauberk": _own(event)},
    } | members


def _own(event: Event) -> dict[str, Any]:
    source = event.source
    return {
        "kind": str(event.kind),
        "verified": event.kind is not Kind.UNVERIFIED,
        "entry": source.entry,
        "statement": source.statement,
        "predicate": source.predicate,
        "signers": list(source.signers),
        "label": event.label,
        "digest": event.digest,
        "facts": dict(event.facts),
    }


def _info(event: Event) -> dict[str, Any]:
    info: dict[str, Any] = {
        "uid": event.uid,
        "title": event.title,
        "created_time": event.source.time * 1000,
        "types": [str(event.kind)],
    }
    if event.saw:
        info["desc"] = event.saw
    if event.rule:
        info["analytic"] = {"name": event.rule, "uid": event.rule, "type_id": 1, "type": "Rule"}
    if event.techniques:
        info["attacks"] = [_attack(technique) for technique in event.techniques]
    return info


def _attack(technique: str) -> dict[str, Any]:
    """Return a technique of ATLAS; a sub-technique, as AML.T0011.000, names the one above it as well."""
    whole = ".".join(technique.split(".")[:2])
    above = {"technique": {"uid": whole}}
    return above if whole == technique else above | {"sub_technique": {"uid": technique}}


def _resources(event: Event) -> list[dict[str, Any]]:
    return [{"name": event.label, "uid": event.digest, "type": event.label.partition("/")[0]}]


def _compliance(event: Event) -> dict[str, Any]:
    status = (1, "Pass") if event.good else (3, "Fail")
    compliance = {
        "control": event.facts["control"],
        "standards": [event.facts["policy"]],
        "status_id": status[0],
        "status": status[1],
    }
    return {"finding_info": _info(event), "compliance": compliance, "resources": _resources(event)}


def _detection(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {
        "finding_info": _info(event),
        "resources": _resources(event),
        "status_id": 1,
        "status": "New",
    }
    if event.confidence:
        number, name = _CONFIDENCES.get(event.confidence, _LIKELY)
        found |= {"confidence_id": number, "confidence": name}
    if event.remedy:
        found["remediation"] = {"desc": event.remedy}
    return found


def _entity(event: Event) -> dict[str, Any]:
    """Return a change of what is allowed, or of who says so."""
    number, name = _ACTIVITIES[event.kind]
    kind = event.facts.get("entity", event.label.partition("/")[0])
    return {
        "activity_id": number,
        "activity_name": name,
        "entity": {
            "name": event.label,
            "uid": event.facts.get("uid", event.digest),
            "type_id": 99,
            "type": kind,
        },
        "actor": {"user": {"name": ", ".join(event.source.signers)}, "app_name": "hauberk"},
        "comment": event.saw or event.title,
        "status_id": 1,
        "status": "Success",
    }


def _lifecycle(event: Event) -> dict[str, Any]:
    activity = (3, "Start") if event.good else (4, "Stop")
    app = {"name": event.label, "uid": event.digest}
    return {"activity_id": activity[0], "activity_name": activity[1], "app": app, "status_id": 1, "status": "Success"}


_ACTIVITIES: Final = {
    Kind.REVOCATION: (9, "Disable"),
    Kind.EXCEPTION: (99, "Except"),
    Kind.GRANDFATHERING: (99, "Grandfather"),
    Kind.BREAK_GLASS: (99, "Break glass"),
    Kind.RISK_DECISION: (99, "Decide a risk"),
    Kind.PROMOTION: (3, "Update"),
    Kind.AUTHORITY: (3, "Update"),
}
_FINDINGS: Final = "Findings"
_ENTITY: Final = _Class(3004, "Entity Management", "Identity & Access Management", _entity)
_CLASSES: Final[dict[Kind, _Class]] = {
    Kind.VERDICT: _Class(2003, "Compliance Finding", _FINDINGS, _compliance),
    Kind.REFUSAL: _Class(2004, "Detection Finding", _FINDINGS, _detection),
    Kind.FINDING: _Class(2004, "Detection Finding", _FINDINGS, _detection),
    # What does not hold is told as a finding about the ledger, and has no member that could be read as a decision.
    Kind.UNVERIFIED: _Class(2004, "Detection Finding", _FINDINGS, _detection),
    Kind.DEPLOYMENT: _Class(6002, "Application Lifecycle", "Application Activity", _lifecycle),
} | dict.fromkeys(_ACTIVITIES, _ENTITY)
