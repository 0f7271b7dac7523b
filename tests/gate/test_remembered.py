"""An answer of before: what it is bound to, who signed it, how long it counts, and that it is no permit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import HauberkError, Malformed, NotVerified, Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import GRANDFATHERING, SUMMARY
from hauberk.evidence.trust import RootKeys, Trust
from hauberk.gate.decide import decide
from hauberk.gate.remembered import Question, recall, remember
from hauberk.pipeline.asking import summary_of
from hauberk.policy.policy import Policy
from hauberk.signature import dsse, jcs
from hauberk.statement import Statement
from hauberk.subject import Subject
from hauberk.verdict import Answer, Way
from simulator import DAY, START, TRAIN, Chain, policy_data

MINUTE = 60
AWAY = {"when_away": {"ledger": "cached-verdict", "cached_verdict_minutes": 30}}
OLD = {"grandfather": {"signers": ["approver"], "max_days": 90}}
CURRENT = {TRAIN.label: TRAIN.digests[0]}


def founded(**changes: Any) -> Chain:
    """Return a chain whose gate may sign summaries."""
    chain = Chain()
    granted = [*chain.trust_predicate["grants"], chain.grant("gate", SUMMARY, "model/*")]
    chain.trust_predicate = chain.trust_predicate | {"grants": granted} | changes
    return chain


def question(chain: Chain, *, policy: dict[str, Any] | None = None, **changes: Any) -> Question:
    asked = Question("load", chain.subject, Policy.of(policy or policy_data(**AWAY)), chain.trust, CURRENT)
    return replace(asked, **changes)


def kept(chain: Chain, asked: Question, *, role: str = "gate", **changes: Any) -> tuple[bytes, int]:
    """Return what is remembered of the gate's answer now, and when that is."""
    verdict = decide(
        asked.subject, gate="load", evidence=chain.evidence(), policy=asked.policy, now=chain.now, current=CURRENT
    )
    assert verdict.permit is not None
    envelopes = [dsse.decode_envelope(data) for data in chain.log.envelopes[:2]]
    body = summary_of(verdict) | changes
    authorities = (envelopes[:1], envelopes[1])
    return remember(verdict, asked, body, authorities=authorities, signer=chain.keys[role]), chain.now


@cache
def good() -> tuple[Chain, Question, bytes, int]:
    chain = founded().good()
    asked = question(chain)
    return chain, asked, *kept(chain, asked)


def refused(error: type[HauberkError], says: str, data: bytes, asked: Question, root: RootKeys, now: int) -> None:
    with pytest.raises(error, match=says):
        recall(data, asked, root=root, now=now)


def test_it_is_the_answer_of_before_for_minutes_and_no_permit():
    chain, asked, data, at = good()
    for now in (at, at + 30 * MINUTE):
        verdict = recall(data, asked, root=chain.root_keys, now=now)
        assert (verdict.result, verdict.gate, verdict.subject) == (Answer.ALLOW, "load", chain.subject)
        assert (verdict.at, verdict.policy, verdict.permit) == (at, asked.policy.digest, None)
        with pytest.raises(Refused):
            verdict.require()
    (reason,) = verdict.reasons
    assert (reason.rule, reason.seen) == ("answer.remembered", "30 minutes old")
    assert reason.wanted == "at most 30 minutes, while the ledger is away"
    assert reason.evidence == dsse.statement_id(dsse.envelope_of(jcs.decode(data)["answer"]).payload)


@pytest.mark.parametrize(
    ("seconds", "says"), [(30 * MINUTE + 1, "more than 30 minutes ago"), (-1, "and the clock says"), (10 * DAY, "more")]
)
def test_it_counts_for_minutes_only(seconds: int, says: str):
    chain, asked, data, at = good()
    refused(Unavailable, says, data, asked, chain.root_keys, at + seconds)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"gate": "train"}, "another gate"),
        ({"subject": Subject("model", "tumour", sha256(b"other"))}, "another subject"),
        ({"subject": Subject("model", "other", Chain().subject.digest)}, "another subject"),
        ({"policy": Policy.of(policy_data(**AWAY, permit_valid_minutes=61))}, "another policy"),
        ({"current": {TRAIN.label: sha256(b"other")}}, "another inputs"),
        ({"current": {}}, "another inputs"),
    ],
)
def test_it_is_about_exactly_what_was_asked(change: dict[str, Any], says: str):
    chain, asked, data, at = good()
    both = Policy.of(
        {**policy_data(**AWAY), "gates": dict.fromkeys(("load", "train"), policy_data(**AWAY)["gates"]["load"])}
    )
    if "gate" in change:
        data, at = kept(chain, replace(asked, policy=both))
        change = change | {"policy": both}
    refused(NotVerified, says, data, replace(asked, **change), chain.root_keys, at)


def test_it_counts_under_the_trust_of_its_time_only():
    chain, asked, data, at = good()
    other = Trust.of(chain.trust_predicate | {"version": 2})
    refused(NotVerified, "under another trust", data, replace(asked, trust=other), chain.root_keys, at)


def test_a_policy_that_remembers_nothing_takes_nothing_of_before():
    chain = founded().good()
    asked = question(chain, policy=policy_data())
    data, at = kept(chain, asked)
    refused(Unavailable, "lets no answer be remembered", data, asked, chain.root_keys, at)


def test_it_is_of_this_realm():
    chain, asked, data, at = good()
    other = RootKeys(1, (chain.keys["stranger"].public,))
    refused(NotVerified, "not the one that the root file names", data, asked, other, at)


@pytest.mark.parametrize("role", ["producer", "scanner", "approver", "stranger", "log", "root"])
def test_only_the_gate_signs_it(role: str):
    chain, asked, _, _ = good()
    data, at = kept(chain, asked, role=role)
    refused(NotVerified, "may not sign|no trusted key", data, asked, chain.root_keys, at)


def test_a_gate_whose_grant_had_ended_signs_nothing():
    chain = founded()
    last = chain.trust_predicate["grants"][-1] | {"notAfter": format_instant(START + 1)}
    chain.trust_predicate["grants"][-1] = last
    chain.good()
    asked = question(chain)
    data, at = kept(chain, asked)
    refused(NotVerified, "may not sign", data, asked, chain.root_keys, at)


def test_a_denial_is_never_remembered_as_an_allowance():
    chain, asked, _, _ = good()
    data, at = kept(chain, asked, verificationResult="FAILED")
    refused(NotVerified, "another result", data, asked, chain.root_keys, at)


def test_it_ends_with_the_trust():
    chain = founded(validUntil=format_instant(START + 60)).good()
    asked = question(chain)
    data, _ = kept(chain, asked)
    refused(NotVerified, "the trust was valid until", data, asked, chain.root_keys, START + 61)


def test_what_it_rests_on_is_told_and_ends_it():
    policy = policy_data(**AWAY, **OLD)
    chain = founded().found(policy)
    chain.inputs()
    chain.bear(GRANDFATHERING, "approver", until=chain.now + 10 * MINUTE)
    asked = question(chain, policy=policy)
    data, at = kept(chain, asked)
    verdict = recall(data, asked, root=chain.root_keys, now=at)
    (borne,) = verdict.borne
    assert (borne.way, borne.owner, borne.signers, borne.reason) == (
        Way.GRANDFATHERED,
        "Ada",
        ("approver",),
        "it runs already",
    )
    assert "model-scan.present" in borne.rules
    assert recall(data, asked, root=chain.root_keys, now=borne.until).result is Answer.ALLOW
    refused(Unavailable, "rests on ended at", data, asked, chain.root_keys, borne.until + 1)


def test_a_summary_that_says_nothing_of_trust_and_time_is_none():
    """Those in the ledger are such: whoever copies one out of it has no answer of before."""
    chain, asked, data, at = good()
    value = jcs.decode(data)
    said = dsse.decode_statement(dsse.envelope_of(value["answer"]).payload)
    plain = {name: part for name, part in said.predicate.items() if name != "remembered"}
    envelope = dsse.sign(Statement(said.subjects, said.predicate_type, plain), [chain.keys["gate"]])
    other = jcs.encode(value | {"answer": dsse.envelope_json(envelope)})
    refused(Malformed, "remembered", other, asked, chain.root_keys, at)


@pytest.mark.parametrize("member", ["timeVerified", "verifier", "policy", "verificationResult"])
def test_it_is_a_whole_summary(member: str):
    chain, asked, data, at = good()
    value = jcs.decode(data)
    said = dsse.decode_statement(dsse.envelope_of(value["answer"]).payload)
    body = {name: part for name, part in said.predicate.items() if name != member}
    envelope = dsse.sign(Statement(said.subjects, said.predicate_type, body), [chain.keys["gate"]])
    other = jcs.encode(value | {"answer": dsse.envelope_json(envelope)})
    refused(Malformed, member, other, asked, chain.root_keys, at)


@pytest.mark.parametrize("member", ["trust", "current", "until", "borne"])
def test_each_member_of_it_is_needed(member: str):
    chain, asked, data, at = good()
    value = jcs.decode(data)
    said = dsse.decode_statement(dsse.envelope_of(value["answer"]).payload)
    extra = {name: part for name, part in said.predicate["remembered"].items() if name != member}
    body = {**said.predicate, "remembered": extra}
    envelope = dsse.sign(Statement(said.subjects, said.predicate_type, body), [chain.keys["gate"]])
    other = jcs.encode(value | {"answer": dsse.envelope_json(envelope)})
    refused(Malformed, member, other, asked, chain.root_keys, at)


def test_a_statement_of_another_kind_is_none():
    chain, asked, data, at = good()
    scan = chain.say("scanner", "urn:hauberk:model-scan:v1", chain.model, {}, log=False)
    other = jcs.encode(jcs.decode(data) | {"answer": dsse.envelope_json(scan)})
    refused(Malformed, "no verification summary", other, asked, chain.root_keys, at)


@pytest.mark.parametrize("change", [{"schema": "x"}, {"spare": 1}, {"roots": []}, {"roots": ["x"]}, {"trust": 1}])
def test_a_file_of_another_form_is_refused(change: dict[str, Any]):
    chain, asked, data, at = good()
    with pytest.raises(Malformed):
        recall(jcs.encode(jcs.decode(data) | change), asked, root=chain.root_keys, now=at)


def test_every_flipped_bit_is_refused():
    chain, asked, data, at = good()
    for place in range(0, len(data), 7):
        changed = data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :]
        with pytest.raises(HauberkError):
            recall(changed, asked, root=chain.root_keys, now=at)
