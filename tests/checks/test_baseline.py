"""Accepted findings: this finding, in these bytes, by somebody, until a day."""

from dataclasses import replace
from datetime import date

import pytest

from hauberk.checks.baseline import accept, baseline_of, written
from hauberk.digest import sha256
from hauberk.errors import Misconfigured
from hauberk.finding import Acceptance, Finding, Location, Outcome, Report, Scan, Severity
from hauberk.formats.document import read_yaml

FINDING = Finding("pickle-unknown-callable", Severity.MEDIUM, Location(member="a.zip!b.pkl", offset=7), "x.y")
SCAN = Scan((), (Report("a.zip", sha256(b"a"), "zip", findings=(FINDING,)),))
WORDS = {"owner": "ada", "reason": "ours: read on Monday", "until": "2027-01-31"}
TODAY = date(2027, 1, 31)


def entries(text=None):
    text = text or written(SCAN, **WORDS)
    return baseline_of(read_yaml(text.encode(), what="b"), what="b")


def standing(scan, listed=None, today=TODAY):
    applied = accept(scan, entries() if listed is None else listed, today=today)
    return [finding.accepted for report in applied.scan.reports for finding in report.findings]


def test_what_is_written_accepts_what_was_found():
    assert standing(SCAN) == [Acceptance("ada", "ours: read on Monday", "2027-01-31")]


def test_it_holds_to_the_end_of_its_last_day_and_no_longer():
    assert standing(SCAN, today=date(2027, 2, 1)) == [None]
    applied = accept(SCAN, entries(), today=date(2027, 2, 1))
    assert [entry.rule for entry in applied.expired] == ["pickle-unknown-callable"]
    assert applied.idle == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, rule="pickle-runs-code"),
        replace(FINDING, location=Location(member="a.zip!b.pkl", offset=8)),
        replace(FINDING, location=Location(member="a.zip!c.pkl", offset=7)),
        replace(FINDING, location=Location(offset=7)),
    ],
    ids=["rule", "offset", "member", "no-member"],
)
def test_another_finding_is_not_accepted(other):
    assert standing(replace(SCAN, reports=(replace(SCAN.reports[0], findings=(other,)),))) == [None]


def test_other_bytes_are_not_accepted():
    changed = replace(SCAN, reports=(replace(SCAN.reports[0], digest=sha256(b"b")),))
    assert standing(changed) == [None]
    assert len(accept(changed, entries(), today=TODAY).idle) == 1


def test_a_file_may_be_moved_or_renamed():
    assert standing(replace(SCAN, reports=(replace(SCAN.reports[0], path="b/c.zip"),))) != [None]


def test_the_outcome_stays_what_it_is():
    assert accept(SCAN, entries(), today=TODAY).scan.outcome is Outcome.SUSPICIOUS


def test_what_was_accepted_before_stays_as_it_was_when_written_again():
    before = accept(SCAN, entries(), today=TODAY).scan
    assert entries(written(before, owner="bob", reason="later", until="2028-01-01")) == entries()


@pytest.mark.parametrize("text", ['"quoted"', "a: b # c", "\x1b[2J", "\U0001f600 é", "\udcff", "{}"])
def test_every_member_name_comes_back(text):
    finding = replace(FINDING, location=Location(member=text, line=3, pointer=text))
    scan = replace(SCAN, reports=(replace(SCAN.reports[0], findings=(finding,)),))
    assert standing(scan, entries(written(scan, **WORDS))) != [None]


def test_nothing_found_is_an_empty_baseline():
    assert entries(written(Scan((), ()), **WORDS)) == ()


def test_a_finding_in_bytes_that_were_not_hashed_cannot_be_accepted():
    with pytest.raises(Misconfigured, match="no digest"):
        written(replace(SCAN, reports=(replace(SCAN.reports[0], digest=None),)), **WORDS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("until: 2027-01-31", "until: 2027-02-30"), "not a day"),
        (("until: 2027-01-31", "until: tomorrow"), "not a day"),
        (('owner: "ada"', 'owner: " "'), "one line of words"),
        (('owner: "ada"', "ownr: ada"), "did you mean owner"),
        (("digest: sha256:", "digest: sha257:x"), "not a digest"),
        (("offset: 7", "ofset: 7"), "did you mean offset"),
        (("scan-baseline:v1", "scan-baseline:v2"), "is not one of"),
    ],
)
def test_a_slip_in_the_file_is_refused(change, says):
    text = written(SCAN, **WORDS)
    assert change[0] in text
    with pytest.raises(Misconfigured) as refusal:
        entries(text.replace(*change))
    assert says in f"{refusal.value.message} {refusal.value.hint}"


def test_the_same_finding_twice_is_refused():
    text = written(SCAN, **WORDS)
    entry = text[text.index("\n  - digest") :]
    with pytest.raises(Misconfigured, match="second time"):
        entries(text + entry)
