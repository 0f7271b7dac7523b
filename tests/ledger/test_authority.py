"""Who attests a log of which size, where the keys were replaced; and whose word counts for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.ledger.authority import Authority, authority_at, size_in
from ledger_world import LOG, START, World, verified
from signers import SeedSigner, log_key, witness_key

if TYPE_CHECKING:
    from pathlib import Path

PRESENT = Authority(log_key(LOG), (), 1)
FORMER = (replace(PRESENT, until=4), replace(PRESENT, until=9))
STRANGER = SeedSigner("stranger.example/w")


@pytest.mark.parametrize(
    ("size", "who"),
    [(0, FORMER[0]), (4, FORMER[0]), (5, FORMER[1]), (9, FORMER[1]), (10, PRESENT), (1000, PRESENT)],
)
def test_a_size_is_attested_by_who_held_the_keys_then(size: int, who: Authority) -> None:
    assert authority_at(size, FORMER, PRESENT) is who


def test_where_nobody_was_replaced_one_attests_everything() -> None:
    assert authority_at(0, (), PRESENT) is PRESENT
    assert authority_at(0, (replace(PRESENT, quorum=2),), PRESENT) is PRESENT  # it has no end: it is none of before


@pytest.fixture
def note(tmp_path: Path) -> tuple[World, str]:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a"), verified("b")], START)
        world.publish(log, START)
        text = log.latest_checkpoint()
    assert text is not None
    return world, text


def test_a_checkpoint_is_attested_by_its_log_and_as_many_witnesses_as_are_wanted(note: tuple[World, str]) -> None:
    world, text = note
    own = Authority(world.key, world.witness_keys, 1)
    assert own.attest(text).checkpoint.size == size_in(text) == 3
    more = replace(own, witnesses=(*world.witness_keys, witness_key(STRANGER)), quorum=2)
    assert more.attest(text, quorum=1).checkpoint.size == 3
    with pytest.raises(Misconfigured, match="2 witnesses cannot make a quorum of 0"):
        more.attest(text, quorum=0)
    with pytest.raises(NotVerified):
        more.attest(text)
    with pytest.raises(NotVerified):
        replace(own, witnesses=(witness_key(STRANGER),)).attest(text)
    with pytest.raises(NotVerified):
        replace(own, log=log_key(SeedSigner(LOG.name + "x"))).attest(text)


@pytest.mark.parametrize("text", ["", "example.com/log\n", "example.com/log\nx\nAAAA\n\n"])
def test_what_is_no_checkpoint_has_no_size(text: str) -> None:
    with pytest.raises(Malformed):
        size_in(text)
