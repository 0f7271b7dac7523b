"""The decision, rule by rule: a good chain, one change, and the one rule that denies it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hauberk.digest import Digest, sha256
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import (
    BOUNDARY,
    DERIVATION,
    MODEL_SCAN,
    POLICY,
    PROVENANCE,
    REVOCATION,
    SUMMARY,
    TEST_RESULT,
)
from hauberk.policy.evaluate import evaluate, finds_fault
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.statement import Named
from hauberk.subject import Subject
from hauberk.verdict import Answer, Mode, Verdict
from hauberk.view import Basis
from simulator import DAY, HIGH, HOLDOUT, LOCK, SCRIPT, START, TRAIN, UNREAD, Chain, core, named, policy_data, resource

BASE = named("model/base", b"a foundation model")


def rules(verdict: Verdict) -> set[str]:
    return {reason.rule for reason in verdict.reasons}


def denied(verdict: Verdict) -> set[str]:
    assert verdict.result is Answer.DENY
    return rules(verdict)


def reason(verdict: Verdict, rule: str) -> Any:
    return next(reason for reason in verdict.reasons if reason.rule == rule)


def requiring(*requirements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return policy_data(require=list(requirements), **changes)


SCAN = {"predicate": "model-scan", "signers": ["scanner"]}


# what opens


def test_a_complete_chain_is_allowed_and_every_reason_says_why():
    verdict = Chain().good().ask()
    assert verdict.result is Answer.ALLOW
    assert verdict.permit is None
    scan = reason(verdict, "model-scan.high")
    assert (scan.seen, scan.wanted) == (0, {"max": 0})
    assert scan.evidence is not None


def test_an_allowing_verdict_names_every_rule_that_was_asked():
    assert [reason.rule for reason in Chain().good().ask().reasons] == [
        "subject.in-scope",
        "subject.computed",
        "trust.valid",
        "artefact.present",
        "artefact.result",
        "slsa-provenance.present",
        "slsa-provenance.result",
        "model-scan.present",
        "model-scan.result",
        "model-scan.critical",
        "model-scan.high",
        "model-scan.medium",
        "model-scan.unchecked",
        "evaluation.present",
        "evaluation.result",
        "evaluation.recall",
        "dataset/holdout dataset-manifest.present",
        "dataset/holdout dataset-manifest.result",
        "dataset/train dataset-manifest.present",
        "dataset/train dataset-manifest.result",
        "dataset/holdout.input",
        "dataset/train.input",
        "environment/requirements.lock.input",
        "source/evaluate.py.input",
        "source/train.py.input",
        "not-revoked",
        "distinct-signers.producer+scanner",
    ]


def test_a_gate_that_only_observes_still_says_deny():
    verdict = Chain().found(policy_data(mode="observe")).ask(policy=policy_data(mode="observe"))
    assert verdict.result is Answer.DENY
    assert verdict.mode is Mode.OBSERVE


def test_an_exact_bound_is_inside():
    chain = Chain().good()
    chain.evaluation(recall=0.93)
    assert chain.ask().result is Answer.ALLOW


def test_either_of_two_named_signers_will_do():
    wanted = requiring({"predicate": "model-scan", "signers": ["gate", "scanner"]}, distinct_signers=[])
    assert Chain().good().ask(policy=wanted).result is Answer.ALLOW


# what does not: the question


def test_a_gate_that_the_policy_does_not_know_is_denied():
    verdict = Chain().good().ask(gate="deploy")
    assert denied(verdict) == {"gate.known"}
    assert verdict.reasons[0].wanted == ["load"]


def test_a_claimed_digest_passes_no_gate():
    chain = Chain().good()
    assert denied(chain.ask(subject=replace(chain.subject, basis=Basis.CLAIMED))) == {"subject.computed"}


def test_a_subject_outside_of_the_scope_is_denied():
    chain = Chain().good()
    assert "subject.in-scope" in denied(chain.ask(subject=Subject("model", "other", chain.subject.digest)))


def test_the_same_name_with_another_digest_has_no_evidence():
    chain = Chain().good()
    assert "model-scan.present" in denied(chain.ask(subject=Subject("model", "tumour", sha256(b"other"))))


def test_the_same_digest_under_another_name_has_no_evidence():
    chain = Chain().good()
    wide = policy_data(subject="model/*")
    other = Subject("model", "tumour2", chain.subject.digest)
    assert "model-scan.present" in denied(chain.ask(subject=other, policy=wide))


def test_the_same_hex_under_another_algorithm_is_another_thing():
    chain = Chain().good()
    other = Subject("model", "tumour", Digest("sha256", chain.subject.digest.hex))
    assert "artefact.present" in denied(chain.ask(subject=other))


@pytest.mark.parametrize("name", ["Tumour", "tumour ", "tum\u043eur", "tumour\u0301", "tumour/"])
def test_a_name_that_only_looks_the_same_is_another_name(name: str):
    chain = Chain().good()
    assert "subject.in-scope" in denied(chain.ask(subject=Subject("model", name, chain.subject.digest)))


def test_trust_that_ran_out_denies():
    assert denied(Chain().good().ask(now=START + 201 * DAY)) >= {"trust.valid"}


# what does not: required evidence


@pytest.mark.parametrize(
    ("missing", "rule"),
    [
        ("provenance", "slsa-provenance.present"),
        ("scan", "model-scan.present"),
        ("evaluation", "evaluation.present"),
        ("artefact", "artefact.present"),
    ],
)
def test_each_missing_statement_is_named(monkeypatch: pytest.MonkeyPatch, missing: str, rule: str):
    monkeypatch.setattr(Chain, missing, lambda _: None)
    assert rule in denied(Chain().good().ask())


def test_a_missing_dataset_manifest_is_named_with_its_dataset():
    chain = Chain().found()
    chain.manifest(TRAIN)
    chain.provenance()
    chain.scan()
    chain.evaluation()
    chain.artefact()
    assert "dataset/holdout dataset-manifest.present" in denied(chain.ask())


@pytest.mark.parametrize("result", ["fail", "incomplete"])
def test_a_scan_that_does_not_pass_denies(result: str):
    chain = Chain().good()
    chain.scan(result=result)
    assert denied(chain.ask()) == {"model-scan.result"}


@pytest.mark.parametrize("first", ["pass", "fail"])
def test_the_order_of_a_failing_and_a_passing_scan_does_not_matter(first: str):
    chain = Chain().good()
    chain.scan(result=first)
    chain.scan(result={"pass": "fail", "fail": "pass"}[first])
    assert denied(chain.ask()) == {"model-scan.result"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"findings": [HIGH]}, "model-scan.high"),
        ({"findings": [HIGH | {"severity": "critical"}]}, "model-scan.critical"),
        ({"findings": [HIGH | {"severity": "medium"}]}, "model-scan.medium"),
    ],
)
def test_a_scan_that_says_pass_over_a_ceiling_is_denied(changes: dict[str, Any], rule: str):
    chain = Chain().good()
    chain.scan(**changes)
    assert denied(chain.ask()) == {rule}


def test_a_scan_that_says_pass_and_left_something_unchecked_is_incomplete():
    chain = Chain().good()
    chain.scan(unchecked=[UNREAD])
    verdict = chain.ask()
    assert denied(verdict) == {"model-scan.result", "model-scan.unchecked"}
    assert reason(verdict, "model-scan.result").seen == "incomplete"


def test_something_unchecked_is_no_pass_without_a_ceiling_either():
    wanted = requiring(SCAN, distinct_signers=[])
    chain = Chain().found(wanted)
    chain.scan(unchecked=[UNREAD])
    assert denied(chain.ask(policy=wanted)) == {"model-scan.result"}


def test_findings_without_a_ceiling_do_not_count():
    chain = Chain().good()
    chain.scan(findings=[HIGH | {"severity": "low"}])
    assert chain.ask().result is Answer.ALLOW


@pytest.mark.parametrize("recall", [0.9299999999999999, 0, -1, -1e308])
def test_a_metric_under_its_bound_denies(recall: float):
    chain = Chain().good()
    chain.evaluation(recall=recall)
    assert denied(chain.ask()) == {"evaluation.recall"}


def test_a_metric_that_is_not_there_denies():
    chain = Chain().good()
    chain.evaluation(metrics={"Recall": 0.99})
    verdict = chain.ask()
    assert denied(verdict) == {"evaluation.recall"}
    assert verdict.reasons[0].seen is None


def test_a_metric_over_its_bound_denies():
    wanted = requiring(
        {"predicate": "evaluation", "signers": ["producer"], "metrics": {"recall": {"max": 0.9}}}, distinct_signers=[]
    )
    assert denied(Chain().good().ask(policy=wanted)) == {"evaluation.recall"}


def test_a_scan_that_is_too_old_does_not_count():
    assert denied(Chain().good().ask(now=START + 31 * DAY)) == {"model-scan.present"}


def test_a_scan_is_fresh_to_the_second():
    chain = Chain().good()
    logged = chain.now - 2  # the evaluation and the artefact came after it
    assert chain.ask(now=logged + 30 * DAY).result is Answer.ALLOW
    assert denied(chain.ask(now=logged + 30 * DAY + 1)) == {"model-scan.present"}


def test_a_statement_from_the_future_does_not_count():
    chain = Chain().good()
    assert denied(chain.ask(now=START)) >= {"model-scan.present", "evaluation.present", "artefact.present"}


def test_an_expired_statement_does_not_count():
    assert denied(Chain().good().ask(now=START + 61 * DAY)) >= {"artefact.present", "evaluation.present"}


def test_a_statement_is_good_until_the_second_that_it_names():
    chain = Chain().good()
    chain.scan(validUntil=format_instant(START + 5 * DAY))
    wanted = requiring(SCAN, distinct_signers=[])
    only_last = Chain().found(wanted)
    only_last.scan(validUntil=format_instant(START + 5 * DAY))
    assert only_last.ask(policy=wanted, now=START + 5 * DAY).result is Answer.ALLOW
    assert denied(only_last.ask(policy=wanted, now=START + 5 * DAY + 1)) == {"model-scan.present"}


def test_the_right_statement_by_the_wrong_role_does_not_count():
    chain = Chain().good()
    wanted = policy_data(distinct_signers=[])
    wanted["gates"]["load"]["require"][2]["signers"] = ["gate"]
    assert denied(chain.ask(policy=wanted)) == {"model-scan.present"}


def test_a_failing_statement_without_a_grant_still_denies():
    chain = Chain().good()
    chain.scan("stranger", result="fail")
    assert denied(chain.ask()) == {"model-scan.result"}


def test_a_passing_statement_without_a_grant_does_not_help():
    chain = Chain().found()
    chain.inputs()
    chain.scan("stranger")
    assert "model-scan.present" in denied(chain.ask())


def test_a_key_without_a_grant_for_this_model_does_not_help():
    chain = Chain().found()
    chain.scan()
    trust = chain.make_trust()
    trust["grants"][1]["subjects"] = ["model/other"]
    chain.trust_predicate = trust
    assert "model-scan.present" in denied(chain.ask())


def test_a_statement_about_two_models_needs_a_grant_for_both():
    chain = Chain().found()
    chain.say("scanner", MODEL_SCAN.type, (BASE, chain.model), core(files=[]))
    assert "model-scan.present" in denied(chain.ask())


def test_a_statement_about_two_models_counts_for_each_where_both_are_granted():
    chain = Chain().found()
    wanted = requiring(SCAN, distinct_signers=[])
    chain.say("scanner", MODEL_SCAN.type, (BASE, chain.model), core(files=[]))
    both = chain.trust_with(chain.grant("scanner", MODEL_SCAN, "model/base"))
    assert chain.ask(policy=wanted, trust=both).result is Answer.ALLOW


def test_a_subject_with_one_digest_more_is_not_the_thing():
    chain = Chain().found()
    more = Named(chain.model.label, tuple(sorted((*chain.model.digests, sha256(b"more")))))
    chain.say("scanner", MODEL_SCAN.type, more, core(files=[]))
    assert denied(chain.ask(policy=requiring(SCAN, distinct_signers=[]))) == {"model-scan.present"}


# what does not: inputs


def test_an_input_of_nothing_is_named():
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, SCRIPT, LOCK, BASE))
    verdict = chain.ask()
    assert denied(verdict) == {"model/base.input"}
    assert verdict.reasons[0].seen == "nothing"


def test_a_boundary_of_a_kind_that_the_policy_allows_closes_an_input():
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, named("data/raw", b"raw")))
    chain.boundary(named("data/raw", b"raw"), "data")
    assert denied(chain.ask()) == {"data/raw.input"}
    assert chain.ask(policy=policy_data(boundaries=["source", "environment", "data"])).result is Answer.ALLOW


def _reaching(reach: Any, build_type: str = "urn:hauberk:train:v1") -> dict[str, Any]:
    """Return the definition of a training that could read from servers."""
    return {
        "buildDefinition": {
            "buildType": build_type,
            "externalParameters": {"reach": reach},
            "resolvedDependencies": [resource(thing) for thing in (TRAIN, SCRIPT, LOCK)],
        }
    }


def test_what_was_read_from_a_server_has_no_digest_and_denies_until_the_policy_says_network():
    chain = Chain().good()
    chain.provenance(**_reaching(["db.example:5432", "other.example:443"]))
    verdict = chain.ask()
    assert denied(verdict) == {"network/db.example:5432.input", "network/other.example:443.input"}
    assert verdict.reasons[0].seen == "no digest"
    opened = chain.ask(policy=policy_data(boundaries=["source", "environment", "network"]))
    assert opened.result is Answer.ALLOW
    assert "network/db.example:5432.input" in rules(opened)


def test_a_stranger_who_says_that_a_server_was_read_denies_too():
    chain = Chain().good()
    chain.provenance("stranger", **_reaching(["db.example:5432"]))
    assert denied(chain.ask()) == {"network/db.example:5432.input"}


@pytest.mark.parametrize("reach", [["a\nb"], [1], {"db.example:1": 1}, "db.example:1 x", [["db.example:1"]]])
def test_what_cannot_be_read_as_a_server_denies_as_well(reach: Any):
    chain = Chain().good()
    chain.provenance(**_reaching(reach))
    assert denied(chain.ask()) == {"network/unreadable.input"}


def test_a_build_of_another_type_means_something_else_by_that_name():
    chain = Chain().good()
    chain.provenance(**_reaching(["db.example:5432"], "https://builder.example/v1"))
    assert chain.ask().result is Answer.ALLOW


@pytest.mark.parametrize(
    ("label", "kind"), [("model/base", "source"), ("dataset/more", "environment"), ("image/cuda", "source")]
)
def test_a_boundary_that_calls_a_thing_another_kind_closes_nothing(label: str, kind: str):
    chain, thing = Chain().good(), named(label, b"x")
    chain.provenance(dependencies=(TRAIN, SCRIPT, LOCK, thing))
    chain.boundary(thing, kind)
    grant = chain.grant("producer", BOUNDARY, label)
    policy = policy_data(require=policy_data()["gates"]["load"]["require"][:4])
    assert f"{label}.input" in denied(chain.ask(trust=chain.trust_with(grant), policy=policy))


@pytest.mark.parametrize(
    ("label", "kind"), [("model/base", "model"), ("feature-view/rows", "data"), ("image/cuda", "image")]
)
def test_a_boundary_of_the_kind_of_the_thing_closes_it(label: str, kind: str):
    chain, thing = Chain().good(), named(label, b"x")
    chain.provenance(dependencies=(TRAIN, SCRIPT, LOCK, thing))
    chain.boundary(thing, kind)
    grant = chain.grant("producer", BOUNDARY, label)
    policy = policy_data(boundaries=["source", "environment", kind])
    assert chain.ask(trust=chain.trust_with(grant), policy=policy).result is Answer.ALLOW


def test_a_boundary_for_other_bytes_closes_nothing():
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, named("source/extra.py", b"new")))
    chain.boundary(named("source/extra.py", b"old"), "source")
    assert denied(chain.ask()) == {"source/extra.py.input"}


def test_a_boundary_by_a_stranger_closes_nothing():
    chain = Chain().good()
    extra = named("source/extra.py", b"new")
    chain.provenance(dependencies=(TRAIN, extra))
    chain.say("stranger", BOUNDARY.type, extra, {"kind": "source", "origin": "x", "reason": "x"})
    assert denied(chain.ask()) == {"source/extra.py.input"}


def test_the_inputs_of_inputs_are_asked_for_too():
    chain = Chain().good()
    chain.manifest(TRAIN, inputs=[resource(named("data/raw", b"raw"))])
    assert denied(chain.ask()) == {"data/raw.input"}


def test_the_inputs_of_an_unverified_statement_are_asked_for_too():
    chain = Chain().good()
    chain.provenance("stranger", dependencies=(TRAIN, BASE))
    assert denied(chain.ask()) == {"model/base.input"}


@pytest.mark.parametrize(
    "changes", [{"result": "fail"}, {"result": "incomplete"}, {"validUntil": format_instant(START)}]
)
def test_evidence_that_fails_or_ran_out_closes_no_input(changes: dict[str, Any]):
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, BASE))
    chain.say("scanner", MODEL_SCAN.type, BASE, core(files=[]) | changes)
    trust = chain.trust_with(chain.grant("scanner", MODEL_SCAN, "model/base"))
    assert denied(chain.ask(trust=trust)) == {"model/base.input"}


def test_passing_evidence_closes_an_input():
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, BASE))
    chain.say("scanner", MODEL_SCAN.type, BASE, core(files=[]))
    trust = chain.trust_with(chain.grant("scanner", MODEL_SCAN, "model/base"))
    assert chain.ask(trust=trust).result is Answer.ALLOW


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (REVOCATION, {"reason": "x"}),
        (POLICY, policy_data()),
        (
            SUMMARY,
            {
                "verifier": {"id": "x"},
                "timeVerified": "2026-01-01T00:00:00Z",
                "resourceUri": "x",
                "policy": {"digest": {"sha256": "0" * 64}},
                "verificationResult": "PASSED",
                "verifiedLevels": [],
            },
        ),
    ],
)
def test_a_statement_that_is_no_evidence_closes_no_input(kind: Any, body: dict[str, Any]):
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, BASE))
    chain.say("approver", kind.type, BASE, body)
    trust = chain.trust_with(chain.grant("approver", kind, "model/base"))
    assert "model/base.input" in denied(chain.ask(trust=trust))


def test_models_that_were_made_from_each_other_end_and_each_needs_evidence():
    chain = Chain().good()
    chain.provenance(dependencies=(TRAIN, BASE))
    body = {
        "buildDefinition": {
            "buildType": "x",
            "externalParameters": {},
            "resolvedDependencies": [resource(chain.model)],
        },
        "runDetails": {"builder": {"id": "x"}},
    }
    chain.say("stranger", PROVENANCE.type, BASE, body)
    assert denied(chain.ask()) == {"model/base.input"}


def test_a_requirement_on_inputs_needs_at_least_one():
    chain = Chain().found()
    chain.inputs()
    chain.provenance(dependencies=(SCRIPT, LOCK))
    chain.scan()
    chain.evaluation(inputs=[], dataset=resource(SCRIPT))
    chain.artefact()
    assert denied(chain.ask()) == {"dataset-manifest.inputs"}


def test_an_unverified_statement_cannot_name_the_input_that_a_requirement_asks_for():
    chain = Chain().found()
    chain.inputs()
    chain.provenance(dependencies=(SCRIPT, LOCK))
    chain.scan()
    chain.evaluation(inputs=[], dataset=resource(SCRIPT))
    chain.artefact()
    chain.evaluation("stranger")
    assert denied(chain.ask()) == {"dataset-manifest.inputs"}


def test_a_failing_statement_cannot_name_the_input_that_a_requirement_asks_for():
    wanted = requiring(
        {"predicate": "dataset-manifest", "on": {"inputs": "dataset"}, "signers": ["producer"]}, distinct_signers=[]
    )
    chain = Chain().found(wanted)
    chain.inputs()
    chain.evaluation(result="fail")
    assert denied(chain.ask(policy=wanted)) == {"dataset-manifest.inputs"}


def test_a_failing_manifest_of_one_dataset_denies():
    chain = Chain().good()
    chain.manifest(HOLDOUT, result="fail")
    assert denied(chain.ask()) == {"dataset/holdout dataset-manifest.result"}


# what does not: revocations


@pytest.mark.parametrize("what", ["model", "train", "holdout", "script", "lock", "producer", "scanner"])
def test_a_revocation_of_anything_in_the_chain_denies(what: str):
    chain = Chain().good()
    things = {"train": TRAIN, "holdout": HOLDOUT, "script": SCRIPT, "lock": LOCK, "model": chain.model}
    digest = things[what].digests[0] if what in things else chain.key_digest(what)
    chain.revoke(digest)
    verdict = chain.ask()
    assert denied(verdict) == {"not-revoked"}
    assert verdict.reasons[0].seen == f"{digest} is revoked: stolen"


def test_a_revocation_of_something_else_changes_nothing():
    chain = Chain().good()
    chain.revoke(sha256(b"another model"))
    assert chain.ask().result is Answer.ALLOW


def test_a_revocation_counts_whoever_may_sign_it_today():
    chain = Chain().good()
    chain.revoke(chain.subject.digest, role="stranger")
    assert denied(chain.ask()) == {"not-revoked"}


def test_a_revocation_under_any_label_is_of_the_digest():
    chain = Chain().good()
    chain.say("approver", REVOCATION.type, Named("model/x", chain.model.digests), {"reason": "stolen"})
    assert denied(chain.ask()) == {"not-revoked"}


def test_a_revocation_with_a_malformed_body_still_counts():
    chain = Chain().good()
    chain.say("approver", REVOCATION.type, chain.model, {"why": [1, {"x": None}]})
    assert denied(chain.ask()) == {"not-revoked"}


def test_a_revoked_key_stays_revoked_when_its_statements_are_repeated_under_another_signature():
    chain = Chain().good()
    chain.revoke(chain.key_digest("producer"))
    for logged in chain.logged():
        chain.say("stranger", *statement_of(logged))
    assert denied(chain.ask()) >= {"not-revoked"}


def statement_of(logged: Any) -> tuple[str, tuple[Named, ...], dict[str, Any]]:
    from hauberk.signature import dsse  # noqa: PLC0415

    statement = dsse.decode_statement(logged.envelope.payload)
    return statement.predicate_type, statement.subjects, dict(statement.predicate)


def test_a_revoked_key_that_signed_beside_a_good_one_denies_also_without_its_grant():
    chain = Chain().good()
    chain.scan(("scanner", "gate"))
    chain.revoke(chain.key_digest("gate"))
    granted = chain.trust_with(chain.grant("gate", MODEL_SCAN, "model/tumour"))
    assert denied(chain.ask(trust=granted)) == {"not-revoked"}
    assert denied(chain.ask()) == {"not-revoked"}


# what does not: signers that should differ


def test_one_key_may_not_produce_and_scan():
    chain = Chain().good()
    chain.scan("producer")
    trust = chain.trust_with(chain.grant("producer", MODEL_SCAN, "model/tumour"))
    assert denied(chain.ask(trust=trust)) == {"distinct-signers.producer+scanner"}


def test_one_key_may_not_produce_and_scan_in_one_envelope_either():
    chain = Chain().good()
    chain.scan(("producer", "scanner"))
    assert denied(chain.ask()) == {"distinct-signers.producer+scanner"}


def test_a_second_signer_counts_though_its_statement_was_repeated_by_another():
    chain = Chain().good()
    statement = statement_of(chain.logged()[-3])
    chain.say("producer", *statement)
    chain.say("stranger", *statement)
    assert statement[0] == MODEL_SCAN.type
    assert denied(chain.ask()) == {"distinct-signers.producer+scanner"}


def test_three_roles_of_a_group_are_compared_in_pairs():
    wanted = policy_data(distinct_signers=[["scanner", "gate", "producer"]])
    wanted["gates"]["load"]["require"][0]["signers"] = ["producer", "gate"]
    verdict = Chain().good().ask(policy=wanted)
    assert denied(verdict) == {"distinct-signers.scanner+gate+producer"}


# what does not: inputs of today


def test_a_chain_from_the_inputs_of_today_is_allowed():
    pins = {thing.label: thing.digests[0] for thing in (TRAIN, HOLDOUT, SCRIPT, LOCK)}
    verdict = Chain().good().ask(current=pins)
    assert verdict.result is Answer.ALLOW
    assert {"slsa-provenance.current", "evaluation.current"} <= rules(verdict)


@pytest.mark.parametrize(
    ("thing", "rules_wanted"),
    [
        (TRAIN, {"slsa-provenance.current"}),
        (HOLDOUT, {"evaluation.current"}),
        (LOCK, {"slsa-provenance.current", "evaluation.current"}),
    ],
)
def test_an_input_that_changed_since_is_named(thing: Named, rules_wanted: set[str]):
    verdict = Chain().good().ask(current={thing.label: sha256(b"edited")})
    assert denied(verdict) == rules_wanted
    assert verdict.reasons[0].seen == f"{thing.label} changed since"


def test_one_current_statement_beside_a_stale_one_is_enough():
    chain = Chain().good()
    new = named("source/train.py", b"fit(better)")
    chain.boundary(new, "source")
    chain.provenance(dependencies=(TRAIN, new, LOCK))
    assert chain.ask(current={new.label: new.digests[0]}).result is Answer.ALLOW


def test_what_a_stale_statement_was_made_from_is_history():
    chain = Chain().good()
    cleaned = named("source/clean.py", b"old")
    chain.boundary(cleaned, "source")
    chain.manifest(TRAIN, inputs=[resource(cleaned)])
    new = named("dataset/train", b"new rows")
    chain.manifest(new)
    chain.provenance(dependencies=(new, SCRIPT, LOCK))
    pins = {new.label: new.digests[0], cleaned.label: sha256(b"new script")}
    assert chain.ask(current=pins).result is Answer.ALLOW


def test_a_failing_statement_from_the_inputs_of_today_is_not_enough():
    wanted = requiring(SCAN, distinct_signers=[])
    chain = Chain().good(wanted)
    new = named("dataset/holdout", b"new rows")
    chain.manifest(new)
    chain.evaluation(result="fail", inputs=[resource(new)], dataset=resource(new))
    assert denied(chain.ask(policy=wanted, current={new.label: new.digests[0]})) == {"evaluation.current"}


@pytest.mark.parametrize("first", ["pass", "fail"])
def test_of_two_statements_from_the_inputs_of_today_the_passing_one_is_named(first: str):
    chain = Chain().good()
    new = named("dataset/holdout", b"new rows")
    chain.manifest(new)
    said = {
        result: chain.evaluation(result=result, inputs=[resource(new)], dataset=resource(new))
        for result in sorted(("pass", "fail"), reverse=first == "pass")
    }
    chain.excuse(said["fail"])
    pins = {new.label: new.digests[0]}
    found = reason(chain.ask(current=pins), "evaluation.current")
    assert found.seen == "current"
    assert found.evidence == dsse.statement_id(said["pass"].payload)


def test_an_unverified_statement_from_the_inputs_of_today_is_not_enough():
    chain = Chain().good()
    new = named("source/train.py", b"fit(better)")
    chain.boundary(new, "source")
    chain.provenance("stranger", dependencies=(TRAIN, new, LOCK))
    assert denied(chain.ask(current={new.label: new.digests[0]})) == {"slsa-provenance.current"}


def test_a_current_statement_about_something_else_is_not_enough():
    chain = Chain().good()
    new = named("source/train.py", b"fit(better)")
    chain.boundary(new, "source")
    body = {
        "buildDefinition": {"buildType": "x", "externalParameters": {}, "resolvedDependencies": [resource(new)]},
        "runDetails": {"builder": {"id": "x"}},
    }
    chain.say("producer", PROVENANCE.type, TRAIN, body)
    assert denied(chain.ask(current={new.label: new.digests[0]})) == {"slsa-provenance.current"}


# statements with odd contents


def test_a_provenance_with_a_member_of_its_own_named_valid_until_is_read_as_its_standard_says():
    chain = Chain().good()
    chain.provenance(validUntil=5)
    chain.provenance(validUntil="1999-01-01T00:00:00Z")
    assert chain.ask().result is Answer.ALLOW


def test_huge_numbers_in_metrics_are_numbers():
    chain = Chain().good()
    chain.evaluation(metrics={"recall": 1.7976931348623157e308})
    chain.evaluation(metrics={"recall": 2**53 - 1})
    assert chain.ask().result is Answer.ALLOW


def test_a_statement_of_an_unknown_algorithm_is_about_something_else():
    chain = Chain().good()
    odd = Named("model/tumour", (Digest("SHA256", chain.subject.digest.hex),))
    chain.say("scanner", MODEL_SCAN.type, odd, core("fail", files=[]))
    assert chain.ask().result is Answer.ALLOW


def test_a_malformed_statement_neither_helps_nor_stops_the_rest():
    wanted = requiring(SCAN, distinct_signers=[])
    chain = Chain().found(wanted)
    chain.say("scanner", MODEL_SCAN.type, chain.model, {"result": "pass"})
    chain.say("scanner", "urn:example:unknown", chain.model, {})
    assert denied(chain.ask(policy=wanted)) == {"model-scan.present"}


MORE = {"found-by-a-newer-release": 1}
UNREADABLE = [
    (core("fail", files=[]) | MORE, True),
    (core("incomplete", files=[]) | MORE, True),
    (core("fail", files=[], findings="many"), True),
    (core(files=[], unchecked=[UNREAD]) | MORE, True),
    ({"findings": []}, True),
    (core("passed", files=[]), True),
    (core(files=[]) | MORE, False),
]


@pytest.mark.parametrize(("body", "denies"), UNREADABLE)
@pytest.mark.parametrize("role", ["scanner", "stranger"])
def test_a_check_that_cannot_be_read_in_full_and_says_no_pass_denies(body: dict[str, Any], denies: bool, role: str):
    chain = Chain().good()
    said = chain.say(role, MODEL_SCAN.type, chain.model, body)
    verdict = chain.ask()
    assert (denied(verdict) == {"model-scan.readable"}) if denies else (verdict.result is Answer.ALLOW)
    if denies:
        assert verdict.reasons[0].evidence == dsse.statement_id(said.payload)
        chain.excuse(said)
        assert chain.ask().result is Answer.ALLOW


def test_a_test_that_cannot_be_read_in_full_and_did_not_pass_denies():
    wanted = policy_data(require=[{"predicate": "test-result", "signers": ["producer"]}], distinct_signers=[])
    chain = Chain().good(wanted)
    trust = chain.trust_with(chain.grant("producer", TEST_RESULT, "model/tumour"))
    chain.say("producer", TEST_RESULT.type, chain.model, {"result": "PASSED", "configuration": []})
    assert chain.ask(policy=wanted, trust=trust).result is Answer.ALLOW
    chain.say("producer", TEST_RESULT.type, chain.model, {"result": "PASSED", "configuration": 5})
    assert chain.ask(policy=wanted, trust=trust).result is Answer.ALLOW
    chain.say("producer", TEST_RESULT.type, chain.model, {"result": "FAILED", "configuration": 5})
    assert denied(chain.ask(policy=wanted, trust=trust)) == {"test-result.readable"}


def test_nothing_that_the_policy_does_not_ask_for_has_to_be_read():
    chain = Chain().good()
    chain.say("producer", DERIVATION.type, chain.model, core("fail") | MORE)
    assert chain.ask().result is Answer.ALLOW


def test_a_manifest_of_the_data_that_cannot_be_read_and_says_no_pass_denies():
    chain = Chain().good()
    chain.manifest(TRAIN, result="fail", spare=1)
    assert denied(chain.ask()) == {"dataset/train dataset-manifest.readable"}


def test_an_input_whose_digest_cannot_be_read_is_a_malformed_statement():
    chain = Chain().good()
    odd = {"name": "dataset/x", "digest": {"sha256": "00" * 16}}
    chain.evaluation(inputs=[odd])
    (rest,) = chain.evidence().rest
    assert "64 hex digits" in rest.why
    assert chain.ask().result is Answer.ALLOW


def test_the_policy_decides_in_its_own_words_not_by_the_order_of_its_requirements():
    turned = policy_data()
    turned["gates"]["load"]["require"].reverse()
    chain = Chain().good()
    assert chain.ask(policy=turned).result is Answer.ALLOW
    chain.scan(result="fail")
    assert denied(chain.ask(policy=turned)) == denied(chain.ask())


def test_a_kind_of_evidence_required_twice_must_satisfy_both():
    wanted = requiring(SCAN, SCAN | {"ceilings": {"low": 0}}, distinct_signers=[])
    chain = Chain().found(wanted)
    chain.scan(findings=[HIGH | {"severity": "low"}])
    assert denied(chain.ask(policy=wanted)) == {"model-scan.low"}


def test_thousands_of_statements_and_inputs_take_no_quadratic_time():
    chain = Chain().good()
    things = [named(f"source/{n}.py", b"%d" % n) for n in range(2_000)]
    chain.provenance(dependencies=(TRAIN, *things))
    evidence = chain.evidence()
    model = next(v for v in evidence.held if v.statement.predicate_type == BOUNDARY.type)
    grown = [replace(model, statement=replace(model.statement, subjects=(thing,))) for thing in things]
    many = replace_evidence(evidence, (*evidence.held, *grown * 4))
    asked = {"gate": "load", "policy": chain.policy, "now": chain.now}
    assert evaluate(chain.subject, evidence=many, **asked).result is Answer.ALLOW


def replace_evidence(evidence: Any, held: tuple[Any, ...]) -> Any:
    return type(evidence)(held, evidence.rest, evidence.trust, evidence.time, evidence.checkpoint_size)


def test_an_evaluation_without_a_manifest_of_its_data_set_is_denied():
    chain = Chain().found()
    chain.manifest(TRAIN)
    chain.boundary(SCRIPT, "source")
    chain.boundary(LOCK, "environment")
    chain.provenance()
    chain.scan()
    chain.artefact()
    chain.evaluation(inputs=[])
    assert "dataset/holdout.input" in denied(chain.ask())


def test_an_evaluation_on_a_revoked_data_set_is_denied():
    chain = Chain().good()
    chain.evaluation(inputs=[])
    chain.revoke(HOLDOUT.digests[0])
    assert denied(chain.ask()) == {"not-revoked"}


def test_a_failing_scan_that_lists_one_more_digest_denies():
    chain = Chain().good()
    twice = Named("model/tumour", tuple(sorted((*chain.model.digests, sha256(b"the same model, packed")))))
    chain.say("scanner", MODEL_SCAN.type, twice, core("fail", files=[]))
    assert "model-scan.result" in denied(chain.ask())


def test_a_passing_scan_that_lists_one_more_digest_does_not_help():
    chain = Chain().found()
    chain.inputs()
    chain.provenance()
    chain.evaluation()
    chain.artefact()
    twice = Named("model/tumour", tuple(sorted((*chain.model.digests, sha256(b"the same model, packed")))))
    chain.say("scanner", MODEL_SCAN.type, twice, core(files=[]))
    assert "model-scan.present" in denied(chain.ask())


# what one statement alone would be denied for


@pytest.mark.parametrize(
    ("say", "fault"),
    [
        (lambda chain: chain.scan(), False),
        (lambda chain: chain.scan(result="fail"), True),
        (lambda chain: chain.scan(findings=[HIGH]), True),
        (lambda chain: chain.evaluation(recall=0.1), True),
        (lambda chain: chain.evaluation(recall=0.97), False),
        (lambda chain: chain.say("producer", SUMMARY.type, chain.model, {}), False),
    ],
    ids=["passes", "fails", "over a ceiling", "under a bound", "over it", "nobody asks for it"],
)
def test_a_statement_has_a_fault_where_a_gate_would_deny_for_it(say: Any, fault: bool):
    chain = Chain().found()
    envelope = say(chain)
    held, rest = chain.evidence().held, chain.evidence().rest
    (item,) = (one for one in (*held, *rest) if one.id == dsse.statement_id(envelope.payload))
    policy = policy_data()
    policy["gates"]["deploy"] = policy["gates"]["load"] | {"require": [SCAN], "distinct_signers": []}
    assert finds_fault(Policy.of(policy), item) is fault
