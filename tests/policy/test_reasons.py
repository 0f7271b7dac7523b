"""What a verdict says: what was seen and what was wanted, to the word; and the rules' last corners."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import Misconfigured
from hauberk.evidence.predicates import DATASET_MANIFEST
from hauberk.policy.policy import Policy
from hauberk.verdict import Answer, Verdict
from simulator import DAY, HOLDOUT, LOCK, SCRIPT, START, TRAIN, Chain, core, named, policy_data, resource

JUDGE = "sha256:" + "7" * 64
RAW = named("data/raw", b"raw")


def reason(verdict: Verdict, rule: str) -> Any:
    (found,) = [found for found in verdict.reasons if found.rule == rule]
    return found.seen, found.wanted


def denied(verdict: Verdict) -> set[str]:
    assert verdict.result is Answer.DENY
    return {found.rule for found in verdict.reasons}


def requiring(*requirements: dict[str, Any]) -> dict[str, Any]:
    return policy_data(require=list(requirements), distinct_signers=[])


def judged(**more: Any) -> dict[str, Any]:
    return requiring({"predicate": "model-scan", "signers": ["scanner"], "judged_by": JUDGE} | more)


def test_a_reason_names_signer_age_and_judge():
    chain = Chain().good()
    body = {"policy": {"name": "checks", "digest": {"sha256": "7" * 64}}}
    chain.scan(**body)
    verdict = chain.ask(policy=judged(max_age_days=30), now=chain.now + 3 * DAY)
    assert verdict.result is Answer.ALLOW
    assert reason(verdict, "model-scan.present") == (
        "by scanner, 3 days old",
        "by scanner, at most 30 days old, judged by sha256:777777777777…",
    )
    assert reason(Chain().good().ask(policy=requiring({"predicate": "artefact", "signers": ["producer", "gate"]})),
                  "artefact.present") == ("by producer, 0 days old", "by producer or gate")  # fmt: skip


def test_a_scan_by_another_judge_does_not_count():
    chain = Chain().good()
    chain.scan(policy={"name": "checks", "digest": {"sha256": "8" * 64}})
    assert denied(chain.ask(policy=judged())) == {"model-scan.present"}


def test_missing_evidence_is_seen_as_none_and_points_at_nothing():
    (found,) = [r for r in Chain().found().ask().reasons if r.rule == "model-scan.present"]
    assert (found.evidence, found.seen) == (None, "none")
    (found,) = [r for r in Chain().found().ask().reasons if r.rule == "dataset-manifest.inputs"]
    assert (found.evidence, found.seen, found.wanted) == (None, "none", "an input of the kind dataset")


def test_evidence_that_does_not_help_is_shown():
    chain = Chain().good()
    scan = chain.evidence().about(chain.model)[1]
    (found,) = [r for r in chain.ask(now=START + 40 * DAY).reasons if r.rule == "model-scan.present"]
    assert found.evidence == scan.id
    assert found.seen == "by scanner, 39 days old"


@pytest.mark.parametrize("bound", [{"min": 0.93}, {"max": 1}, {"min": 0.97, "max": 0.97}])
def test_a_metric_on_its_bound_is_inside_and_its_reason_names_the_bound(bound: dict[str, float]):
    wanted = requiring({"predicate": "evaluation", "signers": ["producer"], "metrics": {"recall": bound}})
    chain = Chain().found(wanted)
    chain.inputs()
    chain.evaluation(recall=bound.get("max", 0.93))
    verdict = chain.ask(policy=wanted)
    assert verdict.result is Answer.ALLOW
    assert reason(verdict, "evaluation.recall") == (bound.get("max", 0.93), bound)


def test_an_input_that_nothing_is_known_of_is_denied_and_the_boundaries_are_named():
    chain = Chain().good()
    chain.manifest(TRAIN, inputs=[resource(RAW)])
    wanted = "passing evidence, or a boundary of its own kind, which the policy allows"
    assert reason(chain.ask(), "data/raw.input") == ("nothing", f"{wanted}: source, environment")
    closed = policy_data(boundaries=[])
    assert reason(chain.ask(policy=closed), "data/raw.input") == ("nothing", f"{wanted}: none")
    assert reason(chain.ask(policy=closed), "source/train.py.input") == ("boundary source", f"{wanted}: none")


def test_what_is_not_revoked_is_counted_to_zero():
    assert reason(Chain().good().ask(), "not-revoked") == (0, {"max": 0})


def test_revocations_are_named_in_the_order_of_what_they_revoke_and_then_of_themselves():
    chain = Chain().good()
    for digest in (HOLDOUT.digests[0], TRAIN.digests[0], chain.subject.digest):
        for why in ("a", "b", "c", "d"):
            chain.revoke(digest, f"{why}, they say")
    revoked = [(r.seen, r.evidence) for r in chain.ask().reasons if r.rule == "not-revoked"]
    assert len(revoked) == 12
    assert revoked == sorted(revoked, key=lambda found: (found[0].partition(" ")[0], str(found[1])))


def test_a_key_that_signed_for_both_is_named_by_its_first_digits():
    chain = Chain().good()
    trust = chain.trust_with(chain.grant("scanner", DATASET_MANIFEST, "dataset/*"))
    chain.manifest(TRAIN, "scanner")
    verdict = chain.ask(trust=trust)
    assert denied(verdict) == {"distinct-signers.producer+scanner"}
    key = chain.keys["scanner"].public.keyid
    assert verdict.reasons[0].seen == f"key {key[:16]}… signed for both"


def test_a_third_role_may_sign_for_its_own_requirement():
    wanted = policy_data()
    wanted["gates"]["load"]["require"][4]["signers"] = ["approver"]
    chain = Chain().good(wanted)
    trust = chain.trust_with(chain.grant("approver", DATASET_MANIFEST, "dataset/*"))
    for thing in (TRAIN, HOLDOUT):
        chain.manifest(thing, "approver")
    assert chain.ask(policy=wanted, trust=trust).result is Answer.ALLOW


def test_the_trust_is_valid_to_its_last_second():
    chain = Chain().good()
    assert "trust.valid" not in denied(chain.ask(now=START + 200 * DAY))
    assert "trust.valid" in denied(chain.ask(now=START + 200 * DAY + 1))


# inputs of today, and what these were made from


def test_an_ancestor_that_changed_since_is_denied():
    chain = raw_chain()
    assert denied(chain.ask(policy=with_data(), current={RAW.label: sha256(b"edited")})) == {"dataset-manifest.current"}


def test_an_ancestor_of_today_is_allowed_and_said():
    verdict = raw_chain().ask(policy=with_data(), current={RAW.label: RAW.digests[0]})
    assert verdict.result is Answer.ALLOW
    assert "dataset-manifest.current" in {found.rule for found in verdict.reasons}


def test_things_that_were_made_from_each_other_end():
    chain = Chain().good()
    chain.manifest(TRAIN, inputs=[resource(HOLDOUT)])
    chain.manifest(HOLDOUT, inputs=[resource(TRAIN)])
    assert denied(chain.ask(current={TRAIN.label: sha256(b"edited")})) >= {"slsa-provenance.current"}
    assert chain.ask(current={LOCK.label: LOCK.digests[0]}).result is Answer.ALLOW


def with_data() -> dict[str, Any]:
    return policy_data(boundaries=["source", "environment", "data"])


def raw_chain() -> Chain:
    """Return a good chain whose training data were made from raw data."""
    chain = Chain().found()
    files = [{"path": "a", "size": 1, "sha256": TRAIN.digests[0].hex}]
    chain.say("producer", DATASET_MANIFEST.type, TRAIN, core(inputs=(RAW,), files=files))
    chain.manifest(HOLDOUT)
    chain.boundary(RAW, "data")
    for thing in (SCRIPT, named("source/evaluate.py", b"score()")):
        chain.boundary(thing, "source")
    chain.boundary(LOCK, "environment")
    chain.provenance()
    chain.scan()
    chain.evaluation()
    chain.artefact()
    return chain


# the policy's own edges


def changed(number: int, **changes: Any) -> dict[str, Any]:
    data = policy_data()
    data["gates"]["load"]["require"][number] |= changes
    return data


@pytest.mark.parametrize(
    "data",
    [
        policy_data(max_evidence_age_hours=1),
        policy_data(permit_valid_minutes=1),
        changed(2, max_age_days=1),
        changed(3, metrics={"recall": {"min": 0.9, "max": 0.9}}),
        changed(3, metrics={"r" * 128: {"min": 0.9}}),
        changed(3, metrics={"r": {"min": 0.9}}),
        changed(2, ceilings={}),
        changed(2, ceilings={"high": 0, "low": 7}),
    ],
)
def test_a_policy_at_its_least_is_one(data: dict[str, Any]):
    assert Policy.of(data).name == "tumour"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed(3, metrics={"r" * 129: {"min": 0.9}}), f"a metric: '{'r' * 40}'$"),
        (changed(2, ceilings={"high": -1, "low": 7}), "ceilings model-scan"),
        (changed(0, judged_by="sha256:" + "x" * 90), f"judged_by is 'sha256:{'x' * 73}'$"),
    ],
)
def test_a_policy_beyond_its_least_or_most_is_refused(data: dict[str, Any], message: str):
    with pytest.raises(Misconfigured, match=message):
        Policy.of(data)


def test_what_governs_is_not_offered_as_evidence():
    with pytest.raises(Misconfigured) as refused:
        Policy.of(changed(0, predicate="artifact"))
    offered = refused.value.hint.removeprefix("one of ").split(", ")
    assert {"artefact", "model-scan", "slsa-provenance"} <= set(offered)
    assert not {"policy", "root", "trust", "revocation", "exception"} & set(offered)
