"""Run every benchmark and print its numbers beside their bars; with `--readme`, write them into README.md too."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import good_chains
import install
import load_tensors
import passport
import pickle_machine
import reach
import sign_verify
import startup
from data import bars as data_sets
from row import Row, show

import ledger

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- numbers: make bench -->", "<!-- end of numbers -->"
BENCHMARKS = (
    *(startup, install, sign_verify, load_tensors, ledger, passport, good_chains),
    *(pickle_machine, data_sets, reach),
)


def markdown(rows: list[Row]) -> str:
    """Return the rows as a Markdown table, with the machine that they were measured on."""
    table = [("what", "measured", "bar", "command"), ("---",) * 4, *(row.cells() for row in rows)]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return "\n".join(f"| {' | '.join(cells)} |" for cells in table) + f"\n\nMeasured on {machine}."


def write_into(text: str, table: str) -> str:
    """Return a page with the table between its two markers; raise `ValueError` where they are missing."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main() -> int:
    """Run all; exit with 1 where a bar is not met."""
    rows = [row for benchmark in BENCHMARKS for row in benchmark.measure()]
    show(rows)
    if "--readme" in sys.argv:
        README.write_text(write_into(README.read_text(), markdown([row for row in rows if "/" not in row.script])))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
