"""Many threads that append: who waits for whom, and who is told when the thread that writes has ended."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Unavailable
from hauberk.ledger import appender as appender_module
from hauberk.ledger.admit import admit
from hauberk.ledger.appender import Appender
from hauberk.ledger.log import Log
from ledger.two_publications import NOW
from ledger_world import MODEL, World, verified

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.ledger.admit import Admitted


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


def one_group(world: World, *brought: Callable[[Log], bool] | None) -> list[list[int]]:
    """Append a statement for each of some conditions, in one group and in their order; return the numbers of each."""
    begun, go_on = threading.Event(), threading.Event()

    def held_up(_: Log) -> bool:
        begun.set()
        return go_on.wait(30)

    with Appender(world.open, lambda: NOW, gather_seconds=0) as appender, ThreadPoolExecutor(9) as threads:
        first = threads.submit(appender.append, [verified("first")], still=held_up)
        assert begun.wait(30)
        waiting = []
        for number, still in enumerate(brought):
            waiting.append(threads.submit(appender.append, [verified(f"x{number}")], still=still))
            while appender._waiting.qsize() <= number:
                time.sleep(0.001)
        go_on.set()
        assert first.result(30) == [5]
        return [one.result(30) for one in waiting]


def test_who_may_not_any_more_gets_no_number_and_takes_none_from_the_next(world: World) -> None:
    assert one_group(world, lambda _: False, None, lambda _: False, lambda _: True) == [[], [6], [], [7]]


def test_whether_it_still_holds_is_asked_while_nobody_else_can_append(world: World) -> None:
    def is_alone(log: Log) -> bool:
        with closing(sqlite3.connect(log.place, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
        return False

    assert one_group(world, is_alone, None) == [[6], [7]]
    with world.open(read_only=True) as log:
        assert not is_alone(log)


def test_each_is_asked_once_what_others_brought_before_it_is_there(world: World) -> None:
    sizes: list[int] = []

    def noting(log: Log) -> bool:
        sizes.append(log.size)
        return len(sizes) < 3

    assert one_group(world, noting, noting, noting, noting) == [[6], [7], [], []]
    assert sizes == [6, 7, 8, 8]


def test_what_was_taken_back_is_not_remembered_as_there(world: World) -> None:
    with world.open() as log:
        before = log.entries_about(MODEL)

        def fails() -> list[Admitted]:
            assert log.entries_about(MODEL) == [*before, 5]
            raise Unavailable("the disk is full", "make room")

        with pytest.raises(Unavailable, match="the disk is full"):
            log.append_in_turn([lambda: [admit(verified("x", MODEL), NOW)], fails])
        assert log.append_in_turn([lambda: [admit(verified("y"), NOW)]]) == [[5]]
        assert log.entries_about(MODEL) == before
