"""Law 4: the same inputs give the same answer, byte for byte; time is an argument, and nothing is remembered."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.evidence.predicates import PREDICATES, schema
from hauberk.gate.passport import decode, encode, verdict_json
from hauberk.gate.prove import verify_passport
from hauberk.signature import jcs
from property.chains import Grants, Said, ask, chains, evidence, grants, questions
from simulator import good_passport

if TYPE_CHECKING:
    from hauberk.verdict import Verdict

FEW = settings(max_examples=60, deadline=None, derandomize=True)


def written(verdict: Verdict) -> bytes:
    return jcs.encode(verdict_json(verdict))


@FEW
@given(chains(), grants(), questions())
def test_the_same_question_has_the_same_answer_twice(said: list[Said], granted: Grants, question: dict[str, Any]):
    assert written(ask(said, granted, question)) == written(ask(said, granted, question))


@FEW
@given(st.data(), chains(), grants(), questions())
def test_whatever_was_asked_in_between_the_answer_is_the_same(
    data: st.DataObject, said: list[Said], granted: Grants, question: dict[str, Any]
):
    before = written(ask(said, granted, question))
    ask(data.draw(chains()), data.draw(grants()), data.draw(questions()))
    assert written(ask(said, granted, question)) == before


@FEW
@given(st.randoms(use_true_random=False), chains(), grants(), questions())
def test_the_answer_does_not_hang_on_the_order_in_which_statements_are_given(
    chance: Any, said: list[Said], granted: Grants, question: dict[str, Any]
):
    told = [item for item in said if item.of is None]
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert ask(told, granted, question).result is ask(shuffled, granted, question).result


@FEW
@given(chains(), grants(), questions())
def test_asking_changes_nothing_of_what_was_asked(said: list[Said], granted: Grants, question: dict[str, Any]):
    trust, known = granted.trust(), evidence(said, granted)
    before = (trust.digest, question["policy"].digest, jcs.encode(dict(question["policy"].predicate)), known)
    ask(said, granted, question)
    after = (trust.digest, question["policy"].digest, jcs.encode(dict(question["policy"].predicate)), known)
    assert before == after


def test_no_clock_is_read(monkeypatch: pytest.MonkeyPatch):
    def read(*_: object) -> None:
        raise AssertionError("a clock was read")

    class Broken(dt.datetime):
        now = utcnow = today = classmethod(read)  # type: ignore[assignment]

    chain, data = good_passport()
    for name in ("time", "time_ns", "monotonic", "perf_counter", "gmtime", "localtime"):
        monkeypatch.setattr(time, name, read)
    monkeypatch.setattr("hauberk.evidence.instant.datetime", Broken)
    answer = verify_passport(data, root=chain.root_keys)
    assert answer.verdict.at == chain.now


def test_a_passport_is_read_and_written_to_the_same_bytes():
    _, data = good_passport()
    assert encode(decode(data)) == data


def test_verifying_a_passport_twice_gives_equal_answers():
    chain, data = good_passport()
    one, two = (verify_passport(data, root=chain.root_keys) for _ in range(2))
    assert one == two
    assert written(one.verdict) == written(two.verdict)


@pytest.mark.parametrize("predicate", PREDICATES, ids=lambda predicate: predicate.name)
def test_a_schema_is_the_same_each_time(predicate: Any):
    assert jcs.encode(schema(predicate)) == jcs.encode(schema(predicate))
