"""Mutation testing: change one small thing in the code, run the tests that run that line, and see whether one fails.

python tools/mutation/run.py policy gate evidence ledger     # these folders, one after the other
python tools/mutation/run.py policy --jobs 2 --only evaluate
python tools/mutation/run.py policy --again said.txt       # those that a run, whose output this is, named as alive

The tests are collected once. Each mutant is a fork of that process: the code of the changed function is put in the
place of the old one, and the tests that ran the line when nothing was changed run in it, the fastest first, until one
fails (killed) or all pass (survived). A test that takes more than ten times as long as before, and five seconds, has
failed too. What runs when a module is imported (its constants and tables, and what these call) cannot be changed in a
fork; such a mutant gets a process of its own, which imports the changed module.

A survivor is listed, and has a reason in `equivalent.py` if no test could tell it from the original. With no word to
say for it, it counts as alive.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import importlib.abc
import importlib.util
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Self

import pytest
from equivalent import EQUIVALENT
from mutants import Module, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
PACKAGE = ROOT / "src" / "hauberk"
# A folder is tried with its own tests, and those of the floor that asks it most: what only the test of something larger
# notices, nobody would find the place of.
TESTS = {
    "policy": ("policy",),
    "gate": ("gate", "tamper"),
    "evidence": ("evidence", "policy"),
    "ledger": ("ledger", "tamper"),
}
LEFT_OUT = ("ledger/test_durability",)  # kills processes: minutes a mutant, and its children run the code as it was
MEMORY_BYTES = 4 << 30
OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=--import-mode=importlib"),
    *("-o", "tmp_path_retention_policy=none", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
UNCHANGED = "unchanged"
KILLED, SURVIVED = 1, 0
BAR = 95  # percent
OWN_PROCESS_SECONDS = 300
MOST_SECONDS = 20  # of the processor for one mutant: what no test of these has noticed counts as alive


def modules_of(folder: str) -> list[Path]:
    """Return the modules of a folder, by name."""
    return [path for path in sorted((PACKAGE / folder).glob("*.py")) if path.name != "__init__.py"]


def name_of(path: Path) -> str:
    """Return what a module is called in lists."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


# which test runs which line


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
    """What is known of the tests: which of them run a line, and how many seconds each takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)  # "file:line" to the ids of tests
    failed: list[str] = field(default_factory=list)

    @property
    def passed(self) -> list[str]:
        """Return all tests that pass as things are, the fastest first."""
        return sorted(self.seconds.keys() - set(self.failed), key=lambda test: self.seconds[test])

    def tests(self, file: str, lines: range) -> list[str]:
        """Return the tests that run any of some lines, the fastest first."""
        found = {test for line in lines for test in self.lines.get(f"{file}:{line}", ())}
        return sorted(found, key=lambda test: self.seconds[test])


def run_test(item: pytest.Item) -> bool:
    """Run one test, and say whether it passed."""
    from _pytest.runner import runtestprotocol  # noqa: PLC0415 - what `pytest_runtest_protocol` calls

    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)


def trace_all(items: Sequence[pytest.Item], files: frozenset[str]) -> Ran:
    """Run every test once, in a fork, so that nothing that they keep for later is kept here."""
    with tempfile.NamedTemporaryFile() as told:
        child = os.fork()
        if child == 0:
            _forked(lambda: _trace_into(told.name, items, files))
        os.waitpid(child, 0)
        return Ran(**json.loads(Path(told.name).read_text()))


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
            by_line[f"{file}:{line}"].append(item.nodeid)
    ran.lines = dict(by_line)
    Path(name).write_text(json.dumps(ran.__dict__))
    return 0


def _forked(do: Any) -> None:
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


# one mutant


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

    def __init__(self, items: Sequence[pytest.Item], files: frozenset[str], imported: set[tuple[str, int]]) -> None:
        """Trace all tests; `imported` are the lines that ran when they were collected."""
        self._items = {item.nodeid: item for item in items}
        self._imported = imported
        self.ran = trace_all(items, files)
        self._functions = functions_of(files)

    def start(self, module: Module, mutant: Mutant, file: str) -> tuple[int, float]:
        """Start a process that tries a mutant; return its id and the time at which it is taken for dead."""
        tests, own = self._tests(mutant, file), self._needs_own_process(mutant, file)
        seconds = [self.ran.seconds[test] for test in tests]
        child = os.fork()
        if child == 0:
            if own:
                _forked(lambda: in_a_process_of_its_own(mutant, tests))
            _forked(lambda: self._try(module, mutant, tests))
        limit = OWN_PROCESS_SECONDS if own else 60 + 20 * sum(seconds)
        return child, time.monotonic() + limit

    def _tests(self, mutant: Mutant, file: str) -> list[str]:
        found = self.ran.tests(file, range(mutant.line, mutant.line + 1))
        if not self._needs_own_process(mutant, file):
            return found or self.ran.tests(file, range(1, 10_000))
        some = [*found, *self.ran.tests(file, range(1, 10_000))]
        return list(dict.fromkeys([*some, *self.ran.passed]))  # a table of constants is read without running its lines

    def _needs_own_process(self, mutant: Mutant, file: str) -> bool:
        return not mutant.place or (file, mutant.line) in self._imported or not self._is_function(mutant, file)

    def _is_function(self, mutant: Mutant, file: str) -> bool:
        return any(
            key[0] == file and (mutant.place == key[1] or mutant.place.startswith(f"{key[1]}."))
            for key in self._functions
        )

    def _try(self, module: Module, mutant: Mutant, tests: Sequence[str]) -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        try:
            if not put(module.compile(mutant.number), self._functions):
                return SURVIVED
        except ValueError:  # another number of free variables
            return in_a_process_of_its_own(mutant, tests)
        began = time.process_time()
        for test in tests:
            if time.process_time() - began > MOST_SECONDS:
                return SURVIVED
            signal.alarm(int(5 + 10 * self.ran.seconds[test]))
            if not run_test(self._items[test]):
                return KILLED
        return SURVIVED


def in_a_process_of_its_own(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Try a mutant in a new process that imports the changed module; None: everything as it is."""
    if not tests:
        return SURVIVED
    which = f":{UNCHANGED}" if mutant is None else f"{mutant.module}:{mutant.number}"
    command = [sys.executable, str(HERE), "--one", which]
    named = dict.fromkeys(test.partition("[")[0] for test in tests)  # what is in brackets may be a key of this process
    done = subprocess.run(command, input="\n".join(named), text=True, check=False, capture_output=True, cwd=ROOT)
    if mutant is None and done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:])
    return SURVIVED if done.returncode == 0 else KILLED


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


def try_one(which: str, tests: Sequence[str]) -> int:
    """Import a changed module and run tests with it; return pytest's exit status."""
    name, _, number = which.rpartition(":")
    if number != UNCHANGED:
        path = PACKAGE / f"{name}.py"
        code = Module(name, path.read_text(), str(path)).compile(int(number))
        sys.meta_path.insert(0, Changed(f"hauberk.{name.replace('/', '.')}", code, path))
    _prepare_hypothesis()
    return int(pytest.main([*OPTIONS, "-x", *tests]))


# all mutants


@dataclass
class Tried:
    """What became of the mutants of a folder."""

    killed: int = 0
    survivors: list[Mutant] = field(default_factory=list)

    def add(self, mutant: Mutant, status: int) -> None:
        """Count what the process of a mutant has ended with."""
        if status == KILLED:
            self.killed += 1
            return
        self.survivors.append(mutant)
        how = "survived" if status == SURVIVED else "was not tried"
        known = EQUIVALENT.get(mutant.name)
        print(f"{how}: {mutant.name} (line {mutant.line}{f': {known}' if known else ''})", flush=True)

    @property
    def equivalent(self) -> list[Mutant]:
        """Return the survivors that no test could tell from the original."""
        return [mutant for mutant in self.survivors if mutant.name in EQUIVALENT]

    @property
    def alive(self) -> list[Mutant]:
        """Return the other survivors."""
        return [mutant for mutant in self.survivors if mutant.name not in EQUIVALENT]

    @property
    def total(self) -> int:
        """Return how many were tried."""
        return self.killed + len(self.survivors)

    @property
    def share(self) -> float:
        """Return the percentage killed of those that a test could kill."""
        return 100 * self.killed / max(1, self.total - len(self.equivalent))


class Plugin:
    """Takes over when the tests are collected."""

    def __init__(self, folder: str, *, jobs: int, only: Sequence[str], again: str | None) -> None:
        """Take the folder whose mutants are tried, how many at once, and which modules and mutants, if not all."""
        self._again = again
        self._paths = [path for path in modules_of(folder) if not only or path.stem in only]
        self._jobs = jobs
        self._files = frozenset(map(str, self._paths))
        self._collecting = Lines(self._files)
        self.tried = Tried()

    def pytest_sessionstart(self) -> None:
        """Note what runs while modules are imported."""
        self._collecting.__enter__()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants instead of running the tests."""
        self._collecting.__exit__()
        session.config.pluginmanager.unregister(name="terminalreporter")
        began = time.monotonic()
        killer = Killer(session.items, self._files, self._collecting.seen)
        print(f"{len(session.items)} tests in {time.monotonic() - began:.0f} s", flush=True)
        if killer.ran.failed:
            print("left out, since they fail as things are: " + ", ".join(killer.ran.failed), flush=True)
        if in_a_process_of_its_own(None, killer.ran.passed):
            raise RuntimeError("the tests do not pass in a process of their own")
        running: dict[int, tuple[Mutant, float]] = {}
        for path in self._paths:
            module = Module(name_of(path), path.read_text(), str(path))
            for mutant in module.mutants:
                if self._again is not None and f": {mutant.name} (line " not in self._again:
                    continue
                while len(running) >= self._jobs:
                    _reap(running, self.tried)
                child, until = killer.start(module, mutant, str(path))
                running[child] = (mutant, until)
            print(f"up to {module.name}: {self.tried.killed} of {self.tried.total} killed", flush=True)
        while running:
            _reap(running, self.tried)
        return True


def _reap(running: dict[int, tuple[Mutant, float]], tried: Tried) -> None:
    """Wait until one of the processes has ended, or its time has."""
    while True:
        for child, (mutant, until) in list(running.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended and time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
                ended, status = os.waitpid(child, 0)
            if ended:
                del running[child]
                tried.add(mutant, os.WEXITSTATUS(status) if os.WIFEXITED(status) else KILLED)
                return
        time.sleep(0.005)


def _prepare_hypothesis() -> None:
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - before any test is imported

    settings.register_profile(
        "mutation", database=None, derandomize=True, deadline=None,
        phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    settings.load_profile("mutation")


def main() -> int:
    """Try the mutants of folders; exit with 1 where one of them is below the bar of 95 percent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", default=["policy", "gate", "evidence", "ledger"])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--tests", nargs="*", help="folders of tests, instead of the folder's own")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--one")
    words = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    os.chdir(ROOT)
    if words.one:
        return try_one(words.one, sys.stdin.read().split("\n"))
    _prepare_hypothesis()
    own = tempfile.TemporaryDirectory(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))  # which no other session tidies up
    os.environ["PYTEST_DEBUG_TEMPROOT"] = own.name
    if len(words.folders) > 1:
        return max(
            subprocess.call([*sys.orig_argv[: sys.orig_argv.index(sys.argv[0]) + 1], one]) for one in words.folders
        )
    (folder,) = words.folders
    again = words.again.read_text() if words.again else None
    plugin = Plugin(folder, jobs=words.jobs, only=words.only, again=again)
    paths = [str(ROOT / "tests" / name) for name in words.tests or TESTS[folder]]
    ignored = [f"--ignore-glob={ROOT}/tests/{name}*" for name in LEFT_OUT]
    pytest.main([*OPTIONS, "-s", *ignored, *paths], plugins=[plugin])
    tried = plugin.tried
    print(
        f"{folder}: {tried.killed} of {tried.total} mutants killed, {len(tried.alive)} alive, "
        f"{len(tried.equivalent)} like the original: {tried.share:.1f} %"
    )
    return 0 if tried.total and tried.share >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
