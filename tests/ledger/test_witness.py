"""The witness signs what continues its own head and is true, and refuses everything else by name.

Most tests here hold the log's private key: that is the thief whom the witness is for.
"""

from __future__ import annotations

import sqlite3
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hauberk
from hauberk.digest import sha256
from hauberk.edge.process import exchange
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import index, merkle
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.entry import Entry
from hauberk.ledger.log import Log
from hauberk.ledger.replay import SKEW_SECONDS, index_statement
from hauberk.limits import Limits
from hauberk.signature import dsse, note
from hauberk.signature.note import NoteSignature
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner, witness_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.statement import Envelope


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    with world.create() as opened:
        opened.append_many([verified("a", MODEL), verified("b")], START)
        yield opened


def request(log: Log, old: int, *, size: int | None = None, signer: SeedSigner = LOG) -> Request:
    """What the log would ask about its first `size` entries."""
    tree = merkle.Tree(log.leaf_hashes(size))
    proof = tuple(tree.consistency_proof(old)) if 0 < old <= tree.size else ()
    return Request(old, proof, sign(Checkpoint(LOG.name, tree.size, tree.root()), signer))


def append_index(log: Log, *, at: int = START, signer: SeedSigner = LOG, forget: int | None = None) -> None:
    """Append the log's index statement, with one entry left out of the index where the thief wants it so."""

    def make(records: list[bytes]) -> Envelope:
        entries = [Entry.decode(record) for record in records]
        pairs = [(d, n) for n, entry in enumerate(entries) for d in entry.digests if n != forget]
        root = merkle.root([merkle.leaf_hash(record) for record in records])
        return dsse.sign(index_statement(LOG.name, len(records), root, index.build(pairs)), [signer])

    log.append_computed(make, at)


def test_the_first_checkpoint_is_taken_and_its_time_is_signed(world: World, log: Log) -> None:
    append_index(log)
    asked = request(log, 0)
    answer = world.witness(START + 3)(asked.encode()).decode()
    line = NoteSignature.parse(answer.removesuffix("\n"))
    body = asked.checkpoint.partition("\n\n")[0] + "\n"
    assert note.verify_cosignature(body, line, witness_key(WITNESS)) == START + 3


def test_a_checkpoint_that_continues_the_head_is_taken(world: World, log: Log) -> None:
    world.publish(log, START)
    log.append_many([verified("c")], START + 1)
    append_index(log, at=START + 1)
    assert world.witness(START + 1)(request(log, 3).encode()).startswith("— ".encode())


def test_a_log_that_asks_from_another_size_is_told_the_right_one(world: World, log: Log) -> None:
    assert world.witness(START)(request(log, 2).encode()) == b"0\n"
    world.publish(log, START)
    assert world.witness(START)(request(log, 0).encode()) == b"3\n"
    assert world.witness(START)(request(log, 99).encode()) == b"3\n"


def test_the_head_outlives_the_process(world: World, log: Log) -> None:
    world.publish(log, START)
    database = sqlite3.connect(world.folder / WITNESS.name.replace("/", "-") / "witness.sqlite")
    ((origin, kept),) = database.execute("SELECT origin, note FROM heads").fetchall()
    database.close()
    assert origin == LOG.name
    assert kept == log.latest_checkpoint()


def test_nothing_is_signed_before_the_head_is_on_disk(world: World, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    append_index(log)
    witness = world.witness(START)
    with monkeypatch.context() as patch:
        patch.setattr("hauberk.ledger.witness.open_database", _that_cannot_commit)
        with pytest.raises(Unavailable):
            witness(request(log, 0).encode())
    assert witness(request(log, 1).encode()) == b"0\n"


def _that_cannot_commit(path: Path, *, create: bool) -> sqlite3.Connection:
    class Full(sqlite3.Connection):
        def execute(self, sql: str, parameters: tuple[str, ...] = ()) -> sqlite3.Cursor:  # type: ignore[override]
            if sql == "COMMIT":
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, parameters)

    assert create
    return sqlite3.connect(path, isolation_level=None, factory=Full)


def test_a_rollback_is_refused(world: World, log: Log) -> None:
    world.publish(log, START)
    with pytest.raises(NotVerified, match="rollback: from 3 entries to 2"):
        world.witness(START)(request(log, 3, size=2).encode())


def test_a_fork_is_refused(world: World, log: Log, tmp_path: Path) -> None:
    world.publish(log, START)
    with Log.create(tmp_path / "fork") as fork:
        fork.append_many([verified("a", MODEL), verified("other"), verified("b"), verified("c")], START)
        append_index(fork)
        with pytest.raises(NotVerified, match="fork: the tree of size 5 does not continue the tree of size 3"):
            world.witness(START, log_folder=tmp_path / "fork")(request(fork, 3).encode())


def test_a_second_history_of_one_size_is_refused(world: World, log: Log, tmp_path: Path) -> None:
    world.publish(log, START)
    with Log.create(tmp_path / "fork") as fork:
        fork.append_many([verified("a", MODEL), verified("other")], START)
        append_index(fork)
        with pytest.raises(NotVerified, match="fork: two roots at one size"):
            world.witness(START, log_folder=tmp_path / "fork")(request(fork, 3).encode())


def test_entries_that_were_rewritten_under_an_honest_checkpoint_are_refused(world: World, log: Log) -> None:
    world.publish(log, START)
    log.append_many([verified("c")], START)
    append_index(log)
    asked = request(log, 3)
    _execute(world, "UPDATE entries SET record = (SELECT record FROM entries WHERE number = 3) WHERE number = 0")
    with pytest.raises(NotVerified, match="rewritten entry: among the first 3"):
        world.witness(START)(asked.encode())


def test_a_checkpoint_that_its_entries_do_not_give_is_refused(world: World, log: Log) -> None:
    append_index(log)
    asked = Request(0, (), sign(Checkpoint(LOG.name, 3, b"r" * 32), LOG))
    with pytest.raises(NotVerified, match="do not give the root that it signed"):
        world.witness(START)(asked.encode())


def test_a_checkpoint_of_more_entries_than_there_are_is_refused(world: World, log: Log) -> None:
    append_index(log)
    asked = Request(0, (), sign(Checkpoint(LOG.name, 4, b"r" * 32), LOG))
    with pytest.raises(Malformed, match="the log has 3 entries"):
        world.witness(START)(asked.encode())


def test_an_index_that_leaves_an_entry_out_is_refused(world: World, log: Log) -> None:
    append_index(log, forget=0)
    with pytest.raises(NotVerified, match="lying index"):
        world.witness(START)(request(log, 0).encode())


def test_an_index_that_the_log_has_not_signed_is_refused(world: World, log: Log) -> None:
    append_index(log, signer=SeedSigner("somebody"))
    with pytest.raises(NotVerified):
        world.witness(START)(request(log, 0).encode())


def test_a_checkpoint_without_an_index_right_before_it_is_refused(world: World, log: Log) -> None:
    with pytest.raises(NotVerified, match="wrong distance: entry 1 is no index statement"):
        world.witness(START)(request(log, 0).encode())
    append_index(log)
    log.append_many([verified("c")], START)
    with pytest.raises(NotVerified, match="wrong distance"):
        world.witness(START)(request(log, 0).encode())


def test_an_empty_log_is_not_signed(world: World, log: Log) -> None:
    with pytest.raises(NotVerified, match="wrong distance"):
        world.witness(START)(request(log, 0, size=0).encode())


def test_an_index_over_another_size_is_refused(world: World, log: Log) -> None:
    early = index_statement(LOG.name, 1, merkle.root(log.leaf_hashes(1)), index.of_entries(log.entries(0, 1)))
    log.append_computed(lambda _: dsse.sign(early, [LOG]), START)
    with pytest.raises(NotVerified, match="wrong distance"):
        world.witness(START)(request(log, 0).encode())


def test_an_entry_that_hides_a_subject_is_refused(world: World, log: Log) -> None:
    hiding = replace(log.entry(0), subjects=(str(sha256(b"something else")),))
    _execute(world, "UPDATE entries SET record = ? WHERE number = 0", hiding.encode())
    append_index(log)
    with pytest.raises(NotVerified, match="number 0 has another id or subjects"):
        world.witness(START)(request(log, 0).encode())


def test_an_entry_with_another_id_is_refused(world: World, log: Log) -> None:
    lying = replace(log.entry(1), id=sha256(b"another statement"))
    _execute(world, "UPDATE entries SET record = ? WHERE number = 1", lying.encode())
    append_index(log)
    with pytest.raises(NotVerified, match="number 1 has another id or subjects"):
        world.witness(START)(request(log, 0).encode())


def test_a_time_that_goes_back_is_refused(world: World, log: Log) -> None:
    early = replace(log.entry(1), time=START - 1)
    _execute(world, "UPDATE entries SET record = ? WHERE number = 1", early.encode())
    append_index(log)
    with pytest.raises(NotVerified, match="time set back: entry 1"):
        world.witness(START)(request(log, 0).encode())


def test_a_log_that_runs_ahead_of_the_witness_is_refused(world: World, log: Log) -> None:
    append_index(log)
    with pytest.raises(NotVerified, match="time ahead"):
        world.witness(START - SKEW_SECONDS - 1)(request(log, 0).encode())


def test_a_log_that_is_ahead_by_little_dates_the_cosignature(world: World, log: Log) -> None:
    append_index(log)
    answer = world.witness(START - SKEW_SECONDS)(request(log, 0).encode()).decode()
    assert int.from_bytes(NoteSignature.parse(answer[:-1]).signature[:8], "big") == START


def test_the_last_entry_is_the_one_that_dates_the_cosignature(world: World, log: Log) -> None:
    append_index(log, at=START + 4)
    answer = world.witness(START + 1)(request(log, 0).encode()).decode()
    assert int.from_bytes(NoteSignature.parse(answer[:-1]).signature[:8], "big") == START + 4


def test_a_witness_whose_clock_was_set_back_signs_nothing(world: World, log: Log) -> None:
    world.publish(log, START, witnesses=[world.witness(START + 1000)])
    with pytest.raises(Unavailable, match="this witness has signed at"):
        world.witness(START + 1000 - SKEW_SECONDS - 1)(request(log, 3).encode())
    assert world.witness(START + 1000 - SKEW_SECONDS)(request(log, 3).encode())


def test_a_checkpoint_that_the_log_has_not_signed_is_refused(world: World, log: Log) -> None:
    append_index(log)
    with pytest.raises(NotVerified, match="unknown log"):
        world.witness(START)(request(log, 0, signer=SeedSigner("thief")).encode())


def test_a_forged_signature_under_the_logs_name_is_refused(world: World, log: Log) -> None:
    append_index(log)
    honest = request(log, 0)
    forged = honest.checkpoint.replace("\n3\n", "\n2\n")
    with pytest.raises(NotVerified, match="does not hold"):
        world.witness(START)(Request(0, (), forged).encode())


def test_another_logs_checkpoint_is_refused(world: World, log: Log) -> None:
    append_index(log)
    other = SeedSigner("example.com/other-log")
    asked = Request(0, (), sign(Checkpoint(other.name, 3, b"r" * 32), other))
    with pytest.raises(NotVerified, match="unknown log: example"):
        world.witness(START)(asked.encode())


def test_a_proof_from_nothing_is_refused(world: World, log: Log) -> None:
    append_index(log)
    with pytest.raises(NotVerified, match="size 0 is empty"):
        world.witness(START)(replace(request(log, 0), proof=(b"p" * 32,)).encode())


def test_a_state_of_a_later_release_is_refused(world: World, log: Log) -> None:
    world.publish(log, START)
    database = sqlite3.connect(world.folder / WITNESS.name.replace("/", "-") / "witness.sqlite")
    with database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(Unavailable, match="state has the marks"):
        world.witness(START)(request(log, 3).encode())


CHILD = """
import sys
from pathlib import Path
from hauberk.errors import HauberkError
from ledger_world import START, World
try:
    sys.stdout.buffer.write(World(Path(sys.argv[1])).witness(START)(sys.stdin.buffer.read()))
except HauberkError as error:
    sys.exit(error.message)
"""


def test_the_witness_is_a_child_process(world: World, log: Log) -> None:
    paths = [str(Path(hauberk.__file__).parents[1]), str(Path(__file__).parents[1])]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{CHILD}", str(world.folder)]
    child = partial(exchange, command, environment={}, timeout_seconds=60)
    assert world.publish(log, START, witnesses=[child]).attested.time == START
    append_index(log, forget=0)
    with pytest.raises(NotVerified, match="lying index"):
        child(request(log, 3).encode())


def test_a_changed_state_is_not_believed(world: World, log: Log) -> None:
    world.publish(log, START)
    database = sqlite3.connect(world.folder / WITNESS.name.replace("/", "-") / "witness.sqlite")
    with database:
        database.execute(
            "UPDATE heads SET note = replace(note, char(10) || '3' || char(10), char(10) || '2' || char(10))"
        )
    database.close()
    with pytest.raises(NotVerified):
        world.witness(START)(request(log, 2).encode())


def test_a_missing_envelope_is_no_cosignature(world: World, log: Log) -> None:
    append_index(log)
    _execute(world, "DELETE FROM envelopes WHERE number = 1")
    with pytest.raises(Unavailable):
        world.witness(START)(request(log, 0).encode())


def test_a_witness_with_the_wrong_private_key_signs_nothing(world: World, log: Log) -> None:
    append_index(log)
    witness = world.witness(START)
    witness.keywords["signer"] = SeedSigner("other")  # type: ignore[attr-defined]
    with pytest.raises(Misconfigured, match="private key"):
        witness(request(log, 0).encode())


def test_a_request_is_written_as_it_was_read(log: Log) -> None:
    asked = request(log, 1)
    assert Request.decode(asked.encode()) == asked


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 0\n",
        b"old 0\nexample.com/log\n",
        b"OLD 0\n\nnote",
        b"old  0\n\nnote",
        b"old 00\n\nnote",
        b"old -1\n\nnote",
        b"old 18446744073709551616\n\nnote",
        b"old 0\nnot base64\n\nnote",
        b"old 0\nAAB=\n\nnote",
        b"old 0\r\n\nnote",
        b"old 0\n\xff\n\nnote",
        b"old 0\n" + b"AAAA\n" * 64 + b"\nnote",
    ],
)
def test_a_request_that_is_not_exactly_right_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Request.decode(data)


def test_the_longest_proof_is_read() -> None:
    assert len(Request.decode(b"old 0\n" + b"AAAA\n" * 63 + b"\nnote").proof) == 63


def test_a_long_request_is_not_read() -> None:
    longest = b"old 0\n\n" + b"x" * 193
    assert Request.decode(longest, limits=Limits(max_note_bytes=100)).checkpoint == "x" * 193
    with pytest.raises(Exceeded):
        Request.decode(longest + b"x", limits=Limits(max_note_bytes=100))


def test_a_note_that_is_no_checkpoint_is_refused(world: World, log: Log) -> None:
    for text in ("note", "a\n\n— b AAAAAAA=\n", "a\n1\nAAAA\nextension\n\n— b AAAAAAA=\n"):
        with pytest.raises(HauberkError):
            world.witness(START)(Request(0, (), text).encode())


def _execute(world: World, change: str, *values: bytes) -> None:
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute(change, values)
    database.close()
