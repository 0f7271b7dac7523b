"""What a SOC reads is what the published schemas allow: OCSF 1.5.0, and the protocol buffers of OpenTelemetry."""

import copy

import pytest
from google.protobuf import json_format
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData

from exported import everything
from hauberk.render import ocsf, otel
from hauberk.render.event import Kind
from render import official

TOLD = everything().told()
FOUND = next(event for event in TOLD if event.kind is Kind.FINDING)
NAMES = [f"{event.kind}-{event.source.entry}.{event.part}" for event in TOLD]


@pytest.fixture(scope="module")
def schemas():
    published = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=ocsf.VERSION))
    return lambda uid: Draft202012Validator(published.get_class_schema(published.lookup_class_name_from_uid(uid)))


@pytest.mark.parametrize("event", TOLD, ids=NAMES)
def test_an_event_is_valid_ocsf(schemas, event):
    document = ocsf.document(event, "1.0")
    assert official.refusals(schemas(document["class_uid"]), document) == []


@pytest.mark.parametrize("event", TOLD, ids=NAMES)
def test_an_event_is_a_log_record_of_opentelemetry(event):
    read = json_format.Parse(otel.line(event, "1.0"), LogsData())
    (record,) = read.resource_logs[0].scope_logs[0].log_records
    assert record.time_unix_nano == event.source.time * 10**9
    assert record.event_name == f"hauberk.{event.kind}"
    assert record.body.string_value == event.title


@pytest.mark.parametrize("missing", ["finding_info", "metadata", "time", "severity_id", "type_uid"])
def test_the_schema_of_ocsf_refuses_an_event_without_what_is_required(schemas, missing):
    document = copy.deepcopy(ocsf.document(FOUND, "1.0"))
    del document[missing]
    assert official.refusals(schemas(document["class_uid"]), document)


def test_the_schema_of_ocsf_refuses_what_it_does_not_know(schemas):
    document = ocsf.document(FOUND, "1.0") | {"rule": "x"}
    assert official.refusals(schemas(document["class_uid"]), document)


def test_the_reader_of_opentelemetry_refuses_what_it_does_not_know():
    with pytest.raises(json_format.ParseError):
        json_format.Parse(otel.line(TOLD[0], "1.0").replace('"eventName"', '"event"'), LogsData())
