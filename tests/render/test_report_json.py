"""The JSON report is a promise: golden files pin it, and its schema says what it may hold."""

import json
from importlib import resources

import jsonschema
import pytest

from hauberk.finding import UncheckedCode
from hauberk.render.report_json import document, render
from hauberk.render.words import REASONS
from render import scans

SCHEMA = json.loads(resources.files("hauberk.render").joinpath("report.schema.json").read_text())
VALID = jsonschema.Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("name", scans.ALL)
def test_the_document_is_the_golden_one(name, golden):
    golden(f"{name}.json", render(scans.ALL[name], version="9.9.9") + "\n")


@pytest.mark.parametrize("name", scans.ALL)
def test_the_document_fits_its_schema(name):
    VALID.validate(json.loads(render(scans.ALL[name], version="9.9.9")))


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_code_of_unchecked_has_a_reason_and_a_place_in_the_schema():
    codes = {code.value for code in UncheckedCode}
    assert codes == set(SCHEMA["$defs"]["unchecked"]["properties"]["code"]["enum"]) == {code.value for code in REASONS}


def test_a_name_that_was_not_read_has_a_result_without_digest_that_is_not_complete():
    last = document(scans.UNREAD, version="9.9.9")["results"][-1]
    assert (last["path"], last["digest"], last["complete"]) == ("model/pipe", None, False)


def test_clean_counts_only_what_is_complete_too():
    summary = document(scans.MIXED, version="9.9.9")["summary"]
    assert {key: summary[key] for key in ("files", "clean", "suspicious", "malicious", "incomplete")} == {
        "files": 4,
        "clean": 1,
        "suspicious": 1,
        "malicious": 1,
        "incomplete": 2,
    }


@pytest.mark.parametrize("name", scans.ALL)
def test_nothing_in_the_document_drives_a_terminal(name):
    text = render(scans.ALL[name], version="9.9.9")
    assert {char for char in text if not " " <= char <= "~"} <= {"\n"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda result: result.pop("complete"), "'complete' is a required property"),
        (lambda result: result.update(outcome="fine"), "'fine' is not one of"),
        (lambda result: result.update(digest=None), "was expected"),
        (lambda result: result.update(extra=1), "Additional properties"),
    ],
    ids=["a field left out", "an unknown outcome", "complete without digest", "a field too many"],
)
def test_the_schema_refuses_a_result_that_says_less_or_more(change, said):
    changed = document(scans.CLEAN, version="9.9.9")
    change(changed["results"][0])
    with pytest.raises(jsonschema.ValidationError, match=said):
        VALID.validate(changed)
