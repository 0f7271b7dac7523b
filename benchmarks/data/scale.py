"""Data with many processes beside one, and rows so narrow that hashing them is all of the work.

    python benchmarks/data/scale.py FOLDER [MILLIONS]

Two sets of so many million payments (4 by default) of four columns each; in the newer, every hundredth amount is
another one, and three rows are gone, so that all rows behind them stand elsewhere. Ours are whole processes, start
included, and so is the floor: PyArrow reads the file in batches, then SHA-256 hashes it. What is compared is taken in
turn, medians of three; ratios, since machines are shared. The processor's seconds are told beside the clock's. The
second row hashes as many short texts with hashlib as rows are hashed, and nothing else: no manifest that is made with
it, by one process, can be faster.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from row import Row, show  # noqa: E402

ROUNDS, SCRIPT, FOLDER, MILLION, STEP = 3, "data/scale", Path("build/data-narrow"), 1_000_000, 500_000
HAUBERK = (sys.executable, "-m", "hauberk")
_FLOOR = """
import hashlib, pyarrow.parquet, sys
for batch in pyarrow.parquet.ParquetFile(sys.argv[1]).iter_batches(1 << 15): pass
whole = hashlib.sha256()
with open(sys.argv[1], "rb") as file:
    while piece := file.read(1 << 20): whole.update(piece)
"""
_ROWS_ALONE = """
import hashlib, sys
start, row = hashlib.sha256(bytes(64)), bytes(36)
for _ in range(int(sys.argv[1])):
    one = start.copy(); one.update(row); one.digest()
"""
_MEMORY = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A process and its children: seconds by the clock, and of processors."""

    wall: float
    busy: float


def run(*command: str) -> Ran:
    """Run a command to its end; its exit code may be 0 or 1."""
    begun, before = time.perf_counter(), os.times()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    if code not in (0, 1):
        raise RuntimeError(f"{command[-3:]} ended with {code}")
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return Ran(time.perf_counter() - begun, busy)


def write(folder: Path, rows: int, *, newer: bool) -> Path:
    """Write a set, where it is not there yet."""
    path = folder / f"{rows}-{'newer' if newer else 'older'}" / "part.parquet"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    writer = None
    for start in range(0, rows, STEP):
        random, numbers = np.random.default_rng(start), np.arange(start, start + STEP)
        amounts = random.normal(size=STEP)
        if newer:
            amounts[::100] += 1
        at = pa.array(numbers * 1_000_000, pa.timestamp("us", "UTC"))
        table = pa.table({"id": numbers, "at": at, "amount": amounts, "fraud": random.random(STEP) < 0.01})
        writer = writer or pq.ParquetWriter(unfinished, table.schema)
        writer.write_table(table.slice(3) if newer and not start else table)
    writer.close()
    unfinished.rename(path)
    return path


def measure(folder: Path = FOLDER, millions: int = 4) -> list[Row]:
    """Write the data where it is not there yet, and measure."""
    rows = millions * MILLION
    older, newer = (write(folder, rows, newer=newer) for newer in (False, True))
    with tempfile.TemporaryDirectory() as made:
        words = ("--key", "id", "--salt", f"{made}/salt")

        def manifest(data: Path, name: str, *more: str) -> Ran:
            return run(*HAUBERK, "data", "manifest", str(data), "-o", f"{made}/{name}", *words, *more)

        def diff(*more: str) -> Ran:
            return run(*HAUBERK, "data", "diff", f"{made}/older", f"{made}/newer", *more)

        manifest(newer, "newer")
        turns = {
            "floor": lambda: run(sys.executable, "-c", _FLOOR, str(older)),
            "narrow": lambda: run(*HAUBERK, "data", "manifest", str(older), "-o", f"{made}/narrow", *words[2:]),
            "rows": lambda: run(sys.executable, "-c", _ROWS_ALONE, str(rows)),
            "one": lambda: manifest(older, "older"),
            "two": lambda: manifest(older, "older", "--jobs", "2"),
            "diff one": diff,
            "diff two": lambda: diff("--jobs", "2"),
            "data one": lambda: diff("--distributions"),
            "data two": lambda: diff("--distributions", "--jobs", "2"),
        }
        ran: dict[str, list[Ran]] = {name: [] for name in turns}
        for _ in range(ROUNDS):
            for name, turn in turns.items():
                ran[name].append(turn())
        pair = (*HAUBERK, "data", "diff", f"{made}/older", f"{made}/newer")
        most = [_memory(*pair, *more) for more in ((), ("--jobs", "2"))]
    told = f"one process: {most[0]} MiB"
    return [
        *_rows(ran, f"{millions} M rows"),
        Row("its most memory in a process", most[1], "MiB", SCRIPT, None, told),
    ]


def _memory(*command: str) -> int:
    """Return the MiB at its peak of whichever process of a command had most."""
    done = subprocess.run([sys.executable, "-c", _MEMORY, *command], check=True, capture_output=True, text=True)
    return int(done.stdout)


def _rows(ran: dict[str, list[Ran]], size: str) -> list[Row]:
    wall = {name: median(one.wall for one in found) for name, found in ran.items()}
    busy = {name: median(one.busy for one in found) for name, found in ran.items()}

    def beside(name: str, other: str, told: str) -> tuple[float, str]:
        seconds = f"{wall[name]:.1f} s beside {wall[other]:.1f} s; of processors {busy[name]:.1f} and {busy[other]:.1f}"
        return wall[name] / wall[other], f"{told}{seconds}"

    table = (
        (f"manifest of {size} of 4 columns", "narrow", "floor", "PyArrow and SHA-256: ", 1.5),
        ("hashing as many rows alone, in hashlib", "rows", "floor", "", None),
        ("`data manifest --jobs 2` beside one process, with a key", "two", "one", "", None),
        ("`data diff --jobs 2` beside one process", "diff two", "diff one", "", None),
        ("the same with `--distributions`", "data two", "data one", "", None),
    )
    return [Row(what, *_row(beside(name, other, told), bar)) for what, name, other, told, bar in table]


def _row(measured: tuple[float, str], bar: float | None) -> tuple[float, str, str, float | None, str]:
    ratio, told = measured
    return ratio, "times", SCRIPT, bar, told


if __name__ == "__main__":
    found = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, int(sys.argv[2]) if len(sys.argv) > 2 else 4)
    show(found)
    sys.exit(0 if all(row.met for row in found) else 1)
