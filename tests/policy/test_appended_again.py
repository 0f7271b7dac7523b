"""A statement that is appended again, with one signature more or one less: nothing becomes fresh, or comes back."""

from __future__ import annotations

import pytest

from hauberk.evidence.predicates import BREAK_GLASS, EXCEPTION, MODEL_SCAN, POLICY
from hauberk.evidence.verify import sort_out
from hauberk.gate.ask import ask
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.statement import Envelope
from hauberk.verdict import Answer
from simulator import DAY, HIGH, START, Chain, policy_data

HOUR = 3600
TWO_MAY = policy_data(distinct_signers=[])
GLASS = {"break_glass": {"signers": ["approver", "security"], "max_hours": 24}}


def signed_too(chain: Chain, envelope: Envelope, role: str) -> Envelope:
    (more,) = dsse.sign(dsse.decode_statement(envelope.payload), [chain.keys[role]]).signatures
    return Envelope(envelope.payload, tuple(sorted((*envelope.signatures, more), key=lambda one: one.keyid)))


def only_by(chain: Chain, envelope: Envelope, role: str) -> Envelope:
    keyid = chain.keys[role].public.keyid
    return Envelope(envelope.payload, tuple(one for one in envelope.signatures if one.keyid == keyid))


def denied(chain: Chain, **asked: object) -> set[str]:
    verdict = chain.ask(**asked)
    assert verdict.result is Answer.DENY
    return {reason.rule for reason in verdict.reasons}


# what is old stays old


@pytest.mark.parametrize("role", ["gate", "producer", "approver"])
def test_an_old_scan_that_somebody_signs_as_well_is_as_old_as_it_was(role: str):
    chain = Chain().good(TWO_MAY)
    old = chain.scan()
    chain.now += 40 * DAY
    chain.put(signed_too(chain, old, role))
    assert denied(chain, policy=TWO_MAY) == {"model-scan.present"}


def test_an_old_scan_of_two_signers_is_as_old_without_one_of_them():
    chain = Chain().good(TWO_MAY)
    old = chain.scan(("scanner", "gate"))
    chain.now += 40 * DAY
    chain.put(only_by(chain, old, "scanner"))
    assert denied(chain, policy=TWO_MAY) == {"model-scan.present"}


def test_a_new_scan_is_fresh_beside_an_old_one():
    chain = Chain().good()
    chain.now += 40 * DAY
    chain.scan(unchecked=[], findings=[], files=[], validUntil="2029-01-01T00:00:00Z")
    assert chain.ask().result is Answer.ALLOW


def test_what_a_producer_says_again_by_a_signature_of_today_is_of_today():
    policy = policy_data(require=[{"predicate": "slsa-provenance", "signers": ["producer"], "max_age_days": 5}])
    policy["gates"]["load"]["distinct_signers"] = []
    chain = Chain().good(policy)
    chain.now += 9 * DAY
    assert denied(chain, policy=policy) == {"slsa-provenance.present"}
    chain.provenance()  # ECDSA: the same statement, another signature
    assert chain.ask(policy=policy).result is Answer.ALLOW


# what was too long stays too long


def test_a_glass_broken_for_too_long_does_not_count_from_the_day_on_which_it_is_appended_again():
    chain = Chain().found(policy_data(**GLASS))
    chain.inputs()
    until = START + 40 * HOUR
    too_long = chain.bear(BREAK_GLASS, ("approver", "security"), until=until)
    chain.now = until - HOUR
    chain.put(signed_too(chain, too_long, "gate"))
    assert "model-scan.present" in denied(chain, policy=policy_data(**GLASS))


def test_an_exception_for_too_long_neither():
    policy = policy_data(exceptions={"max_days": 10})
    chain = Chain().good(policy)
    failing = chain.scan(result="fail", findings=[HIGH])
    too_long = chain.excuse(failing, until=START + 20 * DAY)
    chain.now = START + 15 * DAY
    chain.put(signed_too(chain, too_long, "gate"))
    assert {"model-scan.result", "model-scan.high"} <= denied(chain, policy=policy)


# each signature has its own time


def test_a_stolen_key_does_not_date_itself_back_beside_an_old_signature():
    chain = Chain()
    theft = START + DAY
    old = chain.say("approver", EXCEPTION.type, chain.model, _exception())
    chain.now = theft
    chain.put(signed_too(chain, old, "security"))
    held, _ = sort_out(chain.logged(), chain.trust_with(not_after={"security": theft}))
    approver = chain.keys["approver"].public.keyid
    assert [verified.signers for verified in held] == [(approver,), (approver,)]


def test_a_grant_that_begins_later_takes_in_no_signature_of_before():
    chain = Chain()
    old = chain.scan()
    chain.now += 10 * DAY
    chain.put(signed_too(chain, old, "producer"))
    grant = chain.grant("scanner", MODEL_SCAN, "model/tumour") | {"notBefore": "2026-09-24T00:00:00Z"}
    trust = chain.trust_with(grant, without=frozenset({("scanner", MODEL_SCAN.name)}))
    assert sort_out(chain.logged(), trust)[0] == ()


def test_a_statement_is_as_old_as_the_oldest_signature_on_it():
    chain = Chain()
    old = chain.scan()
    first = chain.now
    chain.now += 10 * DAY
    chain.put(signed_too(chain, old, "producer"))
    held, _ = sort_out(chain.logged(), chain.trust)
    assert [verified.time for verified in held] == [first, first]


# a policy that was replaced


def test_a_replaced_policy_does_not_come_back_by_being_appended_again():
    mild, strict = policy_data(require=[policy_data()["gates"]["load"]["require"][0]], distinct_signers=[]), TWO_MAY
    chain = Chain()
    chain.found(mild)
    milder = chain.log.envelopes[2]
    chain.say("approver", POLICY.type, chain.realm, strict)
    chain.put(signed_too(chain, dsse.decode_envelope(milder), "gate"))
    chain.inputs()
    chain.artefact()
    chain.publish()
    asked = {"gate": "load", "subject": chain.subject, "root": chain.root_keys, "trust": chain.trust, "now": chain.now}
    verdict, _, _ = ask(chain.log, policy=Policy.of(mild), **asked)
    assert [reason.rule for reason in verdict.reasons] == ["policy.approved"]
    verdict, _, _ = ask(chain.log, policy=Policy.of(strict), **asked)
    assert "model-scan.present" in {reason.rule for reason in verdict.reasons}


def _exception() -> dict[str, str]:
    return {"statement": "sha256:" + "0" * 64, "owner": "Ada", "until": "2029-01-01T00:00:00Z", "reason": "x"}
