"""The clock, read in one place; every other floor is given the time as an argument."""

from __future__ import annotations

import time


def now() -> int:
    """Return Unix seconds, rounded down."""
    return int(time.time())


def stopwatch() -> float:
    """Return seconds from a clock that never goes back; only differences mean something."""
    return time.perf_counter()
