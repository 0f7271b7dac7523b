"""JUnit XML: the same results, as tests that passed, failed, broke or were skipped."""

from xml.etree import ElementTree as ET

import pytest

from hauberk.digest import sha256
from hauberk.finding import Finding, Location, Report, Scan, Severity
from hauberk.render.junit import render
from render import scans


def suite(scan):
    return ET.fromstring(render(scan)).find("testsuite")


@pytest.mark.parametrize("name", scans.ALL)
def test_the_document_is_the_golden_one(name, golden):
    golden(f"{name}.xml", render(scans.ALL[name]) + "\n")


@pytest.mark.parametrize("name", scans.ALL)
def test_the_counts_are_those_of_the_cases(name):
    seen = suite(scans.ALL[name])
    counted = {"tests": "testcase", "failures": ".//failure", "errors": ".//error", "skipped": ".//skipped"}
    assert {key: seen.get(key) for key in counted} == {
        key: str(len(seen.findall(path))) for key, path in counted.items()
    }


def test_a_clean_file_is_a_test_that_passed():
    (case,) = suite(scans.CLEAN)
    assert (case.get("classname"), case.get("name"), len(case)) == ("notes.txt", "clean text", 0)


def test_each_finding_is_a_case_and_each_unchecked_an_error():
    cases = [(case.get("name"), [child.tag for child in case]) for case in suite(scans.MIXED)]
    assert cases == [
        ("pickle-shell at byte 41", ["failure"]),
        ("pickle-stranger archive/data.pkl at byte 3", ["failure"]),
        ("pickle-stranger archive/data.pkl at byte 3", ["failure"]),
        ("document-tag in line 3 at /steps/0", ["system-out"]),
        ("unchecked malformed at byte 9", ["error"]),
        ("unchecked format-not-read", ["error"]),
        ("clean numpy", []),
    ]


def test_what_was_not_read_is_an_error():
    assert [child.tag for case in suite(scans.UNREAD) for child in case] == ["error"]


def test_what_somebody_accepted_is_skipped_and_says_who():
    skipped = suite(scans.ACCEPTED).find(".//skipped")
    assert skipped.get("message").startswith("accepted by ada until 2027-01-31: ours, and read; saw: ")


@pytest.mark.parametrize("text", ["]]>", "<a&b>\"'", "\x00\x1b[2J\ud800\ufffe"])
def test_nothing_in_a_file_can_break_the_document(text):
    finding = Finding("r", Severity.HIGH, Location(member=text, pointer=text), text)
    (case,) = suite(Scan((), (Report(text, sha256(b""), "pickle", findings=(finding,)),)))
    assert case.find("failure") is not None
