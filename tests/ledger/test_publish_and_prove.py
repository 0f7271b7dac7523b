"""Publishing and proving where somebody is late, shorter, or lies."""

from __future__ import annotations

import pytest

from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.ledger import index
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Attested, Checkpoint
from hauberk.ledger.log import Log
from hauberk.ledger.prove import prove, published_size
from hauberk.ledger.replay import index_statement
from hauberk.ledger.witness import Witness
from hauberk.signature import dsse, note
from hauberk.signature.note import Note
from ledger.two_publications import change
from ledger_world import LOG, START, WITNESS, World, verified

# publishing and proving


def test_a_quorum_that_cannot_be_reached_appends_nothing(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        with pytest.raises(Misconfigured, match="1 witnesses cannot make a quorum of 2"):
            world.publish(log, START + 5, quorum=2)
        assert log.size == 6


def test_a_tree_that_lies_is_not_published(world: World) -> None:
    change(world, "UPDATE nodes SET hash = zeroblob(32) WHERE position = 6")
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        with pytest.raises(NotVerified, match="lying table: the stored tree is not that of the entries"):
            world.publish(log, START + 5)


def test_a_log_that_is_shorter_than_its_checkpoint_is_a_rollback(world: World) -> None:
    for table in ("entries", "envelopes"):
        change(world, f"DELETE FROM {table} WHERE number >= 3")
    with world.open() as log:
        log.rebuild()
        with pytest.raises(Unavailable, match="rollback: the witness has seen 5 entries, the log has 3"):
            world.publish(log, START + 5)


def test_an_entry_that_slips_in_before_the_index_is_under_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Log.append_computed

    def late(log: Log, make, now: int) -> int:  # type: ignore[no-untyped-def]
        with world.open() as other:
            other.append_many([verified("between")], now)
        return real(log, make, now)

    monkeypatch.setattr(Log, "append_computed", late)
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        assert world.publish(log, START + 5).attested.checkpoint.size == 8


def test_a_lying_index_at_the_end_is_followed_by_a_true_one(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        said = index_statement(LOG.name, 6, log.tree().root(6), index.of_entries(log.entries(0, 5)))
        log.append_computed(lambda _: dsse.sign(said, [LOG]), START + 4)
        assert world.publish(log, START + 5).attested.checkpoint.size == 8


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([b"01\n"], "the witness's size is not a decimal number: '01'"),
        ([b"2\n", b"4\n"], "the witness has another size each time that it is asked"),
        ([b"5\n"], "fork: the witness has another history of 5 entries"),
        ([b"9\n"], "rollback: the witness has seen 9 entries, the log has 7"),
    ],
)
def test_a_size_for_an_answer_is_refused_by_its_name(world: World, answers: list[bytes], said: str) -> None:
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        waiting = iter(answers)
        with pytest.raises(Unavailable, match=f"not published: {said}$"):
            world.publish(log, START + 5, witnesses=[lambda _: next(waiting)])


def test_of_two_entries_one_that_no_checkpoint_covers_is_not_proven(world: World) -> None:
    with world.open() as log:
        assert published_size(log) == 5
        log.append_many([verified("d")], START + 4)
        assert [proof.entry for proof in prove(log, [0, 4])] == [0, 4]
        for numbers in ([0, 5], [5, 0], [-1, 0]):
            with pytest.raises(Unavailable, match="covers the first 5 entries only"):
                prove(log, numbers)


# the clocks of witnesses


def test_a_witness_whose_clock_is_behind_the_last_entry_has_not_signed(world: World) -> None:
    def behind(request: bytes) -> bytes:
        body = Note.parse(Request.decode(request).checkpoint).text
        return f"{note.cosign(body, WITNESS, WITNESS.name, START).format()}\n".encode()

    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        with pytest.raises(Unavailable, match=r"the clock of the witness example\.com/witness is behind"):
            world.publish(log, START + 5, witnesses=[behind])


def test_a_witness_that_sees_proofs_only_signs_at_its_own_time(world: World) -> None:
    witness = Witness(world.folder / "state", world.key, None, world.witness_keys[0], WITNESS)
    checkpoint = Checkpoint(LOG.name, 5, bytes(32))
    assert witness.examine(checkpoint, None, START + 7) == START + 7
    with pytest.raises(Unavailable, match="this witness has signed at"):
        witness.examine(checkpoint, Attested(checkpoint, START + 10_000), START + 7)
