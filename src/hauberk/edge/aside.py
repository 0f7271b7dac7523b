"""Work that a copy of this process does at the same time, for what threads cannot do at once: many short calls.

A copy costs two milliseconds, where a new interpreter costs fifty. It is made only where this process has one thread,
those of libraries counted: what another thread holds locked stays locked in a copy for ever. Whatever becomes of the
copy, the caller can do the work itself.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_THREADS = "/proc/self/task"
_PIECE = 1 << 16


class Aside:
    """A copy of this process at work; leaving the `with` statement ends it."""

    def __init__(self, process: int, pipe: int) -> None:
        self._process = process
        self._pipe = pipe

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._pipe)
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)

    def answer(self) -> bytes | None:
        """Wait for what the work returned; None where it did not end well."""
        pieces = []
        while piece := os.read(self._pipe, _PIECE):
            pieces.append(piece)
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        return b"".join(pieces) if status == 0 else None


def aside(work: Callable[[], bytes]) -> Aside | None:
    """Let a copy of this process work; None where none can be made. The work only reads, and returns its answer."""
    if not _has_one_thread():
        return None
    reading, writing = os.pipe()
    try:
        process = os.fork()
    except OSError:  # too many processes, or no memory
        os.close(reading)
        os.close(writing)
        return None
    if not process:
        _work(work, writing)
    os.close(writing)
    return Aside(process, reading)


def _has_one_thread() -> bool:
    try:
        return len(os.listdir(_THREADS)) == 1  # noqa: PTH208 - of the kernel
    except OSError:  # no Linux
        return False


def _work(work: Callable[[], bytes], writing: int) -> None:
    """Write what the work returns, and end this process without a word, whatever happens."""
    code = 1
    try:
        answer = memoryview(work())
        while answer:
            answer = answer[os.write(writing, answer) :]
        code = 0
    finally:
        os._exit(code)
