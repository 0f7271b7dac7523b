"""The data that the benchmarks read: 10 million card payments of 24 columns, 1.8 GB of Parquet, and a week later."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS, STEP, FEATURES = 10_000_000, 500_000, 20


def write(folder: Path, *, changed: float) -> Path:
    """Write the set, with a share of rows whose values differ and three rows taken out; return its file."""
    path = folder / "part.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    writer = None
    for start in range(0, ROWS, STEP):
        table = _rows(start, changed)
        writer = writer or pq.ParquetWriter(unfinished, table.schema)
        writer.write_table(table.slice(3) if changed and start == STEP else table)
    writer.close()
    unfinished.rename(path)
    return path


def _rows(start: int, changed: float) -> pa.Table:
    random = np.random.default_rng(start)
    numbers = np.arange(start, start + STEP)
    columns = {
        "id": pa.array(numbers),
        "at": pa.array(numbers * 1_000_000, pa.timestamp("us", "UTC")),
        "merchant": pa.array([f"m{x:05d}" for x in random.integers(0, 5000, STEP)]),
        "fraud": pa.array(random.random(STEP) < 0.01),
    }
    for number in range(FEATURES):
        values = random.normal(size=STEP)
        if changed and number == 3:
            values[np.random.default_rng(start + 1).random(STEP) < changed] += 1
        columns[f"f{number}"] = pa.array(values)
    return pa.table(columns)


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), changed=float(sys.argv[2])))
