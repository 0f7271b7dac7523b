"""CycloneDX 1.6: the same results, as a bill of materials with vulnerabilities."""

import pytest

from hauberk.digest import sha256
from hauberk.finding import Finding, Location, Report, Scan, Scanned, Severity
from hauberk.render.cyclonedx import document, render
from render import scans


def bill(scan):
    return document(scan, rules=scans.RULES, version="9.9.9")


@pytest.mark.parametrize("name", scans.ALL)
def test_the_document_is_the_golden_one(name, golden):
    golden(f"{name}.cdx.json", render(scans.ALL[name], rules=scans.RULES, version="9.9.9") + "\n")


def test_a_file_that_was_named_is_a_model_with_its_hash():
    (model,) = bill(scans.CLEAN)["components"]
    assert (model["type"], model["name"]) == ("machine-learning-model", "notes.txt")
    assert model["hashes"] == [{"alg": "SHA-256", "content": sha256(b"hello\n").hex}]


def test_a_directory_is_a_model_that_holds_its_files():
    (model,) = bill(scans.MIXED)["components"]
    assert (model["type"], model["name"]) == ("machine-learning-model", "model")
    assert [(file["type"], file["name"]) for file in model["components"]] == [
        ("file", "model/a.pkl"),
        ("file", "model/b.pkl"),
        ("file", "model/c.h5"),
        ("file", "model/d.npy"),
    ]


def test_each_finding_is_a_vulnerability_of_its_file():
    seen = [(one["id"], one["ratings"][0]["severity"], one["affects"]) for one in bill(scans.MIXED)["vulnerabilities"]]
    assert seen == [
        ("pickle-shell", "critical", [{"ref": "file-0"}]),
        ("pickle-stranger", "medium", [{"ref": "file-0"}]),
        ("pickle-stranger", "medium", [{"ref": "file-1"}]),
        ("document-tag", "low", [{"ref": "file-1"}]),
    ]


def test_a_vulnerability_has_the_weakness_title_and_remedy_of_its_rule():
    shell, rule = bill(scans.MIXED)["vulnerabilities"][0], scans.RULES[0]
    assert (shell["cwes"], shell["description"], shell["recommendation"]) == ([502], rule.title, rule.remedy)


def test_what_was_not_looked_at_in_full_is_an_incomplete_composition():
    assert bill(scans.MIXED)["compositions"] == [
        {"aggregate": "complete", "assemblies": ["file-0", "file-3"]},
        {"aggregate": "incomplete", "assemblies": ["file-1", "file-2"]},
    ]
    assert bill(scans.UNREAD)["compositions"][1] == {"aggregate": "incomplete", "assemblies": ["unread-0"]}


def test_what_somebody_accepted_will_not_be_fixed():
    accepted, other = bill(scans.ACCEPTED)["vulnerabilities"]
    assert accepted["analysis"]["response"] == ["will_not_fix"]
    assert "analysis" not in other


def test_equal_scans_have_equal_serial_numbers_and_others_have_not():
    numbers = {bill(scan)["serialNumber"] for scan in (scans.CLEAN, scans.CLEAN, scans.MIXED)}
    assert len(numbers) == 2


def test_a_file_that_was_named_twice_is_there_twice():
    report = Report("a.pkl", sha256(b""), "pickle", findings=(Finding("r", Severity.HIGH, Location(), "x"),))
    named = Scanned("a.pkl", sha256(b""))
    seen = bill(Scan((named, named), (report, report)))
    assert [one["bom-ref"] for one in seen["components"]] == ["file-0", "file-1"]
    assert len(seen["vulnerabilities"]) == 2
