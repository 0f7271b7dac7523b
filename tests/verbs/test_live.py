"""Where a digest runs and what that depends on: told from statements, hidden by nobody who may not say so."""

from __future__ import annotations

import sqlite3

import pytest

from deployer import OTHER, PLACE, Deployer
from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DEPLOYMENT
from hauberk.ledger.edges import DATABASE, Edges
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.verdict import Answer
from simulator import DAY, HIGH, LOCK, SCRIPT, START, TRAIN, core, named, policy_data, resource

QUANTISED = named("model/tumour", b"smaller weights")


@pytest.fixture
def chain() -> Deployer:
    chain = Deployer().good()
    chain.deploy()
    return chain


def where(chain, folder, thing, **how):
    with chain.inquiry(folder, **how) as inquiry:
        return inquiry.where(thing.digests[0])


def places(found):
    return [run.place for one in found.live for run in one.runs]


def test_a_digest_runs_where_it_was_started(chain, tmp_path):
    found = where(chain, tmp_path, chain.model)
    assert places(found) == [PLACE]
    assert found.labels == ("model/tumour",)
    assert not found.endangered
    assert found.live[0].runs[0].doubt == ""


def test_what_ended_does_not_run(chain, tmp_path):
    chain.deploy(ended=True)
    assert where(chain, tmp_path, chain.model).live == ()


def test_an_end_in_one_place_is_none_in_another(chain, tmp_path):
    chain.deploy(OTHER)
    chain.deploy(ended=True)
    assert places(where(chain, tmp_path, chain.model)) == [OTHER]


def test_an_end_of_another_digest_ends_nothing(chain, tmp_path):
    chain.deploy(ended=True, thing=QUANTISED)
    assert places(where(chain, tmp_path, chain.model)) == [PLACE]


def test_an_end_that_its_signer_may_not_say_ends_nothing(chain, tmp_path):
    chain.deploy(ended=True, role="scanner")
    assert places(where(chain, tmp_path, chain.model)) == [PLACE]


def test_an_end_by_a_stolen_key_ends_nothing(chain, tmp_path):
    chain.deploy(ended=True)
    chain.revoke(chain.key_digest("gate"))
    found = where(chain, tmp_path, chain.model)
    assert places(found) == [PLACE]
    assert "is revoked" in found.live[0].runs[0].doubt


def test_a_start_that_nobody_may_say_any_more_is_told_with_its_doubt(chain, tmp_path):
    chain.trust_predicate = chain.make_trust()
    (run,) = where(chain, tmp_path, chain.model).live[0].runs
    assert "gate may not sign deployment" in run.doubt


def test_what_was_to_end_and_nobody_ended_still_runs(chain, tmp_path):
    chain.deploy(OTHER, until=format_instant(START + DAY))
    assert OTHER in places(where(chain, tmp_path, chain.model, now=START + 9 * DAY))


def test_what_ended_and_started_again_runs(chain, tmp_path):
    chain.deploy(ended=True)
    chain.deploy()
    assert places(where(chain, tmp_path, chain.model)) == [PLACE]


@pytest.mark.parametrize("cause", [TRAIN, SCRIPT, LOCK], ids=lambda thing: thing.label)
def test_a_model_that_runs_is_found_from_what_it_was_made_from(chain, tmp_path, cause):
    (one,) = where(chain, tmp_path, cause).live
    assert one.digest == chain.model.digests[0]
    assert [step.digest for step in one.way] == [chain.model.digests[0]]


def test_it_is_found_through_what_it_was_derived_from(chain, tmp_path):
    chain.derive(QUANTISED, chain.model)
    chain.deploy(OTHER, thing=QUANTISED)
    found = {one.digest: one for one in where(chain, tmp_path, TRAIN).live}
    way = found[QUANTISED.digests[0]].way
    assert [step.digest for step in way] == [chain.model.digests[0], QUANTISED.digests[0]]


def test_it_is_found_from_the_key_that_vouched_for_it(chain, tmp_path):
    with chain.inquiry(tmp_path) as inquiry:
        found = inquiry.where(chain.key_digest("scanner"))
        strangers = inquiry.where(chain.model.digests[0])
    assert places(found) == places(strangers) == [PLACE]


def test_what_does_not_depend_on_it_is_not_told(chain, tmp_path):
    chain.deploy(OTHER, thing=QUANTISED)
    assert [one.digest for one in where(chain, tmp_path, TRAIN).live] == [chain.model.digests[0]]


def test_what_does_not_run_is_not_told(tmp_path):
    assert where(Deployer().good(), tmp_path, TRAIN).live == ()


def test_two_subjects_of_one_statement_share_what_it_was_made_from(chain, tmp_path):
    both = (named("model/a", b"a"), named("model/b", b"b"))
    chain.say(
        "producer",
        "urn:hauberk:derivation:v1",
        both,
        core(inputs=(TRAIN,), kind="merge", equivalence={"claim": "none"}),
    )
    chain.deploy(OTHER, thing=both[1])
    assert both[1].digests[0] in {one.digest for one in where(chain, tmp_path, TRAIN).live}
    assert both[1].digests[0] in {one.digest for one in where(chain, tmp_path, both[0]).live}


def test_what_shares_a_statement_shares_its_fate_for_one_step_as_at_a_gate(chain, tmp_path):
    """An alias that named one model after another joins them not: what revokes the first says nothing of the second."""
    alias, second, smaller = (
        named("alias/x", b"alias"),
        named("model/tumour", b"second"),
        named("model/tumour", b"small"),
    )
    body = core(inputs=(), kind="merge", equivalence={"claim": "none"})
    for model in (chain.model, second):
        chain.say("producer", "urn:hauberk:derivation:v1", (alias, model), body)
    chain.derive(smaller, second)
    for model in (second, smaller):
        chain.deploy(OTHER, thing=model)
    assert {one.digest for one in where(chain, tmp_path, chain.model).live} == {chain.model.digests[0]}
    both = {second.digests[0], smaller.digests[0]}
    assert {one.digest for one in where(chain, tmp_path, second).live} == both
    assert {one.digest for one in where(chain, tmp_path, alias).live} == both | {chain.model.digests[0]}


def test_revoked_data_endanger_what_runs(chain, tmp_path):
    assert not where(chain, tmp_path, TRAIN).endangered
    chain.revoke(TRAIN.digests[0], "the wrong export")
    found = where(chain, tmp_path, TRAIN)
    assert found.endangered
    assert [flaw.what for flaw in found.flaws] == ["revoked: the wrong export"]


def test_revoked_data_of_which_nothing_runs_endanger_nothing(chain, tmp_path):
    chain.deploy(ended=True)
    chain.revoke(TRAIN.digests[0])
    assert not where(chain, tmp_path, TRAIN).endangered


def test_a_scan_that_is_malicious_now_endangers_what_runs(chain, tmp_path):
    chain.scan(result="fail", findings=[HIGH])
    found = where(chain, tmp_path, chain.model)
    assert found.endangered
    assert [flaw.what for flaw in found.flaws] == ["model-scan fails: pickle-shell"]


def test_a_failing_scan_of_a_key_without_a_grant_hurts_all_the_same(chain, tmp_path):
    chain.scan(role="stranger", result="fail", findings=[HIGH])
    assert where(chain, tmp_path, chain.model).endangered


def test_a_failing_scan_that_was_excused_is_no_flaw_until_the_excuse_ends(chain, tmp_path):
    chain.excuse(chain.scan(result="fail", findings=[HIGH]), until=START + 20 * DAY)
    assert not where(chain, tmp_path, chain.model, now=START + 20 * DAY).endangered
    assert where(chain, tmp_path, chain.model, now=START + 20 * DAY + 1).endangered


def test_a_stranger_excuses_nothing(chain, tmp_path):
    chain.excuse(chain.scan(result="fail", findings=[HIGH]), role="scanner")
    assert where(chain, tmp_path, chain.model).endangered


def test_everything_that_runs_is_told_with_the_flaws_of_all_that_it_rests_on(chain, tmp_path):
    chain.deploy(OTHER, thing=QUANTISED)
    chain.revoke(SCRIPT.digests[0])
    with chain.inquiry(tmp_path) as inquiry:
        live = {one.digest: one.flaws for one in inquiry.everything()}
    assert [flaw.digest for flaw in live[chain.model.digests[0]]] == [SCRIPT.digests[0]]
    assert live[QUANTISED.digests[0]] == ()


def test_of_a_digest_that_no_statement_names_nothing_is_known(chain, tmp_path):
    with pytest.raises(Unavailable, match="no statement of this ledger names"):
        where(chain, tmp_path, named("model/x", b"a typing error"))


def test_the_table_follows_the_log(chain, tmp_path):
    assert places(where(chain, tmp_path, TRAIN)) == [PLACE]
    chain.deploy(OTHER)
    assert places(where(chain, tmp_path, TRAIN)) == [PLACE, OTHER]


def test_the_table_of_another_log_is_made_again(chain, tmp_path):
    where(chain, tmp_path, TRAIN)
    other = Deployer(now=START + 5).good()
    other.deploy(OTHER)
    assert places(where(other, tmp_path, TRAIN)) == [OTHER]


def test_an_edge_that_somebody_wrote_into_the_table_is_refused(chain, tmp_path):
    chain.deploy(OTHER, thing=QUANTISED)
    where(chain, tmp_path, TRAIN)
    names = {"cause": str(TRAIN.digests[0]), "effect": str(QUANTISED.digests[0])}
    edit(
        tmp_path,
        "INSERT INTO edges SELECT a.id, b.id, 3 FROM names a, names b WHERE a.name=:cause AND b.name=:effect",
        names,
    )
    with pytest.raises(NotVerified, match="lying table of edges"):
        where(chain, tmp_path, TRAIN)


def test_an_edge_that_somebody_cut_out_of_the_table_is_there_when_it_is_made_again(chain, tmp_path):
    where(chain, tmp_path, TRAIN)
    edit(tmp_path, "DELETE FROM edges", {})
    assert where(chain, tmp_path, TRAIN).live == ()
    with Edges.open(tmp_path) as edges:
        edges.forget()
    assert places(where(chain, tmp_path, TRAIN)) == [PLACE]


def test_a_deployment_whose_place_is_not_its_subject_is_none(chain, tmp_path):
    body = {
        "place": OTHER.to_json(),
        "runs": resource(chain.model),
        "state": "started",
        "at": format_instant(START),
        "by": "x",
    }
    chain.say("gate", DEPLOYMENT.type, PLACE.thing, body)
    assert places(where(chain, tmp_path, chain.model)) == [PLACE]


def test_a_passport_tells_no_stranger_where_its_model_runs(chain):
    before = Deployer().good().publish().verify().verdict
    after = chain.publish()
    passport = after.passport()
    assert b"web-1" not in passport
    assert DEPLOYMENT.type not in [_kind(item) for item in after.verify(passport).proven.passport.items.values()]
    assert [reason.rule for reason in after.verify(passport).verdict.reasons] == [r.rule for r in before.reasons]


def test_no_gate_of_a_model_changes_its_answer_because_it_runs_or_does_not(chain):
    answers = {chain.ask().result}
    chain.deploy(ended=True)
    chain.deploy(OTHER, role="stranger")
    answers.add(chain.ask().result)
    assert answers == {Answer.ALLOW}


def test_no_policy_can_ask_for_a_deployment():
    wanted = [{"predicate": "deployment", "signers": ["gate"]}]
    with pytest.raises(Misconfigured, match="no evidence is called 'deployment'"):
        Policy.of(policy_data(require=wanted))


def _kind(item):
    return dsse.decode_statement(item.envelope.payload).predicate_type


def edit(folder, command, values):
    database = sqlite3.connect(folder / DATABASE)
    with database:
        database.execute(command, values)
    database.close()
