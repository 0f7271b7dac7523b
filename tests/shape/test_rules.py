"""Every rule has its manual page, generated and up to date, and files that keep and break it."""

import importlib.util

import pytest

from hauberk.checks.model.registry import RULES
from shape.sources import REPOSITORY

VECTORS = REPOSITORY / "tests" / "vectors" / "rules"


def generator():
    spec = importlib.util.spec_from_file_location("docs_generator", REPOSITORY / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_rules_is_what_the_rules_say():
    page = (REPOSITORY / "docs" / "rules.md").read_text()
    assert page == generator().page(), "run `make docs`"


def test_no_two_rules_bear_one_name():
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_why_and_what_to_do(rule):
    assert len(rule.page.split()) >= 30
    assert rule.remedy.endswith(".")
    assert rule.references


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_a_rule_has_files_that_keep_and_break_it(rule, verdict):
    assert list((VECTORS / rule.id / verdict).iterdir())


def test_there_are_vectors_of_no_rule_that_does_not_exist():
    assert {folder.name for folder in VECTORS.iterdir() if folder.is_dir()} == {rule.id for rule in RULES}
