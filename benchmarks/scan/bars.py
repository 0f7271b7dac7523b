"""What a scan costs in CPU seconds and memory: the machine compiled and as Python, beside the bars.

    python benchmarks/scan/bars.py                    # all rows; files are written to build/speed first, 2 GB
    python benchmarks/scan/bars.py dense tiny         # the rows of these files
    python benchmarks/scan/bars.py --rounds 5

Each round is a process of its own, from start to exit, `python -m hauberk scan`; of the rounds the median counts. CPU
seconds are those of the child, user and system; the memory is its greatest resident set. The files are read once
before, so the disk is not measured.
"""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(REPOSITORY / "tools")]

from compile_machine import copy_sources  # noqa: E402
from corpora import CORPORA  # noqa: E402
from row import Row, show  # noqa: E402

SPEED = REPOSITORY / "build" / "speed"
ROUNDS = 3
TWICE = 2.2


@dataclass(frozen=True, slots=True)
class Bar:
    """A file, how it is scanned, by which machine, and the most that this may cost; None where nothing was promised."""

    what: str
    corpus: str
    digest: bool
    machine: str
    cpu: float | None = None
    mebibytes: float | None = None
    wall: float | None = None


BARS = (
    Bar("61 MB pickle, 17.5 M instructions", "dense", digest=True, machine="compiled", cpu=1.5, mebibytes=150),
    Bar("61 MB pickle, 17.5 M instructions", "dense", digest=True, machine="python", cpu=8, mebibytes=150),
    Bar("the same, twice as long", "dense-double", digest=True, machine="compiled"),
    Bar("the same, twice as long", "dense-double", digest=True, machine="python"),
    Bar("288 MB joblib, no digest", "forest", digest=False, machine="compiled", cpu=0.6, mebibytes=80),
    Bar("288 MB joblib, no digest", "forest", digest=False, machine="python", cpu=0.6, mebibytes=80),
    Bar("288 MB joblib, SHA-256", "forest", digest=True, machine="compiled", mebibytes=80),
    Bar("1.07 GB torch zip, no digest", "checkpoint", digest=False, machine="compiled", cpu=0.25, mebibytes=60),
    Bar("1.07 GB torch zip, SHA-256", "checkpoint", digest=True, machine="compiled", cpu=1.0, mebibytes=60),
    Bar("1.07 GB safetensors, no digest", "safetensors", digest=False, machine="compiled", cpu=0.25, mebibytes=60),
    Bar("2,000 small files", "many", digest=True, machine="compiled", cpu=0.9),
    Bar("2,000 small files", "many", digest=True, machine="python", cpu=0.9),
    Bar("a tiny file, start to exit", "tiny", digest=True, machine="compiled", wall=0.25),
    Bar("a tiny file, start to exit", "tiny", digest=True, machine="python", wall=0.25),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: CPU seconds, seconds on the clock, MiB, and its exit status."""

    cpu: float
    wall: float
    mebibytes: float
    status: int


def once(tree: Path, path: Path, *, digest: bool) -> Cost:
    """Scan a file in a process of its own."""
    command = [sys.executable, "-m", "hauberk", "scan", *(() if digest else ("--no-digest",)), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, child.returncode)


def cost(bar: Bar, trees: dict[str, Path], files: dict[str, Path], rounds: int) -> Cost:
    """Return the medians of some rounds; the statuses must agree."""
    rounds = rounds if bar.wall is None else 5 * rounds
    costs = [once(trees[bar.machine], files[bar.corpus], digest=bar.digest) for _ in range(rounds)]
    if len({one.status for one in costs}) != 1 or costs[0].status not in (0, 1, 3):
        raise RuntimeError(f"{bar.what}: exit status {[one.status for one in costs]}")
    facts = ((one.cpu, one.wall, one.mebibytes) for one in costs)
    return Cost(*(median(column) for column in zip(*facts, strict=True)), status=costs[0].status)


def rows_of(bar: Bar, found: Cost) -> list[Row]:
    """Return what was measured for one bar."""
    what = f"{bar.what}, {'compiled' if bar.machine == 'compiled' else 'as Python'}"
    ended = f"exit {found.status}"
    rows = [Row(what, found.cpu, "s CPU", "scan/bars", bar=bar.cpu, peer=ended)]
    rows += [] if bar.wall is None else [Row("  on the clock", found.wall, "s", "scan/bars", bar=bar.wall)]
    return [*rows, Row("  memory", found.mebibytes, "MiB", "scan/bars", bar=bar.mebibytes)]


def twice(costs: dict[tuple[str, str], Cost]) -> list[Row]:
    """Return how much longer the file of twice the length took."""
    rows = []
    for machine in ("compiled", "python"):
        one, two = costs.get(("dense", machine)), costs.get(("dense-double", machine))
        if one and two:
            rows.append(Row(f"twice the instructions, {machine}", two.cpu / one.cpu, "x", "scan/bars", bar=TWICE))
    return rows


def written(names: set[str]) -> dict[str, Path]:
    """Write the files in a process of its own, since the memory of a parent counts as its child's; read them once."""
    subprocess.run([sys.executable, HERE / "corpora.py", SPEED, *sorted(names)], check=True, stdout=subprocess.DEVNULL)
    files = {name: SPEED / CORPORA[name][0] for name in names}
    for path in files.values():
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file():
                with file.open("rb") as opened:
                    while opened.read(1 << 20):
                        pass
    return files


def main() -> int:
    """Measure, print, and exit with 1 where a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", choices=[*CORPORA, []], metavar="FILE")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    bars = [bar for bar in BARS if not options.corpora or bar.corpus in options.corpora]
    files = written({bar.corpus for bar in bars})
    with tempfile.TemporaryDirectory() as scratch:
        trees = {name: Path(scratch, name) for name in ("python", "compiled")}
        for name, tree in trees.items():
            why = copy_sources(tree, compiled=name == "compiled")
            compileall.compile_dir(tree, quiet=1)
        if why:
            print(f"not compiled, so not measured: {why}")
            bars = [bar for bar in bars if bar.machine == "python"]
        costs = {}
        rows = []
        for bar in bars:
            found = costs[bar.corpus, bar.machine] = cost(bar, trees, files, options.rounds)
            rows += rows_of(bar, found)
    rows += twice(costs)
    show(rows)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
