"""Law 3: more findings, more unchecked, more denials or fewer grants never turn deny into allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hauberk.evidence.predicates import REVOCATION
from hauberk.policy.policy import Policy
from hauberk.verdict import Answer
from property.chains import (
    CHECKS,
    FULL,
    NOW,
    SIGNERS,
    Grants,
    Said,
    ask,
    chains,
    good_says,
    grants,
    name_of,
    questions,
    says,
    second_opinions,
    worse,
)
from simulator import DAY, START, policy_data

GIVEN = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def never_opens(before: tuple[list[Said], Grants], after: tuple[list[Said], Grants], question: dict[str, Any]) -> None:
    if ask(*before, question).result is Answer.DENY:
        assert ask(*after, question).result is Answer.DENY


def powerless(granted: Grants) -> st.SearchStrategy[Said]:
    """Statements of every kind and result by a signer whom trust does not let say them: they may only hurt."""
    stranger = says(roles=st.sampled_from([("stranger",), ("stranger", "producer"), ("stranger", "scanner")]))
    ungranted = says().filter(lambda item: not any((role, name_of(item)) in granted.held for role in item.roles))
    return st.one_of(stranger, ungranted)


@GIVEN
@given(st.data(), chains(), grants(), questions())
def test_a_statement_that_nobody_may_make_opens_no_gate(
    data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any]
):
    more = data.draw(st.lists(powerless(granted), min_size=1, max_size=4))
    never_opens((said, granted), (said + more, granted), question)


@GIVEN
@given(st.data(), chains(), grants(), questions())
def test_the_same_statement_under_another_signature_opens_no_gate(
    data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any]
):
    repeated = data.draw(st.one_of(st.just(said), st.lists(st.sampled_from(said), min_size=1, max_size=20)))
    by_stranger = [replace(item, roles=("stranger",), of=None) for item in repeated if item.of is None]
    never_opens((said, granted), (said + by_stranger, granted), question)


@GIVEN
@given(
    chains(),
    grants(),
    questions(),
    st.lists(says(kinds=CHECKS, result=st.sampled_from(["fail", "incomplete"])), min_size=1, max_size=4),
)
def test_a_failing_check_by_anybody_opens_no_gate(
    said: list[Said], granted: Grants, question: dict[str, Any], more: list[Said]
):
    never_opens((said, granted), (said + more, granted), question)


@GIVEN
@given(chains(), grants(), questions(), st.lists(says(kinds=(REVOCATION,)), min_size=1, max_size=3))
def test_a_revocation_by_anybody_opens_no_gate(
    said: list[Said], granted: Grants, question: dict[str, Any], more: list[Said]
):
    never_opens((said, granted), (said + more, granted), question)


@GIVEN
@given(st.data(), chains(), grants(), questions())
def test_a_grant_less_opens_no_gate(data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any]):
    taken = data.draw(st.lists(st.sampled_from(sorted(granted.held)), min_size=1, max_size=4))
    never_opens((said, granted), (said, Grants(granted.held - set(taken))), question)


@GIVEN
@given(st.data(), chains(), grants(), questions(), st.sampled_from(SIGNERS))
def test_taking_the_grant_of_a_second_opinion_opens_no_gate(
    data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any], role: str
):
    told, grant = data.draw(second_opinions(said, role))
    never_opens((told, Grants(granted.held | {grant})), (told, Grants(granted.held - {grant})), question)


@GIVEN
@given(chains(), grants(), questions(), st.sampled_from(["producer", "scanner", "approver"]), st.integers(-1, 11))
def test_a_grant_that_ends_earlier_opens_no_gate(
    said: list[Said], granted: Grants, question: dict[str, Any], role: str, days: int
):
    ended = Grants(granted.held, ((role, START + days * DAY),))
    never_opens((said, granted), (said, ended), question)


@GIVEN
@given(st.data(), chains(), grants(), questions())
def test_a_finding_more_or_a_pass_less_opens_no_gate(
    data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any]
):
    number = data.draw(st.integers(0, len(said) - 1))
    changed = [*said[:number], worse(data.draw, said[number]), *said[number + 1 :]]
    never_opens((said, granted), (changed, granted), question)


@GIVEN
@given(st.data(), chains(), grants(), questions())
def test_everything_at_once_opens_no_gate(
    data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any]
):
    failing = says(kinds=CHECKS, result=st.sampled_from(["fail", "incomplete"]))
    hostile = st.one_of(powerless(granted), failing, says(kinds=(REVOCATION,)))
    more = data.draw(st.lists(hostile, min_size=1, max_size=5))
    taken = data.draw(st.lists(st.sampled_from(sorted(granted.held)), max_size=2))
    never_opens((said, granted), (said + more, Grants(granted.held - set(taken))), question)


def test_the_chains_of_these_tests_begin_allowed():
    """Otherwise the tests above would prove nothing: deny is monotone by itself."""
    question = {"policy": Policy.of(policy_data()), "now": NOW, "current": {}}
    assert ask(list(good_says()), FULL, question).result is Answer.ALLOW
