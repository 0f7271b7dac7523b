"""The moves of an alias: each follows the one before it, or does not enter, or is not believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import Digest, sha256
from hauberk.errors import NotVerified
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.predicates import PROMOTION
from hauberk.gate.moves import check_moves, moves_in, moving
from hauberk.signature import dsse
from hauberk.statement import Statement, Verified
from simulator import TRAIN, Chain

if TYPE_CHECKING:
    from hauberk.statement import Envelope

PRODUCTION, STAGING = Alias("model/tumour", "production"), Alias("model/tumour", "staging")
MODEL = Chain().model.digests[0]


def move(previous: Envelope | None, *, alias: Alias = PRODUCTION, digest: Digest = MODEL) -> Statement:
    before = None if previous is None else dsse.statement_id(previous.payload)
    return Move(alias, digest, None, before, sha256(b"policy")).statement(PROMOTION.type)


def say(chain: Chain, statement: Statement, *, log: bool = True) -> Envelope:
    body = dict(statement.predicate)
    return chain.say("gate", statement.predicate_type, statement.subjects, body, log=log)


def admitted(chain: Chain, *statements: Statement) -> list[Verified]:
    """Return statements as they are when they are about to be appended."""
    found = []
    for statement in statements:
        envelope = say(chain, statement, log=False)
        signer = chain.keys["gate"].public.keyid
        found.append(Verified(statement, dsse.statement_id(envelope.payload), envelope, (signer,), chain.now))
    return found


@pytest.fixture
def chain() -> Chain:
    return Chain().found()


def test_moves_are_those_of_one_alias_and_other_statements_about_it_are_passed_over(chain):
    chain.say("gate", "urn:test:other", (PRODUCTION.thing, TRAIN), {})
    first = say(chain, move(None))
    say(chain, move(None, alias=STAGING))
    chain.say("stranger", PROMOTION.type, TRAIN, {})
    second = say(chain, move(first, digest=sha256(b"next")))
    found = moves_in(chain.log, PRODUCTION)
    assert [moved.id for moved in found] == [dsse.statement_id(one.payload) for one in (first, second)]
    assert [(moved.logged.entry, moved.logged.time) for moved in found] == [
        (4, chain.log.entry(4).time),
        (7, chain.log.entry(7).time),
    ]


def test_what_the_index_says_of_an_alias_and_does_not_name_it_is_no_move_of_it(chain):
    stray = say(chain, move(None, alias=STAGING), log=False)
    chain.log.append(stray, chain.now, subjects=(str(PRODUCTION.digest),))
    say(chain, move(None))
    assert len(moves_in(chain.log, PRODUCTION)) == 1


def test_something_of_another_shape_is_no_move(chain):
    statement = move(None)
    chain.say("gate", PROMOTION.type, statement.subjects, dict(statement.predicate) | {"spare": 1})
    with pytest.raises(NotVerified, match="model/tumour@production: entry 3 is no promotion: "):
        moves_in(chain.log, PRODUCTION)


@pytest.mark.parametrize("which", ["none", "another", "a second first one"])
def test_a_move_that_does_not_follow_the_last_one_is_refused(chain, which):
    first = say(chain, move(None))
    second = say(chain, move(first))
    wrong = {"none": None, "another": first, "a second first one": None}[which]
    with pytest.raises(NotVerified) as caught:
        check_moves(chain.log, admitted(chain, move(wrong)))
    follows = "nobody" if wrong is None else dsse.statement_id(wrong.payload)
    assert caught.value.message == (
        f"{PRODUCTION} was moved by {dsse.statement_id(second.payload)} last, and this move follows {follows}"
    )


def test_a_first_move_follows_nobody(chain):
    wrong = Move(PRODUCTION, MODEL, None, sha256(b"x"), sha256(b"policy")).statement(PROMOTION.type)
    with pytest.raises(NotVerified, match=f"was moved by nobody last, and this move follows {sha256(b'x')}"):
        check_moves(chain.log, admitted(chain, wrong))
    check_moves(chain.log, admitted(chain, move(None)))


def test_moves_that_enter_together_follow_each_other(chain):
    first = say(chain, move(None), log=False)
    other = move(None, alias=STAGING)
    check_moves(chain.log, admitted(chain, move(None), other, move(first, digest=sha256(b"next"))))
    with pytest.raises(NotVerified, match=f"{PRODUCTION} was moved by {dsse.statement_id(first.payload)} last"):
        check_moves(chain.log, admitted(chain, move(None), other, move(None, digest=sha256(b"next"))))


def test_which_statements_move_an_alias(chain):
    other: Any = Statement((TRAIN,), "urn:test:other", {})
    assert moving(admitted(chain, other, move(None), other, move(None, alias=STAGING))) == [1, 3]
    check_moves(chain.log, admitted(chain, other))
