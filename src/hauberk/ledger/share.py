"""An audit shared out: stretches and indexes to processes where the log is large, else one by one here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.salt import draw
from hauberk.errors import Unavailable
from hauberk.ledger.listed import KEY_BYTES
from hauberk.ledger.stretch import (
    ask_index,
    ask_listed,
    ask_stretch,
    check_stretch,
    hear_index,
    hear_listed,
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


class Share:
    """A log, and how many processes look at it."""

    def __init__(self, log: Log, jobs: int) -> None:
        """Take an open log; processes are started for each round of work and open it for themselves."""
        self._log = log
        self._jobs = jobs
        self._listed = log.listed
        self._key = draw(KEY_BYTES)

    def stretches(self, size: int) -> list[Stretch]:
        """Return all stretches of the first `size` entries, or raise what the first of them has wrong."""
        ranges = [(start, min(start + STRETCH, size)) for start in range(0, size, STRETCH)]
        listed, key = self._listed, self._key
        if not self._is_shared(size):
            return [check_stretch(self._log, start, end, listed=listed, key=key) for start, end in ranges]
        tasks = [
            Task(ask_stretch(start, end, listed=listed, key=key), (end - start) * _ENTRY_BYTES) for start, end in ranges
        ]
        return [hear_stretch(said) for said in self._answers(tasks)]

    def tables(self, sizes: Sequence[int]) -> tuple[Total, list[Totals]]:
        """Return the total of the table of digests, and by it those of the index over the entries of each size."""
        if not self._is_shared(self._listed):
            return self._log.listed_total(self._key), [self._log.index_totals(size) for size in sizes]
        tasks = [Task(ask_listed(self._key), self._listed), *(Task(ask_index(size), size) for size in sizes)]
        listed, *indexes = self._answers(tasks)
        return hear_listed(listed), [hear_index(said) for said in indexes]

    def _is_shared(self, size: int) -> bool:
        return self._jobs > 1 and size >= 2 * STRETCH

    def _answers(self, tasks: Sequence[Task]) -> list[bytes]:
        environment = {**worker_environment(), **self._log.environment}
        pool = Pool(COMMAND, environment, self._log.place.encode(), self._jobs, _TIMEOUT_SECONDS)
        said = []
        for answer in pool.answers(tasks):
            if isinstance(answer, Lost):
                raise Unavailable(f"a part of the ledger was not looked at: {answer.why}", "verify it again")
            said.append(answer)
        return said
