"""The rules that `examine` asks are those of the registry, each for the types that it reads."""

from hauberk.checks.model.asked import GROUPS, rules_about
from hauberk.checks.model.registry import RULES
from hauberk.formats.contents import Described

WHATEVER = {
    rule for rule in RULES if rule.reads is Described and rule.id != "file-malformed"
}  # templates, wherever a reader found some


def test_both_tables_hold_the_same_rules():
    asked = {rule.id: rule for group in GROUPS.values() for rule in group()}
    assert asked == {rule.id: rule for rule in RULES}


def test_a_rule_is_asked_about_the_type_that_it_reads():
    for rule in set(RULES) - WHATEVER:
        assert rule in rules_about_type(rule.reads)
        assert [name for name, group in GROUPS.items() if rule in group()] == [rule.reads.__name__]


def test_rules_on_templates_are_asked_where_templates_are():
    for rule in WHATEVER:
        assert [name for name, group in GROUPS.items() if rule in group()] == ["TextDescription", "Template"]


def test_a_type_without_rules_is_asked_whether_it_is_whole():
    assert [rule.id for rule in rules_about(Described())] == ["file-malformed"]


def rules_about_type(kind):
    return rules_about(object.__new__(kind))
