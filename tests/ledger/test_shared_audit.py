"""An audit that is shared out among processes: it finds what one finds, in the same words, whoever looks at what.

The workers answer in this process, over the same words on the wire; `test_audit` starts real ones.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import HauberkError, NotVerified
from hauberk.ledger import merkle, share, stretch
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.index import of_entries
from hauberk.ledger.replay import index_statement
from hauberk.signature import dsse
from ledger_world import LOG, MODEL, START, World, verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hauberk.edge.pool import Task

FAR = 2 * 10**15  # a time with one digit more than most have


class Workers:
    """Workers as a pool starts them, here; each begins for itself, and the requests go round."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(
        self, _command: tuple[str, ...], _environment: Mapping[str, str], greeting: bytes, jobs: int, _timeout: float
    ) -> Workers:
        self._answers = [stretch.begin(greeting) for _ in range(jobs)]
        return self

    def answers(self, tasks: Sequence[Task]) -> list[bytes]:
        said = []
        for number, task in enumerate(tasks):
            self.asked.append(task.request)
            said.append(self._answers[number % len(self._answers)](task.request))
        return said


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Let large logs be looked at by such workers."""
    made = Workers()
    monkeypatch.setattr(share, "Pool", made)
    yield made
    gc.enable()  # which a worker does without


def audited(world: World, *, jobs: int, now: int = START + 100) -> Audited:
    with world.open(read_only=True) as log:
        return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=now, jobs=jobs)


def change(world: World, command: str) -> None:
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite")) as database, database:
        database.execute(command)


def set_time(world: World, number: int, time: int) -> None:
    """Set the time of an entry as a careful thief, who computes again what is computed from the entries."""
    with world.open() as log:
        record = replace(log.entry(number), time=time).encode()
    change(world, f"UPDATE entries SET record = x'{record.hex()}' WHERE number = {number}")
    with world.open() as log:
        log.rebuild()


def leave(_: World) -> None:
    pass


def append_behind_the_checkpoint(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("d", MODEL), verified("e"), verified("f")], START + 4)


def take_a_checkpoint_out(world: World) -> None:
    change(world, "DELETE FROM checkpoints WHERE size = 3")


def publish_often(world: World) -> None:
    with world.open() as log:
        for time in range(START + 4, START + 10):
            log.append_many([verified(f"at {time}", MODEL), verified(f"also at {time}")], time)
            world.publish(log, time)


def take_all_computed_out(world: World) -> None:
    """Leave the table of digests as it is before the first publication: what it does not cover, the entries are for."""
    change(world, "DELETE FROM about")
    change(world, "UPDATE listed SET size = 0")
    change(world, "DELETE FROM checkpoints")


def append_lying_index(world: World) -> None:
    with world.open() as log:
        said = index_statement(LOG.name, log.size, merkle.root(log.leaf_hashes()), of_entries(log.entries()[1:]))
        log.append_computed(lambda _: dsse.sign(said, [LOG]), START + 5)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (leave, (5, 2, 2, 0)),
        (append_behind_the_checkpoint, (8, 2, 2, 0)),
        (take_a_checkpoint_out, (5, 2, 1, 1)),
        (take_all_computed_out, (5, 2, 0, 1)),
        (publish_often, (23, 8, 8, 0)),
    ],
)
def test_a_ledger_is_the_same_in_stretches_of_any_length(
    world: World,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[World], None],
    expected: tuple[int, ...],
) -> None:
    prepare(world)
    whole = audited(world, jobs=2)
    assert (whole.entries, whole.indexes, whole.checkpoints, len(whole.notes)) == expected
    for entries, at_once in ((1, 1024), (2, 1024), (2, 1), (1024, 3)):
        monkeypatch.setattr(share, "STRETCH", entries)
        monkeypatch.setattr(stretch, "_AT_ONCE", at_once)
        assert audited(world, jobs=1) == whole
        assert not workers.asked
        assert audited(world, jobs=2) == whole
        assert bool(workers.asked) == (entries < 1024)
        workers.asked.clear()


@pytest.mark.parametrize(("jobs", "more", "shared"), [(2, 0, False), (2, 1, True), (8, 1, True), (1, 1, False)])
def test_processes_are_asked_about_two_whole_stretches_and_more(
    world: World, workers: Workers, monkeypatch: pytest.MonkeyPatch, jobs: int, more: int, shared: bool
) -> None:
    monkeypatch.setattr(share, "STRETCH", 3)
    with world.open() as log:
        log.append_many([verified(f"more {number}") for number in range(more)], START + 4)
    assert audited(world, jobs=jobs).entries == 5 + more
    assert bool(workers.asked) == shared


def test_each_index_statement_is_computed_again_by_a_process_once(
    world: World, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "STRETCH", 2)
    publish_often(world)
    change(world, "DELETE FROM checkpoints WHERE size IN (3, 11)")
    assert audited(world, jobs=2).indexes == 8
    asked = [request.split()[1:] for request in workers.asked if request.startswith(b"indexes ")]
    assert sorted(int(size) for sizes in asked for size in sizes) == [2, 4, 7, 10, 13, 16, 19, 22]


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE entries SET record = x'7b7d' WHERE number = 3",
        "DELETE FROM entries WHERE number = 2",
        "DELETE FROM entries WHERE number = 4",
        "UPDATE entries SET number = -1 WHERE number = 0",
        "INSERT INTO entries SELECT -1, record, 'sha256:0' FROM entries WHERE number = 0",
        "UPDATE entries SET envelope = 'sha256:0' WHERE number = 3",
        "DELETE FROM envelopes WHERE number = 3",
        "UPDATE envelopes SET data = x'00' WHERE number = 1",
        "UPDATE envelopes SET data = (SELECT data FROM envelopes WHERE number = 0) WHERE number = 1",
        "INSERT INTO envelopes VALUES (5, x'00')",
        "DELETE FROM nodes WHERE position = 1",
        "UPDATE nodes SET hash = zeroblob(32) WHERE position = 0",
        "DELETE FROM about WHERE leaf = (SELECT max(leaf) FROM about)",
        "INSERT INTO about VALUES (zeroblob(80))",
        "UPDATE listed SET size = 4",
        "UPDATE listed SET size = 9",
        "UPDATE checkpoints SET sequence = -sequence",
        "UPDATE checkpoints SET size = size + 1000",
        append_lying_index,
    ],
)
def test_processes_refuse_in_the_words_of_one(
    world: World, workers: Workers, monkeypatch: pytest.MonkeyPatch, tamper: str | Callable[[World], None]
) -> None:
    change(world, tamper) if isinstance(tamper, str) else tamper(world)
    with pytest.raises(HauberkError) as alone:
        audited(world, jobs=2)
    assert not workers.asked
    monkeypatch.setattr(share, "STRETCH", 2)
    with pytest.raises(type(alone.value)) as shared:
        audited(world, jobs=2)
    assert workers.asked
    assert (shared.value.message, shared.value.hint) == (alone.value.message, alone.value.hint)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_time_set_back_is_found_whatever_it_is_beside(
    world: World, workers: Workers, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    set_time(world, number, START - 1)
    for entries, at_once in ((1, 1024), (2, 1024), (3, 2), (1024, 1), (1024, 3)):
        monkeypatch.setattr(share, "STRETCH", entries)
        monkeypatch.setattr(stretch, "_AT_ONCE", at_once)
        with pytest.raises(NotVerified, match=f"^time set back: entry {number} claims {START - 1}, after one of "):
            audited(world, jobs=2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_times_that_are_read_the_long_way_are_as_good(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(share, "STRETCH", 2)
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a", MODEL), verified("b")], START)
        world.publish(log, START + 1)
        log.append_many([verified("c", MODEL), verified("d")], FAR)
        world.publish(log, FAR + 1)
    found = audited(world, jobs=jobs, now=FAR + 1)
    assert (found.entries, found.indexes, found.checkpoints, found.time) == (6, 2, 2, FAR + 1)
    set_time(world, 4, FAR - 1)
    with pytest.raises(NotVerified, match=f"^time set back: entry 4 claims {FAR - 1}, after one of {FAR}$"):
        audited(world, jobs=jobs, now=FAR + 1)
    set_time(world, 4, FAR)
    change(world, "UPDATE envelopes SET data = x'00' WHERE number = 4")
    with pytest.raises(NotVerified, match=r"^rewritten entry: the envelope of number 4 has another digest$"):
        audited(world, jobs=jobs, now=FAR + 1)


def test_workers_leave_a_ledger_of_the_first_release_as_it_is(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "STRETCH", 2)
    world = World(tmp_path)
    shutil.copytree(Path(__file__).parent / "first_release", world.log_folder)
    before = (world.log_folder / "ledger.sqlite").read_bytes()
    assert audited(world, jobs=2).entries == 5
    assert workers.asked
    assert (world.log_folder / "ledger.sqlite").read_bytes() == before


def test_a_worker_says_what_is_wrong_and_goes_on(world: World, workers: Workers) -> None:
    change(world, "UPDATE envelopes SET data = x'00' WHERE number = 1")
    said, key = stretch.begin(str(world.log_folder / "ledger.sqlite").encode()), b"k" * 32
    for _ in range(2):
        with pytest.raises(NotVerified, match=r"^rewritten entry: the envelope of number 1 ") as refused:
            stretch.hear_stretch(said(stretch.ask_stretch(0, 5, listed=5, key=key)))
        assert "evidence" in refused.value.hint
    found = stretch.hear_stretch(said(stretch.ask_stretch(2, 5, listed=5, key=key)))
    assert (found.start, found.indexes, found.first, found.last) == (2, (2, 4), START + 1, START + 3)
    assert stretch.hear_listed(said(stretch.ask_listed(key))).count == 5


def test_a_stretch_may_begin_with_the_clock_of_unix(tmp_path: Path, workers: Workers) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a"), verified("b")], 0)
        place = log.place
    said = stretch.begin(place.encode())(stretch.ask_stretch(0, 2, listed=0, key=b"k" * 32))
    found = stretch.hear_stretch(said)
    assert (found.first, found.last, found.indexes) == (0, 0, ())


def test_a_worker_does_not_begin_with_what_is_no_ledger(tmp_path: Path, workers: Workers) -> None:
    with pytest.raises(HauberkError):
        stretch.begin(str(tmp_path / "ledger.sqlite").encode())
