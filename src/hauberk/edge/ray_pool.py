"""A Ray cluster that looks at files, in the place of worker processes of this machine (extra `ray`).

Every node needs the files under the same paths, and this release. A task of Ray is a batch of requests; if its worker
dies, each of them is tried once more, alone. Unlike a process of our own, a worker of the cluster is trusted: what it
returns is unpickled by Ray.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections import deque
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.pool import Lost
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.edge.pool import Task

_BATCH_BYTES: Final = 64 << 20
_BATCH_FILES: Final = 256
_AHEAD: Final = 4  # batches that are submitted for each processor of the cluster
_POLL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class RayPool:
    """How the cluster works: `begin` makes, of the greeting, what answers a request; it is imported on each node."""

    begin: Callable[[bytes], Callable[[bytes], bytes]]
    greeting: bytes

    def answers(self, tasks: Sequence[Task], *, told: Callable[[int, bytes], None] | None = None) -> list[bytes | Lost]:
        """Return an answer to each task, in the order of the tasks; `told` hears each as it comes.

        Raises:
            Misconfigured: Ray is not installed.
            Unavailable: the cluster cannot be reached.
        """
        with connected() as ray:
            return _Run(ray, self, tasks, told).all()


@contextmanager
def connected() -> Iterator[Any]:
    """Be connected to the cluster; inside another such block, it is that connection.

    Raises:
        Misconfigured, Unavailable: as `RayPool.answers`.
    """
    with redirect_stdout(sys.stderr):  # where the answer goes; Ray prints there of workers that died
        ray = _imported()
        is_ours = not ray.is_initialized()
        if is_ours:
            _start(ray)
        try:
            yield ray
        finally:
            if is_ours:
                ray.shutdown()


class _Run:
    """One run over all tasks: what is submitted, and what has been found."""

    def __init__(
        self, ray: Any, pool: RayPool, tasks: Sequence[Task], told: Callable[[int, bytes], None] | None
    ) -> None:
        self._ray = ray
        self._pool = pool
        self._tasks = tasks
        self._told = told
        self._found: dict[int, bytes | Lost] = {}
        self._look = ray.remote(max_retries=0)(_look)
        self._greeting = ray.put(pool.greeting)

    def all(self) -> list[bytes | Lost]:
        lost = self._batches(_batches(self._tasks))
        for number in sorted(lost):
            for again, why in self._batches([[number]]).items():
                self._found[again] = Lost(f"the worker that looked at it was lost, twice: {why}")
        return [self._found[number] for number in range(len(self._tasks))]

    def _batches(self, batches: Sequence[Sequence[int]]) -> dict[int, str]:
        """Work through batches; return the tasks whose worker was lost, and how."""
        left = deque(batches)
        running: dict[Any, Sequence[int]] = {}
        lost: dict[int, str] = {}
        most = _AHEAD * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        while left or running:
            while left and len(running) < most:
                batch = left.popleft()
                requests = [self._tasks[number].request for number in batch]
                running[self._look.remote(self._pool.begin, self._greeting, requests)] = batch
            done, _ = self._ray.wait(list(running), timeout=_POLL_SECONDS)
            for reference in done:
                batch = running.pop(reference)
                try:
                    said = self._ray.get(reference)
                except (self._ray.exceptions.RayError, OSError) as error:
                    lost |= dict.fromkeys(batch, type(error).__name__)
                    continue
                for number, one in zip(batch, said, strict=True):
                    self._found[number] = one
                    if self._told is not None:
                        self._told(number, one)
        return lost


def _look(begin: Callable[[bytes], Callable[[bytes], bytes]], greeting: bytes, requests: list[bytes]) -> list[bytes]:
    """Answer a batch of requests, on a node of the cluster."""
    answer = begin(greeting)
    return [answer(request) for request in requests]


def _batches(tasks: Sequence[Task]) -> list[list[int]]:
    """Return the numbers of the tasks in batches, the heaviest first; what is heavy is a batch of its own."""
    batches: list[list[int]] = []
    weight = _BATCH_BYTES
    for number in sorted(range(len(tasks)), key=lambda number: -tasks[number].weight):
        if not batches or weight + tasks[number].weight > _BATCH_BYTES or len(batches[-1]) >= _BATCH_FILES:
            batches.append([])
            weight = 0
        batches[-1].append(number)
        weight += tasks[number].weight
    return batches


def _imported() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anybody
    try:
        ray = importlib.import_module("ray")
    except ImportError:
        raise Misconfigured("Ray is not installed", "pip install 'hauberk[ray]'") from None
    return ray


def _start(ray: Any) -> None:
    """Connect Ray to the cluster that RAY_ADDRESS names, or to one that it starts here."""
    try:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"no Ray cluster: {error}", "see RAY_ADDRESS") from None
