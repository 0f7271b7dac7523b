"""Signals while credentials are lent: each ends the run through our own cleaning up, and none interrupts that.

SIGINT is a `KeyboardInterrupt`, as everywhere. The others, which would end the process where it stands, some with all
of its memory in a file, become `Unavailable`. Only the first counts; one that comes while something is `held` waits for
the end of that.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self

from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES: Final = (
    "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU",
    "SIGPWR", "SIGIO",
)  # fmt: skip


class Stopping:
    """Owns the handlers of the signals that stop a run. Use it in a `with` statement, in the main thread."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._waiting = 0
        self._is_held = False
        self._is_told = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._arrived)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if kind is None:
            self._tell()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no signal in before the block has ended."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        self._tell()

    def close(self) -> None:
        """Let no signal in from now on; one that comes first now is told at the end of the `with` statement."""
        self._is_held = True

    def _arrived(self, number: int, _frame: object) -> None:
        self._waiting = self._waiting or number
        if not self._is_held:
            self._tell()

    def _tell(self) -> None:
        if not self._waiting or self._is_told:
            return
        self._is_told = True
        if self._waiting == signal.SIGINT:
            raise KeyboardInterrupt
        raise Unavailable(f"stopped by {signal.Signals(self._waiting).name}", "nothing was recorded: run it again")
