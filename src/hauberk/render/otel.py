"""Events as log records of OpenTelemetry: a line of OTLP/JSON each, as its file exporter writes them.

opentelemetry.io/docs/specs/otel/protocol/file-exporter and /docs/specs/otlp, JSON Protobuf Encoding: 64-bit integers
are text, enumerations are numbers. ASCII only, so that no name can begin another line or drive a terminal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hauberk.finding import Severity
from hauberk.render.event import Kind

if TYPE_CHECKING:
    from hauberk.render.event import Event

# opentelemetry.io/docs/specs/otel/logs/data-model, SeverityNumber.
_SEVERITIES: Final = {
    Severity.INFO: (9, "INFO"),
    Severity.LOW: (10, "INFO2"),
    Severity.MEDIUM: (13, "WARN"),
    Severity.HIGH: (17, "ERROR"),
    Severity.CRITICAL: (21, "FATAL"),
}
_NANOSECONDS: Final = 1_000_000_000
_QUESTIONS: Final = {Kind.VERDICT: "allowed", Kind.DEPLOYMENT: "started", Kind.RISK_DECISION: "borne"}


def line(event: Event, version: str) -> str:
    """Return an event as one line without its end; `version` is of Hauberk."""
    return json.dumps(document(event, version), ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def document(event: Event, version: str) -> dict[str, Any]:
    """Return an event as plain data: one record of one scope of one resource."""
    resource = {"attributes": [_text("service.name", "hauberk"), _text("service.version", version)]}
    scope = {"name": "hauberk.ledger", "version": version}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": [_record(event)]}]}]}


def _record(event: Event) -> dict[str, Any]:
    number, name = _SEVERITIES[event.severity]
    time = str(event.source.time * _NANOSECONDS)
    return {
        "timeUnixNano": time,
        "observedTimeUnixNano": time,
        "severityNumber": number,
        "severityText": name,
        "eventName": f"hauberk.{event.kind}",
        "body": {"stringValue": event.title},
        "attributes": _attributes(event),
    }


def _attributes(event: Event) -> list[dict[str, Any]]:
    source = event.source
    texts = {
        "hauberk.event": event.uid,
        "hauberk.log": source.log,
        "hauberk.statement": source.statement,
        "hauberk.predicate": source.predicate,
        "hauberk.subject": event.label,
        "hauberk.digest": event.digest,
        "hauberk.saw": event.saw,
        "hauberk.rule": event.rule,
        "hauberk.confidence": event.confidence,
        "hauberk.remedy": event.remedy,
    } | {f"hauberk.{event.kind}.{name}": text for name, text in sorted(event.facts.items())}
    made = [_text(name, text) for name, text in texts.items() if text]
    made.append({"key": "hauberk.entry", "value": {"intValue": str(source.entry)}})
    made.append({"key": "hauberk.verified", "value": {"boolValue": event.kind is not Kind.UNVERIFIED}})
    if event.good is not None:
        made.append({"key": f"hauberk.{event.kind}.{_QUESTIONS[event.kind]}", "value": {"boolValue": event.good}})
    made.append(_list("hauberk.signers", source.signers))
    if event.techniques:
        made.append(_list("mitre.atlas.techniques", event.techniques))
    return made


def _text(name: str, text: str) -> dict[str, Any]:
    return {"key": name, "value": {"stringValue": text}}


def _list(name: str, texts: tuple[str, ...]) -> dict[str, Any]:
    return {"key": name, "value": {"arrayValue": {"values": [{"stringValue": text} for text in texts]}}}
