"""The decision now: how old evidence may be, what a clock may say, and what a permit is good for."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BREAK_GLASS, EXCEPTION, GRANDFATHERING
from hauberk.gate.decide import CLOCK_SKEW_SECONDS, check_age, decide
from hauberk.policy.policy import Policy
from hauberk.subject import Subject
from hauberk.verdict import Answer, Verdict
from hauberk.view import Basis
from simulator import DAY, START, Chain, policy_data

HOUR = 3600


def decided(chain: Chain, *, after: int = 0, **changes: Any) -> Verdict:
    asked = {"gate": "load", "evidence": chain.evidence(), "policy": chain.policy, "now": chain.now + after}
    return decide(**({"subject": chain.subject} | asked | changes))


def denied(verdict: Verdict) -> set[str]:
    assert verdict.result is Answer.DENY
    assert verdict.permit is None
    return {reason.rule for reason in verdict.reasons}


def test_an_allowing_verdict_carries_a_permit_for_this_digest_at_this_gate():
    chain = Chain().good()
    permit = decided(chain, after=100).require()
    assert (permit.gate, permit.subject, permit.policy) == ("load", chain.subject, chain.policy.digest)
    assert permit.checkpoint_size == chain.log.size
    assert permit.not_after == chain.now + 100 + 60 * 60


def test_an_allowing_verdict_is_the_one_at_the_time_of_the_witnesses():
    chain = Chain().good()
    assert decided(chain, after=HOUR).at == chain.now


def test_what_was_denied_at_the_time_of_the_witnesses_is_denied_although_it_would_be_allowed_now():
    chain = Chain().good()
    before = replace(chain.evidence(), time=START)
    assert decided(chain, evidence=replace(before, time=chain.now)).result is Answer.ALLOW
    assert "artefact.present" in denied(decided(chain, evidence=before))


def test_a_permit_ends_no_later_than_the_evidence():
    chain = Chain().good()
    assert decided(chain, after=168 * HOUR - 5).require().not_after == chain.now + 168 * HOUR


def test_a_permit_ends_no_later_than_the_trust():
    chain = Chain().good()
    brief = replace(chain.evidence(), trust=replace(chain.trust, valid_until=chain.now + 60))
    assert decided(chain, evidence=brief).require().not_after == chain.now + 60


@pytest.mark.parametrize(
    ("kind", "role", "terms"),
    [
        (EXCEPTION, "approver", {}),
        (GRANDFATHERING, "approver", {"grandfather": {"signers": ["approver"], "max_days": 90}}),
        (BREAK_GLASS, ("approver", "security"), {"break_glass": {"signers": ["approver", "security"], "max_hours": 9}}),
    ],
    ids=["exception", "grandfathered", "break-glass"],
)
def test_a_permit_ends_with_what_it_rests_on_and_then_there_is_none(kind: Any, role: Any, terms: dict[str, Any]):
    policy = policy_data(**terms)
    chain = Chain().good(policy)
    scan = chain.scan(result="fail")
    until = chain.now + 600
    if kind is GRANDFATHERING:
        chain = Chain().found(policy)
    if kind is EXCEPTION:
        chain.excuse(scan, until=until)
    else:
        chain.bear(kind, role, until=until)
    asked = {"policy": Policy.of(policy)}
    verdict = decided(chain, now=until - 60, **asked)
    assert len(verdict.borne) == 1
    assert verdict.require().not_after == until
    assert decided(chain, now=until + 1, **asked).permit is None


@pytest.mark.parametrize("seconds", [60, 1800])
def test_a_permit_ends_with_a_statement_that_it_rests_on(seconds: int):
    chain = Chain().found(policy_data())
    chain.inputs()
    chain.provenance()
    chain.evaluation()
    chain.artefact()
    until = chain.now + seconds
    chain.scan(validUntil=format_instant(until))
    assert decided(chain).require().not_after == until
    assert decided(chain, now=until).require().not_after == until
    assert decided(chain, now=until + 1).permit is None


@pytest.mark.parametrize("later", [1, 60, 1800])
def test_a_permit_ends_with_the_first_statement_that_it_rests_on(later: int):
    chain = Chain().found(policy_data())
    chain.inputs()
    chain.provenance()
    chain.artefact()
    until = chain.now + 60
    chain.scan(validUntil=format_instant(until))
    chain.evaluation(validUntil=format_instant(until + later))
    assert decided(chain).require().not_after == until
    assert decided(chain, now=until + 1).permit is None


@pytest.mark.parametrize("seconds", [1, 30])
def test_a_permit_rests_on_the_statement_that_runs_out_last(seconds: int):
    chain = Chain().found(policy_data())
    chain.inputs()
    chain.provenance()
    chain.evaluation()
    chain.artefact()
    until = chain.now + 60
    for end in (until - seconds, until):
        chain.scan(validUntil=format_instant(end))
    assert decided(chain).require().not_after == until
    assert decided(chain, now=until + 1).permit is None


def test_a_statement_that_runs_out_beside_another_one_ends_no_permit():
    chain = Chain().good()
    chain.scan(validUntil=format_instant(chain.now + 60))
    assert decided(chain).require().not_after == chain.now + HOUR


def test_what_was_borne_when_the_witnesses_signed_is_told_and_bounds_no_permit_of_now():
    chain = Chain().good()
    scan = chain.scan(result="fail", validUntil=format_instant(chain.now + 60))
    chain.excuse(scan, until=chain.now + 600)
    verdict = decided(chain, after=120)
    assert verdict.require().not_after == chain.now + 120 + HOUR
    (borne,) = verdict.borne
    assert "model-scan.result" in borne.rules


def test_what_is_borne_now_only_is_told_too_and_bounds_the_permit():
    policy = policy_data(grandfather={"signers": ["approver"], "max_days": 90})
    chain = Chain().found(policy)
    chain.inputs()
    chain.provenance()
    chain.evaluation()
    chain.artefact()
    chain.scan(validUntil=format_instant(chain.now + 60))
    until = chain.now + 600
    chain.bear(GRANDFATHERING, "approver", until=until)
    asked = {"policy": Policy.of(policy)}
    assert decided(chain, **asked).borne == ()
    verdict = decided(chain, after=120, **asked)
    assert verdict.require().not_after == until
    (borne,) = verdict.borne
    assert borne.rules == ("model-scan.present",)


def test_a_denial_gives_no_permit_and_every_reason():
    chain = Chain().good()
    chain.scan(result="fail")
    verdict = decided(chain)
    with pytest.raises(Refused, match=r"load of model/tumour .* is denied: model-scan.result: saw fail") as refusal:
        verdict.require()
    assert refusal.value.verdict is verdict


def test_a_denial_says_what_was_wanted_of_a_number_in_words():
    chain = Chain().good()
    chain.evaluation(recall=0.5)
    with pytest.raises(Refused, match=r"evaluation.recall: saw 0.5, wanted at least 0\.9"):
        decided(chain).require()


@pytest.mark.parametrize("mode", ["observe", "warn", "enforce"])
def test_no_mode_turns_a_denial_into_a_permit(mode: str):
    wanted = policy_data(mode=mode)
    chain = Chain().found(wanted)
    assert denied(decided(chain, policy=Policy.of(wanted)))


def test_a_verdict_without_a_permit_opens_nothing_even_if_it_says_allow():
    chain = Chain().good()
    with pytest.raises(Refused):
        chain.ask().require()


def test_a_permit_is_never_copied_to_another_process():
    permit = decided(Chain().good()).require()
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never serialised"):
            copied(permit)


def test_a_gate_that_the_policy_does_not_know_is_denied_at_any_age():
    assert denied(decided(Chain().good(), gate="deploy", after=400 * DAY)) == {"gate.known"}


def test_a_claimed_digest_gets_no_permit():
    chain = Chain().good()
    assert denied(decided(chain, subject=replace(chain.subject, basis=Basis.CLAIMED))) == {"subject.computed"}


def test_evidence_about_one_digest_is_no_permit_for_another():
    chain = Chain().good()
    assert "artefact.present" in denied(decided(chain, subject=Subject("model", "tumour", sha256(b"malware"))))


# age


@pytest.mark.parametrize("after", [0, 1, 168 * HOUR])
def test_evidence_is_fresh_enough_to_the_second(after: int):
    assert decided(Chain().good(), after=after).result is Answer.ALLOW


@pytest.mark.parametrize("after", [168 * HOUR + 1, 400 * DAY])
def test_evidence_that_is_too_old_gives_no_answer(after: int):
    chain = Chain().good()
    with pytest.raises(
        Unavailable, match=f"held as of {format_instant(chain.now)}, too old: the policy wants at most 168 h"
    ):
        decided(chain, after=after)


@pytest.mark.parametrize("after", [-1, -CLOCK_SKEW_SECONDS])
def test_a_clock_a_little_behind_the_witness_is_taken_as_the_witness_time(after: int):
    assert decided(Chain().good(), after=after).result is Answer.ALLOW


@pytest.mark.parametrize("after", [-CLOCK_SKEW_SECONDS - 1, -DAY, -10 * 365 * DAY])
def test_a_clock_set_back_gives_no_answer(after: int):
    with pytest.raises(Unavailable, match=r"the clock says .*, the witnesses signed at"):
        decided(Chain().good(), after=after)


def test_what_ran_out_between_the_witness_and_now_is_denied():
    soon = policy_data(require=[{"predicate": "evaluation", "signers": ["producer"]}], distinct_signers=[])
    short = Chain().found(soon)
    short.inputs()
    short.evaluation(validUntil=format_instant(short.now + 2 * DAY))
    assert decided(short, policy=Policy.of(soon), after=DAY).result is Answer.ALLOW
    assert denied(decided(short, policy=Policy.of(soon), after=3 * DAY)) == {"evaluation.present"}


def test_what_had_run_out_at_the_witness_time_is_denied_whatever_the_clock_says():
    soon = policy_data(require=[{"predicate": "evaluation", "signers": ["producer"]}], distinct_signers=[])
    chain = Chain().found(soon)
    chain.inputs()
    chain.evaluation(validUntil=format_instant(chain.now + 5))
    chain.now += 100
    assert denied(decided(chain, policy=Policy.of(soon), after=-200)) == {"evaluation.present"}


def test_trust_that_ran_out_between_the_witness_and_now_is_denied():
    chain = Chain().good()
    chain.trust_predicate = chain.make_trust(validUntil=format_instant(chain.now + HOUR))
    assert denied(decided(chain, after=2 * HOUR)) == {"trust.valid"}


def test_an_exception_that_ended_between_the_witness_and_now_is_denied():
    chain = Chain().good()
    chain.excuse(chain.scan(result="fail"), until=chain.now + HOUR)
    assert decided(chain, after=HOUR - 10).result is Answer.ALLOW
    assert denied(decided(chain, after=2 * HOUR)) == {"model-scan.result"}


@pytest.mark.parametrize(("now", "message"), [(START - 301, "set the clock right"), (START + 2 * HOUR + 1, "fresh")])
def test_each_refusal_says_what_to_do(now: int, message: str):
    with pytest.raises(Unavailable) as refusal:
        check_age(START, now, 2)
    assert message in refusal.value.hint


def test_the_inputs_of_today_count_at_the_gate():
    chain = Chain().good()
    assert denied(decided(chain, current={"source/train.py": sha256(b"edited")})) == {"slsa-provenance.current"}
