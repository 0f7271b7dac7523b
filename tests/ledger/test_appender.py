"""Threads that append together: each gets its own numbers, durable, and nobody pays for another's mistake."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hauberk.digest import sha256
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger.appender import Appender
from hauberk.ledger.audit import audit
from hauberk.ledger.log import Log
from ledger_world import MODEL, START, World, verified

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.create().close()
    return made


def test_each_thread_gets_the_numbers_of_what_it_brought(world: World) -> None:
    said = {name: [verified(f"{name}-{number}") for number in range(3)] for name in range(40)}
    with Appender(world.open, lambda: START) as appender, ThreadPoolExecutor(16) as threads:
        numbers = dict(zip(said, threads.map(appender.append, said.values()), strict=True))
    with world.open(read_only=True) as log:
        assert log.size == 120
        for name, several in said.items():
            assert [log.entry(number).id for number in numbers[name]] == [one.id for one in several]
        assert audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START).entries == 120


def test_many_threads_share_one_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    real = Log.append_admitted

    def noting(log: Log, admitted, **how) -> list[int]:  # type: ignore[no-untyped-def]
        groups.append(len(admitted))
        return real(log, admitted, **how)

    monkeypatch.setattr(Log, "append_admitted", noting)
    start = threading.Barrier(12)

    def bring(name: int) -> list[int]:
        start.wait()
        return appender.append([verified(str(name))])

    with Appender(world.open, lambda: START, gather_seconds=0.2) as appender, ThreadPoolExecutor(12) as threads:
        numbers = list(threads.map(bring, range(12)))
    assert sorted(numbers) == [[number] for number in range(12)]
    assert sum(groups) == 12
    assert len(groups) < 6


def test_what_is_told_is_durable(world: World) -> None:
    with Appender(world.open, lambda: START) as appender:
        (number,) = appender.append([verified("a", MODEL)])
        with world.open(read_only=True) as log:  # another connection sees only what was committed
            assert log.entry(number).subjects == (str(MODEL),)


def test_the_same_envelope_from_two_threads_is_one_entry(world: World) -> None:
    with Appender(world.open, lambda: START) as appender, ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda _: appender.append([verified("same")]), range(8)))
    assert numbers == [[0]] * 8


def test_a_statement_that_is_refused_touches_no_other(world: World) -> None:
    bad = replace(verified("bad"), id=MODEL)

    def bring(one: object) -> object:
        try:
            return appender.append([one])  # type: ignore[list-item]
        except NotVerified as error:
            return error.message

    with Appender(world.open, lambda: START, gather_seconds=0.1) as appender, ThreadPoolExecutor(3) as threads:
        said = list(threads.map(bring, [verified("a"), bad, verified("b")]))
    assert "not the one in its envelope" in str(said[1])
    assert sorted([said[0], said[2]]) == [[0], [1]]  # type: ignore[type-var]


def test_a_clock_that_is_behind_refuses_all_who_wait_and_nobody_after(world: World) -> None:
    times = iter([START, START - 5, START])
    with Appender(world.open, lambda: next(times)) as appender:
        assert appender.append([verified("a")]) == [0]
        with pytest.raises(Unavailable, match="the clock says"):
            appender.append([verified("b")])
        assert appender.append([verified("c")]) == [1]


def test_a_log_that_cannot_be_opened_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Appender(World(tmp_path / "absent").open, lambda: START)
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "ledger.sqlite").write_bytes(b"junk" * 999)
    with pytest.raises(Malformed):
        Appender(World(tmp_path).open, lambda: START)


def test_an_appender_that_is_closed_takes_nothing(world: World) -> None:
    appender = Appender(world.open, lambda: START)
    appender.close()
    appender.close()
    with pytest.raises(Unavailable, match="closed"):
        appender.append([verified("a")])
    with world.open(read_only=True) as log:
        assert log.size == 0


def test_what_was_handed_over_before_closing_is_appended(world: World) -> None:
    with ThreadPoolExecutor(6) as threads:
        appender = Appender(world.open, lambda: START, gather_seconds=0.3)
        begun = [threads.submit(appender.append, [verified(str(number))]) for number in range(6)]
        while appender._waiting.empty() and not any(one.done() for one in begun):
            pass
        appender.close()
        done = [one for one in begun if one.exception() is None]
    with world.open(read_only=True) as log:
        assert log.size == len(done) >= 1
        assert all(log.entries_about(sha256(str(number).encode())) for number, one in enumerate(begun) if one in done)


def test_other_processes_and_an_appender_write_one_history(world: World) -> None:
    with Appender(world.open, lambda: START) as appender, world.open() as log:
        for number in range(10):
            assert appender.append([verified(f"a{number}")]) == [2 * number]
            assert log.append_many([verified(f"b{number}")], START) == [2 * number + 1]
