"""Grandfathering and breaking the glass: what they bear, by whom, for how long, and what nothing bears."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BREAK_GLASS, EXCEPTION, GRANDFATHERING, MODEL_SCAN, SUMMARY
from hauberk.gate.decide import decide
from hauberk.gate.prove import verify_passport
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.statement import Named
from hauberk.verdict import Answer, Way
from simulator import DAY, HIGH, HOLDOUT, START, TRAIN, Chain, core, keys, named, policy_data, resource

HOUR = 3600
BOTH = ("approver", "security")
OLD = {"grandfather": {"signers": ["approver"], "max_days": 90}}
GLASS = {"break_glass": {"signers": ["approver", "security"], "max_hours": 24}}
TWO = {"exceptions": {"at_least": 2, "signers": ["approver", "security"], "max_days": 60}}


def rules(chain: Chain, policy: dict[str, Any], **asked: object) -> set[str]:
    verdict = chain.ask(policy=policy, **asked)
    assert verdict.result is Answer.DENY
    assert verdict.borne == ()
    return {reason.rule for reason in verdict.reasons}


def bare(policy: dict[str, Any]) -> Chain:
    """Return a chain in which nothing is said of the model."""
    chain = Chain().found(policy)
    chain.inputs()
    return chain


def running(*, until: int = START + 50 * DAY, role: str | tuple[str, ...] = "approver", **more: Any) -> Chain:
    """Return a chain in which nothing is said of the model but that it is grandfathered."""
    chain = bare(policy_data(**OLD))
    chain.bear(GRANDFATHERING, role, until=until, **more)
    return chain


def opened(*, until: int = START + 4 * HOUR, role: str | tuple[str, ...] = BOTH, **more: Any) -> Chain:
    """Return a chain in which nothing is said of the model but that the glass was broken."""
    chain = bare(policy_data(**GLASS))
    chain.bear(BREAK_GLASS, role, until=until, **more)
    return chain


def summary(verifier: str) -> dict[str, Any]:
    """Return the body of a verification summary that denies."""
    return {
        "verifier": {"id": verifier},
        "timeVerified": format_instant(START),
        "resourceUri": "urn:hauberk:model:tumour",
        "policy": {"digest": {"sha256": "0" * 64}},
        "verificationResult": "FAILED",
        "verifiedLevels": [],
    }


NOTHING = {
    "artefact.present",
    "slsa-provenance.present",
    "model-scan.present",
    "evaluation.present",
    "dataset-manifest.inputs",
}


# grandfathering


def test_what_is_grandfathered_passes_without_evidence_and_is_told():
    chain = running()
    verdict = chain.ask(policy=policy_data(**OLD))
    assert verdict.result is Answer.ALLOW
    said = {reason.rule: reason for reason in verdict.reasons if reason.rule.endswith(".grandfathered")}
    assert set(said) == {f"{rule}.grandfathered" for rule in NOTHING}
    reason = said["model-scan.present.grandfathered"]
    assert (reason.seen, reason.wanted) == ("none", f"grandfathered by Ada until {format_instant(START + 50 * DAY)}")
    (borne,) = verdict.borne
    assert (borne.way, borne.owner, borne.until) == (Way.GRANDFATHERED, "Ada", START + 50 * DAY)
    assert borne.reason == "it runs already"
    assert set(borne.rules) == NOTHING


def test_without_a_policy_for_it_nothing_is_grandfathered():
    assert rules(running(), policy_data()) == NOTHING


def test_grandfathering_ends_at_its_second():
    chain = running(until=START + DAY)
    policy = policy_data(**OLD)
    assert chain.ask(policy=policy, now=START + DAY).result is Answer.ALLOW
    assert rules(chain, policy, now=START + DAY + 1) == NOTHING


@pytest.mark.parametrize(
    "change",
    [
        {"role": "security"},
        {"role": "producer"},
        {"role": "stranger"},
        {"gate": "deploy"},
        {"until": START + 120 * DAY},
        {"thing": named("model/tumour", b"other bytes")},
        {"thing": TRAIN},
    ],
    ids=["unnamed signer", "no grant", "unknown key", "another gate", "too long", "other bytes", "another thing"],
)
def test_grandfathering_is_as_narrow_as_it_says(change: dict[str, Any]):
    assert rules(running(**change), policy_data(**OLD)) == NOTHING


def test_grandfathering_under_another_name_of_the_same_bytes_is_none():
    chain = running(thing=Named("model/other", Chain().model.digests))
    trust = chain.trust_with(chain.grant("approver", GRANDFATHERING, "model/other"))
    assert rules(chain, policy_data(**OLD), trust=trust) == NOTHING


def test_grandfathering_whose_grant_was_taken_away_is_none():
    chain = running()
    assert rules(chain, policy_data(**OLD), trust=chain.trust_without(("approver", "grandfathering"))) == NOTHING


def reaching(address: str) -> dict[str, Any]:
    """Return the definition of a training that could read from a server."""
    body = {"buildType": "urn:hauberk:train:v1", "externalParameters": {"reach": [address]}}
    return {"buildDefinition": body | {"resolvedDependencies": [resource(TRAIN)]}}


def test_what_was_read_from_a_server_is_grandfathered_with_the_model():
    chain = running()
    chain.provenance(**reaching("db.example:5432"))
    (borne,) = chain.ask(policy=policy_data(**OLD)).borne
    assert "network/db.example:5432.input" in borne.rules


def test_a_failing_scan_is_not_grandfathered_and_neither_is_that_it_is_missing():
    chain = running()
    chain.scan(result="fail", findings=[HIGH])
    assert {"model-scan.result", "model-scan.high"} <= rules(chain, policy_data(**OLD))


def test_a_failing_scan_that_ran_out_still_speaks_against_what_is_grandfathered():
    chain = running()
    chain.scan(result="fail", validUntil=format_instant(START + DAY))
    assert rules(chain, policy_data(**OLD), now=START + 2 * DAY) == {"model-scan.present"} | {"dataset-manifest.inputs"}


@pytest.mark.parametrize(
    "change", [{"findings": [HIGH]}, {"unchecked": [{"code": "limit", "detail": "x", "location": {}}]}]
)
def test_a_passing_scan_with_a_finding_speaks_against_it_too_once_it_ran_out(change: dict[str, Any]):
    chain = running()
    chain.scan(validUntil=format_instant(START + DAY), **change)
    assert "model-scan.present" in rules(chain, policy_data(**OLD), now=START + 2 * DAY)


def test_a_failing_scan_by_a_signer_without_a_grant_speaks_against_it():
    chain = running()
    chain.scan("stranger", result="fail", validUntil=format_instant(START + DAY))
    assert "model-scan.present" in rules(chain, policy_data(**OLD), now=START + 2 * DAY)


@pytest.mark.parametrize("thing", [Chain().model, TRAIN], ids=["the model", "its data"])
def test_a_recorded_denial_does_not_speak_against_what_is_grandfathered(thing: Named):
    chain = Chain().found(policy_data(**OLD))
    if thing == TRAIN:
        chain.provenance()
    chain.say("gate", SUMMARY.type, thing, summary("urn:hauberk:gate:load"))
    chain.bear(GRANDFATHERING, "approver", until=START + 50 * DAY)
    trust = chain.trust_with(chain.grant("gate", SUMMARY, thing.label))
    assert chain.ask(policy=policy_data(**OLD), trust=trust).result is Answer.ALLOW


def test_a_denial_by_another_verifier_does():
    chain = bare(policy_data(**OLD))
    chain.say("gate", SUMMARY.type, chain.model, summary("https://verifier.example.org"))
    chain.bear(GRANDFATHERING, "approver", until=START + 50 * DAY)
    trust = chain.trust_with(chain.grant("gate", SUMMARY, "model/tumour"))
    assert rules(chain, policy_data(**OLD), trust=trust) == {"dataset-manifest.inputs"}


def test_a_failing_scan_that_is_excused_by_name_may_be_missing():
    chain = running()
    chain.excuse(chain.scan(result="fail"))
    verdict = chain.ask(policy=policy_data(**OLD), now=START + 40 * DAY)
    assert verdict.result is Answer.ALLOW
    assert [borne.way for borne in verdict.borne] == [Way.EXCEPTION, Way.GRANDFATHERED]


def test_a_low_metric_that_ran_out_is_not_grandfathered():
    chain = running()
    chain.inputs()
    chain.evaluation(recall=0.5, validUntil=format_instant(START + DAY))
    assert "evaluation.present" in rules(chain, policy_data(**OLD), now=START + 2 * DAY)


def test_data_that_nobody_approved_are_grandfathered_with_the_model():
    chain = Chain().found(policy_data(**OLD))
    chain.provenance()
    chain.bear(GRANDFATHERING, "approver", until=START + 50 * DAY)
    verdict = chain.ask(policy=policy_data(**OLD))
    assert verdict.result is Answer.ALLOW
    assert "dataset/train dataset-manifest.present.grandfathered" in {reason.rule for reason in verdict.reasons}
    assert "source/train.py.input.grandfathered" in {reason.rule for reason in verdict.reasons}


def test_data_whose_manifest_fails_are_not():
    chain = Chain().found(policy_data(**OLD))
    chain.provenance()
    chain.manifest(TRAIN, result="fail")
    chain.bear(GRANDFATHERING, "approver", until=START + 50 * DAY)
    assert rules(chain, policy_data(**OLD)) == {"dataset/train dataset-manifest.result", "dataset/train.input"}


def test_two_different_signers_are_not_grandfathered():
    chain = running()
    chain.scan("producer")
    trust = chain.trust_with(chain.grant("producer", MODEL_SCAN, "model/tumour"))
    chain.evaluation()
    assert "distinct-signers.producer+scanner" in rules(chain, policy_data(**OLD), trust=trust)


@pytest.mark.parametrize("what", ["model", "input", "key"])
def test_nothing_grandfathers_what_was_revoked(what: str):
    chain = running()
    chain.provenance()
    digest = {"model": chain.subject.digest, "input": TRAIN.digests[0], "key": chain.key_digest("approver")}[what]
    chain.revoke(digest, role="stranger" if what == "key" else "approver")
    assert rules(chain, policy_data(**OLD)) == {"not-revoked"}


def test_a_policy_may_ask_two_people_to_grandfather():
    policy = policy_data(grandfather={"signers": ["approver", "security"], "max_days": 90, "at_least": 2})
    assert rules(running(), policy) == NOTHING
    assert running(role=BOTH).ask(policy=policy).result is Answer.ALLOW


# breaking the glass


def test_two_people_open_the_gate_for_hours_and_it_is_told():
    chain = opened()
    verdict = chain.ask(policy=policy_data(**GLASS))
    assert verdict.result is Answer.ALLOW
    reason = next(reason for reason in verdict.reasons if reason.rule == "artefact.present.break-glass")
    assert reason.wanted == f"break-glass by approver and security until {format_instant(START + 4 * HOUR)}"
    (borne,) = verdict.borne
    assert (borne.way, borne.signers, borne.until) == (Way.BREAK_GLASS, BOTH, START + 4 * HOUR)


def test_it_bears_a_failing_scan_low_metrics_old_inputs_and_shared_keys():
    chain = Chain().good(policy_data(**GLASS))
    chain.scan(result="fail", findings=[HIGH])
    chain.scan("producer")
    chain.evaluation(recall=0.1)
    chain.bear(BREAK_GLASS, BOTH, until=START + 4 * HOUR)
    trust = chain.trust_with(chain.grant("producer", MODEL_SCAN, "model/tumour"))
    asked = {"policy": policy_data(**GLASS), "trust": trust, "current": {TRAIN.label: HOLDOUT.digests[0]}}
    verdict = chain.ask(**asked)
    assert verdict.result is Answer.ALLOW
    (borne,) = verdict.borne
    assert {"model-scan.result", "evaluation.recall", "distinct-signers.producer+scanner"} <= set(borne.rules)
    assert "slsa-provenance.current" in borne.rules


def test_it_bears_an_input_of_nothing_and_what_was_read_from_a_server():
    chain = Chain().good(policy_data(**GLASS))
    chain.provenance(dependencies=(TRAIN, named("data/raw", b"raw")))
    chain.provenance(**reaching("db.example:5432"))
    chain.bear(BREAK_GLASS, BOTH, until=START + 4 * HOUR)
    verdict = chain.ask(policy=policy_data(**GLASS))
    assert verdict.result is Answer.ALLOW
    assert set(verdict.borne[0].rules) == {"data/raw.input", "network/db.example:5432.input"}


def test_a_glass_that_bears_nothing_is_not_told():
    chain = Chain().good(policy_data(**GLASS))
    chain.bear(BREAK_GLASS, BOTH, until=START + 4 * HOUR)
    verdict = chain.ask(policy=policy_data(**GLASS))
    assert (verdict.result, verdict.borne) == (Answer.ALLOW, ())


def test_without_a_policy_for_it_no_glass_is_broken():
    assert rules(opened(), policy_data()) == NOTHING


def test_the_glass_is_whole_again_at_its_second():
    chain = opened(until=START + HOUR)
    assert chain.ask(policy=policy_data(**GLASS), now=START + HOUR).result is Answer.ALLOW
    assert rules(chain, policy_data(**GLASS), now=START + HOUR + 1) == NOTHING


@pytest.mark.parametrize(
    "change",
    [
        {"role": "approver"},
        {"role": "security"},
        {"role": ("approver", "gate")},
        {"role": ("approver", "producer")},
        {"role": ("approver", "security", "stranger")},
        {"until": START + 30 * HOUR},
        {"gate": "deploy"},
        {"thing": named("model/tumour", b"other bytes")},
        {"thing": HOLDOUT},
    ],
    ids=[
        "one person",
        "the other one",
        "a second without a grant",
        "a second whom the policy does not name",
        "a third whose key is unknown",
        "too long",
        "another gate",
        "other bytes",
        "another thing",
    ],
)
def test_a_glass_is_broken_by_two_for_one_digest_at_one_gate_for_hours(change: dict[str, Any]):
    assert rules(opened(**change), policy_data(**GLASS)) == NOTHING


def test_one_person_with_two_keys_is_one_person():
    chain = bare(policy_data(**GLASS))
    chain.bear(BREAK_GLASS, BOTH, until=START + 4 * HOUR)
    listed = chain.make_trust()["keys"]
    listed[chain.keys["security"].public.keyid]["name"] = "approver"
    trust = chain.trust_with(keys=listed)
    assert rules(chain, policy_data(**GLASS), trust=trust) == NOTHING


def test_two_statements_of_one_person_each_are_none_of_two():
    chain = opened(role="approver")
    chain.bear(BREAK_GLASS, "security", until=START + 4 * HOUR)
    assert rules(chain, policy_data(**GLASS)) == NOTHING


def test_a_second_signature_that_does_not_hold_is_worse_than_none():
    chain = bare(policy_data(**GLASS))
    body = {"gate": "load", "owner": "Ada", "until": format_instant(START + 4 * HOUR), "emergency": "x"}
    honest = chain.say(BOTH, BREAK_GLASS.type, chain.model, body, log=False)
    one = next(s for s in honest.signatures if s.keyid == chain.keys["approver"].public.keyid)
    forged = dsse.Signature(chain.keys["security"].public.keyid, one.sig)
    listed = tuple(sorted((one, forged), key=lambda s: s.keyid))
    chain.put(dsse.Envelope(honest.payload, listed))
    assert rules(chain, policy_data(**GLASS)) == NOTHING


@pytest.mark.parametrize("what", ["model", "input", "signer"])
def test_no_glass_opens_what_was_revoked(what: str):
    chain = opened()
    chain.provenance()
    digest = {"model": chain.subject.digest, "input": TRAIN.digests[0], "signer": chain.key_digest("security")}[what]
    chain.revoke(digest)
    assert rules(chain, policy_data(**GLASS)) == {"not-revoked"}


def test_no_glass_opens_a_gate_under_a_trust_that_has_ended():
    chain = opened(until=START + 4 * HOUR)
    trust = chain.trust_with(validUntil=format_instant(START + 1))
    assert rules(chain, policy_data(**GLASS), trust=trust) == {"trust.valid"}


def test_no_glass_opens_a_gate_for_another_kind_of_subject():
    assert rules(opened(), policy_data(subject="model/other", **GLASS)) == {"subject.in-scope"}


# how long, to the second


@pytest.mark.parametrize(
    ("kind", "role", "policy", "longest"),
    [(GRANDFATHERING, "approver", OLD, 90 * DAY), (BREAK_GLASS, BOTH, GLASS, 24 * HOUR)],
    ids=["grandfathered", "break-glass"],
)
def test_the_longest_that_the_policy_allows_counts_and_a_second_more_does_not(
    kind: Any, role: Any, policy: dict[str, Any], longest: int
):
    for more, answer in ((0, Answer.ALLOW), (1, Answer.DENY)):
        chain = bare(policy_data(**policy))
        logged = chain.now + 1
        chain.bear(kind, role, until=logged + longest + more)
        assert chain.ask(policy=policy_data(**policy), now=logged).result is answer


def test_the_longest_exception_counts_and_a_second_more_does_not():
    for more, answer in ((0, Answer.ALLOW), (1, Answer.DENY)):
        chain = Chain().good(policy_data(**TWO))
        scan = chain.scan(result="fail")
        chain.excuse(scan, role=BOTH, until=chain.now + 1 + 60 * DAY + more)
        assert chain.ask(policy=policy_data(**TWO)).result is answer


def test_nothing_is_borne_before_it_was_logged():
    chain = opened()
    chain.now += HOUR
    assert chain.ask(policy=policy_data(**GLASS), now=chain.now - HOUR).result is Answer.ALLOW
    assert rules(chain, policy_data(**GLASS), now=chain.now - HOUR - 1) == NOTHING


def test_what_is_borne_is_told_in_the_order_of_the_log():
    chain = Chain().good()
    scans = [chain.scan(result="fail", files=[], unchecked=[], findings=[HIGH] * n) for n in range(1, 7)]
    excused = [dsse.statement_id(chain.excuse(scan).payload) for scan in scans]
    assert excused != sorted(excused, key=str)
    assert [borne.statement for borne in chain.ask().borne] == excused


# of several people


def test_a_policy_may_ask_for_exceptions_of_two_people():
    chain = Chain().good(policy_data(**TWO))
    scan = chain.scan(result="fail")
    chain.excuse(scan)
    assert rules(chain, policy_data(**TWO)) == {"model-scan.result"}
    chain.excuse(scan, role=BOTH)
    assert chain.ask(policy=policy_data(**TWO)).result is Answer.ALLOW


def test_a_policy_may_end_exceptions_after_days():
    chain = Chain().good(policy_data(**TWO))
    chain.excuse(chain.scan(result="fail"), role=BOTH, until=START + 61 * DAY)
    assert rules(chain, policy_data(**TWO)) == {"model-scan.result"}


def test_a_policy_may_ask_for_evidence_of_two_people():
    wanted = policy_data()
    scan = wanted["gates"]["load"]["require"][2]
    scan |= {"signers": ["scanner", "producer"], "at_least": 2}
    wanted["gates"]["load"]["distinct_signers"] = []
    chain = Chain().good(wanted)
    trust = chain.trust_with(chain.grant("producer", MODEL_SCAN, "model/tumour"))
    assert rules(chain, wanted, trust=trust) == {"model-scan.present"}
    chain.say("producer", MODEL_SCAN.type, chain.model, core(files=[]))
    assert rules(chain, wanted, trust=trust) == {"model-scan.present"}
    chain.scan(("scanner", "producer"))
    verdict = chain.ask(policy=wanted, trust=trust)
    assert verdict.result is Answer.ALLOW
    present = next(reason for reason in verdict.reasons if reason.rule == "model-scan.present")
    assert present.wanted == "by 2 of scanner or producer, at most 30 days old"


# in passports


@pytest.mark.parametrize("make", [running, opened], ids=["grandfathered", "break-glass"])
def test_what_is_borne_travels_in_the_passport_and_is_computed_again(make: Any):
    chain = make().publish()
    data = chain.passport()
    answer = verify_passport(data, root=chain.root_keys)
    assert answer.verdict.result is Answer.ALLOW
    assert len(answer.verdict.borne) == 1
    assert keys()["approver"].public.keyid.encode() in data


@pytest.mark.parametrize("policy", [OLD, GLASS], ids=["grandfathered", "break-glass"])
def test_a_reader_whose_own_policy_bears_nothing_denies(policy: dict[str, Any]):
    chain = (running() if policy is OLD else opened()).publish()
    own = Policy.of(policy_data())
    assert verify_passport(chain.passport(), root=chain.root_keys, policy=own).verdict.result is Answer.DENY


# what was borne on the way


def permit_of(chain: Chain, policy: dict[str, Any], **asked: Any) -> Any:
    question = {"gate": "load", "evidence": chain.evidence(), "policy": Policy.of(policy), "now": chain.now}
    verdict = decide(chain.subject, **(question | asked))
    assert verdict.result is Answer.ALLOW
    assert verdict.permit is not None
    return verdict


def test_a_permit_ends_with_the_exception_by_which_an_input_is_closed():
    chain = Chain().good()
    base = named("model/base", b"base")
    chain.evaluation(inputs=[resource(HOLDOUT), resource(base)])
    scan = chain.say("scanner", MODEL_SCAN.type, base, core("incomplete", files=[]))
    trust = chain.trust_with(
        chain.grant("scanner", MODEL_SCAN, "model/base"), chain.grant("approver", EXCEPTION, "model/base")
    )
    until = chain.now + 600
    chain.excuse(scan, thing=base, until=until)
    verdict = permit_of(chain, policy_data(), evidence=chain.evidence(trust))
    assert verdict.permit.not_after == until
    (borne,) = verdict.borne
    assert (borne.way, borne.rules) == (Way.EXCEPTION, ("model/base.input",))


def test_a_permit_ends_with_the_exception_for_what_ran_out_and_speaks_against_the_grandfathered():
    chain = running()
    scan = chain.scan(result="fail", validUntil=format_instant(chain.now + 60))
    until = chain.now + 600
    chain.excuse(scan, until=until)
    chain.now += 120
    verdict = permit_of(chain, policy_data(**OLD))
    assert verdict.permit.not_after == until
    exception, _ = verdict.borne
    assert (exception.way, "model-scan.result" in exception.rules) == (Way.EXCEPTION, True)
    assert "model-scan.present" in rules(chain, policy_data(**OLD), now=until + 1)


def test_a_permit_ends_with_the_exception_for_an_input_that_is_grandfathered():
    base = named("model/base", b"base")
    chain = running()
    chain.provenance(dependencies=(TRAIN, base))
    scan = chain.say("scanner", MODEL_SCAN.type, base, core("fail", files=[], until=chain.now + 60))
    trust = chain.trust_with(
        chain.grant("scanner", MODEL_SCAN, "model/base"), chain.grant("approver", EXCEPTION, "model/base")
    )
    until = chain.now + 600
    chain.excuse(scan, thing=base, until=until)
    chain.now += 120
    verdict = permit_of(chain, policy_data(**OLD), evidence=chain.evidence(trust))
    assert verdict.permit.not_after == until
    assert rules(chain, policy_data(**OLD), trust=trust, now=until + 1) == {"model/base.input"}


def test_a_permit_ends_with_the_exception_of_the_last_statement_that_names_the_inputs():
    policy = policy_data()
    policy["gates"]["load"]["require"] = policy["gates"]["load"]["require"][4:]
    del policy["gates"]["load"]["distinct_signers"]
    chain = Chain().found(policy)
    chain.inputs()
    for seconds in (1200, 600):
        chain.excuse(chain.evaluation(result="fail", recall=seconds / 2000), until=START + seconds)
    verdict = permit_of(chain, policy)
    found = next(reason for reason in verdict.reasons if reason.rule == "dataset-manifest.inputs")
    assert verdict.permit.not_after == START + 600
    assert found.evidence == dsse.statement_id(dsse.decode_envelope(chain.log.envelopes[-2]).payload)


def test_a_permit_ends_with_the_exception_by_which_inputs_are_those_of_today():
    chain = Chain().good()
    rows = named("dataset/rows", b"rows of today")
    chain.manifest(rows)
    until = chain.now + 600
    chain.excuse(chain.scan(result="fail", inputs=[resource(rows)]), until=until)
    policy = policy_data()
    del policy["gates"]["load"]["require"][2], policy["gates"]["load"]["distinct_signers"]  # nobody asks for a scan
    verdict = permit_of(chain, policy, current={rows.label: rows.digests[0]})
    assert verdict.permit.not_after == until
    assert [borne.rules for borne in verdict.borne] == [("model-scan.current",)]
