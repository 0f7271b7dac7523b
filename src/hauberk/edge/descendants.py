"""What a child leaves running behind itself, also as a daemon: it becomes ours, is named, and is ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.edge.clock import stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SET_SUBREAPER: Final = 36  # PR_SET_CHILD_SUBREAPER: whose parent has ended becomes a child of ours
_GRACE_SECONDS: Final = 1.0  # a pool's workers end a moment after the process that started them
_END_SECONDS: Final = 10.0  # what another user runs, or a broken device holds, cannot be ended
_PAUSE_SECONDS: Final = 0.05
_MOST_CHARACTERS: Final = 200


@contextmanager
def adopting() -> Iterator[Callable[[], tuple[str, ...]] | None]:
    """Yield what returns the command lines of what was left running since, and ends it; None where nobody looks.

    Nobody does elsewhere than on Linux, and beside other threads, whose children these could be.
    """
    if sys.platform != "linux" or threading.active_count() > 1 or _set_adopting(1) != 0:
        yield None
        return
    before = {*_children()}
    try:
        yield lambda: _ended(before)
    finally:
        _ended(before, grace=0.0)
        _set_adopting(0)


def _set_adopting(value: int) -> int:
    return int(ctypes.CDLL(None, use_errno=True).prctl(_SET_SUBREAPER, value, 0, 0, 0))


def _ended(before: set[int], grace: float = _GRACE_SECONDS) -> tuple[str, ...]:
    """End what is new among our children, and their children when they become ours; return what it was at first."""
    deadline = stopwatch() + grace
    while (left := _running(before)) and stopwatch() < deadline:
        time.sleep(_PAUSE_SECONDS)
    named = tuple(_named(pid) for pid in left)
    deadline = stopwatch() + _END_SECONDS
    while left and stopwatch() < deadline:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE_SECONDS)
        left = _running(before)
    return named


def _running(before: set[int]) -> list[int]:
    """Return our new children that run; those that have ended are forgotten."""
    found = []
    for pid in _children():
        if pid in before:
            continue
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                found.append(pid)
    return found


def _children() -> list[int]:
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def _named(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").strip()
        return words.decode(errors="replace")[:_MOST_CHARACTERS] or f"process {pid}"
    return f"process {pid}"
