"""What a start costs: `hauberk --version` against a bare interpreter, in turns, and what `import hauberk` loads."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from row import Row, show

ROUNDS = 41
BARE = [sys.executable, "-c", "pass"]
VERSION = [str(Path(sys.executable).with_name("hauberk")), "--version"]
FOREIGN = """
import sys; before = set(sys.modules); import hauberk
print(len([m for m in set(sys.modules) - before
           if m.partition(".")[0] not in sys.stdlib_module_names | {"hauberk"}]))
"""


def once(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds of wall time and of CPU time."""
    before, began = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure() -> list[Row]:
    """Return the rows of this benchmark."""
    bare, version = [], []
    for _ in range(ROUNDS):
        bare.append(once(BARE))
        version.append(once(VERSION))
    wall = median(wall for wall, _ in version) / median(wall for wall, _ in bare)
    cpu = median(cpu for _, cpu in version) / median(cpu for _, cpu in bare)
    loaded = subprocess.run([sys.executable, "-c", FOREIGN], check=True, capture_output=True, text=True).stdout
    return [
        Row("`hauberk --version` over a bare interpreter, wall", wall, "x", "startup", bar=2.6),
        Row("the same, CPU", cpu, "x", "startup", bar=2.6),
        Row("third-party modules that `import hauberk` loads", float(loaded), "", "startup", bar=0),
    ]


if __name__ == "__main__":
    show(measure())
