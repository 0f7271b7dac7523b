"""SARIF 2.1.0: the same results, in the places where other tools look for them."""

import json
from dataclasses import replace

import pytest

from hauberk.digest import sha256
from hauberk.finding import Finding, Location, Report, Scan, Severity
from hauberk.render.sarif import log, render
from render import scans


def run_of(scan):
    return log(scan, rules=scans.RULES, version="9.9.9")["runs"][0]


def one(finding, path="a.pkl"):
    return run_of(Scan((), (Report(path, sha256(b""), "pickle", findings=(finding,)),)))["results"][0]


@pytest.mark.parametrize("name", scans.ALL)
def test_the_log_is_the_golden_one(name, golden):
    golden(f"{name}.sarif", render(scans.ALL[name], rules=scans.RULES, version="9.9.9") + "\n")


def test_it_says_what_it_is():
    whole = json.loads(render(scans.MIXED, rules=scans.RULES, version="9.9.9"))
    assert whole["version"] == "2.1.0"
    assert whole["$schema"].endswith("sarif-schema-2.1.0.json")
    assert whole["runs"][0]["tool"]["driver"]["version"] == "9.9.9"


def test_every_finding_is_a_result_and_every_unchecked_a_notification():
    run = run_of(scans.MIXED)
    assert [result["ruleId"] for result in run["results"]] == [
        "pickle-shell",
        "pickle-stranger",
        "pickle-stranger",
        "document-tag",
    ]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["descriptor"]["id"] for note in notes] == ["malformed", "format-not-read"]


@pytest.mark.parametrize(("scan", "successful"), [(scans.CLEAN, True), (scans.MIXED, False), (scans.UNREAD, False)])
def test_a_run_that_left_something_unchecked_did_not_succeed(scan, successful):
    assert run_of(scan)["invocations"][0]["executionSuccessful"] is successful


def test_a_rule_carries_its_title_remedy_references_and_level():
    rule = run_of(scans.CLEAN)["tool"]["driver"]["rules"][0]
    assert rule == {
        "id": "pickle-shell",
        "shortDescription": {"text": scans.RULES[0].title},
        "help": {"text": scans.RULES[0].remedy},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "CWE-502"], "security-severity": "9.5"},
    }


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "note"),
        (Severity.INFO, "note"),
    ],
)
def test_severities_are_levels(severity, level):
    assert one(Finding("pickle-shell", severity, Location(), "x"))["level"] == level


def test_a_rule_index_points_at_the_rule_and_is_left_out_for_a_stranger():
    assert one(scans.STRANGER)["ruleIndex"] == 1
    assert "ruleIndex" not in one(scans.SCHEDULE)


def test_an_offset_in_the_file_is_a_region_and_one_in_a_member_is_not():
    file, member = one(scans.SHELL)["locations"][0], one(scans.STRANGER)["locations"][0]
    assert file["physicalLocation"]["region"] == {"byteOffset": 41}
    assert "region" not in member["physicalLocation"]
    assert member["logicalLocations"] == [
        {"fullyQualifiedName": "archive/data.pkl", "kind": "member", "properties": {"offset": 3}}
    ]


def test_a_related_place_is_a_related_location():
    assert one(scans.STRANGER)["relatedLocations"][0]["logicalLocations"][0]["properties"] == {"offset": 1}


def test_each_file_is_an_artifact_with_its_hash():
    artifact = run_of(scans.CLEAN)["artifacts"][0]
    assert (artifact["location"], artifact["hashes"]) == ({"uri": "notes.txt"}, {"sha-256": sha256(b"hello\n").hex})


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("model/a b.pkl", "model/a%20b.pkl"),
        ("/abs/é", "file:///abs/%C3%A9"),
        ("javascript:x", "javascript%3Ax"),
        ("\udcff", "%FF"),
        ("a?b#c%41", "a%3Fb%23c%2541"),
        ("hf://org/name@abc/a b.pkl", "hf://org/name%40abc/a%20b.pkl"),
        ("javascript://x", "javascript%3A//x"),
    ],
)
def test_a_path_is_a_uri_that_means_that_path_only(path, uri):
    assert one(scans.SHELL, path)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def fingerprints(*findings, path="a.pkl"):
    results = run_of(Scan((), (Report(path, sha256(b""), "pickle", findings=findings),)))["results"]
    return [result["partialFingerprints"]["hauberkFinding/v2"] for result in results]


def test_a_fingerprint_stays_when_bytes_before_the_finding_move():
    moved = Finding("pickle-shell", Severity.CRITICAL, Location(offset=99), "calls os.system('id')")
    assert fingerprints(scans.SHELL) == fingerprints(moved)


def test_equal_facts_in_one_file_have_different_fingerprints():
    first, second = fingerprints(scans.SHELL, scans.SHELL)
    assert first != second


def test_a_fingerprint_stays_when_the_file_is_moved_or_renamed():
    assert fingerprints(scans.SHELL) == fingerprints(scans.SHELL, path="elsewhere/b.pkl")


def test_another_rule_fact_or_member_has_another_fingerprint():
    others = [
        replace(scans.SHELL, rule="other"),
        replace(scans.SHELL, saw="calls os.system('ls')"),
        replace(scans.SHELL, location=Location(member="inner.pkl", offset=41)),
        replace(scans.SHELL, location=Location(pointer="/a", offset=41)),
    ]
    assert len({fingerprints(one)[0] for one in (scans.SHELL, *others)}) == 5


def test_code_scanning_knows_a_finding_by_the_same_mark():
    marks = one(scans.SHELL)["partialFingerprints"]
    assert marks["primaryLocationLineHash"] == marks["hauberkFinding/v2"]


def test_where_one_finding_is_accepted_every_result_says_whether_it_is_suppressed():
    why = "accepted by ada until 2027-01-31: ours, and read"
    assert [result["suppressions"] for result in run_of(scans.ACCEPTED)["results"]] == [
        [{"kind": "external", "status": "accepted", "justification": why}],
        [],
    ]
    assert not any("suppressions" in result for result in run_of(scans.MIXED)["results"])
