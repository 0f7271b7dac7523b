"""Group commit: many threads append, one of them writes, and one wait for the disk serves all who came meanwhile.

A commit waits for the disk, a millisecond or ten. Alone, each thread would wait its turn and then for the disk; here
they hand over what is admitted and wait together. Nobody is told a number before it is durable. What is wrong with a
statement is raised in the thread that brought it and touches no other; what is wrong with the log reaches all who wait.
"""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Self

from hauberk.errors import Unavailable
from hauberk.ledger.admit import admit, dated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.ledger.admit import Admitted
    from hauberk.ledger.log import Log
    from hauberk.statement import Verified

_GATHER_SECONDS = 0.002  # how long the first of a group waits for others
_MOST = 1000  # statements in one group


class Appender:
    """A log that any number of threads append to. Use it in a `with` statement; it closes the log."""

    def __init__(
        self, open_log: Callable[[], Log], clock: Callable[[], int], *, gather_seconds: float = _GATHER_SECONDS
    ) -> None:
        """Open a log in a thread of its own.

        Args:
            open_log: opens it for writing; what that raises is raised here.
            clock: gives Unix seconds; a group has one time, that of its commit.
            gather_seconds: how long the first of a group waits for others.
        """
        self._clock = clock
        self._gather_seconds = gather_seconds
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_open = True
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(open_log, opened), name="ledger", daemon=True)
        self._thread.start()
        opened.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Append what was handed over, and close the log; whoever comes later is refused."""
        with self._lock:
            if self._is_open:
                self._waiting.put(None)
            self._is_open = False
        self._thread.join()

    def append(self, statements: Sequence[Verified], *, still: Callable[[Log], bool] | None = None) -> list[int]:
        """Append statements together and return their numbers once they are durable.

        Args:
            statements: as of `Log.append_many`.
            still: is asked in their transaction, while nobody else can append, in the appender's thread: whether what
                they were admitted under holds. Where it does not, nothing of them is appended and the list is empty.

        Raises what `Log.append_many` does; `Unavailable` where the appender is closed.
        """
        asked = _Asked([admit(verified, 0) for verified in statements], still)
        with self._lock:
            if not self._is_open:
                raise _closed()
            self._waiting.put(asked)
        return asked.numbers.result()

    def _run(self, open_log: Callable[[], Log], opened: Future[None]) -> None:
        try:
            log = open_log()
        except BaseException as error:  # noqa: BLE001 - whoever waits hears of it
            self._refuse_all()
            opened.set_exception(error)
            return
        opened.set_result(None)
        with log:
            try:
                while group := self._gather():
                    _commit(log, group, self._clock)
            finally:
                self._refuse_all()

    def _gather(self) -> list[_Asked]:
        """Wait for the first, and shortly for others; return nothing where the appender is closed."""
        first = self._waiting.get()
        if first is None:
            return []
        group, count = [first], len(first.admitted)
        until = time.monotonic() + self._gather_seconds
        while count < _MOST:
            try:
                asked = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if asked is None:
                self._waiting.put(None)  # for the next round, which ends there
                break
            group.append(asked)
            count += len(asked.admitted)
        return group

    def _refuse_all(self) -> None:
        """Let nobody wait for a thread that has ended."""
        with self._lock:
            self._is_open = False
        while not self._waiting.empty():
            asked = self._waiting.get()
            if asked is not None:
                asked.numbers.set_exception(_closed())


class _Asked:
    """What one thread has handed over, and where it waits for the numbers."""

    def __init__(self, admitted: list[Admitted], still: Callable[[Log], bool] | None) -> None:
        self.admitted = admitted
        self.still = still
        self.numbers: Future[list[int]] = Future()


def _closed() -> Unavailable:
    return Unavailable("nothing more is appended here: the appender is closed", "nothing was appended: try again")


def _commit(log: Log, group: Sequence[_Asked], clock: Callable[[], int]) -> None:
    """Append what a group has brought in one transaction, and tell each its numbers, or all what went wrong."""
    try:
        if any(asked.still is not None for asked in group):
            numbers = _in_turn(log, group, clock)
        else:
            numbers = _together(log, group, clock())
    except BaseException as error:  # noqa: BLE001 - each thread raises it
        for asked in group:
            asked.numbers.set_exception(error)
        return
    for asked, mine in zip(group, numbers, strict=True):
        asked.numbers.set_result(mine)


def _in_turn(log: Log, group: Sequence[_Asked], clock: Callable[[], int]) -> list[list[int]]:
    """Append what still may enter when its turn comes: what others of the group brought is in the log then."""
    nows: list[int] = []  # one for all of the group

    def those_of(asked: _Asked) -> list[Admitted]:
        if asked.still is not None and not asked.still(log):
            return []
        if not nows:
            nows.append(clock())  # while nobody else can append: not before the last entry
        return [dated(one, nows[0]) for one in asked.admitted]

    return log.append_in_turn(partial(those_of, asked) for asked in group)


def _together(log: Log, group: Sequence[_Asked], now: int) -> list[list[int]]:
    numbers = iter(log.append_admitted([dated(one, now) for asked in group for one in asked.admitted]))
    return [list(islice(numbers, len(asked.admitted))) for asked in group]
