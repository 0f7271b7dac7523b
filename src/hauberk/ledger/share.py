"""An audit shared out: stretches and indexes to processes where the log is large, else one by one here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.salt import draw
from hauberk.errors import Unavailable
from hauberk.ledger.listed import KEY_BYTES
from hauberk.ledger.stretch import (
    answer,
    ask_filed,
    ask_indexes,
    ask_listed,
    ask_rows,
    ask_stretch,
    hear_filed,
    hear_indexes,
    hear_listed,
    hear_rows,
    hear_stretch,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.ledger.index import Totals
    from hauberk.ledger.listed import Total
    from hauberk.ledger.log import Log
    from hauberk.ledger.stretch import Stretch

COMMAND: Final = (sys.executable, "-P", "-m", "hauberk.ledger.stretch")
STRETCH: Final = 1 << 13  # entries; a log of fewer than two stretches is looked at here
_TIMEOUT_SECONDS: Final = 3600.0
_ENTRY_BYTES: Final = 2048  # about what an entry with its envelope is to read
_ROW_BYTES: Final = 64  # and a row of the other tables: these are begun first, for a whole table takes the longest
_LIKELY: Final = 64  # index statements
_FEW, _MANY = 4, 64  # of them in one pass over the table of digests: as many as each process gets, between these two


class Share:
    """A log, and how many processes look at it."""

    def __init__(self, log: Log, size: int, jobs: int) -> None:
        """Take an open log and how many entries are asked about; processes are started for it, and open it too."""
        self._log, self._size, self._jobs = log, size, jobs
        self._is_shared = jobs > 1 and size >= 2 * STRETCH
        self._key = draw(KEY_BYTES)
        self._said: dict[bytes, bytes] = {}
        self._likely: list[Sequence[int]] = []

    def stretches(self) -> list[Stretch]:
        """Return all stretches of the entries, or raise what the first of them has wrong.

        Where the work is shared, the rest is done with it, and is heard when it is asked for. Where index statements
        are is not known yet, but that each checkpoint comes right behind one is likely.
        """
        ends = [(start, min(start + STRETCH, self._size)) for start in range(0, self._size, STRETCH)]
        listed = self._log.listed
        asked = [ask_stretch(start, end, listed=listed, key=self._key) for start, end in ends]
        if self._is_shared:
            self._likely = self._groups(self._log.likely_indexes(self._size, _LIKELY))
            tables = (self._filed, ask_listed(self._key), ask_rows(), *map(ask_indexes, self._likely))
            whole = self._size * _ROW_BYTES
            self._hear([*(Task(one, STRETCH * _ENTRY_BYTES) for one in asked), *(Task(one, whole) for one in tables)])
        return [hear_stretch(self._answer(one)) for one in asked]

    def filed(self) -> Total | None:
        """Return what the database's index has of the entries' envelopes; None where it is not a right one."""
        return hear_filed(self._answer(self._filed))

    def listed(self) -> Total:
        """Return the total of the table of digests."""
        return hear_listed(self._answer(ask_listed(self._key)))

    def check_rows(self) -> None:
        """Raise `NotVerified` where a table has more or fewer rows than the entries give."""
        hear_rows(self._answer(ask_rows()))

    def index_totals(self, sizes: Sequence[int]) -> list[Totals]:
        """Return the totals of the index over the first entries, for each size, by the table of digests."""
        likely = {size for group in self._likely for size in group}
        others = self._groups([size for size in sizes if size not in likely])
        if self._is_shared:
            self._hear([Task(ask_indexes(group), self._size * _ROW_BYTES) for group in others])
        found: dict[int, Totals] = {}
        for group in (*self._likely, *others):
            found.update(zip(group, hear_indexes(self._answer(ask_indexes(group))), strict=True))
        return [found[size] for size in sizes]

    @property
    def _filed(self) -> bytes:
        return ask_filed(self._size, self._key)

    def _groups(self, sizes: Sequence[int]) -> list[Sequence[int]]:
        """Return sizes in groups that one process takes at once: reading the table is most of the work for one."""
        count = min(max(-(-len(sizes) // self._jobs), _FEW), _MANY)
        return [sizes[start : start + count] for start in range(0, len(sizes), count)]

    def _answer(self, request: bytes) -> bytes:
        """Return what was answered, or answer it here."""
        return self._said[request] if request in self._said else answer(self._log, request)

    def _hear(self, tasks: Sequence[Task]) -> None:
        """Have requests answered by processes."""
        environment = {**worker_environment(), **self._log.environment}
        pool = Pool(COMMAND, environment, self._log.place.encode(), self._jobs, _TIMEOUT_SECONDS)
        for task, said in zip(tasks, pool.answers(tasks), strict=True):
            if isinstance(said, Lost):
                raise Unavailable(f"a part of the ledger was not looked at: {said.why}", "verify it again")
            self._said[task.request] = said
