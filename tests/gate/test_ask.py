"""Asking a gate at a ledger: the files on the desk must be the ones that were signed, and the ledger whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import NotVerified, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.trust import realm_of
from hauberk.gate.ask import ask
from hauberk.gate.export import export
from hauberk.policy.policy import Policy
from hauberk.subject import Subject
from hauberk.verdict import Answer, Verdict
from hauberk.view import Basis
from simulator import DAY, START, Chain, keys, policy_data


def asked(chain: Chain, **changes: Any) -> Verdict:
    given = {
        "gate": "load",
        "subject": chain.subject,
        "root": chain.root_keys,
        "trust": chain.trust,
        "policy": chain.policy,
        "now": chain.now,
    }
    verdict, _, _ = ask(chain.log, **(given | changes))  # type: ignore[arg-type]
    return verdict


def denied(verdict: Verdict) -> set[str]:
    assert (verdict.result, verdict.permit) == (Answer.DENY, None)
    return {reason.rule for reason in verdict.reasons}


def test_a_good_chain_gets_a_permit_and_the_passport_that_it_rests_on():
    chain = Chain().good().publish()
    given = {"trust": chain.trust, "policy": chain.policy, "now": chain.now, "root": chain.root_keys}
    verdict, passport, proven = ask(chain.log, gate="load", subject=chain.subject, **given)  # type: ignore[arg-type]
    assert verdict.require().checkpoint_size == proven.evidence.checkpoint_size == chain.log.size
    assert export(passport, root=chain.root_keys)[0] == chain.passport()


def test_an_edited_policy_is_denied_until_it_is_signed():
    chain = Chain().good().publish()
    verdict = asked(chain, policy=Policy.of(policy_data(permit_valid_minutes=61)))
    assert denied(verdict) == {"policy.approved"}
    assert verdict.reasons[0].wanted == str(chain.policy.digest)


def test_an_edited_policy_that_is_stricter_is_denied_too():
    chain = Chain().good().publish()
    assert denied(asked(chain, policy=Policy.of(policy_data(max_evidence_age_hours=1)))) == {"policy.approved"}


def test_the_policy_of_yesterday_is_denied_when_a_newer_was_signed():
    chain = Chain().good()
    chain.say("approver", "urn:hauberk:policy:v1", chain.realm, policy_data() | {"version": 2})
    chain.publish()
    assert denied(asked(chain)) == {"policy.approved"}


def test_an_edited_trust_file_is_refused():
    chain = Chain().good().publish()
    with pytest.raises(NotVerified, match="is not the one that the root signed"):
        asked(chain, trust=chain.trust_without(("scanner", "model-scan")))


def test_the_trust_file_of_yesterday_is_refused():
    chain = Chain().good()
    old = chain.trust
    chain.retrust().publish()
    with pytest.raises(NotVerified, match="is not the one that the root signed"):
        asked(chain, trust=old)


def test_another_root_is_refused():
    chain = Chain().good().publish()
    with pytest.raises(NotVerified, match="not the one that the root file names"):
        asked(chain, root=Chain(keys=keys(1)).root_keys)


def test_a_checkpoint_that_is_too_old_gives_no_answer():
    chain = Chain().good().publish()
    with pytest.raises(Unavailable, match="too old"):
        asked(chain, now=chain.now + 8 * DAY)


def test_a_clock_set_back_gives_no_answer():
    chain = Chain().good().publish()
    with pytest.raises(Unavailable, match="the clock says"):
        asked(chain, now=chain.now - DAY)


def test_other_bytes_of_the_same_name_are_denied():
    chain = Chain().good().publish()
    assert "artefact.present" in denied(asked(chain, subject=Subject("model", "tumour", sha256(b"swapped"))))


def test_a_claimed_digest_is_denied():
    chain = Chain().good().publish()
    assert denied(asked(chain, subject=replace(chain.subject, basis=Basis.CLAIMED))) == {"subject.computed"}


def test_a_gate_that_no_policy_covers_is_refused():
    chain = Chain().good().publish()
    with pytest.raises(NotVerified, match="0 approved policies cover deploy") as refused:
        asked(chain, gate="deploy")
    assert "write the gate `deploy` into the policy" in refused.value.hint


def test_inputs_that_changed_on_disk_are_denied():
    chain = Chain().good().publish()
    assert denied(asked(chain, current={"dataset/train": sha256(b"edited")})) == {"slsa-provenance.current"}


def test_a_root_that_ended_since_the_witnesses_signed_is_refused():
    chain = Chain()
    chain.root_predicate = chain.make_root(validUntil=format_instant(START + 2 * DAY))
    chain.realm = realm_of(chain.root_predicate)
    chain.good().publish()
    assert asked(chain, now=START + 2 * DAY).result is Answer.ALLOW
    with pytest.raises(NotVerified, match="the root was valid until"):
        asked(chain, now=START + 2 * DAY + 1)
