"""Hold the pickle machine against CPython's own unpicklers: every name that one of them imports or calls is an effect.

    python tests/fuzz/differential.py --streams 1000000        # what `make fuzz` runs, on all cores
    python tests/fuzz/differential.py --streams 1 --first 4711 # one stream again

Half of the streams are pickles that were changed, half are any instructions in any order. Each is read by the unpickler
in C, once from bytes and once from a file that it can look ahead in, and by the one in Python, each with two encodings;
nothing that a stream names is imported. The work is done by children with little memory: a stream that takes its child
down, as CPython does where a stream asks for memory, is counted as such and not compared.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import streams
from foreseen import unforeseen
from hauberk.formats.model.pickle.description import describe
from hauberk.formats.model.pickle.loop import COMPILED
from hauberk.view import BytesView
from recording_unpickler import UNPICKLERS, record, wake

KEPT = Path(__file__).parents[2] / "build" / "fuzz"
NOWHERE = subprocess.DEVNULL  # CPython itself complains where memory runs out
MISSED = "missed:"
ENCODINGS = ("ASCII", "latin1")
MEMORY_BYTES = 384 << 20  # a stream can ask for more than it has bytes; most of the time went there
PORTION = 20_000  # streams that one child does


def stream_of(number: int, seeds: list[bytes]) -> bytes:
    """Return a stream by its number, the same one in every run."""
    chance = random.Random(number)
    return streams.mutant(seeds, chance) if number % 2 else streams.any_instructions(chance)


def compare(stream: bytes, counted: Counter[str]) -> None:
    """Count what the unpicklers import and call, and what of it the machine missed."""
    description = describe(BytesView(stream))
    events = {
        event for unpickler in UNPICKLERS for encoding in ENCODINGS for event in record(stream, unpickler, encoding)
    }
    counted["streams"] += 1
    counted["with imports"] += any(event[0] == "import" for event in events)
    counted["imports"] += sum(event[0] == "import" for event in events)
    counted["calls"] += sum(event[0] == "make" for event in events)
    counted["complete"] += not description.unchecked
    if missed := unforeseen(description, events):
        counted["missed"] += len(missed)
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"differential-{counted['number']}").write_bytes(stream)
        sys.stdout.write(f"{MISSED} stream {counted['number']}, kept in {KEPT}: {missed}\n")


def serve(first: int, last: int) -> None:
    """Compare some streams, and say after each where we are, so that the parent knows what a dead child died of."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, wake)
    counted: Counter[str] = Counter()
    seeds = streams.seeds()
    for number in range(first, last):
        counted["number"] = number
        compare(stream_of(number, seeds), counted)
        if number % 50 == 49 or number == last - 1:
            sys.stdout.write(" ".join(f"{key.replace(' ', '-')}={value}" for key, value in counted.items()) + "\n")
            sys.stdout.flush()
            counted.clear()


class Run:
    """All children at work, and what they have counted."""

    def __init__(self, first: int, last: int, jobs: int) -> None:
        self.counted: Counter[str] = Counter()
        self._portions = [(start, min(start + PORTION, last)) for start in range(first, last, PORTION)][::-1]
        self._jobs = jobs

    def go(self) -> None:
        """Work until all portions are done; what is left of a portion whose child died is given to another one."""
        working: list[tuple[subprocess.Popen[str], int, int]] = []
        while self._portions or working:
            while self._portions and len(working) < self._jobs:
                first, last = self._portions.pop()
                command = [sys.executable, __file__, "--child", str(first), str(last)]
                working.append(
                    (subprocess.Popen(command, stdout=subprocess.PIPE, stderr=NOWHERE, text=True), first, last)
                )
            child, first, last = working.pop(0)
            reached = self._heard(child, first)
            if reached < last:
                self._step_over(reached, last)

    def _heard(self, child: subprocess.Popen[str], first: int) -> int:
        """Add what a child counted; return the number of the first stream that it did not finish."""
        assert child.stdout is not None
        reached = first
        for line in child.stdout:
            if line.startswith(MISSED):
                print(line, end="")
                continue
            told = dict(pair.split("=") for pair in line.split())
            reached = int(told.pop("number")) + 1
            self.counted.update({key: int(value) for key, value in told.items()})
        child.wait()
        return reached

    def _step_over(self, reached: int, last: int) -> None:
        """Do the streams in which a child died one by one, and leave out the one that kills."""
        stop = min(reached + 50, last)
        for number in range(reached, stop):
            command = [sys.executable, __file__, "--child", str(number), str(number + 1)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=NOWHERE, text=True) as child:
                if self._heard(child, number) == number:
                    self.counted["not compared"] += 1
        if stop < last:
            self._portions.append((stop, last))


def main() -> int:
    """Compare as many streams as asked for; exit with 1 where the machine missed anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--child", type=int, nargs=2)
    options = parser.parse_args()
    if options.child:
        serve(*options.child)
        return 0
    began = time.monotonic()
    run = Run(options.first, options.first + options.streams, options.jobs)
    with contextlib.suppress(KeyboardInterrupt):
        run.go()
    counted = run.counted
    print(
        f"differential   {counted['streams']:>8} streams  {time.monotonic() - began:6.1f} s  "
        f"{counted['imports']} imports and {counted['calls']} calls by CPython's unpicklers in "
        f"{counted['with-imports']} streams, {counted['missed']} missed; {counted['complete']} streams complete, "
        f"{counted['not compared']} took CPython down; the machine {'is compiled' if COMPILED else 'runs as Python'}"
    )
    return 1 if counted["missed"] or not counted["streams"] else 0


if __name__ == "__main__":
    sys.exit(main())
