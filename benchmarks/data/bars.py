"""Data: manifest, diff and verified reading, beside PyArrow's reading and plain hashing of the same file.

    python benchmarks/data/bars.py FOLDER

Ours are whole processes, start included. The floor is a process too: PyArrow reads the file in batches, then SHA-256
hashes it. Medians of three, taken in turn.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from row import Row, show  # noqa: E402

ROUNDS, SCRIPT, FOLDER = 3, "data/bars", Path("build/data")
_READ = """
import pyarrow.parquet, sys
for batch in pyarrow.parquet.ParquetFile(sys.argv[1]).iter_batches(1 << 15): pass
"""
_HASH = """
import hashlib, sys
whole = hashlib.sha256()
with open(sys.argv[1], "rb") as file:
    while piece := file.read(1 << 20): whole.update(piece)
"""
_VERIFIED = """
import sys
from hauberk import data
with data.open_verified(sys.argv[1], manifest=sys.argv[2]) as file:
    while piece := file.read(1 << 20): pass
"""


_START = """
import os, sys, time
nowhere = os.open(os.devnull, os.O_WRONLY)
quiet = [(os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)]
begun = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
took = time.perf_counter() - begun
print(os.waitstatus_to_exitcode(status), took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10)
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A process: wall seconds, those of its processors, and MiB at its peak."""

    seconds: float
    mib: int
    cpu: float = 0.0


def run(*command: str) -> Ran:
    """Run a command to its end; its exit code may be 0 or 1.

    A small process starts it: the peak of a process counts from the memory of the one that it was forked from.
    """
    said = subprocess.run((sys.executable, "-S", "-c", _START, *command), capture_output=True, text=True, check=True)
    status, seconds, cpu, mib = said.stdout.split()
    if int(status) not in (0, 1):
        raise RuntimeError(f"{command[-3:]} ended with {status}")
    return Ran(float(seconds), int(mib), float(cpu))


def measure(folder: Path = FOLDER) -> list[Row]:
    """Write the data where it is not there yet, and measure."""
    older, newer = (_made(folder / name, share) for name, share in (("week46", "0"), ("week47", "0.01")))
    hauberk = (sys.executable, "-m", "hauberk")
    with tempfile.TemporaryDirectory() as made:

        def manifest(data: Path, name: str) -> Ran:
            return run(*hauberk, "data", "manifest", str(data), "-o", f"{made}/{name}", "--salt", f"{made}/salt")

        manifest(newer, "week47.manifest")
        floors, worked, ours, plain, verified, diffs = [], [], [], [], [], []
        for _ in range(ROUNDS):
            hashed, read = run(sys.executable, "-c", _HASH, str(older)), run(sys.executable, "-c", _READ, str(older))
            hashing = hashed.seconds
            floors.append(read.seconds + hashing)
            worked.append(read.cpu + hashed.cpu)
            ours.append(manifest(older, "week46.manifest"))
            plain.append(hashing)
            verified.append(run(sys.executable, "-c", _VERIFIED, str(older), f"{made}/week46.manifest").seconds)
            diffs.append(run(*hauberk, "data", "diff", f"{made}/week46.manifest", f"{made}/week47.manifest"))
    floor, memory = median(floors), max(one.mib for one in ours)
    ratio, opened = median(one.seconds for one in ours) / floor, median(verified) / median(plain)
    return [
        Row(
            "manifest of 10 M rows in 1.8 GB of Parquet",
            ratio,
            "times",
            SCRIPT,
            1.5,
            f"PyArrow and SHA-256 {floor:.1f} s",
        ),
        Row(
            "the same, of the processors",
            median(one.cpu for one in ours) / median(worked),
            "times",
            SCRIPT,
            peer=f"PyArrow and SHA-256 {median(worked):.1f} s",
        ),
        Row("its memory", memory, "MiB", SCRIPT, 300),
        Row("diff of two of 10 M rows, 1 % changed", median(one.seconds for one in diffs), "s", SCRIPT, 20),
        Row("`open_verified`, read to the end", opened, "times", SCRIPT, 1.15, f"SHA-256 {median(plain):.2f} s"),
    ]


def _made(folder: Path, share: str) -> Path:
    done = subprocess.run(
        [sys.executable, str(HERE / "corpus.py"), str(folder), share], check=True, capture_output=True, text=True
    )
    return Path(done.stdout.strip())


if __name__ == "__main__":
    rows = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    show(rows)
    sys.exit(0 if all(row.met for row in rows) else 1)
