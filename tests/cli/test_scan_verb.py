"""`hauberk scan` as a person types it: no project, no terminal, no configuration."""

import json
import os
import pickle
from xml.etree import ElementTree as ET

import pytest

from hauberk.cli.main import main


class Shell:
    """What a pickle is told to call when it is loaded; nothing here loads it."""

    def __reduce__(self):
        return os.system, ("true",)


class Local:
    """A class of this test, which no table holds."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Enter a directory with a file for each outcome."""
    (tmp_path / "clean.pkl").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Shell()))
    (tmp_path / "odd.pkl").write_bytes(pickle.dumps(Local()))
    (tmp_path / "cut.pkl").write_bytes(pickle.dumps([1, 2, 3])[:-1])
    (tmp_path / "notes.txt").write_text("nothing runs this\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "code"), [("clean.pkl", 0), ("notes.txt", 0), ("evil.pkl", 1), ("odd.pkl", 1), ("cut.pkl", 3), (".", 1)]
)
def test_the_exit_code_says_what_was_found(place, name, code):
    assert main(["scan", name]) == code


@pytest.mark.parametrize(("name", "code"), [("odd.pkl", 0), ("evil.pkl", 1), ("cut.pkl", 3)])
def test_a_higher_threshold_lets_the_suspicious_pass_and_nothing_else(place, name, code):
    assert main(["scan", name, "--fail-on", "malicious"]) == code


def test_what_does_not_exist_could_not_be_checked(place, capsys):
    assert main(["scan", "lost.pkl"]) == 3
    assert capsys.readouterr().err.startswith("hauberk: lost.pkl: No such file")


def test_an_unknown_format_is_wrong_usage(place):
    assert main(["scan", "clean.pkl", "--format", "xml"]) == 2


@pytest.mark.parametrize("form", ["json", "sarif", "cyclonedx"])
def test_programs_get_one_document(place, capsys, form):
    assert main(["scan", ".", "--format", form]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document.get("schema", document.get("$schema"))


def test_each_form_tells_the_same_findings(place, capsys):
    main(["scan", ".", "--format", "json"])
    results = json.loads(capsys.readouterr().out)["results"]
    main(["scan", ".", "--format", "sarif"])
    runs = json.loads(capsys.readouterr().out)["runs"]
    main(["scan", ".", "--format", "cyclonedx"])
    bill = json.loads(capsys.readouterr().out)
    main(["scan", ".", "--format", "junit"])
    failures = ET.fromstring(capsys.readouterr().out).iter("failure")
    main(["scan", "."])
    text = capsys.readouterr().out
    rules = sorted(finding["rule"] for result in results for finding in result["findings"])
    assert rules == sorted(result["ruleId"] for run in runs for result in run["results"])
    assert rules == sorted(one["id"] for one in bill["vulnerabilities"])
    assert rules == sorted(failure.get("type") for failure in failures)
    assert all(rule in text for rule in rules)


def test_the_report_goes_to_a_file_without_colour(place, capsys):
    assert main(["scan", "evil.pkl", "--output", "report.txt"]) == 1
    assert capsys.readouterr().out == ""
    assert "\x1b" not in (place / "report.txt").read_text()
    assert "malicious" in (place / "report.txt").read_text()


def test_a_report_never_replaces_what_was_scanned(place):
    before = (place / "clean.pkl").read_bytes()
    assert main(["scan", "clean.pkl", "--output", "clean.pkl"]) == 2
    assert main(["scan", "notes.txt", "--output", "clean.pkl"]) == 2
    assert (place / "clean.pkl").read_bytes() == before


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "cyclonedx"])
def test_a_report_replaces_an_older_one_of_any_form(place, form):
    assert main(["scan", "evil.pkl", "--format", form, "--output", "report"]) == 1
    assert main(["scan", "clean.pkl", "--output", "report"]) == 0
    assert "1 clean" in (place / "report").read_text()


def test_a_report_that_is_scanned_is_not_replaced(place):
    assert main(["scan", "clean.pkl", "--format", "json", "--output", "report.json"]) == 0
    assert main(["scan", "report.json", "--output", "report.json"]) == 2


def test_a_report_that_cannot_be_written_is_no_pass(place):
    assert main(["scan", "clean.pkl", "--output", "no/such/folder/report.txt"]) == 3


def test_the_name_of_a_file_cannot_drive_the_terminal(place, capsys):
    (place / "a\x1b[2Jb.pkl").write_bytes(pickle.dumps(Shell()))
    main(["scan", "a\x1b[2Jb.pkl"])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("profile", "name", "code"),
    [
        ("strict", "clean.pkl", 0),
        ("strict", "odd.pkl", 1),
        ("strict", "cut.pkl", 1),
        ("standard", "odd.pkl", 1),
        ("standard", "cut.pkl", 3),
        ("audit", "evil.pkl", 0),
        ("audit", "cut.pkl", 3),
    ],
)
def test_a_profile_says_what_fails(place, profile, name, code):
    assert main(["scan", name, "--profile", profile]) == code


def test_a_profile_may_be_a_file_with_a_baseline_beside_it(place):
    folder = place / "ours"
    folder.mkdir()
    (folder / "profile.yaml").write_text(
        "schema: urn:hauberk:scan-profile:v1\nname: ours\nceilings: {critical: 0, medium: 0}\nbaseline: known.yaml\n"
    )
    words = ["--owner", "ada", "--reason", "ours", "--until", "2999-12-31"]
    assert main(["scan", "odd.pkl", "--write-baseline", "ours/known.yaml", *words]) == 1
    assert main(["scan", "odd.pkl", "--profile", "ours/profile.yaml"]) == 0
    assert main(["scan", "odd.pkl", "evil.pkl", "--profile", "ours/profile.yaml"]) == 1


@pytest.mark.parametrize("arguments", [["--profile", "stict"], ["--profile", "audit", "--fail-on", "malicious"]])
def test_a_profile_that_is_not_there_or_is_one_too_many_is_wrong_usage(place, arguments):
    assert main(["scan", "clean.pkl", *arguments]) == 2


def test_an_accepted_finding_is_told_and_does_not_fail(place, capsys):
    words = ["--owner", "ada", "--reason", "ours", "--until", "2999-12-31"]
    assert main(["scan", "evil.pkl", "--write-baseline", "known.yaml", *words]) == 1
    capsys.readouterr()
    assert main(["scan", "evil.pkl", "--baseline", "known.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "accepted by ada until 2999-12-31: ours" in shown
    assert "malicious" in shown
    assert main(["scan", "evil.pkl", "--baseline", "known.yaml", "--format", "json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert (result["outcome"], result["findings"][0]["accepted"]["owner"]) == ("malicious", "ada")


def test_an_acceptance_that_has_ended_counts_again_and_is_said(place, capsys):
    words = ["--owner", "ada", "--reason", "ours", "--until", "2020-12-31"]
    assert main(["scan", "evil.pkl", "--write-baseline", "known.yaml", *words]) == 1
    assert main(["scan", "evil.pkl", "--baseline", "known.yaml"]) == 1
    assert "until 2020-12-31: it counts again" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--write-baseline", "known.yaml", "--owner", "ada"],
        ["--write-baseline", "known.yaml", "--owner", "ada", "--reason", "x", "--until", "soon"],
        ["--owner", "ada"],
        ["--baseline", "notes.txt"],
        ["--write-baseline", "notes.txt", "--owner", "ada", "--reason", "x", "--until", "2999-01-01"],
    ],
)
def test_a_baseline_that_lacks_a_word_or_is_none_is_wrong_usage(place, arguments):
    assert main(["scan", "evil.pkl", *arguments]) == 2
