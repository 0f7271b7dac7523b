"""Which policy and which question a passport answers, and the reader's own files."""

from __future__ import annotations

from typing import Any

import pytest

from gate.edits import opened, replaced
from gate.refusing import bare, collected, denied, refuses
from hauberk.digest import sha256
from hauberk.errors import NotVerified
from hauberk.evidence.predicates import EXCEPTION, POLICY
from hauberk.evidence.trust import Trust
from hauberk.evidence.verify import verify_roots
from hauberk.gate.prove import newest_policies, verify_passport
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.signature.note import NoteKind, VerifierKey
from hauberk.statement import Named, Statement
from hauberk.verdict import Answer
from simulator import (
    ORIGIN,
    TRAIN,
    Chain,
    good_passport,
    keys,
    policy_data,
)

# 8. policy and verdict


def test_an_allow_in_place_of_a_deny_is_refused():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    refuses(
        chain,
        "the passport's verdict is not the one",
        replaced(chain.passport(), ("verdict",), opened(good_passport()[1])["verdict"]),
    )


@pytest.mark.parametrize("member", ["result", "at", "reasons"])
def test_each_member_of_the_verdict_is_computed_again(member: str):
    chain, data = good_passport()
    other = {"result": "deny", "at": "2026-01-01T00:00:00Z", "reasons": []}[member]
    refuses(chain, "the passport's verdict is not the one", replaced(data, ("verdict", member), other))


def test_another_gates_question_is_not_answered():
    chain, data = good_passport()
    refuses(chain, "0 approved policies cover deploy of model/tumour", replaced(data, ("gate",), "deploy"))


def test_the_answer_for_one_gate_is_no_answer_for_another_that_the_policy_knows():
    both = policy_data()
    both["gates"]["deploy"] = both["gates"]["load"] | {
        "require": [{"predicate": "model-scan", "signers": ["gate"]}],
        "distinct_signers": [],
    }
    chain = Chain().good(both).publish()
    assert chain.verify().verdict.gate == "load"
    refuses(chain, "verdict is not the one", replaced(chain.passport(), ("gate",), "deploy"))


def test_another_models_name_is_another_question():
    chain, data = good_passport()
    refuses(chain, "nothing in it leads to", replaced(data, ("subject", "name"), "other"))


def test_another_models_digest_is_another_question():
    chain, data = good_passport()
    refuses(chain, "leaves out the range", replaced(data, ("subject", "digest"), str(sha256(b"malware"))))


def test_another_digest_that_is_in_the_passport_is_another_question():
    chain, data = good_passport()
    refuses(
        chain,
        "that nothing in it leads to|verdict is not the one",
        replaced(data, ("subject", "digest"), str(TRAIN.digests[0])),
    )


def test_the_newest_policy_of_a_name_decides():
    strict = policy_data() | {"version": 2}
    strict["gates"]["load"]["require"][3]["metrics"]["recall"]["min"] = 0.99
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, strict)
    chain.publish()
    assert denied(chain) == {"evaluation.recall"}
    assert chain.verify().policy.version == 2
    refuses(chain, "the passport names 1", bare(collected(chain, policies=(2,))))


def test_a_lower_version_that_came_later_does_not_decide():
    chain = Chain().good(policy_data() | {"version": 2})
    lenient = policy_data(require=[{"predicate": "artefact", "signers": ["producer"]}], distinct_signers=[])
    chain.say("approver", POLICY.type, chain.realm, lenient)
    chain.publish()
    assert chain.verify().policy.version == 2


def test_of_two_policies_of_one_version_the_later_decides():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data(permit_valid_minutes=5))
    assert chain.publish().verify().policy.gates["load"].permit_valid_minutes == 5


def test_a_policy_signed_by_somebody_else_does_not_decide():
    lenient = policy_data(require=[{"predicate": "artefact", "signers": ["producer"]}], distinct_signers=[]) | {
        "version": 9
    }
    for role in ("producer", "gate", "log", "root", "stranger"):
        chain = Chain().good()
        chain.say(role, POLICY.type, chain.realm, lenient)
        assert chain.publish().verify().policy.version == 1


def test_a_policy_for_another_realm_does_not_decide():
    chain = Chain().good()
    chain.say("approver", POLICY.type, Named("realm/other", (sha256(b"other"),)), policy_data() | {"version": 9})
    assert chain.publish().verify().policy.version == 1


def test_two_policies_that_speak_of_the_same_gate_and_model_are_refused():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data(subject="model/*") | {"name": "all-models"})
    chain.publish()
    with pytest.raises(NotVerified, match="2 approved policies cover load of model/tumour"):
        chain.passport()
    refuses(chain, "2 approved policies cover", bare(collected(chain, policies=(2,))))


def test_a_name_that_only_looks_like_another_shadows_nothing():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data() | {"name": "tum\u043eur", "version": 9})
    chain.publish()
    with pytest.raises(NotVerified, match="the policy of entry 12 cannot be read"):
        chain.passport()


def test_a_policy_with_a_requirement_that_cannot_be_read_is_refused_by_name():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data(require=[]) | {"version": 2})
    chain.publish()
    with pytest.raises(NotVerified, match="policy of entry 12 cannot be read"):
        chain.passport()


# the reader's own files


def test_the_readers_own_trust_decides_and_says_so():
    chain, data = good_passport()
    mine = chain.trust_without(("scanner", "model-scan"))
    answer = chain.verify(data, trust=mine)
    assert answer.verdict.result is Answer.DENY
    assert answer.notes == ("the passport's trust is ignored: yours decides",)


def test_the_readers_own_trust_needs_no_root_file():
    chain, data = good_passport()
    answer = verify_passport(data, root=None, trust=chain.trust)
    assert (answer.verdict.result, answer.notes) == (Answer.ALLOW, ())


def test_the_readers_own_policy_decides_and_says_so():
    chain, data = good_passport()
    mine = policy_data()
    mine["gates"]["load"]["require"][3]["metrics"]["recall"]["min"] = 0.99
    answer = chain.verify(data, policy=Policy.of(mine))
    assert answer.verdict.result is Answer.DENY
    assert answer.notes == ("the passport's policy is ignored: yours decides",)


def test_the_readers_own_policy_may_not_know_the_gate():
    chain, data = good_passport()
    other = policy_data()
    other["gates"] = {"deploy": other["gates"]["load"]}
    answer = chain.verify(data, policy=Policy.of(other))
    assert [reason.rule for reason in answer.verdict.reasons] == ["gate.known"]


def test_a_passport_of_a_stranger_under_the_readers_trust_is_refused():
    chain = Chain()
    theirs = Chain(keys=keys(1)).good().publish().passport()
    refuses(chain, "has not signed the checkpoint|not of", theirs, root=None, trust=chain.trust)


def test_a_policy_that_the_readers_trust_does_not_grant_is_none():
    chain, data = good_passport()
    mine = chain.trust_without(("approver", "policy"))
    with pytest.raises(NotVerified, match="no approved policy covers load of model/tumour under your trust"):
        chain.verify(data, trust=mine)


def test_another_log_in_the_readers_trust_is_refused():
    chain, data = good_passport()
    log = {"origin": ORIGIN, "vkey": VerifierKey(ORIGIN, NoteKind.ED25519, chain.keys["stranger"].public).format()}
    refuses(chain, "has not signed the checkpoint", data, trust=Trust.of(chain.make_trust(log=log)))


# policies of others


def test_a_policy_about_another_realm_and_what_is_no_policy_about_ours_are_left_out():
    chain = Chain().good()
    other = policy_data() | {"version": 9}
    chain.say("approver", POLICY.type, Named("realm/other", (sha256(b"other"),)), other)
    chain.revoke(chain.realm.digests[0])
    about_ours = dsse.sign(Statement((chain.realm,), EXCEPTION.type, exception()), [chain.keys["approver"]])
    chain.put(about_ours)
    realm = verify_roots(chain.logged()[:1], anchor=None)
    held = chain.evidence(chain.trust_with(chain.grant("approver", POLICY, "realm/*"))).held
    assert sum(verified.statement.predicate_type == POLICY.type for verified in held) == 2
    assert {entry: policy.version for entry, policy in newest_policies(held, realm).items()} == {2: 1}


def test_of_equal_versions_the_later_entry_is_the_newest_in_whatever_order_they_are_met():
    chain = Chain().good()
    for version, minutes in ((1, 59), (2, 60), (1, 58)):
        body = policy_data(permit_valid_minutes=minutes) | {"version": version}
        chain.say("approver", POLICY.type, chain.realm, body)
    realm = verify_roots(chain.logged()[:1], anchor=None)
    held = chain.evidence().held
    for order in (held, held[::-1]):
        assert list(newest_policies(order, realm)) == [chain.log.size - 2]
        assert list(newest_policies([one for one in order if one.entry != chain.log.size - 2], realm)) == [
            chain.log.size - 1
        ]


def test_a_policy_that_is_appended_again_keeps_the_place_of_its_first_entry():
    chain = Chain().good()
    first = dsse.decode_envelope(chain.log.envelope(2))
    later = {**policy_data(), "gates": {**policy_data()["gates"], "deploy": policy_data()["gates"]["load"]}}
    chain.say("approver", POLICY.type, chain.realm, later)
    chain.put(first)
    realm = verify_roots(chain.logged()[:1], anchor=None)
    held = chain.evidence().held
    for order in (held, held[::-1]):
        assert list(newest_policies(order, realm)) == [chain.log.size - 2]


def exception() -> dict[str, Any]:
    return {"statement": "sha256:" + "0" * 64, "owner": "Ada", "until": "2030-01-01T00:00:00Z", "reason": "x"}
