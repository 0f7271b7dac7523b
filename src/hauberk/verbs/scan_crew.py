"""Who looks at the files of a scan: this process while they are few and small, worker processes for what is left.

A worker costs a tenth of a second before it has looked at anything. So this process looks for itself until it has done
so for a while, and leaves aside what is large; what has been left by then is worth a pool, or it is not, and then this
process does it after all. Who looked makes no difference to what is seen.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from hauberk.edge.clock import stopwatch
from hauberk.errors import Misconfigured
from hauberk.verbs.scan_file import By, Slot, look, look_at

if TYPE_CHECKING:
    from hauberk.edge.sources import FileView, StrPath
    from hauberk.verbs.scan_file import Engine, How

PATIENCE_SECONDS: Final = 0.75  # of looking alone, several times what a worker costs
LARGE_BYTES: Final = 32 << 20  # a file of this size is left aside at once
_WORTH_BYTES: Final = 8 << 20
_WORTH_FILES: Final = 500


class Crew:
    """Looks at files for one scan."""

    def __init__(self, how: How, by: By, *, begun: float) -> None:
        self._how = how
        self._by = by
        self._begun = begun
        self._later: list[Slot] = []

    def look(self, view: FileView, root: str, relative: str | None, name: str) -> Slot:
        """Look at a file that is open, or leave it for `finish`."""
        slot = Slot(root, relative, name, view.size, view.fingerprint)
        if self._by.patient or (self._by.jobs > 1 and self._is_for_others(view)):
            self._later.append(slot)
        else:
            slot.seen = look(view, name, self._how)
        return slot

    def _is_for_others(self, view: FileView) -> bool:
        # Where nothing is hashed, size says little about work.
        large = self._how.digest and view.size >= LARGE_BYTES
        return large or stopwatch() - self._begun > PATIENCE_SECONDS

    def finish(self) -> None:
        """Look at what was left, by a pool where that is worth it."""
        left, self._later = self._later, []
        many = len(left) >= _WORTH_FILES or sum(slot.size for slot in left) >= _WORTH_BYTES
        if not self._by.patient and (len(left) < 2 or not many):
            for slot in left:
                slot.seen = look_at(slot.root, slot.relative, slot.name, self._how)
            return
        from hauberk.verbs.scan_pool import looked_at  # noqa: PLC0415 - most scans need no process but this one

        for slot, seen in zip(left, looked_at(left, self._how, self._by), strict=True):
            slot.seen = seen


def by(*, jobs: int | None, engine: Engine, state: StrPath | None, alone: bool) -> By:
    """Return who looks: as many processes as were asked for, or one for each processor; or a cluster.

    Args:
        jobs: how many processes were asked for.
        engine: what looks.
        state: where answers are kept.
        alone: whether only this process can look.

    Raises:
        Misconfigured: fewer than one process was asked for, or what only this process can do was asked of others.
    """
    if jobs is not None and jobs < 1:
        raise Misconfigured(f"{jobs} processes look at nothing", "name at least 1")
    if alone and (state is not None or engine == "ray"):
        raise Misconfigured("rules that are given are asked in this process", "leave out engine and state")
    if alone or not sys.executable:
        return By(1, engine, state)
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return By(jobs or own, engine, state)
