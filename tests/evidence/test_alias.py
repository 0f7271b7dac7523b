"""Aliases and the statements that move them: what is one, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import Malformed
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.predicates import PROMOTION, check
from hauberk.signature import dsse
from hauberk.statement import Named, Statement
from simulator import Chain

PRODUCTION = Alias("model/tumour", "production")


def statement(**changes: Any) -> Statement:
    move = Move(PRODUCTION, Chain().model.digests[0], "staging", None, sha256(b"policy"))
    good = move.statement(PROMOTION.type)
    subjects = changes.pop("subjects", good.subjects)
    return Statement(subjects, PROMOTION.type, dict(good.predicate) | changes)


def test_a_promotion_is_read_as_it_was_written():
    assert check(statement()) is PROMOTION
    assert Move.of(statement(reason="x")).reason == "x"
    assert dsse.decode_statement(dsse.encode_statement(statement())) == statement()


def test_a_reason_is_written_where_there_is_one():
    move = Move.of(statement(reason="x"))
    assert move.statement(PROMOTION.type) == statement(reason="x")
    assert "reason" not in statement().predicate


THING, ALIAS = Named("model/tumour", Chain().model.digests), PRODUCTION.thing
WRONG: dict[str, dict[str, Any]] = {
    "the alias alone": {"subjects": (ALIAS,)},
    "the thing alone": {"subjects": (THING,)},
    "a third subject": {"subjects": (ALIAS, THING, Named("model/other", (sha256(b"x"),)))},
    "another order": {"subjects": (THING, ALIAS)},
    "another digest": {"digest": str(sha256(b"x"))},
    "another environment": {"to": "staging"},
    "another name": {"name": "model/other"},
    "an environment of two words": {"to": "Production 1"},
    "an origin that is none": {"from": "a@b"},
    "no name": {"name": "tumour"},
    "no digest": {"digest": "tumour"},
    "another member": {"spare": 1},
    "a reason of two lines": {"reason": "a\nb"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_no_promotion_with(wrong):
    with pytest.raises(Malformed):
        check(statement(**WRONG[wrong]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "model/tumour",
        "model/tumour@",
        "@x",
        "model@x",
        "model/t@X",
        "model/t@a b",
        "model/t@" + "x" * 65,
        "m/\n@x",
    ],
)
def test_it_is_no_alias(text):
    with pytest.raises(Malformed):
        Alias.parse(text)


def test_an_alias_that_is_too_long_for_a_subject_is_none():
    label = "model/" + "a" * (512 - len("model/@production"))
    assert str(Alias(label, "production")) == f"{label}@production"
    with pytest.raises(Malformed, match="not a subject: 'alias/model/aaa"):
        Alias(f"{label}a", "production")


def test_a_long_word_is_shown_in_part():
    with pytest.raises(Malformed, match=f"not an environment: '{'x' * 80}'$"):
        Alias("model/a", "x" * 81)


def test_an_alias_is_known_by_its_text():
    assert Alias.parse(f"model/a@{'x' * 64}").environment == "x" * 64
    assert Alias.parse("model/a@b@production") == Alias("model/a@b", "production")
    assert PRODUCTION.digest == sha256(b"urn:hauberk:alias:v1\nmodel/tumour@production")
