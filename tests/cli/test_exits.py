"""The exit codes: one table, frozen."""

import json
from pathlib import Path

import pytest

from hauberk import errors
from hauberk.checks.profile import STANDARD, failing_on
from hauberk.cli.exits import EXITS, Exit, exit_of_error, exit_of_scan
from hauberk.digest import sha256
from hauberk.errors import HauberkError
from hauberk.finding import NOWHERE, Finding, Outcome, Report, Scan, Severity, Unchecked, UncheckedCode

GOLDEN = Path(__file__).with_name("exits.golden.json")


def report(severity=None, *, unchecked=False):
    findings = (Finding("some-rule", severity, NOWHERE, "a fact"),) if severity else ()
    missing = (Unchecked(UncheckedCode.LIMIT, "too long"),) if unchecked else ()
    return Report("a", sha256(b""), "pickle", findings=findings, unchecked=missing)


def test_the_table_is_the_golden_one():
    table = {
        "codes": {code.name: int(code) for code in Exit},
        "errors": {leaf.__name__: int(code) for leaf, code in EXITS.items()},
    }
    assert table == json.loads(GOLDEN.read_text())


def test_every_leaf_of_the_errors_has_its_code():
    leaves = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, HauberkError) and kind is not HauberkError
    }
    assert set(EXITS) == leaves


def test_an_error_that_is_no_leaf_is_our_fault():
    assert exit_of_error(HauberkError("the bare root")) is Exit.FAULT


@pytest.mark.parametrize(
    ("reports", "fail_on", "code"),
    [
        ([], Outcome.SUSPICIOUS, 0),
        ([report()], Outcome.SUSPICIOUS, 0),
        ([report(Severity.LOW)], Outcome.SUSPICIOUS, 0),
        ([report(Severity.MEDIUM)], Outcome.SUSPICIOUS, 1),
        ([report(Severity.MEDIUM)], Outcome.MALICIOUS, 0),
        ([report(Severity.HIGH)], Outcome.MALICIOUS, 1),
        ([report(Severity.CRITICAL)], Outcome.SUSPICIOUS, 1),
        ([report(unchecked=True)], Outcome.SUSPICIOUS, 3),
        ([report(Severity.MEDIUM, unchecked=True)], Outcome.MALICIOUS, 3),
        ([report(unchecked=True), report(Severity.CRITICAL)], Outcome.SUSPICIOUS, 1),
        ([report(Severity.CRITICAL), report(unchecked=True)], Outcome.SUSPICIOUS, 1),
    ],
)
def test_a_scan_ends_with_the_worst_that_it_can_say(reports, fail_on, code):
    assert exit_of_scan(Scan((), tuple(reports)), failing_on(fail_on)) == code


def test_a_name_that_could_not_be_read_is_unchecked():
    unread = (Unchecked(UncheckedCode.SYMLINK, "a link"),)
    assert exit_of_scan(Scan((), (report(),), unread), STANDARD) is Exit.UNCHECKED
