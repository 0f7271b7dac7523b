"""What other programs read is what the official schemas of SARIF 2.1.0 and CycloneDX 1.6 allow."""

import copy

import pytest

from hauberk.checks.model.registry import RULES
from hauberk.render import cyclonedx, sarif
from hauberk.verbs.scan import scan
from render import official, scans
from shape.sources import REPOSITORY

SARIF, CYCLONEDX = official.sarif(), official.cyclonedx()


def log(name):
    return sarif.log(scans.ALL[name], rules=scans.RULES, version="9.9.9")


def bill(name):
    return cyclonedx.document(scans.ALL[name], rules=scans.RULES, version="9.9.9")


@pytest.mark.parametrize("name", scans.ALL)
def test_a_log_is_valid_sarif(name):
    assert official.refusals(SARIF, log(name)) == []


@pytest.mark.parametrize("name", scans.ALL)
def test_a_bill_is_valid_cyclonedx(name):
    assert official.refusals(CYCLONEDX, bill(name)) == []


@pytest.fixture(scope="module")
def every_vector():
    """Scan the vectors of all rules: every rule's findings, every format's reports."""
    return scan(REPOSITORY / "tests" / "vectors" / "rules")


def test_what_every_rule_finds_is_valid_sarif_and_cyclonedx(every_vector):
    assert {finding.rule for report in every_vector.reports for finding in report.findings} >= {"pickle-runs-process"}
    assert official.refusals(SARIF, sarif.log(every_vector, rules=RULES, version="1")) == []
    assert official.refusals(CYCLONEDX, cyclonedx.document(every_vector, rules=RULES, version="1")) == []


def test_the_schema_of_sarif_refuses_what_it_does_not_know():
    broken = copy.deepcopy(log("mixed"))
    broken["runs"][0]["results"][0]["rule"] = "x"
    assert official.refusals(SARIF, broken)


def test_the_schema_of_cyclonedx_refuses_what_it_does_not_know():
    broken = copy.deepcopy(bill("mixed"))
    broken["components"][0]["type"] = "model"
    assert official.refusals(CYCLONEDX, broken)
