"""Waiting for what runs inside: its answer, read as far as is allowed, and an end for what takes too much.

Limits that the kernel keeps (`setrlimit`) are of one process each, and some know no bound for the administrator's own
programs. So what all of them take together is looked at from outside, a few times a second.
"""

from __future__ import annotations

import os
import selectors
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Final

from hauberk.edge.clock import stopwatch

if TYPE_CHECKING:
    import subprocess

MOST_PROCESSES: Final = 256  # inside, threads not counted
MOST_TRACE_BYTES: Final = 64 << 20
MOST_ANSWER_BYTES: Final = 16 << 20
_SECONDS: Final = 0.05
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a run may take: seconds by the clock, bytes of memory of all its processes, and where its trace grows."""

    seconds: int
    memory_bytes: int
    trace: Path


def wait(child: subprocess.Popen[bytes], allowed: Allowed) -> tuple[bytes, str]:
    """Return what a child printed and why it was ended, or nothing where it ended by itself; it has ended then."""
    if child.stdout is None:
        raise ValueError("a child whose output nobody reads")
    begun, looked, answer, early = stopwatch(), 0.0, bytearray(), ""
    with selectors.DefaultSelector() as pipes, child.stdout as pipe:
        pipes.register(pipe, selectors.EVENT_READ)
        while not early and (pipes.get_map() or child.poll() is None):
            for _ in pipes.select(_SECONDS):
                piece = os.read(pipe.fileno(), _PIECE)
                answer += piece
                if not piece:
                    pipes.unregister(pipe)
            if not pipes.get_map():
                with suppress(TimeoutExpired):
                    child.wait(_SECONDS)
            seconds = stopwatch() - begun
            if len(answer) > MOST_ANSWER_BYTES:
                early = f"it answered more than {MOST_ANSWER_BYTES} bytes"
            elif seconds - looked >= _SECONDS:
                looked, early = seconds, _too_much(child.pid, allowed, seconds)
        end(child)
    return bytes(answer), early


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child with all of its group; the sandbox dies with it."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _too_much(pid: int, allowed: Allowed, seconds: float) -> str:
    if seconds > allowed.seconds:
        return f"it ran longer than {allowed.seconds} s"
    with suppress(OSError):
        if allowed.trace.stat().st_size > MOST_TRACE_BYTES:
            return f"it did more than a trace of {MOST_TRACE_BYTES} bytes holds"
    below = _below(pid)
    if len(below) > MOST_PROCESSES:
        return f"it ran more than {MOST_PROCESSES} processes"
    if sum(map(_memory, below)) > allowed.memory_bytes:
        return f"its processes took more than {allowed.memory_bytes} bytes of memory"
    return ""


def _below(pid: int) -> list[int]:
    """Return a process and all that descend from it, as many as are allowed and some more."""
    found = [pid]
    for one in found:
        if len(found) > MOST_PROCESSES:
            break
        with suppress(OSError, ValueError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _memory(pid: int) -> int:
    """Return the bytes of memory that a process holds now."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
