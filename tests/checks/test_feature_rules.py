"""The manual of the rules about feature views is made from the rules, and each explains itself."""

import re
import sys
from pathlib import Path

import pytest

from hauberk.checks.features.registry import RULES
from hauberk.checks.model.registry import RULES as MODEL_RULES

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from make_rule_pages import FEATURE_PAGE, feature_page

REFERENCE = re.compile(r"CWE-\d{2,4}|MITRE ATLAS AML\.T\d{4}(\.\d{3})?")


def test_the_page_is_up_to_date():
    assert FEATURE_PAGE.read_text() == feature_page(), "run tools/make_rule_pages.py"


def test_ids_are_unique():
    assert len({rule.id for rule in (*RULES, *MODEL_RULES)}) == len(RULES) + len(MODEL_RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule):
    assert "Example: " in rule.page
    assert "Fix: " in rule.page
    assert rule.remedy.endswith(".")
    assert rule.title[0].islower()
    assert [reference for reference in rule.references if not REFERENCE.fullmatch(reference)] == []
