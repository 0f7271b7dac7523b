"""A pool of worker processes that look at files: what one of them does to itself costs the others nothing.

A worker reads requests from its standard input and writes an answer to each in turn; both are frames, four bytes of
length in network order and so many bytes. An answer is data to be decoded with care, never an object: who looks at
hostile bytes may be in their power. A worker that ends or is killed loses nothing: the task at which it was is tried
once more, alone, and what else it held goes to the others.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hauberk.edge.process import group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_HEAD = 4
_PIECE = 1 << 18
_PASSED_ON = ("PATH", "TMPDIR", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
_LIGHT = 1 << 20  # a worker holds several tasks while they weigh no more than this together, else one
_MOST_HELD = 16  # so that all requests that a worker holds fit a pipe, and writing one never waits


class Task(NamedTuple):
    """A request, and how much work it is, in bytes to read."""

    request: bytes
    weight: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Why there is no answer, in words."""

    why: str


class _Found(dict[int, "bytes | Lost"]):
    """What was found so far, by the number of the task; somebody may listen."""

    def __init__(self, told: Callable[[int, bytes], None] | None) -> None:
        super().__init__()
        self._told = told

    def hear(self, number: int, said: bytes) -> None:
        self[number] = said
        if self._told is not None:
            self._told(number, said)


@dataclass(frozen=True, slots=True)
class Pool:
    """How workers are started and how long each may take.

    Attributes:
        command: a program that answers requests until its input ends.
        environment: all of its environment.
        greeting: the first frame that each worker reads, to which there is no answer.
        jobs: the most workers at a time.
        timeout_seconds: for one task; then its worker is killed, and the task is not tried again.
        limit: the most bytes of an answer.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    greeting: bytes
    jobs: int
    timeout_seconds: float
    limit: int = 64 << 20

    def answers(self, tasks: Sequence[Task], *, told: Callable[[int, bytes], None] | None = None) -> list[bytes | Lost]:
        """Return an answer to each task, in the order of the tasks; the heaviest are begun first.

        Args:
            tasks: what is asked.
            told: hears each answer as it comes, with the number of its task.

        Raises:
            Misconfigured: the program cannot be started.
        """
        found = _Found(told)
        order = sorted(range(len(tasks)), key=lambda number: -tasks[number].weight)
        suspects = self._round(tasks, deque(order), found, self.jobs)
        for number in sorted(suspects):
            if self._round(tasks, deque([number]), found, 1):
                found[number] = Lost(suspects[number])
        return [found[number] for number in range(len(tasks))]

    def _round(self, tasks: Sequence[Task], left: deque[int], found: _Found, jobs: int) -> dict[int, str]:
        """Work through what is left; return the tasks at which a worker ended, with how it did."""
        suspects: dict[int, str] = {}
        with ExitStack() as stack, selectors.DefaultSelector() as waiting:
            running: list[_Worker] = []
            while left or any(worker.held for worker in running):
                while left and len(running) < min(jobs, len(left) + len(running)):
                    running.append(self._start(stack, waiting))
                _hand_out(tasks, left, running)
                for worker in _ready(waiting, running):
                    if not worker.take(tasks, found):
                        self._buried(worker, waiting, left, suspects, found)
                        running.remove(worker)
        return suspects

    def _start(self, stack: ExitStack, waiting: selectors.BaseSelector) -> _Worker:
        pipe, own = subprocess.PIPE, stack.enter_context(ExitStack())
        process = own.enter_context(
            group(self.command, environment=self.environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        )
        worker = _Worker(process, own, self.timeout_seconds, self.limit)
        worker.send(self.greeting)
        waiting.register(worker.output, selectors.EVENT_READ, worker)
        return worker

    def _buried(
        self,
        worker: _Worker,
        waiting: selectors.BaseSelector,
        left: deque[int],
        suspects: dict[int, str],
        found: _Found,
    ) -> None:
        """End a worker that gives no more answers; its first task is a suspect, or lost, the others are left."""
        waiting.unregister(worker.output)
        late = worker.is_late()
        worker.process.kill()
        status = worker.process.wait()
        worker.own.close()
        if worker.held:
            first = worker.held.popleft()
            if late:
                found[first] = Lost(f"not looked at to its end in {self.timeout_seconds:g} s")
            else:
                suspects[first] = _end_in_words(status)
        left.extendleft(reversed(worker.held))


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, the tasks that it holds in their order, and as much of an answer as has come."""

    process: subprocess.Popen[bytes]
    own: ExitStack
    timeout_seconds: float
    limit: int
    held: deque[int] = field(default_factory=deque)
    weight: int = 0
    deadline: float = 0.0
    came: bytearray = field(default_factory=bytearray)

    @property
    def output(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def give(self, number: int, task: Task) -> None:
        if not self.held:
            self.deadline = time.monotonic() + self.timeout_seconds
        self.held.append(number)
        self.weight += task.weight
        self.send(task.request)

    def send(self, frame: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(len(frame).to_bytes(_HEAD, "big") + frame)
            self.process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended, which its output says next

    def take(self, tasks: Sequence[Task], found: _Found) -> bool:
        """Read what has come; return False where no more will, or not in time, or where it is no answer."""
        if self.is_late():
            return False
        piece = os.read(self.output, _PIECE)
        self.came += piece
        while self.held and len(self.came) >= _HEAD:
            size = int.from_bytes(self.came[:_HEAD], "big")
            if size > self.limit:
                return False
            if len(self.came) < _HEAD + size:
                break
            number = self.held.popleft()
            found.hear(number, bytes(self.came[_HEAD : _HEAD + size]))
            self.weight -= tasks[number].weight
            del self.came[: _HEAD + size]
            self.deadline = time.monotonic() + self.timeout_seconds
        return bool(piece) and len(self.came) <= _HEAD + self.limit

    def is_late(self) -> bool:
        return bool(self.held) and time.monotonic() > self.deadline


def serve(begin: Callable[[bytes], Callable[[bytes], bytes]]) -> None:
    """Be a worker: take the greeting, then answer each request on standard input until it ends."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answer = begin(_frame(requests) or b"")
    while (request := _frame(requests)) is not None:
        said = answer(request)
        answers.write(len(said).to_bytes(_HEAD, "big") + said)
        answers.flush()


def _frame(stream: BinaryIO) -> bytes | None:
    head = stream.read(_HEAD)
    return stream.read(int.from_bytes(head, "big")) if len(head) == _HEAD else None


def worker_environment() -> dict[str, str]:
    """Return all of the environment that a worker of this package has."""
    package = str(Path(__file__).absolute().parents[2])
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"PYTHONPATH": package}


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limit_memory(size: int) -> None:
    """Let this process hold at most so many bytes of its own, where the platform can (RLIMIT_DATA); files are none."""
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def _hand_out(tasks: Sequence[Task], left: deque[int], running: Sequence[_Worker]) -> None:
    """Give the next tasks to whoever holds least, while anybody may hold more."""
    while left:
        worker = min(running, key=lambda one: (one.weight, len(one.held)))
        task = tasks[left[0]]
        if worker.held and (worker.weight + task.weight > _LIGHT or len(worker.held) >= _MOST_HELD):
            return
        worker.give(left.popleft(), task)


def _ready(waiting: selectors.BaseSelector, running: Iterable[_Worker]) -> list[_Worker]:
    """Wait for answers or the next deadline, and return the workers that have something to tell or are late."""
    deadline = min(worker.deadline for worker in running if worker.held)
    told = [key.data for key, _ in waiting.select(max(0.0, deadline - time.monotonic()) + 0.01)]
    return told or [worker for worker in running if worker.is_late()]


def _end_in_words(status: int) -> str:
    if status < 0:
        return f"the process that looked at it was killed by signal {-status}, twice"
    return f"the process that looked at it ended with {status}, twice"
