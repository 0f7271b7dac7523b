"""Which test runs which line: told once for each file of tests, and kept as long as it, its helpers and the code stay.

What is kept lies in `build/mutation/lines`; it may be removed at any time.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "hauberk"
KEPT = ROOT / "build" / "mutation" / "lines"


class Lines:
    """Notes which lines of some files are run."""

    def __init__(self, files: frozenset[str]) -> None:
        """Take the files, as code objects name them."""
        self._files = files
        self.seen: set[tuple[str, int]] = set()

    def __enter__(self) -> Self:
        threading.settrace(self._called)
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _called(self, frame: Any, event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if event != "call" or file not in self._files:
            return None
        seen = self.seen

        def line(inner: Any, happened: str, _value: Any) -> Any:
            if happened == "line":
                seen.add((file, inner.f_lineno))
            return line

        return line


@dataclass
class Ran:
    """What is known of tests: which of them run a line, and how many seconds each takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)  # "file:line" to the ids of tests
    failed: list[str] = field(default_factory=list)

    def add(self, other: Ran) -> None:
        """Take what is known of other tests."""
        self.seconds |= other.seconds
        self.failed += other.failed
        for line, tests in other.lines.items():
            self.lines.setdefault(line, []).extend(tests)

    @property
    def passed(self) -> list[str]:
        """Return all tests that pass as things are, the fastest first."""
        return sorted(self.seconds.keys() - set(self.failed), key=lambda test: self.seconds[test])

    def tests(self, file: str, lines: range) -> list[str]:
        """Return the tests that run any of some lines, the fastest first."""
        name = _name(file)
        found = {test for line in lines for test in self.lines.get(f"{name}:{line}", ())}
        return sorted(found, key=lambda test: self.seconds[test])


def _name(file: str) -> str:
    return Path(file).relative_to(PACKAGE).as_posix()


def run_test(item: pytest.Item, following: pytest.Item | None = None) -> bool:
    """Run one test, and say whether it passed; what the one that follows uses too is not torn down."""
    from _pytest.runner import runtestprotocol  # noqa: PLC0415 - what `pytest_runtest_protocol` calls

    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=following)
    return not any(report.failed for report in reports)


def forked(do: Callable[[], int]) -> None:
    """Do something in a fork, and end it with what was returned; nothing of this process is cleaned up twice."""
    code = 99
    faulthandler.register(signal.SIGUSR1)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            if "MUTATION_VERBOSE" not in os.environ:
                os.dup2(nowhere.fileno(), 2)
        code = do()
    finally:
        os._exit(code)


def trace_all(items: Sequence[pytest.Item], files: frozenset[str]) -> Ran:
    """Say of each test which lines of some files it runs, where that is not known from before."""
    ran, by_file = Ran(), defaultdict(list)
    for item in items:
        by_file[item.path].append(item)
    KEPT.mkdir(parents=True, exist_ok=True)
    for path, some in by_file.items():
        kept = KEPT / f"{key_of(path)}.json"
        if not kept.exists():
            _trace(some, files, kept)
        ran.add(Ran(**json.loads(kept.read_text())))
    return ran


def _trace(items: Sequence[pytest.Item], files: frozenset[str], kept: Path) -> None:
    """Run tests once, in a fork, so that nothing that they keep for later is kept here."""
    with tempfile.NamedTemporaryFile() as told:
        child = os.fork()
        if child == 0:
            forked(lambda: _trace_into(told.name, items, files))
        os.waitpid(child, 0)
        kept.write_text(json.dumps(json.loads(Path(told.name).read_text())))


def _trace_into(name: str, items: Sequence[pytest.Item], files: frozenset[str]) -> int:
    ran, by_line = Ran(), defaultdict(list)
    for item in items:
        began = time.perf_counter()
        with Lines(files) as lines:
            passed = run_test(item)
        ran.seconds[item.nodeid] = time.perf_counter() - began
        if not passed:
            ran.failed.append(item.nodeid)
            continue
        for file, line in lines.seen:
            by_line[f"{_name(file)}:{line}"].append(item.nodeid)
    ran.lines = dict(by_line)
    Path(name).write_text(json.dumps(ran.__dict__))
    return 0


def key_of(path: Path) -> str:
    """Return what changes with a file of tests, with what lies beside it to help, and with the code."""
    beside = (one for one in path.parent.glob("*.py") if not one.name.startswith("test_"))
    return f"{path.stem}-{_digest([path, *beside]).hexdigest()[:16]}-{_of_all()[:16]}"


@cache
def _of_all() -> str:
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").glob("*.py"), Path(__file__)]
    return _digest(files, sys.version.encode()).hexdigest()


def _digest(files: Iterable[Path], more: bytes = b"") -> Any:
    state = hashlib.sha256(more)
    for file in sorted(files):
        state.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return state
