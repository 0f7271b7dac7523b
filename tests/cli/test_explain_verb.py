"""`hauberk explain` as a person types it."""

import pytest

from hauberk.cli.explain import RULES
from hauberk.cli.main import main
from hauberk.render.page import listing, page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_page_with_what_it_is_and_what_to_do(rule, capsys):
    assert main(["explain", rule.id]) == 0
    words = capsys.readouterr().out.split()
    assert words[:2] == [rule.id, rule.severity.value]
    shown = " ".join(words)
    assert " ".join(rule.remedy.split()) in shown
    assert all(reference in shown for reference in rule.references)


def test_without_a_name_every_rule_is_listed_with_its_severity(capsys):
    assert main(["explain"]) == 0
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert lines == [[rule.id, rule.severity.value] for rule in RULES]


def test_a_misspelt_name_is_answered_with_the_nearest(capsys):
    assert main(["explain", "pickle-run-proces"]) == 2
    assert capsys.readouterr().err == (
        "hauberk: no rule is called pickle-run-proces\n  next: did you mean `hauberk explain pickle-runs-process`?\n"
    )


def test_a_name_far_from_every_other_is_answered_with_the_list(capsys):
    assert main(["explain", "xylophone"]) == 2
    assert "`hauberk explain` lists all rules" in capsys.readouterr().err


@pytest.mark.parametrize("width", [20, 40, 80, 300])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_fits_the_terminal(rule, width):
    prose = [
        line for line in page(rule, colour=False, width=width).splitlines() if not line.startswith((" ", "-", "|"))
    ]
    words = max(len(word) for line in prose for word in line.split())
    assert max(map(len, prose[1:])) <= max(40, min(width, 100), words)


def test_colour_is_written_only_where_it_is_asked_for():
    assert "\x1b" not in page(RULES[0], colour=False, width=80) + listing(RULES, colour=False, width=80)
    assert "\x1b" in page(RULES[0], colour=True, width=80)
