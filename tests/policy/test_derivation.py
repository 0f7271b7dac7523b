"""A policy that asks how a model was made from another, and how alike both were measured to be, on which data."""

import pytest

from hauberk.errors import Misconfigured
from hauberk.evidence.predicates import DERIVATION
from hauberk.policy.policy import Policy
from hauberk.verdict import Answer
from simulator import HOLDOUT, TRAIN, Chain, core, named, policy_data

SOURCE = named("model/tumour", b"what it was made from")
MEASURED = {"claim": "predictions", "agreement": 0.9995, "largestDifference": 1e-6, "tolerance": 1e-5}
ASKED = {"min_agreement": 0.999, "max_difference": 1e-5, "on": HOLDOUT.label}


def policy(**changes):
    wanted = {"predicate": "derivation", "signers": ["producer"]} | changes
    return policy_data(require=[wanted], boundaries=["source", "environment", "model"], distinct_signers=[])


WANTED = policy(kinds=["conversion"], equivalence=ASKED)


def chain(*, kind="conversion", measured=MEASURED, inputs=(SOURCE, HOLDOUT)):
    made = Chain().good(WANTED)
    made.boundary(SOURCE, "model")
    body = core(inputs=inputs, kind=kind, equivalence=measured)
    made.say("producer", DERIVATION.type, made.model, body)
    return made


def ask(made):
    return made.ask(policy=WANTED, trust=made.trust_with(made.grant("producer", DERIVATION, "model/tumour")))


def denied(made):
    verdict = ask(made)
    return {reason.rule for reason in verdict.reasons} if verdict.result is Answer.DENY else set()


def test_what_was_measured_as_asked_opens():
    verdict = ask(chain())
    assert verdict.result is Answer.ALLOW
    said = {reason.rule: (reason.seen, reason.wanted) for reason in verdict.reasons}
    assert said["derivation.agreement"] == (0.9995, {"min": 0.999})
    assert said["derivation.difference"] == (1e-6, {"max": 1e-5})
    assert said["derivation.on"] == (HOLDOUT.label, HOLDOUT.label)
    assert said["derivation.kind"] == ("conversion", ["conversion"])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"kind": "quantisation"}, "derivation.kind"),
        ({"measured": MEASURED | {"agreement": 0.9989}}, "derivation.agreement"),
        ({"measured": MEASURED | {"agreement": 1.5}}, "derivation.agreement"),
        ({"measured": MEASURED | {"agreement": True}}, "derivation.agreement"),
        ({"measured": MEASURED | {"agreement": "1"}}, "derivation.agreement"),
        ({"measured": {"claim": "predictions", "largestDifference": 0}}, "derivation.agreement"),
        ({"measured": MEASURED | {"largestDifference": 1.1e-5}}, "derivation.difference"),
        ({"measured": MEASURED | {"largestDifference": -1}}, "derivation.difference"),
        ({"measured": {"claim": "predictions", "agreement": 1}}, "derivation.difference"),
        ({"inputs": (SOURCE, TRAIN)}, "derivation.on"),
        ({"inputs": (SOURCE,)}, "derivation.on"),
    ],
)
def test_what_was_measured_otherwise_or_not_at_all_denies(changes, rule):
    assert denied(chain(**changes)) == {rule}


def test_each_end_of_what_is_asked_is_enough():
    ends = MEASURED | {"agreement": 0.999, "largestDifference": 1e-5}
    assert ask(chain(measured=ends)).result is Answer.ALLOW


def test_a_model_that_was_changed_afterwards_has_no_derivation():
    made = Chain().good(WANTED)
    made.boundary(SOURCE, "model")
    body = core(inputs=(HOLDOUT,), kind="conversion", equivalence=MEASURED)
    made.say("producer", DERIVATION.type, SOURCE, body)
    assert denied(made) == {"derivation.present"}


def test_a_second_measurement_that_is_worse_denies_beside_the_good_one():
    made = chain()
    body = core(inputs=(SOURCE, HOLDOUT), kind="conversion", equivalence=MEASURED | {"largestDifference": 0.5})
    made.say("producer", DERIVATION.type, made.model, body)
    assert denied(made) == {"derivation.difference"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kinds": []}, "kinds"),
        ({"kinds": ["compilation"]}, "kinds"),
        ({"equivalence": {}}, "asks for nothing"),
        ({"equivalence": {"min_agreement": 0}}, "min_agreement"),
        ({"equivalence": {"min_agreement": 1.01}}, "min_agreement"),
        ({"equivalence": {"max_difference": -1e-9}}, "max_difference"),
        ({"equivalence": {"max_difference": float("inf")}}, "max_difference"),
        ({"equivalence": {"on": "model/x"}}, "equivalence.on"),
        ({"equivalence": {"on": "dataset/*"}}, "equivalence.on"),
        ({"predicate": "evaluation", "kinds": ["merge"]}, "only a derivation"),
        ({"predicate": "artefact", "equivalence": {"max_difference": 1}}, "only a derivation"),
    ],
)
def test_a_policy_that_could_not_mean_it_is_refused(changes, said):
    with pytest.raises(Misconfigured, match=said):
        Policy.of(policy(**changes))


@pytest.mark.parametrize("asked", [{"min_agreement": 1}, {"max_difference": 0}])
def test_a_policy_may_ask_for_no_difference_at_all(asked):
    assert Policy.of(policy(equivalence=asked)) != Policy.of(policy())


def test_a_measurement_on_data_that_have_changed_since_denies():
    made = chain()
    trust = made.trust_with(made.grant("producer", DERIVATION, "model/tumour"))
    now = named(HOLDOUT.label, b"other rows")
    verdict = made.ask(policy=WANTED, trust=trust, current={HOLDOUT.label: now.digests[0]})
    assert "derivation.current" in {reason.rule for reason in verdict.reasons}
    assert verdict.result is Answer.DENY
