"""The audit recomputes everything: each way to tamper with a ledger is found, and named."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hauberk.digest import sha256
from hauberk.edge.stores import open_database
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger import index, merkle, share
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.entry import Entry, read_leaf
from hauberk.ledger.replay import check_entry, index_statement, leads_to, read_both, subjects_of
from hauberk.ledger.witness import read_head
from hauberk.signature import dsse, note
from hauberk.signature.note import Note
from ledger_world import LOG, MODEL, START, WITNESS, World, published_twice, verified
from producer import bit_flips
from signers import SeedSigner

if TYPE_CHECKING:
    from pathlib import Path


NOW = START + 100


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A log with two publications: entries 0 to 2, an index; entries 4 and 5, an index."""
    return published_twice(tmp_path)


def audited(world: World, *, now: int = NOW, earlier: str | None = None, remembered: str | None = None) -> Audited:
    with world.open(read_only=True) as log:
        return audit(
            log,
            key=world.key,
            witness_keys=world.witness_keys,
            quorum=1,
            now=now,
            earlier=earlier,
            remembered=remembered,
        )


def change(world: World, command: str, *values: bytes | int | str) -> None:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute(command, values)
    database.close()


def rewrite(world: World, number: int, entry: Entry) -> None:
    """Rewrite an entry as a careful thief: what is computed from the entries is then as the new one gives it."""
    change(world, "UPDATE entries SET record = ? WHERE number = ?", entry.encode(), number)
    with world.open() as log:
        log.rebuild()


def cut(world: World, number: int) -> None:
    """Cut the tail from an entry on, as a careful thief."""
    change(world, "DELETE FROM entries WHERE number >= ?", number)
    change(world, "DELETE FROM envelopes WHERE number >= ?", number)
    with world.open() as log:
        log.rebuild()


def entry_of(world: World, number: int) -> Entry:
    with world.open(read_only=True) as log:
        return log.entry(number)


def republish_as_a_thief_of_both_keys(world: World) -> None:
    """Sign the log as it is now with the log's key and the witness's, which then has no memory."""
    shutil.rmtree(world.folder / WITNESS.name.replace("/", "-"))
    change(world, "DELETE FROM checkpoints")
    with world.open() as log:
        world.publish(log, START + 50)


def test_an_honest_ledger_is_counted(world: World) -> None:
    found = audited(world)
    with world.open(read_only=True) as log:
        assert found == Audited(7, 2, 2, merkle.root(log.leaf_hashes()), 7, START + 3)


def test_an_empty_ledger_is_honest(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.create().close()
    assert audited(world) == Audited(0, 0, 0, merkle.EMPTY_ROOT, 0, None)


def test_entries_behind_the_last_checkpoint_are_audited_too(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("f")], START + 4)
    assert audited(world).entries == 8
    rewrite(world, 7, replace(entry_of(world, 7), subjects=(str(MODEL),)))
    with pytest.raises(NotVerified, match="rewritten entry: number 7"):
        audited(world)


def test_an_honest_ledger_continues_an_earlier_checkpoint(world: World) -> None:
    with world.open(read_only=True) as log:
        earlier = log.checkpoints()[0]
    assert audited(world, earlier=earlier).checkpoints == 2


def test_an_edited_row_is_found(world: World) -> None:
    rewrite(world, 1, replace(entry_of(world, 1), envelope=sha256(b"nothing")))
    with pytest.raises((NotVerified, Unavailable)):
        audited(world)


def test_a_row_that_is_no_entry_is_found(world: World) -> None:
    change(world, "UPDATE entries SET record = ? WHERE number = 1", b"{}")
    with pytest.raises(NotVerified, match="rewritten entry: number 1 is no entry"):
        audited(world)


def test_a_deleted_row_is_found(world: World) -> None:
    change(world, "DELETE FROM entries WHERE number = 1")
    with pytest.raises(NotVerified, match="missing entry: number 1"):
        audited(world)


def swap_records(world: World) -> None:
    first, second = entry_of(world, 0), entry_of(world, 1)
    rewrite(world, 0, second)
    rewrite(world, 1, first)


def test_two_rows_that_were_swapped_are_found(world: World) -> None:
    swap_records(world)
    with pytest.raises(NotVerified, match="rewritten entry: the envelope of number 0"):
        audited(world)


def test_two_rows_that_were_swapped_with_their_envelopes_are_found(world: World) -> None:
    swap_records(world)
    change(world, "UPDATE envelopes SET number = -1 WHERE number = 0")
    change(world, "UPDATE envelopes SET number = 0 WHERE number = 1")
    change(world, "UPDATE envelopes SET number = 1 WHERE number = -1")
    with pytest.raises(NotVerified, match="lying index"):
        audited(world)


def test_a_changed_envelope_is_found(world: World) -> None:
    change(world, "UPDATE envelopes SET data = CAST(replace(data, 'sig', 'gis') AS BLOB) WHERE number = 0")
    with pytest.raises(NotVerified, match="the envelope of number 0"):
        audited(world)


def test_a_missing_envelope_cannot_be_audited(world: World) -> None:
    change(world, "DELETE FROM envelopes WHERE number = 2")
    with pytest.raises(Unavailable, match="the envelope of entry 2 is missing"):
        audited(world)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("UPDATE nodes SET hash = zeroblob(32) WHERE position = 0", "the stored tree is not that of entry 0"),
        ("UPDATE nodes SET hash = zeroblob(32) WHERE position = 6", "the stored tree is not that of entry 0"),
        ("DELETE FROM nodes WHERE position = 2", "the stored tree is not that of entry 0"),
        ("INSERT INTO nodes VALUES (11, zeroblob(32))", "nodes has 12 rows, the entries give 11"),
        ("DELETE FROM about WHERE leaf = (SELECT min(leaf) FROM about)", "of digests has 6 rows, the entries give 7"),
        ("INSERT INTO about VALUES (x'00')", "of digests has 8 rows, the entries give 7"),
        ("INSERT INTO about VALUES (zeroblob(80))", "of digests has 8 rows, the entries give 7"),
        ("UPDATE about SET leaf = zeroblob(80) WHERE leaf = (SELECT min(leaf) FROM about)", "has other rows than"),
        ("UPDATE listed SET size = 6", "of digests has 7 rows, the entries give 6"),
        ("UPDATE listed SET size = 8", "of digests covers 8 entries, the log has 7"),
        ("DELETE FROM listed", "of digests has 7 rows, the entries give 0"),
        ("INSERT INTO envelopes VALUES (7, x'00')", "envelopes has 8 rows, the entries give 7"),
    ],
)
def test_a_computed_table_that_lies_is_found_and_can_be_computed_again(world: World, command: str, said: str) -> None:
    honest = audited(world)
    change(world, command)
    with pytest.raises(NotVerified, match="lying table") as refused:
        audited(world)
    assert said in refused.value.message
    if "envelopes" not in command:
        assert "hauberk ledger rebuild" in refused.value.hint
        with world.open() as log:
            log.rebuild()
        assert audited(world) == honest


def test_a_changed_list_of_subjects_is_found(world: World) -> None:
    rewrite(world, 0, replace(entry_of(world, 0), subjects=(str(sha256(b"other")),)))
    with pytest.raises(NotVerified, match="number 0 has another id or subjects"):
        audited(world)


def test_an_edited_time_is_found(world: World) -> None:
    rewrite(world, 1, replace(entry_of(world, 1), time=START + 1))
    with pytest.raises(NotVerified, match="time set back: entry 2"):
        audited(world)


def test_an_edited_time_that_keeps_the_order_is_found(world: World) -> None:
    rewrite(world, 4, replace(entry_of(world, 4), time=START + 1))
    with pytest.raises(NotVerified, match="lying index"):
        audited(world)


def test_a_time_in_the_future_is_found(world: World) -> None:
    with pytest.raises(NotVerified, match="time ahead"):
        audited(world, now=START - 10)


def test_a_dropped_tail_is_found_by_the_published_checkpoint(world: World) -> None:
    change(world, "DELETE FROM entries WHERE number >= 5")
    with pytest.raises(NotVerified, match="dropped tail: a published checkpoint covers 7 entries, the log has 5"):
        audited(world)


def test_a_tail_dropped_with_its_checkpoint_is_found_by_one_kept_elsewhere(world: World) -> None:
    with world.open(read_only=True) as log:
        kept = log.latest_checkpoint()
    cut(world, 4)
    change(world, "DELETE FROM checkpoints WHERE size > 4")
    assert audited(world).entries == 4
    with pytest.raises(NotVerified, match="dropped tail: the earlier checkpoint"):
        audited(world, earlier=kept)


def memory(world: World) -> str | None:
    return read_head(world.folder / WITNESS.name.replace("/", "-"), world.key.name)


def test_what_the_witness_remembers_is_what_was_published(world: World) -> None:
    assert audited(world, remembered=memory(world)) == audited(world)


def test_a_tail_dropped_with_its_checkpoint_is_found_by_the_witness(world: World) -> None:
    cut(world, 4)
    change(world, "DELETE FROM checkpoints WHERE size > 4")
    assert audited(world).notes == ()
    with pytest.raises(NotVerified, match="dropped tail: what the witness remembers covers 7 entries"):
        audited(world, remembered=memory(world))


def test_a_checkpoint_that_is_gone_is_noted_since_publishing_may_have_been_interrupted(world: World) -> None:
    change(world, "DELETE FROM checkpoints WHERE size = 4")
    (note_of_three,) = audited(world, remembered=memory(world)).notes
    assert "the index statement of entry 3" in note_of_three
    change(world, "DELETE FROM checkpoints")
    of_both, of_the_witness = audited(world, remembered=memory(world)).notes
    assert "of entry 3, 6" in of_both
    assert "the witness has cosigned the first 7 entries" in of_the_witness


def test_a_witness_whose_first_request_was_refused_remembers_nothing(tmp_path: Path) -> None:
    state = tmp_path / WITNESS.name.replace("/", "-")
    state.mkdir()
    open_database(state / "witness.sqlite", create=True).close()
    assert memory(World(tmp_path)) is None


def test_a_witness_without_a_state_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        memory(World(tmp_path))


def test_a_rewritten_history_is_found_by_a_checkpoint_kept_elsewhere(world: World, tmp_path: Path) -> None:
    with world.open(read_only=True) as log:
        kept = log.checkpoints()[0]
    other = World(tmp_path / "fork")
    with other.create() as log:
        log.append_many([verified("a", MODEL), verified("x"), verified("c", MODEL), verified("d")], START)
        other.publish(log, START + 1)
    assert audited(other).entries == 5
    with pytest.raises(NotVerified, match="fork: the earlier checkpoint"):
        audited(other, earlier=kept)


def test_a_rewritten_entry_under_new_signatures_is_found(world: World) -> None:
    cut(world, 3)
    rewrite(world, 0, replace(entry_of(world, 0), subjects=(str(sha256(b"other")),)))
    with pytest.raises(Unavailable, match="rewritten entry: number 0"):
        republish_as_a_thief_of_both_keys(world)
    with pytest.raises(NotVerified, match="rewritten entry: number 0"):
        audited(world)


def test_a_lying_index_is_found(world: World) -> None:
    append_lying_index(world)
    with pytest.raises(NotVerified, match="lying index: entry 7"):
        audited(world)


def append_lying_index(world: World) -> None:
    with world.open() as log:
        root, partial = merkle.root(log.leaf_hashes()), index.of_entries(log.entries()[1:])
        said = index_statement(LOG.name, log.size, root, partial)
        log.append_computed(lambda _: dsse.sign(said, [LOG]), START + 5)


def test_an_index_by_somebody_else_is_found(world: World) -> None:
    with world.open() as log:
        said = index_statement(LOG.name, 7, merkle.root(log.leaf_hashes()), index.of_entries(log.entries()))
        log.append_computed(lambda _: dsse.sign(said, [SeedSigner("somebody")]), START + 5)
    with pytest.raises(NotVerified):
        audited(world)


def test_an_index_in_another_place_is_found(world: World) -> None:
    with world.open() as log:
        said = index_statement(LOG.name, 2, merkle.root(log.leaf_hashes(2)), index.of_entries(log.entries(0, 2)))
        log.append_computed(lambda _: dsse.sign(said, [LOG]), START + 5)
    with pytest.raises(NotVerified, match="wrong distance"):
        audited(world)


def test_a_checkpoint_of_another_root_is_a_fork(world: World) -> None:
    add_checkpoint(world, Checkpoint(LOG.name, 7, b"r" * 32))
    with pytest.raises(NotVerified, match="fork: a published checkpoint has another root over the first 7 entries"):
        audited(world)


def test_a_checkpoint_without_its_witness_is_found(world: World) -> None:
    with world.open() as log:
        log.add_checkpoint(7, sign(Checkpoint(LOG.name, 7, merkle.root(log.leaf_hashes())), LOG))
    with pytest.raises(NotVerified, match="0 trusted witnesses"):
        audited(world)


def test_a_checkpoint_from_before_its_entries_is_found(world: World) -> None:
    with world.open() as log:
        root = merkle.root(log.leaf_hashes())
    add_checkpoint(world, Checkpoint(LOG.name, 7, root), time=START)
    with pytest.raises(NotVerified, match="time ahead: entry 6"):
        audited(world)


def test_checkpoints_out_of_their_order_are_found(world: World) -> None:
    change(world, "UPDATE checkpoints SET sequence = -sequence")
    with pytest.raises(NotVerified, match="rollback"):
        audited(world)


def test_an_edited_checkpoint_is_found(world: World) -> None:
    change(
        world, "UPDATE checkpoints SET note = replace(note, char(10) || '7' || char(10), char(10) || '4' || char(10))"
    )
    with pytest.raises(NotVerified, match="a published checkpoint does not hold") as caught:
        audited(world)
    assert caught.value.hint


def test_an_envelope_in_the_log_twice_is_found(world: World) -> None:
    cut(world, 1)
    change(world, "DELETE FROM checkpoints")
    change(world, "INSERT INTO entries VALUES (1, ?, 'another')", entry_of(world, 0).encode())
    change(world, "INSERT INTO envelopes SELECT 1, data FROM envelopes")
    with world.open() as log:
        log.rebuild()
    with pytest.raises(NotVerified, match="number 1 repeats an envelope"):
        audited(world)


def test_something_that_is_no_checkpoint_is_not_compared_with(world: World) -> None:
    with pytest.raises(Malformed):
        audited(world, earlier="not a note")


def test_a_checkpoint_of_another_log_is_not_compared_with(world: World, tmp_path: Path) -> None:
    other = SeedSigner("example.com/other-log")
    with pytest.raises(NotVerified, match="the earlier checkpoint does not hold"):
        audited(world, earlier=sign(Checkpoint(other.name, 1, b"r" * 32), other))


def add_checkpoint(world: World, checkpoint: Checkpoint, *, time: int = START + 60) -> None:
    """Store a checkpoint with good signatures of both keys, true or not."""
    body = checkpoint.body()
    lines = note.sign_ed25519(body, LOG, LOG.name), note.cosign(body, WITNESS, WITNESS.name, time)
    with world.open() as log:
        log.add_checkpoint(checkpoint.size, Note(body, lines).format())


def shared(world: World, monkeypatch: pytest.MonkeyPatch, **how: str | None) -> Audited:
    """Audit by two processes, three entries each."""
    monkeypatch.setattr(share, "STRETCH", 3)
    with world.open(read_only=True) as log:
        return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=NOW, jobs=2, **how)


def test_processes_find_what_one_finds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shared(world, monkeypatch, remembered=memory(world)) == audited(world)


@pytest.mark.parametrize(
    ("command", "error", "said"),
    [
        ("UPDATE entries SET record = x'7b7d' WHERE number = 4", NotVerified, "rewritten entry: number 4 is no entry"),
        ("DELETE FROM entries WHERE number = 4", NotVerified, "missing entry: number 4"),
        ("DELETE FROM entries WHERE number = 5", NotVerified, "missing entry: number 5"),  # the last of a stretch
        ("DELETE FROM envelopes WHERE number = 5", Unavailable, "the envelope of entry 5 is missing"),
        ("UPDATE envelopes SET data = x'00' WHERE number = 1", NotVerified, "the envelope of number 1"),
        ("DELETE FROM nodes WHERE position = 7", NotVerified, "lying table"),
        ("DELETE FROM about WHERE leaf = (SELECT max(leaf) FROM about)", NotVerified, "lying table"),
    ],
)
def test_processes_name_what_is_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch, command: str, error: type[Exception], said: str
) -> None:
    change(world, command)
    with pytest.raises(error, match=said):
        shared(world, monkeypatch)


def test_a_time_set_back_between_two_stretches_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(world, 3, replace(entry_of(world, 3), time=START - 1))
    with pytest.raises(NotVerified, match=f"time set back: entry 3 claims {START - 1}"):
        shared(world, monkeypatch)


def test_a_process_that_ends_is_no_clean_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "COMMAND", (sys.executable, "-c", "pass"))
    with pytest.raises(Unavailable, match="not looked at"):
        shared(world, monkeypatch)


def test_the_quick_way_takes_nothing_that_the_long_way_refuses(world: World) -> None:
    with world.open(read_only=True) as log:
        (record,), (data,) = log.records(1, 2), log.envelopes(1, 2)
    envelope = dsse.decode_envelope(data)
    subjects = subjects_of(dsse.decode_statement(envelope.payload))
    assert leads_to(record, data, envelope.payload, subjects) == START
    for flipped in bit_flips(record):
        time = leads_to(flipped, data, envelope.payload, subjects)
        if time is not None:
            read_both(1, Entry.decode(flipped), data)
            assert Entry.decode(flipped).time == time
    for one, other in (*((flipped, data) for flipped in bit_flips(record)), *((record, b) for b in bit_flips(data))):
        try:
            read_both(1, read_leaf(1, one, Entry.decode), other)
        except NotVerified as error:
            with pytest.raises(NotVerified, match=re.escape(error.message)):
                check_entry(1, one, other)
        else:
            check_entry(1, one, other)
    many = tuple(sorted(str(sha256(bytes([number]))) for number in range(65)))
    text = Entry(sha256(data), dsse.statement_id(envelope.payload), many[:64], START).encode()
    assert leads_to(text, data, envelope.payload, many[:64]) == START
    longer = text.replace(b'"],"time"', f'","{many[64]}"],"time"'.encode())
    assert leads_to(longer, data, envelope.payload, many) is None
