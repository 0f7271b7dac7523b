"""The log on disk: durable, in one row, never back in time, and nothing but what a statement says."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import hauberk
from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.filed import named_total
from hauberk.ledger.index import build
from hauberk.ledger.prove import prove
from hauberk.ledger.replay import index_statement
from hauberk.signature import dsse
from ledger_world import LOG, MODEL, PRODUCER, START, World, statement, verified
from signers import SeedSigner

NOTES = ((5, b"r"), (5, b"s"), (4, b"r"))  # sizes, and what roots are of


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_was_appended_is_there_when_it_is_opened_again(world: World) -> None:
    first, second = verified("a"), verified("b", MODEL, sha256(b"other"))
    with world.create() as log:
        assert log.append_many([first, second], START) == [0, 1]
    with world.open(read_only=True) as log:
        assert log.size == 2
        assert log.entry(1).subjects == tuple(sorted([str(MODEL), str(sha256(b"other"))]))
        assert log.entry(0).id == first.id
        assert log.entry(0).time == START
        assert log.envelope(1) == dsse.encode_envelope(second.envelope)
        assert log.leaf_hashes() == [merkle.leaf_hash(entry.encode()) for entry in log.entries()]


def test_the_same_envelope_keeps_its_number_and_its_time(world: World) -> None:
    with world.create() as log:
        assert log.append_many([verified("a"), verified("a")], START) == [0, 0]
        assert log.append_many([verified("b"), verified("a")], START + 9) == [1, 0]
        assert log.entry(0).time == START
        assert log.size == 2


def test_the_same_statement_by_another_signer_is_another_entry(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        assert log.append_many([verified("a", signer=SeedSigner("other"))], START) == [1]
        assert log.entry(0).id == log.entry(1).id


def test_a_clock_behind_the_last_entry_appends_nothing(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        with pytest.raises(Unavailable, match="the last entry of the log is from 1700000000"):
            log.append_many([verified("b")], START - 1)
        assert log.size == 1


def test_a_batch_with_one_bad_statement_appends_nothing(world: World) -> None:
    with world.create() as log:
        with pytest.raises(NotVerified):
            log.append_many([verified("a"), replace(verified("b"), id=MODEL)], START)
        assert log.size == 0


def test_a_statement_that_is_not_the_one_in_its_envelope_is_refused(world: World) -> None:
    with world.create() as log, pytest.raises(NotVerified, match="not the one in its envelope"):
        log.append_many([replace(verified("a"), statement=statement("b"))], START)


def test_an_index_statement_is_not_appended_by_hand(world: World) -> None:
    said = index_statement("example.com/log", 0, merkle.EMPTY_ROOT, build([]))
    with world.create() as log, pytest.raises(NotVerified, match="made by publishing"):
        log.append_many([verified("", said=said)], START)


def test_a_statement_about_too_many_digests_is_refused(world: World) -> None:
    digests = [sha256(bytes([i])) for i in range(65)]
    with world.create() as log:
        said = statement("a", *digests)
        with pytest.raises(Exceeded, match="65 digests"):
            log.append_many([verified("a", said=said)], START)
        assert log.size == 0


@pytest.mark.parametrize("now", [-1, 2**53])
def test_a_time_that_no_entry_holds_is_refused(world: World, now: int) -> None:
    with world.create() as log, pytest.raises(Malformed, match="entry's time"):
        log.append_many([verified("a")], now)


def test_an_entry_that_is_not_there_is_refused(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        with pytest.raises(Malformed, match="the log has 1 entries"):
            log.entry(1)
        with pytest.raises(HauberkError):
            log.entry(-1)


def test_a_log_is_made_once(world: World) -> None:
    world.create().close()
    with pytest.raises(Misconfigured, match="is there already"):
        world.create()


def test_a_log_that_is_absent_is_unavailable(world: World) -> None:
    with pytest.raises(Unavailable):
        world.open()


def test_a_log_whose_making_was_interrupted_is_made_again(world: World) -> None:
    world.log_folder.mkdir()
    (world.log_folder / "ledger.sqlite").touch()
    with pytest.raises(Malformed, match="not a ledger"):
        world.open()
    with world.create() as log:
        assert log.size == 0


def test_another_programs_database_is_not_a_ledger(world: World) -> None:
    world.log_folder.mkdir()
    with sqlite3.connect(world.log_folder / "ledger.sqlite") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(Malformed, match="not a ledger"):
        world.open()
    with pytest.raises(Misconfigured):
        world.create()


def test_a_format_of_a_later_release_is_refused_with_what_to_do(world: World) -> None:
    world.create().close()
    with sqlite3.connect(world.log_folder / "ledger.sqlite") as database:
        database.execute("PRAGMA user_version = 3")
    database.close()
    for read_only in (False, True):
        with pytest.raises(Unavailable, match="format 3, this release reads up to 2") as caught:
            world.open(read_only=read_only)
        assert "upgrade" in caught.value.hint


def test_a_format_that_no_release_wrote_is_refused(world: World) -> None:
    world.create().close()
    with sqlite3.connect(world.log_folder / "ledger.sqlite") as database:
        database.execute("PRAGMA user_version = 0")
    database.close()
    with pytest.raises(Malformed, match="format 0, which no release wrote"):
        world.open()


def test_this_release_writes_version_two(world: World) -> None:
    world.create().close()
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    assert database.execute("PRAGMA user_version").fetchone() == (2,)
    assert database.execute("PRAGMA synchronous").fetchone() is not None
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_a_read_only_log_takes_nothing(world: World) -> None:
    world.create().close()
    with world.open(read_only=True) as log, pytest.raises(Unavailable):
        log.append_many([verified("a")], START)


def test_a_checkpoint_over_fewer_entries_is_not_kept(world: World) -> None:
    with world.create() as log:
        five, later, four = (sign(Checkpoint(LOG.name, size, root * 32), LOG) for size, root in NOTES)
        log.add_checkpoint(5, five)
        log.add_checkpoint(5, later)
        with pytest.raises(NotVerified, match="rollback"):
            log.add_checkpoint(4, four)
        assert log.checkpoints() == [five, later]
        assert log.latest_checkpoint() == later


@pytest.mark.parametrize("note", ["", "one line", "x\n\n\u2014 y z\n"])
def test_a_checkpoint_that_is_none_is_named(world: World, note: str) -> None:
    with world.create() as log:
        log.add_checkpoint(0, note)
        with pytest.raises(NotVerified, match="the newest checkpoint is none: ") as refused:
            log.latest_checkpoint()
        assert "restore a copy" in refused.value.hint


def test_a_new_log_has_no_checkpoint(world: World) -> None:
    with world.create() as log:
        assert log.latest_checkpoint() is None


@pytest.mark.parametrize("table", ["entries", "envelopes", "nodes"])
def test_an_entry_enters_with_all_that_belongs_to_it_or_not_at_all(world: World, table: str) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        log._database.ask(
            f"CREATE TEMP TRIGGER full BEFORE INSERT ON main.{table} BEGIN SELECT raise(FAIL, 'full'); END"
        )
        with pytest.raises(Unavailable, match="full"):
            log.append_many([verified("b")], START)
    with world.open(read_only=True) as log:
        assert log.size == 1
        assert [len(log.envelopes(0, 1)), log.entries_about(sha256(b"b"))] == [1, []]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM entries WHERE number = 1",
        "UPDATE entries SET number = 7 WHERE number = 2",
        "UPDATE entries SET number = -1 WHERE number = 0",
        "UPDATE entries SET number = 9223372036854775807 WHERE number = 2",
    ],
)
def test_a_hole_in_the_numbers_is_a_missing_entry(world: World, change: str) -> None:
    with world.create() as log:
        log.append_many([verified(name) for name in "abc"], START)
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute(change)
    database.close()
    with world.open() as log, pytest.raises(NotVerified, match="missing entry"):
        log.records()


def test_an_entry_that_is_filed_under_another_envelope_is_not_taken_for_it(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a"), verified("b")], START)
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("UPDATE entries SET envelope = 'x' WHERE number = 0")
        database.execute("UPDATE entries SET envelope = ? WHERE number = 1", (_envelope_of("a"),))
    database.close()
    with world.open() as log, pytest.raises(NotVerified, match="filed under another envelope"):
        log.append_many([verified("a")], START)


def _envelope_of(name: str) -> str:
    return str(sha256(dsse.encode_envelope(verified(name).envelope)))


APPENDER = """
import sys
from ledger_world import START, World, verified
from pathlib import Path
log = World(Path(sys.argv[1])).open()
for i in range(12):
    print(*log.append_many([verified(f"{sys.argv[2]}-{i}"), verified(f"shared-{i}")], START))
"""


def test_two_processes_append_one_history(world: World) -> None:
    world.create().close()
    paths = [str(Path(hauberk.__file__).parents[1]), str(Path(__file__).parents[1])]
    script = f"import sys; sys.path[:0] = {paths!r}\n{APPENDER}"
    command = [sys.executable, "-c", script, str(world.folder)]
    children = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in ("one", "two")]
    printed = [child.communicate(timeout=60)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    with world.open(read_only=True) as log:
        own = {int(number) for numbers in printed for number in numbers[::2]}
        shared = [{int(number) for number in numbers[1::2]} for numbers in printed]
        assert len(own) == 24
        assert shared[0] == shared[1]
        assert own | shared[0] == set(range(36))
        assert len(log.records()) == 36


def test_the_signer_of_the_tests_signs_what_the_log_keeps(world: World) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        envelope = dsse.decode_envelope(log.envelope(0))
        assert dsse.verify(envelope, {PRODUCER.public.keyid: PRODUCER.public}.get) == (PRODUCER.public.keyid,)


def test_a_log_closes_its_file(world: World) -> None:
    log = world.create()
    log.close()
    with pytest.raises(Unavailable):
        _ = log.size


OTHER = sha256(b"other")


@pytest.fixture
def published(world: World) -> World:
    """Entries 0 and 1, an index, and entry 3 behind the checkpoint; all but the index speak of the model."""
    with world.create() as log:
        log.append_many([verified("a", MODEL), verified("b", MODEL)], START)
        world.publish(log, START)
        log.append_many([verified("c", MODEL)], START)
    return world


def change(world: World, command: str, *values: bytes) -> None:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute(command, values)
    database.close()


def about(digest: Digest, number: int) -> bytes:
    return f"{digest}\0".encode() + number.to_bytes(8, "big")


def test_the_entries_about_a_digest_are_those_of_the_leaves(published: World) -> None:
    with published.open() as log:
        assert log.entries_about(MODEL) == [0, 1, 3]
        log.append_many([verified("d", MODEL), verified("e")], START)
        assert log.entries_about(MODEL) == [0, 1, 3, 4]
        published.publish(log, START)
        assert log.entries_about(MODEL) == [0, 1, 3, 4]
        assert log.entries_about(sha256(b"nobody")) == []


def test_what_a_table_hides_behind_the_newest_checkpoint_is_found(published: World) -> None:
    change(published, "DELETE FROM about")
    with published.open(read_only=True) as log:
        assert log.entries_about(MODEL) == [3]


@pytest.mark.parametrize(
    ("digest", "leaf"),
    [
        (MODEL, about(MODEL, 2)),
        (OTHER, about(OTHER, 1)),
        (MODEL, about(MODEL, 0) + b"\0"),
        (MODEL, about(MODEL, 0)[:-1]),
    ],
)
def test_an_entry_that_does_not_speak_of_a_digest_is_not_believed_to(
    published: World, digest: Digest, leaf: bytes
) -> None:
    change(published, "INSERT INTO about VALUES (?)", leaf)
    with published.open(read_only=True) as log, pytest.raises(NotVerified, match="lying table"):
        log.entries_about(digest)


def test_a_proof_out_of_a_changed_tree_is_not_given(published: World) -> None:
    change(published, "UPDATE nodes SET hash = zeroblob(32) WHERE position = 1")
    with published.open(read_only=True) as log, pytest.raises(NotVerified, match="does not lead to the root"):
        prove(log, [0])
    change(published, "UPDATE nodes SET hash = x'00' WHERE position = 1")
    with published.open(read_only=True) as log, pytest.raises(NotVerified, match="stored tree hash is not one"):
        prove(log, [0])
    change(published, "DELETE FROM nodes WHERE position = 1")
    with published.open(read_only=True) as log, pytest.raises(NotVerified, match="missing tree hash: number 1"):
        prove(log, [0])


def test_nothing_is_appended_to_a_log_without_its_tree(published: World) -> None:
    change(published, "DELETE FROM nodes")
    with published.open() as log:
        with pytest.raises(NotVerified, match="missing tree hash"):
            log.append_many([verified("d")], START)
        assert log.size == 4
        log.rebuild()
        assert log.append_many([verified("d")], START) == [4]


@pytest.mark.parametrize("size", [*range(1, 18), 63, 64, 65])
def test_the_stored_tree_is_the_tree(world: World, size: int) -> None:
    with world.create() as log:
        for start in range(0, size, 5):
            log.append_many([verified(str(number)) for number in range(start, min(start + 5, size))], START)
        stored, computed = log.tree(), merkle.Tree(log.leaf_hashes())
        for end in range(1, size + 1):
            assert stored.root(end) == computed.root(end)
        for index in range(size):
            assert stored.inclusion_proof(index) == computed.inclusion_proof(index)
            assert stored.consistency_proof(index + 1) == computed.consistency_proof(index + 1)
        with pytest.raises(Malformed):
            stored.inclusion_proof(size)


def test_an_entry_that_is_missing_where_a_range_ends_is_named(world: World) -> None:
    with world.create() as log:
        log.append_many([verified(name) for name in "abcde"], START)
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite")) as database, database:
        database.execute("DELETE FROM entries WHERE number = 3")
    with world.open() as log:
        for start in (0, 2, 3):
            with pytest.raises(NotVerified, match=r"^missing entry: number 3$"):
                log.records(start, 4)
        with pytest.raises(Malformed, match="the log has 5 entries, 4 to 6 were asked for"):
            log.records(4, 6)


def test_where_index_statements_are_likely_to_be_is_behind_each_checkpoint(world: World) -> None:
    with world.create() as log:
        for time in (START, START + 1, START + 2):
            log.append_many([verified(f"at {time}")], time)
            world.publish(log, time)
        assert log.likely_indexes(6, 5) == [5, 3, 1]
        assert log.likely_indexes(6, 2) == [5, 3]
        assert log.likely_indexes(5, 5) == [3, 1]


def test_the_index_of_envelopes_is_compared_over_the_first_entries_alone(world: World) -> None:
    with world.create() as log:
        log.append_many([verified(name) for name in "abcde"], START)
        for size in (0, 4, 5):
            assert log.filed_total(size, b"key") == named_total(0, log.records(0, size), b"key")
