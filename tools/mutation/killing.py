"""Try one mutant: in a fork, with the changed code in the place of the old one, or in a process that imports it."""

from __future__ import annotations

import gc
import hashlib
import importlib.abc
import importlib.util
import os
import resource
import signal
import subprocess
import sys
import time
from collections import defaultdict
from itertools import zip_longest
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from lines import KEPT, PACKAGE, ROOT, forked, key_of, run_test, trace_all
from mutants import Module, Mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SURVIVED, KILLED, BY_CLOCK, OUT_OF_TIME, NOT_TRIED = 0, 1, 3, 44, 99
MEMORY_BYTES = 4 << 30
MOST_SECONDS = 12  # of the processor for one mutant: what no test of these has noticed counts as alive
COLLECTING_SECONDS = 5  # more of them in a process of its own
OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=--import-mode=importlib"),
    *("-o", "tmp_path_retention_policy=none", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *("-W", "ignore::pluggy.PluggyTeardownRaisedWarning"),  # of a report for which there is no memory left
    *("-m", "not services and not frameworks"),
)
UNCHANGED = "unchanged"
_CLOCKS = {signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL}


def name_of(path: Path) -> str:
    """Return what a module is called in lists."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def functions_of(files: frozenset[str]) -> dict[tuple[str, str, int], list[FunctionType]]:
    """Return the functions of some files by file, qualified name and first line."""
    found = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in files:
            found[_key(thing.__code__)].append(thing)
    return dict(found)


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def changed_codes(code: CodeType) -> Iterator[CodeType]:
    """Return all codes inside of a module's."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from changed_codes(constant)


def put(code: CodeType, functions: dict[tuple[str, str, int], list[FunctionType]]) -> bool:
    """Put changed codes in the place of the old ones; say whether something was changed."""
    changed = False
    for one in changed_codes(code):
        for function in functions.get(_key(one), ()):
            if function.__code__ != one:
                function.__code__ = one
                changed = True
    return changed


class Killer:
    """Tries mutants in a process in which everything is imported and nothing has run."""

    def __init__(
        self,
        items: Sequence[pytest.Item],
        files: frozenset[str],
        imported: set[tuple[str, int]],
        counts: Callable[[str, str], bool],
    ) -> None:
        """Trace all tests; `imported` are the lines that ran when they were collected.

        `counts` says whether a test, by its id, may kill mutants of a module, by its name.
        """
        self._items = {item.nodeid: item for item in items}
        self._imported = imported
        self._counts = counts
        self.ran = trace_all(items, files)
        self._passed = set(self.ran.passed)
        self._functions = functions_of(files)
        self._own = False

    def start(self, module: Module, mutant: Mutant, file: str) -> tuple[int, float]:
        """Start a process that tries a mutant; return its id and the time at which it is taken for dead."""
        own = self._needs_own_process(mutant, file)
        if own and not self._own:
            self._check_own()
        tests = self._tests(mutant, file)
        after = self._others(mutant, tests) if own else []
        child = os.fork()
        if child == 0:
            if own:
                forked(lambda: self._try_apart(mutant, tests, after))
            forked(lambda: self._try(module, mutant, tests))
        return child, time.monotonic() + 300 + 40 * sum(self.ran.seconds[test] for test in (*tests, *after))

    def _check_own(self) -> None:
        """Make sure that the tests pass in a process of their own; else each mutant there would seem dead."""
        self._own = True
        known = hashlib.sha256("\n".join(sorted({key_of(item.path) for item in self._items.values()})).encode())
        marker = KEPT / f"passed-apart-{known.hexdigest()[:32]}"
        if marker.exists():
            return
        if self._in_a_process_of_its_own(None, self.ran.passed):
            raise RuntimeError("the tests do not pass in a process of their own")
        marker.touch()

    def _tests(self, mutant: Mutant, file: str) -> list[str]:
        found = self._of(mutant, self.ran.tests(file, range(mutant.line, mutant.line + 1)))
        if found and not self._needs_own_process(mutant, file):
            return found
        return list(dict.fromkeys([*found, *self._of(mutant, self.ran.tests(file, range(1, 10_000)))]))

    def _others(self, mutant: Mutant, tests: Sequence[str]) -> list[str]:
        """Return all other tests: a table of constants is read without running its lines."""
        known = set(tests)
        return [test for test in self._of(mutant, self.ran.passed) if test not in known]

    def _of(self, mutant: Mutant, tests: Sequence[str]) -> list[str]:
        return [test for test in tests if test in self._passed and self._counts(test, mutant.module)]

    def _needs_own_process(self, mutant: Mutant, file: str) -> bool:
        return not mutant.place or (file, mutant.line) in self._imported or not self._is_function(mutant, file)

    def _is_function(self, mutant: Mutant, file: str) -> bool:
        return any(
            key[0] == file and (mutant.place == key[1] or mutant.place.startswith(f"{key[1]}."))
            for key in self._functions
        )

    def _try(self, module: Module, mutant: Mutant, tests: Sequence[str]) -> int:
        try:
            if not put(module.compile(mutant.number), self._functions):  # the default of an argument
                return self._in_a_process_of_its_own(mutant, tests)
        except ValueError:  # another number of free variables
            return self._in_a_process_of_its_own(mutant, tests)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        began = time.process_time()
        for test, following in zip_longest(tests, tests[1:]):
            if time.process_time() - began > MOST_SECONDS:
                return OUT_OF_TIME
            signal.setitimer(signal.ITIMER_PROF, 5 + 10 * self.ran.seconds[test])
            signal.alarm(int(30 + 20 * self.ran.seconds[test]))  # of one that waits for ever
            try:
                passed = run_test(self._items[test], self._items.get(following))
            except MemoryError:
                return KILLED
            if not passed:
                return KILLED
        return SURVIVED

    def _try_apart(self, mutant: Mutant, tests: Sequence[str], after: Sequence[str]) -> int:
        ended = self._in_a_process_of_its_own(mutant, tests)
        return ended or self._in_a_process_of_its_own(mutant, after)

    def _in_a_process_of_its_own(self, mutant: Mutant | None, tests: Sequence[str]) -> int:
        """Try a mutant in a new process that imports the changed module; None: everything as it is."""
        if not tests:
            return SURVIVED
        which = f":{UNCHANGED}" if mutant is None else f"{mutant.module}:{mutant.number}"
        seconds = 30 + 10 * sum(self.ran.seconds[test] for test in tests)
        command = [sys.executable, str(ROOT / "tools/mutation/run.py"), "--one", which, "--seconds", str(int(seconds))]
        named = dict.fromkeys(test.partition("[")[0] for test in tests)  # what is in brackets may be a key of here
        try:
            done = subprocess.run(
                command, input="\n".join(named), text=True, check=False, capture_output=True, cwd=ROOT,
                timeout=4 * seconds,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return BY_CLOCK
        if mutant is None and done.returncode:
            print(done.stdout[-2000:], done.stderr[-2000:])
        if done.returncode == -signal.SIGXCPU:
            return BY_CLOCK
        if done.returncode == OUT_OF_TIME:
            return OUT_OF_TIME
        if done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED:
            return NOT_TRIED
        return KILLED if done.returncode else SURVIVED


def ended_as(status: int) -> int:
    """Return how the process of a mutant has ended, of its status."""
    if os.WIFEXITED(status):
        return os.WEXITSTATUS(status)
    return BY_CLOCK if os.WTERMSIG(status) in _CLOCKS else KILLED


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives out one module changed."""

    def __init__(self, name: str, code: CodeType, path: Path) -> None:
        """Take the full name of the module."""
        self._name, self._code, self._path = name, code, path

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """Find the one module."""
        return importlib.util.spec_from_loader(name, self, origin=str(self._path)) if name == self._name else None

    def exec_module(self, module: Any) -> None:
        """Run its changed code."""
        module.__file__ = str(self._path)
        exec(self._code, module.__dict__)


def try_one(which: str, tests: Sequence[str], seconds: int) -> int:
    """Import a changed module and run tests with it, for so many seconds of the processor; return pytest's status."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    name, _, number = which.rpartition(":")
    if number != UNCHANGED:
        path = PACKAGE / f"{name}.py"
        code = Module(name, path.read_text(), str(path)).compile(int(number))
        sys.meta_path.insert(0, Changed(f"hauberk.{name.replace('/', '.')}", code, path))
    prepare_hypothesis()
    return int(pytest.main([*OPTIONS, "-x", *tests], plugins=[] if number == UNCHANGED else [Budget()]))


class Budget:
    """Ends a process that has had its time, between two tests."""

    def __init__(self) -> None:
        """Begin to count."""
        self._began = time.process_time()

    def pytest_runtest_logfinish(self) -> None:
        """End where the time is over."""
        if time.process_time() - self._began > MOST_SECONDS + COLLECTING_SECONDS:
            os._exit(OUT_OF_TIME)


def prepare_hypothesis() -> None:
    """Let each test run on the same examples each time, and look for no smaller ones."""
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - before any test is imported

    settings.register_profile(
        "mutation", database=None, derandomize=True, deadline=None,
        phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    settings.load_profile("mutation")
