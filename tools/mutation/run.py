"""Mutation testing: change one small thing in the code, run the tests that run that line, and see whether one fails.

python tools/mutation/run.py                                      # policy, gate, evidence, ledger
python tools/mutation/run.py gate ledger --only prove publish     # these modules
python tools/mutation/run.py --again                              # what lives, has changed or was not tried yet
python tools/mutation/run.py --join --page docs/benchmarks/mutation.md     # nothing: only the page of what is kept

The tests are collected once. Each mutant is a fork of that process: the code of the changed function is put in the
place of the old one, and the tests that ran the line when nothing was changed run in it, the fastest first, until one
fails (killed) or all pass (survived). A test that takes more than ten times as long as before, and five seconds of the
processor, has failed too, and is counted apart. What runs when a module is imported (its constants and tables, and what
these call) cannot be changed in a fork; such a mutant gets a process of its own, which imports the changed module.

What became of the mutants of a module is kept when all of them were tried (`results.py`); `--again` goes by that. A
survivor has a reason in `equivalent.py` if no test could tell it from the original. With no word to say for it, it
counts as alive.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import results
from equivalent import EQUIVALENT
from killing import BY_CLOCK, OPTIONS, Killer, ended_as, name_of, prepare_hypothesis, try_one
from lines import ROOT, Lines
from results import FOLDERS, Known, Result, modules_of
from which_tests import LEFT_OUT, counts, tests_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutants import Mutant


def chosen(words: argparse.Namespace) -> list[Path]:
    """Return the modules that are tried."""
    paths = [path for folder in words.folders or FOLDERS for path in modules_of(folder)]
    if words.only:
        paths = [path for path in paths if path.stem in words.only]
    if words.again:
        paths = [path for path in paths if (known := Known.of(path)).untried or known.alive]
    return paths


class Plugin:
    """Takes over when the tests are collected."""

    def __init__(self, paths: Sequence[Path], *, jobs: int, again: bool) -> None:
        """Take the modules, how many mutants are tried at once, and whether only those that live are tried again."""
        self._paths, self._jobs, self._again = paths, jobs, again
        self._files = frozenset(str(path) for folder in FOLDERS for path in modules_of(folder))
        self._collecting = Lines(self._files)
        self.done = 0

    def pytest_sessionstart(self) -> None:
        """Note what runs while modules are imported."""
        self._collecting.__enter__()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants instead of running the tests."""
        self._collecting.__exit__()
        session.config.pluginmanager.unregister(name="terminalreporter")
        began = time.monotonic()
        killer = Killer(session.items, self._files, self._collecting.seen, counts)
        print(f"{len(session.items)} tests, lines in {time.monotonic() - began:.0f} s", flush=True)
        if killer.ran.failed:
            print("left out, since they fail as things are: " + ", ".join(killer.ran.failed), flush=True)
        for path in self._paths:
            began = time.monotonic()
            result, tried = self._try_all(killer, path)
            took = time.monotonic() - began
            alive = sum(mutant.name in result.survived for mutant in tried)
            print(f"{result.module}: {len(tried) - alive} of {len(tried)} killed in {took:.0f} s", flush=True)
            if Known.of(path).module.units == result.units:
                result.save()
            else:
                print(f"{result.module} has changed meanwhile: nothing is kept", flush=True)
            self.done += 1
        return True

    def _try_all(self, killer: Killer, path: Path) -> tuple[Result, list[Mutant]]:
        known = Known.of(path)
        result, wanted = known.begin(f"{datetime.now(UTC):%Y-%m-%d}", again=self._again)
        running: dict[int, tuple[Mutant, float]] = {}
        left = dict.fromkeys(wanted)
        try:
            for mutant in wanted:
                while len(running) >= self._jobs:
                    del left[_reap(running, result)]
                child, until = killer.start(known.module, mutant, str(path))
                running[child] = (mutant, until)
            while running:
                del left[_reap(running, result)]
        except BaseException:  # somebody ends the run
            known.without(result, list(left)).save()
            raise
        return result, wanted


def _reap(running: dict[int, tuple[Mutant, float]], result: Result) -> Mutant:
    """Wait until one of the processes has ended, or its time has; return the mutant that it has tried."""
    while True:
        for child, (mutant, until) in list(running.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended and time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
                ended, status = os.waitpid(child, 0)
            if ended:
                del running[child]
                _count(result, mutant, ended_as(status))
                return mutant
        time.sleep(0.002)


def _count(result: Result, mutant: Mutant, ended: int) -> None:
    said = result.add(mutant.name, ended)
    known = EQUIVALENT.get(mutant.name)
    if said:
        print(f"{said}: {mutant.name} (line {mutant.line}{f': {known}' if known else ''})", flush=True)
    elif known:
        print(f"killed, and not like the original: {mutant.name} (line {mutant.line})", flush=True)
    if ended == BY_CLOCK:
        print(f"killed by the clock: {mutant.name} (line {mutant.line})", flush=True)


def run(paths: Sequence[Path], words: argparse.Namespace) -> None:
    """Try the mutants of modules."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepare_hypothesis()
    own = tempfile.TemporaryDirectory(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))  # which no other session tidies up
    os.environ["PYTEST_DEBUG_TEMPROOT"] = own.name
    plugin = Plugin(paths, jobs=words.jobs, again=words.again)
    places = dict.fromkeys(place for path in paths for place in tests_of(name_of(path)))
    found = [str(one if one.is_dir() else one.with_suffix(".py")) for one in (ROOT / "tests" / name for name in places)]
    ignored = [f"--ignore-glob={ROOT}/tests/{name}*" for name in LEFT_OUT]
    pytest.main([*OPTIONS, "-s", *ignored, *found], plugins=[plugin])
    if plugin.done != len(paths):
        raise RuntimeError("the tests could not be collected")


def main() -> int:
    """Try mutants; exit with 1 where a folder is below the bar, or the page has something that was not tried."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=(), help="names of modules")
    parser.add_argument("--again", action="store_true", help="leave out what is known to be dead")
    parser.add_argument("--join", action="store_true", help="try nothing")
    parser.add_argument("--page", type=Path, help="a page to write the joined tables into")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, help=argparse.SUPPRESS)
    words = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    os.chdir(ROOT)
    if words.one:
        return try_one(words.one, sys.stdin.read().split("\n"), words.seconds)
    paths = [] if words.join else chosen(words)
    if paths:
        run(paths, words)
    for name in results.out_of_date():
        print(f"has a reason for being alive, but is not: {name}")
    if words.page:
        return 0 if results.write(words.page) else 1
    table, whole = results.join()
    print(table)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
