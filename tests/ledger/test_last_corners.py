"""The last corners of the ledger: the ends of ranges, what is only read, and who waits for whom."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hauberk.digest import sha256
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import appender as appender_module
from hauberk.ledger import index, merkle
from hauberk.ledger.add_checkpoint import Request, check_continues
from hauberk.ledger.admit import admitted_as
from hauberk.ledger.appender import Appender
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.backup import check_copy, restore
from hauberk.ledger.checkpoint import Attested, Checkpoint, check_keys, sign
from hauberk.ledger.entry import Entry, envelope_in, subjects_in
from hauberk.ledger.log import Log
from hauberk.ledger.prove import prove, published_size
from hauberk.ledger.replay import index_statement
from hauberk.ledger.witness import Witness, read_head
from hauberk.limits import Limits
from hauberk.signature import base64, dsse, note
from hauberk.signature.note import Note
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner, log_key, witness_key

if TYPE_CHECKING:
    from pathlib import Path

NOW = START + 100


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a log with two publications: entries 0 and 1, an index; entry 3, an index."""
    made = World(tmp_path)
    with made.create() as log:
        log.append_many([verified("a", MODEL), verified("b")], START)
        made.publish(log, START + 1)
        log.append_many([verified("c")], START + 2)
        made.publish(log, START + 3)
    return made


def audited(world: World, *, now: int = NOW, remembered: str | None = None) -> Audited:
    with world.open(read_only=True) as log:
        how = {"key": world.key, "witness_keys": world.witness_keys, "quorum": 1}
        return audit(log, now=now, remembered=remembered, **how)  # type: ignore[arg-type]


def change(world: World, command: str, *values: object) -> None:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute(command, values)
    database.close()


def memory(world: World) -> str:
    return read_head(world.folder / WITNESS.name.replace("/", "-"), world.key.name) or ""


def with_a_stranger(text: str) -> str:
    """Return a note with one more line, of a key that nobody trusts."""
    stranger = SeedSigner("example.com/stranger")
    return Note(Note.parse(text).text, (*Note.parse(text).signatures, note.sign_ed25519("x\n", stranger, "s"))).format()


# what comes in


def test_a_request_is_twice_as_long_as_a_note_at_most() -> None:
    asked = Request(0, (), "x" * 91).encode()
    assert Request.decode(asked, limits=Limits(max_note_bytes=len(asked) // 2)).checkpoint == "x" * 91
    with pytest.raises(Exceeded, match="the request is 99 bytes long, the limit is 98"):
        Request.decode(asked + b"x", limits=Limits(max_note_bytes=49))


def test_an_envelope_that_no_reader_takes_is_not_admitted() -> None:
    good = verified("a")
    with pytest.raises(Malformed, match="the envelope has no signature"):
        admitted_as(replace(good.envelope, signatures=()), good.statement, START)


def test_an_envelope_is_as_long_as_a_document_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    good = verified("a")
    size = len(dsse.encode_envelope(good.envelope))
    monkeypatch.setattr("hauberk.ledger.admit.DEFAULT_LIMITS", Limits(max_document_bytes=size))
    assert admitted_as(good.envelope, good.statement, START).entry.time == START
    monkeypatch.setattr("hauberk.ledger.admit.DEFAULT_LIMITS", Limits(max_document_bytes=size - 1))
    with pytest.raises(Exceeded, match=f"an envelope of {size} bytes; {size - 1} are allowed"):
        admitted_as(good.envelope, good.statement, START)


# the audit


def test_a_checkpoint_with_a_line_by_a_stranger_is_one(world: World) -> None:
    with world.open(read_only=True) as log:
        text = with_a_stranger(log.latest_checkpoint() or "")
    change(world, "UPDATE checkpoints SET note = ? WHERE size = 5", text)
    assert audited(world, remembered=with_a_stranger(memory(world))).published == 5


@pytest.mark.parametrize(("publications", "named"), [(5, "1, 3, 5, 7, 9: "), (6, "1, 3, 5, 7, 9, …: ")])
def test_of_many_checkpoints_that_are_missing_five_are_named(tmp_path: Path, publications: int, named: str) -> None:
    world = World(tmp_path)
    with world.create() as log:
        for number in range(publications):
            log.append_many([verified(str(number))], START)
            world.publish(log, START)
    change(world, "DELETE FROM checkpoints")
    of_all, of_the_witness = audited(world, remembered=memory(world)).notes
    assert f"of entry {named}" in of_all
    assert f"the first {2 * publications} entries, the newest checkpoint here covers 0:" in of_the_witness


def test_a_log_that_began_with_the_clock_of_unix_is_honest(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a")], 0)
    assert audited(world, now=0).entries == 1


def test_a_checkpoint_cosigned_between_its_last_two_entries_is_found(world: World) -> None:
    with world.open(read_only=True) as log:
        assert [log.entry(number).time - START for number in (3, 4)] == [2, 3]
        checkpoint = Checkpoint(LOG.name, 5, log.tree().root(5))
    body = Note.parse(sign(checkpoint, LOG))
    line = note.cosign(body.text, WITNESS, WITNESS.name, START + 2)
    change(world, "UPDATE checkpoints SET note = ? WHERE size = 5", Note(body.text, (*body.signatures, line)).format())
    with pytest.raises(NotVerified, match="time ahead: entry 4 claims"):
        audited(world)


# copies


def checked(world: World, file: Path, remembered: str | None = None) -> int:
    how = {"key": world.key, "witness_keys": world.witness_keys, "quorum": 1, "now": NOW}
    return check_copy(file, remembered=remembered, **how).behind  # type: ignore[arg-type]


def test_a_copy_is_only_read(world: World, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with world.open() as log:
        log.copy_to(copy)
    before = copy.read_bytes()
    assert checked(world, copy) == 0
    restore(copy, tmp_path / "elsewhere")
    assert copy.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]
    assert (tmp_path / "elsewhere" / "ledger.sqlite").read_bytes()[18:20] == b"\x02\x02"  # has a write-ahead log again


def test_a_copy_of_nothing_is_not_behind_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.create().close()
    assert checked(world, world.log_folder / "ledger.sqlite") == 0


def test_a_copy_of_another_history_of_the_same_length_is_a_fork(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    with other.create() as log:
        log.append_many([verified("x", MODEL), verified("b")], START)
        other.publish(log, START + 1)
        log.append_many([verified("c")], START + 2)
        other.publish(log, START + 3)
        log.copy_to(tmp_path / "copy")
    assert checked(other, tmp_path / "copy", memory(other)) == 0
    with pytest.raises(NotVerified, match="fork: what the witness remembers"):
        checked(world, tmp_path / "copy", memory(world))


# many threads


def test_a_group_is_closed_when_it_is_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = noted(monkeypatch)
    monkeypatch.setattr(appender_module, "_MOST", 2)
    with Appender(world.open, lambda: NOW, gather_seconds=60) as appender, ThreadPoolExecutor(2) as threads:
        first = threads.submit(appender.append, [verified("x")])
        time.sleep(0.05)
        assert not first.done()  # it waits for a second
        assert appender.append([verified("y")]) == [6]
        assert first.result() == [5]
        assert appender.append([verified("z"), verified("v")]) == [7, 8]
    assert groups == [2, 2]


def test_closing_ends_the_wait_for_others(world: World) -> None:
    appender = Appender(world.open, lambda: NOW, gather_seconds=60)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(appender.append, [verified("x")])
        while not appender._waiting.empty() or not waiting.running():
            time.sleep(0.001)
        closing = threading.Thread(target=appender.close, daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()
        assert waiting.result(30) == [5]


def test_the_end_of_a_with_closes_the_log_before_it_goes_on(world: World) -> None:
    closed: list[int] = []

    class Slow(Log):
        def close(self) -> None:
            time.sleep(0.05)
            super().close()
            closed.append(1)

    with Appender(lambda: Slow.open(world.log_folder), lambda: NOW) as appender:
        appender.append([verified("x")])
    assert closed == [1]
    with pytest.raises(Unavailable, match="the appender is closed"):
        appender.append([verified("y")])


def test_nobody_waits_for_a_thread_that_has_died(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)  # its death is what is tried
    both = threading.Event()

    class Dying(Appender):
        def _gather(self):  # type: ignore[no-untyped-def]
            both.wait(30)
            raise RuntimeError

    appender = Dying(world.open, lambda: NOW)
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(appender.append, [verified(name)]) for name in "xy"]
        while appender._waiting.qsize() < 2:
            time.sleep(0.001)
        appender._waiting.put(None)
        both.set()
        for one in waiting:
            with pytest.raises(Unavailable, match="the appender is closed"):
                one.result(30)
    appender._thread.join(30)
    with pytest.raises(Unavailable, match="the appender is closed"):
        appender.append([verified("z")])


def noted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the groups that are appended from now on."""
    groups: list[int] = []
    real = Log.append_admitted

    def noting(log: Log, admitted, **how) -> list[int]:  # type: ignore[no-untyped-def]
        groups.append(len(admitted))
        return real(log, admitted, **how)

    monkeypatch.setattr(Log, "append_admitted", noting)
    return groups


# the index


def test_a_neighbour_on_the_right_that_is_no_leaf_or_of_no_entry_is_refused() -> None:
    here, there = sorted([sha256(b"a"), sha256(b"b")], key=str)
    odd = index.Index([index.leaf(here, 0), b"sha256:~"])
    with pytest.raises(Malformed, match="a neighbour in a range is not a leaf of the index"):
        odd.range(here).verify(here, 2, odd.root, size=9)
    late = index.Index([index.leaf(here, 0), index.leaf(there, 50)])
    with pytest.raises(NotVerified, match="a neighbour names the entry 50, and the log had 50"):
        late.range(here).verify(here, 2, late.root, size=50)
    assert late.range(here).verify(here, 2, late.root, size=51) == (0,)


def test_a_gap_in_a_range_is_told_by_its_place() -> None:
    here, there = sorted([sha256(b"a"), sha256(b"b")], key=str)
    built = index.Index([*(index.leaf(here, number) for number in range(3)), index.leaf(there, 3)])
    whole = built.range(here)
    assert whole.right is not None
    gap = index.Range(here, (whole.leaves[0], whole.leaves[2]), None, replace(whole.right, position=2))
    with pytest.raises(NotVerified, match="has a gap at position 1"):
        gap.verify(here, 4, built.root, size=4)


@pytest.mark.parametrize("size", [0, 1, 2, 7, 64])
def test_the_totals_of_leaves_are_those_of_their_index(size: int) -> None:
    built = index.Index(sorted(index.leaf(sha256(b"%d" % number), number) for number in range(size)))
    assert index.Totals.of(built.leaves) == index.Totals(built.count, built.root)


def test_leaves_and_entries_give_one_index() -> None:
    entries = [Entry(sha256(b"%d" % n), sha256(b"i"), tuple(sorted({str(MODEL), str(sha256(b"%d" % (n % 2)))})), n)
               for n in range(5)]  # fmt: skip
    leaves = [leaf for n, entry in enumerate(entries) for leaf in index.leaves_of(n, entry.subjects)]
    built = index.of_entries(entries)
    assert sorted(leaves) == list(built.leaves)
    assert built.count == 10
    assert [leaf.entry for leaf in built.range(MODEL).leaves] == [0, 1, 2, 3, 4]


def test_a_proof_has_64_hashes_of_32_bytes_at_most() -> None:
    text = base64.encode(bytes(32))
    assert index.proof_of([text] * 64) == (bytes(32),) * 64
    with pytest.raises(Exceeded, match="a proof of 65 hashes"):
        index.proof_of([text] * 65)
    with pytest.raises(Malformed, match="a hash in a proof is 32 bytes long"):
        index.proof_of([text, base64.encode(bytes(31))])
    with pytest.raises(Malformed, match="a list of base64 texts"):
        index.proof_of([text, 1])


def test_a_neighbour_that_looks_like_a_leaf_and_names_no_digest_is_refused() -> None:
    here = sha256(b"a")
    odd = index.Index([b"aaa\x00" + bytes(8), index.leaf(here, 1)])
    with pytest.raises(Malformed, match="digest"):
        odd.range(here).verify(here, 2, odd.root, size=9)


# trees


@pytest.mark.parametrize("pieces", [1, 3, 4, 50])
def test_a_tree_that_grows_has_the_root_of_one_that_was_there(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.ledger.merkle._BLOCK", 4)
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(50)]
    growing = merkle.Growing()
    assert (growing.size, growing.root) == (0, merkle.EMPTY_ROOT)
    for start in range(0, 50, pieces):
        growing.extend(hashes[start : start + pieces])
        end = min(50, start + pieces)
        assert (growing.size, growing.root) == (end, merkle.root(hashes[:end]))


def test_the_first_none_of_some_leaves_are_the_empty_tree() -> None:
    tree = merkle.Tree([merkle.leaf_hash(b"a")])
    assert tree.root(0) == merkle.EMPTY_ROOT
    with pytest.raises(Malformed, match="the list has 1 leaves, not 2"):
        tree.root(2)
    with pytest.raises(Malformed, match="the list has 1 leaves, not -1"):
        tree.root(-1)


def test_a_tree_has_as_many_leaves_as_64_bits_count() -> None:
    with pytest.raises(NotVerified, match="too short for the tree"):
        merkle.verify_inclusion(bytes(32), 0, 2**64 - 1, [], bytes(32))
    with pytest.raises(NotVerified, match="a size or index is an integer from 0 to"):
        merkle.verify_inclusion(bytes(32), 0, 2**64, [], bytes(32))


@pytest.mark.parametrize(
    ("sizes", "proof", "said"),
    [
        ((3, 7), [], "the consistency proof is empty"),
        ((3, 7), [bytes(32)] * 5, "the consistency proof is too long"),
        ((3, 7), [bytes(32)] * 3, "the consistency proof is too short"),
        ((4, 7), [], "the consistency proof is too short"),
        ((4, 8), [bytes(32)] * 2, "the consistency proof is too long"),
    ],
)
def test_a_consistency_proof_of_another_length_is_refused_by_that_name(
    sizes: tuple[int, int], proof: list[bytes], said: str
) -> None:
    with pytest.raises(NotVerified, match=f"^{said}$"):
        merkle.verify_consistency(*sizes, bytes(32), bytes(32), proof)


# entries, checkpoints, witnesses


def test_an_entry_may_be_of_the_first_second_and_as_long_as_a_tile_lets_it() -> None:
    entry = Entry(sha256(b"e"), sha256(b"i"), (str(MODEL),), 0)
    assert Entry.decode(entry.encode()) == entry
    with pytest.raises(Malformed):
        Entry(sha256(b"e"), sha256(b"i"), (str(MODEL),), -1)
    with pytest.raises(Malformed):
        Entry.decode(b" " * 65_535)
    with pytest.raises(Exceeded, match="65536 bytes long, the limit is 65535"):
        Entry.decode(b" " * 65_536)


def test_what_a_leaf_names_is_read_from_its_bytes() -> None:
    subjects = tuple(sorted([str(MODEL), str(sha256(b"b")), "dirHash:" + "0" * 64]))
    leaf = Entry(sha256(b"e"), sha256(b"i"), subjects, START).encode()
    assert tuple(subjects_in(leaf)) == subjects
    assert envelope_in(leaf) == str(sha256(b"e"))
    with pytest.raises(Malformed):
        subjects_in(b"{}")


def test_an_empty_log_has_a_checkpoint() -> None:
    checkpoint = Checkpoint(LOG.name, 0, merkle.EMPTY_ROOT)
    assert Checkpoint.parse(checkpoint.body()) == checkpoint
    with pytest.raises(Malformed):
        Checkpoint(LOG.name, -1, merkle.EMPTY_ROOT)


def test_one_key_of_the_wrong_kind_among_witnesses_is_wrong_trust() -> None:
    others = (witness_key(WITNESS), log_key(SeedSigner("example.com/other")))
    with pytest.raises(Misconfigured, match="each witness's of kind 0x04"):
        check_keys(log_key(LOG), others, 1)


def test_the_files_of_a_log_and_of_its_witness_say_whose_they_are(world: World) -> None:
    for file, mark in (("log/ledger.sqlite", 0x48424B4C), ("example.com-witness/witness.sqlite", 0x48424B57)):
        with closing(sqlite3.connect(world.folder / file)) as database:
            assert database.execute("PRAGMA application_id").fetchone() == (mark,)


def test_a_witness_does_not_sign_with_the_logs_key(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        with pytest.raises(Unavailable, match="one key stands twice among the log and its witnesses"):
            world.publish(log, START + 5, witnesses=[world.witness(START + 5, signer=LOG)])


def test_a_tree_that_grows_by_uneven_pieces_keeps_whole_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.ledger.merkle._BLOCK", 4)
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(17)]
    growing = merkle.Growing()
    for start, end in ((0, 4), (4, 7), (7, 10), (10, 17)):
        growing.extend(hashes[start:end])
        assert growing.root == merkle.root(hashes[:end])


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


# the log


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
        with pytest.raises(Malformed, match="the envelope of entry 1 is another one"):
            log.envelopes(0, 2)


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
