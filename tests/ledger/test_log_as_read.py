"""What a log says of itself when it is read, and what it notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hauberk.digest import sha256
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.add_checkpoint import Request, check_continues
from hauberk.ledger.checkpoint import Attested, Checkpoint, sign
from hauberk.ledger.log import Log
from ledger.two_publications import change
from ledger_world import LOG, START, World, verified


@pytest.mark.parametrize(("number", "said"), [(2**53, f"the last is number {2**53}"), (-5_000, "number 0")])
def test_an_entry_far_outside_of_the_numbers_is_noticed(world: World, number: int, said: str) -> None:
    change(world, "INSERT INTO entries SELECT ?, record, 'another' FROM entries WHERE number = 0", number)
    with world.open() as log, pytest.raises(NotVerified, match=f"missing entry: {said}"):
        log.records(0, log.size)


def test_a_log_that_is_opened_by_its_file_can_be_written_unless_it_is_only_read(world: World) -> None:
    file = world.log_folder / "ledger.sqlite"
    with Log.open_file(file) as log:
        assert log.append_many([verified("d")], START + 4) == [5]
    with Log.open_file(file, read_only=True) as log, pytest.raises(Unavailable):
        log.append_many([verified("e")], START + 4)


def test_a_log_says_where_it_is_and_of_which_format(world: World) -> None:
    with world.open(read_only=True) as log:
        assert (log.place, log.version, dict(log.environment)) == (str(world.log_folder / "ledger.sqlite"), 2, {})


def test_an_envelope_is_hashed_when_it_is_read(world: World) -> None:
    change(world, "UPDATE envelopes SET data = (SELECT data FROM envelopes WHERE number = 0) WHERE number = 1")
    with world.open(read_only=True) as log:
        assert len(log.stored_envelopes(0, 2)) == 2
        for read in (log.envelopes, log.each_hashed):
            with pytest.raises(Malformed, match="the envelope of entry 1 is another one"):
                list(read(0, 2))


def test_what_follows_the_checkpoint_of_an_empty_log_continues_it() -> None:
    empty, more = Checkpoint(LOG.name, 0, merkle.EMPTY_ROOT), Checkpoint(LOG.name, 2, bytes(32))
    asked = Request(0, (), sign(more, LOG))
    check_continues(asked, more, Attested(empty, START))
    check_continues(asked, more, None)
    check_continues(asked, empty, None)
    with pytest.raises(NotVerified, match="a log without entries has the root of the empty tree"):
        check_continues(asked, Checkpoint(LOG.name, 0, bytes(32)), None)
    with pytest.raises(NotVerified, match="a proof from size 0 is empty"):
        check_continues(replace(asked, proof=(bytes(32),)), more, None)


def test_what_was_admitted_under_another_size_is_not_appended(world: World) -> None:
    with world.open() as log:
        assert log.append_many([verified("d")], START + 4, size=4) == []
        assert log.append_many([verified("d")], START + 4, size=5) == [5]


def test_a_log_that_holds_a_number_below_all_only_is_noticed(world: World) -> None:
    change(world, "DELETE FROM entries WHERE number > 0")
    change(world, "UPDATE entries SET number = -2")
    with world.open(read_only=True) as log, pytest.raises(NotVerified, match="missing entry: the last is number -2"):
        assert log.size < 0


def test_envelopes_that_are_in_the_log_are_found_by_their_digest_and_no_others(world: World) -> None:
    with world.open(read_only=True) as log:
        known, unknown = log.entry(1).envelope, sha256(b"unknown")
        assert log.numbers_of([known, unknown]) == {known: 1}
