"""What a passport proves: what holds, what held then, and what is the same each time."""

from __future__ import annotations

from typing import Any

import pytest

from gate.edits import edited, opened
from gate.refusing import collected, denied
from hauberk.digest import sha256
from hauberk.errors import HauberkError, NotVerified
from hauberk.evidence.predicates import MODEL_SCAN, ROOT
from hauberk.evidence.trust import RootKeys, Trust, realm_of
from hauberk.gate.export import export
from hauberk.gate.prove import prove, verify_passport
from hauberk.statement import Named
from hauberk.subject import Subject
from hauberk.verdict import Answer
from simulator import (
    DAY,
    Chain,
    core,
    good_passport,
    keys,
)

# what holds


def test_a_stranger_with_one_public_key_learns_the_verdict_and_its_time():
    chain, data = good_passport()
    answer = verify_passport(data, root=RootKeys.decode(chain.root_keys.encode()))
    assert answer.verdict.result is Answer.ALLOW
    assert answer.verdict.permit is None
    assert answer.proven.evidence.time == chain.now
    assert answer.proven.evidence.checkpoint_size == chain.log.size
    assert answer.proven.trust.development


def test_a_denial_has_a_passport_too():
    chain = Chain().good()
    chain.scan(result="fail")
    assert denied(chain.publish()) == {"model-scan.result"}


def test_the_root_may_have_turned_to_other_keys():
    chain = Chain().good()
    chain.say(("root", "stranger"), ROOT.type, chain.realm, chain.make_root("stranger", version=2))
    chain.retrust("stranger", rootVersion=2).publish()
    assert chain.verify().verdict.result is Answer.ALLOW


def test_the_log_and_the_scanner_may_have_other_keys_from_some_time_on():
    chain = Chain().good()
    chain.retrust(not_after={"scanner": chain.now}).publish()
    assert chain.verify().verdict.result is Answer.ALLOW


def test_unrelated_models_in_the_same_log_are_not_in_the_passport():
    chain = Chain().good()
    other = Named("model/other", (sha256(b"other"),))
    chain.say("scanner", MODEL_SCAN.type, other, core("fail", files=[]))
    chain.publish()
    assert str(other.digests[0]) not in str(opened(chain.passport())["statements"])
    assert chain.verify().verdict.result is Answer.ALLOW


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MODEL_SCAN.type, {"result": "pass"}),
        ("urn:hauberk:unknown:v1", {}),
        ("https://slsa.dev/provenance/v1", {"x": []}),
    ],
)
def test_a_statement_that_nobody_can_read_neither_helps_nor_stops_the_passport(kind: str, body: dict[str, Any]):
    chain = Chain().good()
    chain.say("gate", kind, chain.model, body)
    assert chain.publish().verify().verdict.result is Answer.ALLOW
    bare_chain = Chain().found()
    bare_chain.say("gate", kind, bare_chain.model, body)
    assert "model-scan.present" in denied(bare_chain.publish())


def test_development_is_said_of_a_chain_whose_root_or_trust_is_for_trying_out():
    chain, data = good_passport()
    assert chain.verify(data).proven.development
    assert chain.verify(data, trust=Trust.of(chain.make_trust(development=False))).proven.development
    earnest = Chain()
    earnest.root_predicate = earnest.make_root(development=False)
    earnest.realm = realm_of(earnest.root_predicate)
    assert earnest.good().publish().verify().proven.development
    earnest = Chain()
    earnest.root_predicate = earnest.make_root(development=False)
    earnest.realm = realm_of(earnest.root_predicate)
    earnest.trust_predicate = earnest.make_trust(development=False)
    assert not earnest.good().publish().verify().proven.development


# replay


def test_an_older_passport_says_what_held_then_and_nothing_of_the_revocation_since():
    chain = Chain().good().publish()
    before = chain.passport()
    chain.now += DAY
    chain.revoke(chain.subject.digest)
    chain.publish()
    assert denied(chain) == {"not-revoked"}
    old = chain.verify(before)
    assert old.verdict.result is Answer.ALLOW
    assert old.verdict.at < chain.now - DAY + 60


# A then B


def test_a_then_b_is_as_b_then_a_with_the_same_trust_policy_and_root():
    one = good_passport()[1]
    failing = Chain().good()
    failing.scan(result="fail")
    two = failing.publish().passport()
    chain = Chain()
    shared = {"root": chain.root_keys, "trust": chain.trust, "policy": chain.policy}
    forth = [verify_passport(data, **shared) for data in (one, two)]
    back = [verify_passport(data, **shared) for data in (two, one)]
    assert forth == back[::-1]
    assert [answer.verdict.result for answer in forth] == [Answer.ALLOW, Answer.DENY]


def test_a_refused_passport_leaves_nothing_behind():
    chain, data = good_passport()
    shared = {"root": chain.root_keys, "trust": chain.trust, "policy": chain.policy}
    before = verify_passport(data, **shared)
    with pytest.raises(HauberkError):
        verify_passport(data.replace(b"dirHash", b"dirhash"), **shared)
    assert verify_passport(data, **shared) == before


# bounds


def test_what_is_exported_was_proven_first():
    chain = Chain().good().publish()
    with pytest.raises(NotVerified, match="not the one that the root file names"):
        export(collected(chain), root=Chain(keys=keys(1)).root_keys)


def test_proving_does_not_ask_the_subject_to_be_ours():
    chain = Chain().good().publish()
    proven = prove(collected(chain, subject=Subject("model", "tumour", chain.subject.digest)), root=chain.root_keys)
    assert proven.policy is not None
    assert proven.same_trust


def test_a_passport_is_the_same_bytes_each_time():
    chain, data = good_passport()
    assert edited(data, lambda _: None) == chain.passport() == data


@pytest.mark.parametrize(("first", "second", "said"), [(True, False, True), (False, True, True), (False, False, False)])
def test_one_root_that_was_made_for_trying_things_out_is_enough_to_say_so(first: bool, second: bool, said: bool):
    chain = Chain()
    chain.root_predicate = chain.make_root(development=first)
    chain.realm = realm_of(chain.root_predicate)
    chain.good()
    chain.say(("root", "gate"), ROOT.type, chain.realm, chain.make_root("gate", version=2, development=second))
    chain.retrust("gate", rootVersion=2, development=False)
    assert chain.publish().verify().proven.development is said
