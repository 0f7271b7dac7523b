"""Exceptions: the one way out for a statement that does not pass, and how narrow it is."""

from __future__ import annotations

import pytest

from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import EXCEPTION, MODEL_SCAN
from hauberk.signature import dsse
from hauberk.statement import Named
from hauberk.verdict import Answer
from simulator import DAY, HIGH, HOLDOUT, START, Chain, core, named, policy_data, resource


def failing() -> tuple[Chain, dsse.Envelope]:
    chain = Chain().good()
    return chain, chain.scan(result="fail", findings=[HIGH])


def rules(chain: Chain, **asked: object) -> set[str]:
    verdict = chain.ask(**asked)
    assert verdict.result is Answer.DENY
    return {reason.rule for reason in verdict.reasons}


def test_an_exception_for_exactly_this_statement_lets_it_pass_and_is_named():
    chain, scan = failing()
    exception = chain.excuse(scan)
    verdict = chain.ask()
    assert verdict.result is Answer.ALLOW
    excused = [reason for reason in verdict.reasons if reason.rule.endswith(".exception")]
    assert {reason.rule for reason in excused} == {"model-scan.result.exception", "model-scan.high.exception"}
    assert {reason.evidence for reason in excused} == {dsse.statement_id(exception.payload)}
    assert excused[0].wanted == f"exception by Ada until {format_instant(START + 50 * DAY)}"


def test_an_exception_for_another_statement_changes_nothing():
    chain, _ = failing()
    chain.excuse(chain.scan())
    assert rules(chain) == {"model-scan.result", "model-scan.high"}


def test_an_exception_for_one_failing_scan_does_not_excuse_the_next():
    chain, scan = failing()
    chain.excuse(scan)
    chain.scan(result="incomplete")
    assert rules(chain) == {"model-scan.result"}


def test_an_exception_ends_at_its_second():
    chain, scan = failing()
    chain.excuse(scan, until=START + DAY)
    assert chain.ask(now=START + DAY).result is Answer.ALLOW
    assert rules(chain, now=START + DAY + 1) == {"model-scan.result", "model-scan.high"}


@pytest.mark.parametrize("role", ["producer", "scanner", "gate", "stranger"])
def test_an_exception_by_a_key_without_a_grant_changes_nothing(role: str):
    chain, scan = failing()
    chain.excuse(scan, role=role)
    assert rules(chain) == {"model-scan.result", "model-scan.high"}


def test_an_exception_granted_for_one_model_excuses_nothing_about_another():
    chain, scan = failing()
    chain.excuse(scan, role="gate", thing=Named("model/other", chain.model.digests))
    trust = chain.trust_with(chain.grant("gate", EXCEPTION, "model/other"))
    assert rules(chain, trust=trust) == {"model-scan.result", "model-scan.high"}


def test_an_exception_about_other_bytes_of_the_same_name_excuses_nothing():
    chain, scan = failing()
    chain.excuse(scan, thing=named("model/tumour", b"other bytes"))
    assert rules(chain) == {"model-scan.result", "model-scan.high"}


def test_an_exception_whose_grant_was_taken_away_is_none():
    chain, scan = failing()
    chain.excuse(scan)
    assert rules(chain, trust=chain.trust_without(("approver", "exception"))) == {
        "model-scan.result",
        "model-scan.high",
    }


def test_an_exception_stands_in_for_no_missing_statement():
    chain = Chain().found()
    chain.inputs()
    chain.provenance()
    chain.evaluation()
    artefact = chain.artefact()
    chain.excuse(artefact)
    assert rules(chain) == {"model-scan.present"}


def test_an_exception_makes_no_old_scan_fresh():
    chain = Chain().good()
    chain.excuse(chain.scan())
    assert rules(chain, now=START + 40 * DAY) == {"model-scan.present"}


def test_there_is_no_way_out_of_a_revocation():
    chain = Chain().good()
    chain.excuse(chain.revoke(chain.subject.digest))
    assert rules(chain) == {"not-revoked"}


def test_an_exception_by_a_revoked_key_opens_nothing():
    chain, scan = failing()
    chain.excuse(scan)
    chain.revoke(chain.key_digest("approver"), role="stranger")
    assert rules(chain) == {"not-revoked"}


def test_a_failing_statement_of_a_signer_without_a_grant_can_be_excused():
    chain = Chain().good()
    scan = chain.scan("stranger", result="fail")
    assert rules(chain) == {"model-scan.result"}
    chain.excuse(scan)
    assert chain.ask().result is Answer.ALLOW


def test_a_failing_manifest_is_excused_by_an_exception_about_its_dataset():
    chain = Chain().good()
    manifest = chain.manifest(HOLDOUT, result="fail")
    chain.excuse(manifest)
    assert rules(chain) == {"dataset/holdout dataset-manifest.result"}
    chain.excuse(manifest, thing=HOLDOUT)
    assert chain.ask().result is Answer.ALLOW


def test_an_excused_statement_closes_an_input():
    chain = Chain().good()
    base = named("model/base", b"base")
    chain.evaluation(inputs=[resource(HOLDOUT), resource(base)])
    scan = chain.say("scanner", MODEL_SCAN.type, base, core("incomplete", files=[]))
    trust = chain.trust_with(
        chain.grant("scanner", MODEL_SCAN, "model/base"), chain.grant("approver", EXCEPTION, "model/base")
    )
    assert rules(chain, trust=trust) == {"model/base.input"}
    chain.excuse(scan, thing=base)
    assert chain.ask(trust=trust).result is Answer.ALLOW


def test_an_exception_does_not_fill_the_place_of_the_right_signer():
    chain, scan = failing()
    chain.excuse(scan)
    wanted = policy_data(distinct_signers=[])
    wanted["gates"]["load"]["require"][2]["signers"] = ["gate"]
    assert rules(chain, policy=wanted) == {"model-scan.present"}
