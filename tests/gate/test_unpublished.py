"""What was logged since the newest checkpoint can close a gate, and never open it."""

from __future__ import annotations

import pytest

from hauberk.errors import NotVerified, Unavailable
from hauberk.evidence.collection import key_digest
from hauberk.evidence.predicates import TRUST
from hauberk.gate.ask import ask
from hauberk.verdict import Answer
from simulator import Chain


def answer(chain: Chain):
    verdict, _, _ = ask(
        chain.log,
        gate="load",
        subject=chain.subject,
        root=chain.root_keys,
        trust=chain.trust,
        policy=chain.policy,
        now=chain.now,
    )
    return verdict


@pytest.fixture
def chain() -> Chain:
    return Chain().good().publish()


def test_another_passing_scan_changes_nothing(chain):
    chain.scan()
    assert answer(chain).result is Answer.ALLOW


def test_statements_about_another_model_change_nothing(chain):
    model = chain.subject
    chain.files["model.joblib"] = b"tomorrow's weights"
    chain.provenance()
    chain.scan(result="fail")
    chain.files["model.joblib"] = b"weights"
    assert chain.subject == model
    assert answer(chain).result is Answer.ALLOW


def test_a_revocation_denies_before_any_witness_saw_it(chain):
    chain.revoke(chain.subject.digest)
    verdict = answer(chain)
    assert verdict.result is Answer.DENY
    assert [reason.rule for reason in verdict.reasons] == ["not-revoked"] * len(verdict.reasons)


def test_a_failing_scan_denies_before_any_witness_saw_it(chain):
    chain.scan(result="fail")
    assert "model-scan.result" in {reason.rule for reason in answer(chain).reasons}


def test_missing_evidence_is_not_made_good_before_a_witness_saw_it():
    chain = Chain().found()
    chain.inputs()
    chain.provenance()
    chain.evaluation()
    chain.artefact()
    chain.publish()
    chain.scan()
    assert "model-scan.present" in {reason.rule for reason in answer(chain).reasons}


def test_an_exception_excuses_nothing_before_a_witness_saw_it(chain):
    failing = chain.scan(result="fail")
    chain.publish()
    chain.excuse(failing)
    assert answer(chain).result is Answer.DENY


def test_a_revoked_authority_ends_the_chain_before_any_witness_saw_it(chain):
    chain.revoke(key_digest(chain.keys["approver"].public.keyid))
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked"):
        answer(chain)


def test_a_newer_trust_waits_for_its_checkpoint(chain):
    chain.trust_version = 2
    chain.say("root", TRUST.type, chain.realm, chain.make_trust())
    with pytest.raises(Unavailable, match="not in a checkpoint yet"):
        answer(chain)
