"""Where something runs, as statements say it: the last word in each place, and whose word ends nothing."""

from __future__ import annotations

from typing import Any

import pytest

from deployer import OTHER, PLACE, Deployer
from hauberk.errors import Malformed
from hauberk.evidence.causes import Causes, causes_of
from hauberk.evidence.deployments import Place, Running, what_runs
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DEPLOYMENT, check
from hauberk.signature import dsse
from hauberk.statement import Envelope, Statement
from simulator import DAY, HOLDOUT, SCRIPT, TRAIN, Chain, core, named, resource


def running(chain: Deployer, *revoked: str) -> list[Running]:
    return what_runs(chain.logged(), chain.trust, revoked={chain.key_digest(role) for role in revoked})


@pytest.fixture
def chain() -> Deployer:
    return Deployer().found()


def test_a_place_is_written_with_its_members_from_the_widest_to_the_narrowest():
    assert str(PLACE) == "production/web-1/scoring"
    assert str(Place("production", "scoring", cluster="c", host="h")) == "production/c/h/scoring"
    assert str(Place("production", "scoring")) == "production/scoring"


@pytest.mark.parametrize("name", ["environment", "service", "cluster", "host"])
def test_a_place_is_of_plain_words(name: str):
    words = {"environment": "production", "service": "scoring"} | {name: "a/b"}
    with pytest.raises(Malformed, match=f"{name} is 'a/b'"):
        Place(**words)


def test_what_runs_is_told_in_the_order_of_the_log_with_what_was_said_of_it(chain):
    at = chain.now
    chain.deploy(OTHER, until=format_instant(at + DAY))
    chain.deploy(PLACE, thing=TRAIN)
    assert running(chain) == [
        Running(OTHER, chain.model, at, at + DAY, "release", 3, ""),
        Running(PLACE, TRAIN, at + 1, None, "release", 4, ""),
    ]
    chain.deploy(OTHER)
    assert [(one.place, one.entry, one.until) for one in running(chain)] == [(PLACE, 4, None), (OTHER, 5, None)]


def test_what_ended_runs_no_more_and_may_start_again(chain):
    chain.deploy()
    chain.deploy(ended=True)
    assert running(chain) == []
    chain.deploy(ended=True)
    chain.deploy()
    assert [one.entry for one in running(chain)] == [6]


@pytest.mark.parametrize("role", ["scanner", "producer"])
def test_an_old_end_that_is_appended_again_ends_nothing(chain, role: str):
    chain.deploy()
    end = chain.deploy(ended=True)
    chain.deploy()
    (more,) = dsse.sign(dsse.decode_statement(end.payload), [chain.keys[role]]).signatures
    chain.put(Envelope(end.payload, tuple(sorted((*end.signatures, more), key=lambda one: one.keyid))))
    assert [one.entry for one in running(chain)] == [5]


def test_an_old_start_that_is_appended_again_starts_nothing(chain):
    start = chain.deploy()
    chain.deploy(ended=True)
    (more,) = dsse.sign(dsse.decode_statement(start.payload), [chain.keys["scanner"]]).signatures
    chain.put(Envelope(start.payload, tuple(sorted((*start.signatures, more), key=lambda one: one.keyid))))
    assert running(chain) == []


def test_an_end_that_somebody_said_who_may_not_counts_once_somebody_says_it_who_may(chain):
    chain.deploy()
    end = chain.deploy(ended=True, role="producer")
    (more,) = dsse.sign(dsse.decode_statement(end.payload), [chain.keys["gate"]]).signatures
    assert len(running(chain)) == 1
    chain.put(Envelope(end.payload, (more,)))
    assert running(chain) == []


def test_a_statement_of_another_shape_is_passed_over_and_the_next_one_counts(chain):
    chain.say("gate", DEPLOYMENT.type, PLACE.thing, {"place": "production"})
    chain.say("scanner", "urn:test:other", chain.model, {})
    chain.deploy()
    assert [one.entry for one in running(chain)] == [5]


def test_an_end_that_is_appended_again_ends_nothing_and_hides_nothing_behind_it(chain):
    chain.deploy()
    end = chain.deploy(ended=True)
    chain.deploy()
    chain.put(end)
    chain.deploy(OTHER)
    assert [(one.place, one.entry) for one in running(chain)] == [(PLACE, 5), (OTHER, 7)]


@pytest.mark.parametrize("role", ["producer", "stranger"])
def test_an_end_by_a_key_that_may_not_say_so_ends_nothing(chain, role: str):
    chain.deploy()
    chain.deploy(ended=True, role=role)
    (one,) = running(chain)
    assert (one.entry, one.doubt) == (3, "")


def test_a_start_by_a_key_that_may_not_say_so_is_told_with_its_doubt(chain):
    chain.deploy(role="producer")
    assert running(chain)[0].doubt.startswith("producer may not sign deployment")


def test_a_revoked_key_ends_nothing_and_what_it_started_is_doubted(chain):
    chain.deploy()
    chain.deploy(ended=True)
    (one,) = running(chain, "gate", "producer")
    assert (one.entry, one.doubt) == (
        3,
        f"the key {chain.keys['gate'].public.keyid[:16]}… that signed it is revoked",
    )
    assert running(chain, "producer") == []


@pytest.mark.parametrize(
    "change",
    [
        {"place": {"environment": "staging", "service": "scoring"}},
        {"runs": {"name": "tumour", "digest": {"sha256": "0" * 64}}},
        {"runs": {"name": "model/tumour", "digest": {"sha256": "0" * 32}}},
        {"state": "running"},
        {"spare": 1},
    ],
)
def test_it_is_no_deployment_with(chain, change: dict[str, Any]):
    said = dsse.decode_statement(chain.deploy().payload)
    assert check(said) is DEPLOYMENT
    with pytest.raises(Malformed):
        check(Statement(said.subjects, said.predicate_type, dict(said.predicate) | change))


# what rests on what


def test_a_statement_rests_on_what_it_names_and_on_its_keys():
    chain = Chain()
    envelope = chain.evaluation()
    found = causes_of(envelope)
    assert found.effects == chain.model.digests
    assert set(found.causes) > {*HOLDOUT.digests, chain.key_digest("producer")}
    assert found.causes[-1] == chain.key_digest("producer")
    assert found.deployed == ()


def test_each_cause_is_named_once():
    chain = Chain()
    envelope = chain.provenance(dependencies=(TRAIN, SCRIPT, TRAIN))
    assert causes_of(envelope).causes == (*TRAIN.digests, *SCRIPT.digests, chain.key_digest("producer"))


def test_a_statement_of_another_shape_rests_on_its_keys_alone():
    chain = Chain()
    wrong = core(metrics="none", dataset=resource(HOLDOUT), inputs=(TRAIN,))
    envelope = chain.evaluation(**wrong)
    assert causes_of(envelope) == Causes(chain.model.digests, (chain.key_digest("producer"),))


def test_a_deployment_says_what_runs_and_rests_on_nothing():
    chain = Deployer()
    assert causes_of(chain.deploy(thing=named("model/a", b"a"))) == Causes(deployed=named("model/a", b"a").digests)


def test_what_governs_rests_on_nothing():
    chain = Chain().found()
    first, second, policy = chain.logged()
    assert causes_of(first.envelope) == causes_of(second.envelope) == Causes()
    assert causes_of(policy.envelope).effects == chain.realm.digests
