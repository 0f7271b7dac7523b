"""What is short in a file and long in memory is read in pieces: dictionaries, runs and views of one long text."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.dataset.manifest import TABLES
from hauberk.edge import tables
from hauberk.edge.sources import open_file
from hauberk.edge.tables import KINDS, open_table

ROWS, LONG = 4096, 1 << 18  # a gigabyte, where nothing is done about it
PROGRAM = """\
import sys
from hauberk.verbs.data_manifest import Wanted, make_manifest
found = make_manifest((sys.argv[1],), sys.argv[1] + ".manifest", Wanted("t", None))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(found.rows.root, found.rows.count, int(peak.split()[1]) >> 10)  # getrusage's has the parent's peak in it
"""


def dictionary():
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(ROWS, "i4")), pa.array(["x" * LONG]))


def views():
    one = np.zeros(ROWS, dtype=[("length", "<i4"), ("begins", "S4"), ("buffer", "<i4"), ("offset", "<i4")])
    one["length"], one["begins"] = LONG, b"xxxx"
    buffers = [None, pa.py_buffer(one.tobytes()), pa.py_buffer(b"x" * LONG)]
    return pa.Array.from_buffers(pa.string_view(), ROWS, buffers)


COLUMNS = {
    "dictionary": dictionary,
    "runs": lambda: pa.RunEndEncodedArray.from_arrays(pa.array([ROWS], pa.int32()), pa.array(["x" * LONG])),
    "views": views,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a manifest of each way to write the same rows, each in a process of its own; return root and MiB of each."""
    folder, found = tmp_path_factory.mktemp("long"), {}
    for name, column in COLUMNS.items():
        table = pa.table({"a": column()})
        with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    plain = pa.schema([("a", pa.string())])  # no word of a dictionary in it
    with pq.ParquetWriter(folder / "parquet.parquet", plain, compression="zstd", store_schema=False) as writer:
        for start in range(0, ROWS, 512):
            writer.write_table(pa.table({"a": dictionary().slice(start, 512).cast(pa.string())}))
    with pq.ParquetWriter(folder / "nested.parquet", pa.schema([("a", pa.struct([("b", pa.string())]))])) as writer:
        some = pa.array(["x" * LONG] * 512)
        for _ in range(0, ROWS, 512):
            writer.write_table(pa.table({"a": pa.StructArray.from_arrays([some], ["b"])}))
    for path in folder.iterdir():
        words = [sys.executable, "-c", PROGRAM, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})
        root, count, mib = done.stdout.split()
        assert int(count) == ROWS
        assert path.stat().st_size < 64 * LONG
        found[path.stem] = root, int(mib)
    return found


@pytest.mark.parametrize("name", [*COLUMNS, "parquet", "nested"])
def test_a_text_that_stands_there_once_does_not_fill_memory(made, name):
    assert made[name][1] < 1200  # MiB, of which three are copies of 256 that are worked on


def test_the_root_is_the_same_whatever_it_was_read_in(made):
    assert len({made[name][0] for name in (*COLUMNS, "parquet")}) == 1


def test_long_rows_at_the_end_do_not_slow_the_others(tmp_path):
    path = tmp_path / "t.parquet"
    short = pa.table({"id": np.arange(100_000), "s": ["m"] * 100_000})
    with pq.ParquetWriter(path, short.schema) as writer:
        writer.write_table(short)
        writer.write_table(pa.table({"id": [1], "s": ["y" * (80 << 20)]}))
    with open_file(path) as view, open_table(view, "parquet", "t.parquet") as table:
        sizes = [batch.num_rows for batch in table.batches()]
    assert sizes[0] == tables.BATCH_ROWS
    assert (sum(sizes), sizes[-1]) == (100_001, 1)


def test_what_holds_rows_is_the_same_for_readers_and_manifests():
    assert KINDS == TABLES
