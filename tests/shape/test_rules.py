"""Every rule has its manual page, and files that keep and break it (`tests/checks` says what these must hold)."""

import pytest

from hauberk.checks.model.registry import RULES
from shape.sources import REPOSITORY

PAGE = (REPOSITORY / "docs" / "rules.md").read_text()
VECTORS = REPOSITORY / "tests" / "vectors" / "rules"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_its_page(rule):
    assert f"\n## {rule.id}\n" in PAGE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_a_rule_has_files_that_keep_and_break_it(rule, verdict):
    assert list((VECTORS / rule.id / verdict).iterdir())


def test_there_are_no_files_of_a_rule_that_does_not_exist():
    assert {folder.name for folder in VECTORS.iterdir() if folder.is_dir()} == {rule.id for rule in RULES}
