"""Law 2: missing, stale, malformed, unchecked and error are never a pass; and what is whole does pass."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.digest import sha256
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BOUNDARY, MODEL_SCAN
from hauberk.gate.prove import verify_passport
from hauberk.policy.policy import Policy
from hauberk.signature import jcs
from hauberk.verdict import Answer
from property.chains import FULL, NOW, Grants, Said, ask, good_says
from simulator import DAY, HIGH, LOCK, SCRIPT, START, TRAIN, UNREAD, Chain, core, named, policy_data

if TYPE_CHECKING:
    from hauberk.statement import Named

FEW = settings(max_examples=100, deadline=None, derandomize=True)
QUESTION: dict[str, Any] = {"policy": Policy.of(policy_data()), "now": NOW}
SAID = list(good_says())
BEARING = ("exception", "grandfathering", "break-glass")
NUMBERS = st.integers(0, len(SAID) - 1)
BAD = st.sampled_from([HIGH, HIGH | {"severity": "critical"}, HIGH | {"severity": "medium"}])


def answer(said: list[Said], granted: Grants = FULL, **question: Any) -> Answer:
    return ask(said, granted, QUESTION | question).result


def changed(number: int, **members: Any) -> list[Said]:
    """Return the good chain with other members in the body of one statement; `...` takes one out."""
    body = jcs.decode(SAID[number].body) | members
    kept = {name: value for name, value in body.items() if value is not ...}
    return [*SAID[:number], replace(SAID[number], body=jcs.encode(kept)), *SAID[number + 1 :]]


CHECKS = [number for number, item in enumerate(SAID) if "result" in jcs.decode(item.body)]


def test_nothing_is_missing():
    assert answer(SAID) is Answer.ALLOW


# missing


@pytest.mark.parametrize("number", range(len(SAID)))
def test_a_chain_without_one_of_its_statements_is_denied(number: int):
    assert answer(SAID[:number] + SAID[number + 1 :]) is Answer.DENY


@FEW
@given(st.sets(NUMBERS, min_size=1))
def test_a_chain_without_some_of_its_statements_is_denied(missing: set[int]):
    assert answer([item for number, item in enumerate(SAID) if number not in missing]) is Answer.DENY


@FEW
@given(
    st.sets(
        st.sampled_from(
            sorted(
                FULL.held
                - {("gate", "verification-summary")}
                - {("approver", n) for n in ("policy", "revocation")}
                - {(role, n) for role in ("approver", "security") for n in BEARING}
            )
        ),
        min_size=1,
    )
)
def test_a_chain_whose_signers_lack_a_grant_is_denied(taken: set[tuple[str, str]]):
    assert answer(SAID, Grants(FULL.held - taken)) is Answer.DENY


@FEW
@given(NUMBERS, st.sampled_from(["stranger", "gate", "approver"]))
def test_a_statement_by_somebody_else_is_a_missing_one(number: int, role: str):
    said = [*SAID[:number], replace(SAID[number], roles=(role,)), *SAID[number + 1 :]]
    assert answer(said) is Answer.DENY


# stale


@FEW
@given(st.sampled_from(CHECKS), st.integers(START - 10 * DAY, NOW - 1))
def test_a_check_that_ran_out_is_a_missing_one(number: int, until: int):
    assert answer(changed(number, validUntil=format_instant(until))) is Answer.DENY


@FEW
@given(st.integers(1, 400))
def test_a_chain_that_is_not_renewed_is_denied_in_the_end(days: int):
    allowed = days <= 30
    assert (answer(SAID, now=START + days * DAY) is Answer.ALLOW) == allowed


@FEW
@given(NUMBERS, st.integers(1, 1_000))
def test_a_statement_from_the_future_is_a_missing_one(number: int, ahead: int):
    said = [*SAID[:number], replace(SAID[number], at=NOW + ahead), *SAID[number + 1 :]]
    ungated = SAID[number].kind == BOUNDARY.type
    assert ungated or answer(said) is Answer.DENY


@FEW
@given(st.sampled_from([TRAIN, SCRIPT, LOCK]), st.binary(max_size=4))
def test_a_chain_from_other_inputs_than_those_of_today_is_denied(thing: Named, content: bytes):
    assert answer(SAID, current={thing.label: sha256(content)}) is Answer.DENY


# malformed


@FEW
@given(NUMBERS, st.data())
def test_a_statement_that_lacks_a_member_is_a_missing_one(number: int, data: st.DataObject):
    body = jcs.decode(SAID[number].body)
    assert answer(changed(number, **{data.draw(st.sampled_from(sorted(body))): ...})) is Answer.DENY


@FEW
@given(st.sampled_from([n for n, item in enumerate(SAID) if item.kind.startswith("urn:hauberk")]), st.data())
def test_a_statement_with_a_member_of_another_kind_is_a_missing_one(number: int, data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(jcs.decode(SAID[number].body))))
    odd = data.draw(st.sampled_from([5, 0.5, True, {"x": 1}, [[]], "\x00"]))
    assert answer(changed(number, **{name: odd})) is Answer.DENY


@FEW
@given(NUMBERS, st.sampled_from(["urn:hauberk:unknown:v1", "", "https://slsa.dev/provenance/v0.2"]))
def test_a_statement_of_an_unknown_kind_is_a_missing_one(number: int, kind: str):
    said = [*SAID[:number], replace(SAID[number], kind=kind), *SAID[number + 1 :]]
    assert answer(said) is Answer.DENY


# failing, unchecked, over the limit


@FEW
@given(st.sampled_from(CHECKS), st.sampled_from(["fail", "incomplete"]))
def test_a_check_that_does_not_pass_is_none(number: int, result: str):
    assert answer(changed(number, result=result)) is Answer.DENY


SCAN = next(number for number, item in enumerate(SAID) if item.kind == MODEL_SCAN.type)


@FEW
@given(st.lists(BAD, max_size=3), st.integers(0, 3))
def test_a_finding_or_something_unchecked_denies_whatever_the_result_says(found: list[Any], unread: int):
    said = changed(SCAN, findings=copy.deepcopy(found), unchecked=[UNREAD] * unread)
    assert (answer(said) is Answer.ALLOW) == (not found and not unread)


# whole: generated good chains all pass, as passports


def grown(seed: int) -> Chain:
    """Return the seed-th good chain: more files, data sets, scripts, passing scans, policies, other models."""
    chain = Chain(files={f"part-{n}.joblib": b"%d" % n for n in range(1 + seed % 7)})
    data = tuple(named(f"dataset/d{n}", b"rows %d" % n) for n in range(seed % 4))
    scripts = tuple(named(f"source/s{n}.py", b"code %d" % n) for n in range(seed % 5))
    chain.found(policy_data(subject="model/*" if seed % 2 else "model/tumour"))
    chain.inputs()
    for thing in data:
        chain.manifest(thing)
    for thing in scripts:
        chain.boundary(thing, "source")
    for _ in range(1 + seed % 3):
        chain.scan()
    chain.provenance(dependencies=(TRAIN, SCRIPT, LOCK, *data, *scripts))
    for recall in (0.93, 0.99)[: 1 + seed % 2]:
        chain.evaluation(recall=recall)
    chain.artefact()
    if seed % 3 == 0:
        other = policy_data(subject="model/another") | {"name": "another"}
        chain.say("approver", "urn:hauberk:policy:v1", chain.realm, other)
    if seed % 4 == 0:
        chain.say("scanner", MODEL_SCAN.type, named("model/unrelated", b"x"), core("fail", files=[], findings=[HIGH]))
        chain.revoke(sha256(b"something else"))
    if seed % 5 == 0:
        chain.publish()
    return chain.publish()


@pytest.mark.parametrize("seed", range(50))
def test_a_good_chain_is_allowed_to_a_stranger(seed: int):
    chain = grown(seed)
    assert verify_passport(chain.passport(), root=chain.root_keys).verdict.result is Answer.ALLOW
