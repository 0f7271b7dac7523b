"""Profiles: what a scan fails on, and nothing else."""

from dataclasses import replace

import pytest

from hauberk.checks.profile import AUDIT, PROFILES, STANDARD, STRICT, failing_on
from hauberk.checks.profile_file import profile_of
from hauberk.digest import sha256
from hauberk.errors import Misconfigured
from hauberk.finding import Acceptance, Finding, Location, Outcome, Report, Scan, Severity, Unchecked, UncheckedCode
from hauberk.formats.document import read_yaml

LIMIT = Unchecked(UncheckedCode.LIMIT, "too long")
WRITTEN = """\
schema: urn:hauberk:scan-profile:v1
name: our-team
ceilings: {critical: 0, high: 0, medium: 1}
report_only: [pickle-trailing-data]
limits: {max_findings: 5}
baseline: accepted.yaml
tables: [{file: our-types.yaml, key: approver.pub}]
"""


def scan(*severities, unchecked=0, rule="some-rule", accepted=None):
    findings = tuple(Finding(rule, severity, Location(), "x", accepted=accepted) for severity in severities)
    return Scan((), (Report("a", sha256(b""), "pickle", findings=findings, unchecked=(LIMIT,) * unchecked),))


def profile(text=WRITTEN):
    return profile_of(read_yaml(text.encode(), what="p"), what="p")


@pytest.mark.parametrize(
    ("named", "fails"),
    [
        (STRICT, {"critical", "high", "medium", "low", "info", "unchecked"}),
        (STANDARD, {"critical", "high", "medium"}),
        (AUDIT, set()),
        (failing_on(Outcome.MALICIOUS), {"critical", "high"}),
        (failing_on(Outcome.SUSPICIOUS), {"critical", "high", "medium"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_each_profile_fails_on(named, fails):
    seen = {severity.value for severity in Severity if named.fails(scan(severity))}
    assert seen | ({"unchecked"} if named.fails(scan(unchecked=1)) else set()) == fails


def test_a_name_that_could_not_be_read_is_unchecked_too():
    assert STRICT.fails(Scan((), (), (LIMIT,)))


@pytest.mark.parametrize("named", PROFILES.values(), ids=lambda named: named.name)
def test_nothing_found_fails_nowhere(named):
    assert not named.fails(scan())


def test_what_is_accepted_is_not_counted():
    assert not STRICT.fails(scan(Severity.CRITICAL, accepted=Acceptance("ada", "known", "2027-01-31")))


def test_a_ceiling_is_how_many_still_pass():
    assert [profile().fails(scan(*[Severity.MEDIUM] * number)) for number in (0, 1, 2)] == [False, False, True]


def test_a_rule_that_is_only_reported_is_not_counted():
    assert not profile().fails(scan(Severity.CRITICAL, rule="pickle-trailing-data"))
    assert profile().fails(scan(Severity.CRITICAL))


def test_a_profile_says_its_limits_and_files():
    seen = profile()
    assert (seen.name, seen.limits.max_findings, seen.baseline) == ("our-team", 5, "accepted.yaml")
    assert [(one.file, one.key) for one in seen.tables] == [("our-types.yaml", "approver.pub")]


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        ("name: Our Team", "lowercase words"),
        ("ceilings: {critical: -1}", "at least 0"),
        ("ceilings: {crtical: 0}", "did you mean critical"),
        ("ceilings: {low: many}", "a whole number"),
        ("report_only: [pickle-trailing-dat]", "did you mean pickle-trailing-data"),
        ("limits: {max_finding: 5}", "did you mean max_findings"),
        ("limits: {max_findings: 0}", "at least 1"),
        ("fail_on: malicious", "unknown key"),
        ("tables: [our-types.yaml]", "keys and values"),
    ],
)
def test_a_slip_in_the_file_is_refused(slip, says):
    key = slip.partition(":")[0]
    lines = [line for line in WRITTEN.splitlines() if not line.startswith(f"{key}:")]
    with pytest.raises(Misconfigured) as refusal:
        profile("\n".join([*lines, slip]))
    assert says in f"{refusal.value.message} {refusal.value.hint}"


def test_a_profile_changes_no_finding_and_no_outcome():
    seen = scan(Severity.CRITICAL)
    AUDIT.fails(seen)
    assert (seen.outcome, seen) == (Outcome.MALICIOUS, replace(seen))
