"""Files with other bytes than their writer wrote, anywhere: refused by name, or read as the values that are there.

Arrow itself follows the offsets and indices of a damaged file out of its memory, which ends the program; so this is
tried in another process.
"""

import subprocess
import sys

import pytest

from data_bad_input.sets import TABLES

PROGRAM = """\
import io, random, sys
import pyarrow as pa
from decimal import Decimal
from pathlib import Path
from data_bad_input.sets import TABLES
from hauberk.errors import HauberkError, Malformed
from hauberk.edge.sources import open_file
from hauberk.edge.tables import row_group_sizes
from hauberk.verbs.data_manifest import Wanted, make_manifest

def sizes():  # which is asked of a large file before processes are given parts of it
    with open_file(path) as view:
        row_group_sizes(view, path.name)

name, where = sys.argv[1], Path(sys.argv[2])
columns = {
    "n": [1, 2, None],
    "s": ["ab", "\\u00fc", None],
    "l": [[1, None], None, [3]],
    "st": pa.array([{"a": "q", "b": [1.5]}, None, {"a": None, "b": None}]),
    "ts": pa.array([1, 2, None], pa.timestamp("s", "UTC")),
}
if name in ("parquet", "arrow", "stream"):
    columns |= {
        "d": pa.array(["x", "y", "x"]).dictionary_encode(),
        "m": pa.array([[("k", "v")], [], None], pa.map_(pa.string(), pa.string())),
        "dec": [Decimal("1.5"), None, Decimal(2)],
    }
if name in ("arrow", "stream"):
    columns |= {
        "lv": pa.array([["a"], None, ["b", "c"]], pa.list_view(pa.string())),
        "sv": pa.array(["x" * 20, None, "y"], pa.string_view()),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([None, "a"])),
    }
if name == "json-lines":
    columns["ts"] = ["2026-01-01", None, ""]
path = where / f"t.{TABLES[name].ending}"
TABLES[name].write(path, pa.table(columns))
whole = path.read_bytes()
root = make_manifest((path,), where / "m", Wanted("t", None)).rows.root
chance = random.Random(7)
refused, other, same = 0, 0, 0
for _ in range(int(sys.argv[3])):
    data = bytearray(whole)
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(data))
        data[at] = chance.choice([data[at] ^ (1 << chance.randrange(8)), 0, 255, 128, 127])
    path.write_bytes(data)
    try:
        if name == "parquet":
            sizes()
        found = make_manifest((path,), where / "m", Wanted("t", None))
        same, other = same + (found.rows.root == root), other + (found.rows.root != root)
    except HauberkError as error:
        assert isinstance(error, Malformed) and error.hint, error
        refused += 1
print(refused, other, same)
"""


@pytest.mark.parametrize("name", TABLES)
def test_it_is_refused_or_read_and_never_ends_the_program(name, tmp_path):
    words = [sys.executable, "-c", PROGRAM, name, str(tmp_path), "150"]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=120, check=False, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    refused, other, same = map(int, done.stdout.split())
    assert refused > 10
    assert other + same > 0
