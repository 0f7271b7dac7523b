"""A policy that asks for a decision on a model's risks: of how many people, until when, and what a no does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import sha256
from hauberk.evidence.predicates import RISK_DECISION, check
from hauberk.evidence.trust import Trust
from hauberk.statement import Named, Statement
from hauberk.verdict import Answer
from simulator import DAY, LOCK, SCRIPT, START, TRAIN, Chain, core, policy_data, resource

if TYPE_CHECKING:
    from hauberk.verdict import Verdict

BOTH = ("approver", "security")
BODY: dict[str, Any] = core(owner="Ada", risk="recall under 0.9 for children", reason="a person reads each of these")
PRESENT, RESULT = "risk-decision.present", "risk-decision.result"


def asking(**changes: Any) -> dict[str, Any]:
    """Return the policy with a requirement more: two people bear the risk."""
    policy = policy_data()
    wanted = {"predicate": "risk-decision", "signers": list(BOTH), "at_least": 2, **changes}
    policy["gates"]["load"]["require"].append(wanted)
    return policy


@pytest.fixture
def chain() -> Chain:
    return Chain().good(asking())


def rules(verdict: Verdict) -> set[str]:
    assert verdict.result is Answer.DENY
    return {reason.rule for reason in verdict.reasons}


def test_two_people_who_bear_the_risk_open_the_gate(chain):
    chain.decide(BOTH)
    verdict = chain.ask(policy=asking())
    assert verdict.result is Answer.ALLOW
    (present,) = (reason for reason in verdict.reasons if reason.rule == PRESENT)
    assert present.wanted == "by 2 of approver or security"
    assert chain.publish().verify().verdict.result is Answer.ALLOW


def test_who_was_not_asked_is_not_needed():
    assert Chain().good().ask().result is Answer.ALLOW


def test_nobody_has_decided(chain):
    assert rules(chain.ask(policy=asking())) == {PRESENT}


@pytest.mark.parametrize("role", BOTH)
def test_one_person_is_not_two(chain, role):
    chain.decide(role)
    assert rules(chain.ask(policy=asking())) == {PRESENT}


def test_two_statements_of_one_person_each_are_not_one_of_two(chain):
    for role in BOTH:
        chain.decide(role)
    assert rules(chain.ask(policy=asking())) == {PRESENT}


@pytest.mark.parametrize("roles", [("approver", "producer"), ("scanner", "gate")])
def test_people_whom_the_policy_does_not_name_do_not_decide(chain, roles):
    more = [chain.grant(role, RISK_DECISION, "model/tumour") for role in roles if role not in BOTH]
    chain.decide(roles)
    assert rules(chain.ask(policy=asking(), trust=chain.trust_with(*more))) == {PRESENT}


def test_a_key_without_a_grant_does_not_decide(chain):
    chain.decide(BOTH)
    trust = Trust.of(chain.make_trust(without=frozenset({("security", "risk-decision")})))
    assert rules(chain.ask(policy=asking(), trust=trust)) >= {PRESENT}


@pytest.mark.parametrize("role", BOTH)
def test_the_no_of_one_person_closes_what_two_had_opened(chain, role):
    chain.decide(BOTH)
    chain.decide(role, "fail")
    assert rules(chain.ask(policy=asking())) == {RESULT}


def test_a_later_yes_does_not_take_a_no_back(chain):
    chain.decide(BOTH, "fail")
    chain.decide(BOTH)
    assert rules(chain.ask(policy=asking())) == {RESULT}


def test_a_no_without_a_grant_denies_all_the_same(chain):
    chain.decide(BOTH)
    chain.decide("security", "fail")
    trust = Trust.of(chain.make_trust(not_after={"security": START - 1}))
    assert RESULT in rules(chain.ask(policy=asking(at_least=1), trust=trust))


def test_a_decision_ends_to_the_second(chain):
    chain.decide(BOTH, until=START + 2 * DAY)
    assert chain.ask(policy=asking(), now=START + 2 * DAY).result is Answer.ALLOW
    assert PRESENT in rules(chain.ask(policy=asking(), now=START + 2 * DAY + 1))


def test_a_decision_is_not_older_than_the_policy_wants(chain):
    chain.decide(BOTH)
    assert PRESENT in rules(chain.ask(policy=asking(max_age_days=1), now=START + 3 * DAY))


def test_a_decision_about_another_model_helps_nothing(chain):
    other = Named("model/tumour", (sha256(b"another"),))
    chain.decide(BOTH, thing=other)
    assert rules(chain.ask(policy=asking())) == {PRESENT}


def test_that_somebody_bears_a_risk_is_no_evidence_of_where_a_thing_comes_from():
    policy = policy_data()
    policy["gates"]["load"]["require"] = [
        one for one in policy["gates"]["load"]["require"] if one["predicate"] != "dataset-manifest"
    ]
    chain = Chain().found(policy)
    chain.inputs()
    more = Named("dataset/more", (sha256(b"rows that nobody wrote down"),))
    chain.provenance(dependencies=(TRAIN, more))
    chain.scan()
    chain.evaluation()
    chain.artefact()
    chain.decide(BOTH, thing=more)
    assert "dataset/more.input" in rules(chain.ask(policy=policy))


@pytest.mark.parametrize("member", ["owner", "risk", "reason", "validUntil", "result"])
def test_a_decision_says_all_of_it(member):
    body = {name: value for name, value in BODY.items() if name != member}
    with pytest.raises(Exception, match=f"lacks {member}"):
        check(Statement((Chain().model,), RISK_DECISION.type, body))


def test_a_decision_that_lists_something_unchecked_is_no_yes(chain):
    unread = {"code": "limit", "detail": "nobody looked", "location": {"path": "a"}}
    chain.say(BOTH, RISK_DECISION.type, chain.model, BODY | {"unchecked": [unread]})
    assert rules(chain.ask(policy=asking())) == {RESULT}


def test_a_decision_names_nothing_as_an_input_that_has_no_evidence(chain):
    chain.say(BOTH, RISK_DECISION.type, chain.model, BODY | {"inputs": [resource(Named("dataset/x", (sha256(b"x"),)))]})
    assert "dataset/x.input" in rules(chain.ask(policy=asking()))


def test_a_decision_does_not_say_what_a_model_was_made_from():
    policy = policy_data()
    require = policy["gates"]["load"]["require"]
    policy["gates"]["load"]["require"] = [one for one in require if one["predicate"] != "evaluation"]
    chain = Chain().found(policy)
    chain.inputs()
    chain.provenance(dependencies=(SCRIPT, LOCK))
    chain.scan()
    chain.artefact()
    before = rules(chain.ask(policy=policy))
    assert before == {"dataset-manifest.inputs"}
    chain.say(BOTH, RISK_DECISION.type, chain.model, BODY | {"inputs": [resource(TRAIN)]})
    assert rules(chain.ask(policy=policy)) == before
