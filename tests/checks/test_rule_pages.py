"""The manual of the rules is made from the rules, and what they refer to exists."""

import re
import sys
from pathlib import Path

import pytest

from hauberk.checks.data.registry import RULES as DATA_RULES
from hauberk.checks.model.registry import RULES as MODEL_RULES

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from make_rule_pages import DATA_PAGE, PAGE, data_page, page

RULES = (*MODEL_RULES, *DATA_RULES)

REFERENCE = re.compile(
    r"CWE-\d{2,4}|CVE-\d{4}-\d{4,6}|GHSA(-[23456789cfghjmpqrvwx]{4}){3}"
    r"|MITRE ATLAS AML\.T\d{4}(\.\d{3})?|OWASP ML\d{2}:2023"
)


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "run tools/make_rule_pages.py"
    assert DATA_PAGE.read_text() == data_page(), "run tools/make_rule_pages.py"


def test_ids_are_unique():
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule):
    assert "Example: " in rule.page
    assert rule.remedy.endswith(".")
    assert rule.title[0].islower() and not rule.title.endswith(".")  # noqa: PT018 - one sentence on how titles look


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_reference_is_of_a_known_kind(rule):
    assert [reference for reference in rule.references if not REFERENCE.fullmatch(reference)] == []
