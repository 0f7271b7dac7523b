"""What a real Ray cluster made of data is what one process makes of it, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from s3_login import log_in
from services.conftest import ACCESS, SECRET
from services.test_seaweedfs import put

pytestmark = pytest.mark.services
REPOSITORY = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("HAUBERK_SERVICES", "")) / "bin" / "python"
NOW = str(int(time.time()))  # of all manifests; a store refuses another time than its own
WRITE = """\
import sys, pyarrow as pa, pyarrow.parquet as pq
for part in range(40):
    n = range(part * 500, part * 500 + 500)
    pq.write_table(pa.table({"id": n, "from": [f"s{i * 7 % 11}" for i in n]}), f"{sys.argv[1]}/{part:02}.parquet")
n = range(400_000)
table = pa.table({"id": n, "from": ["large"] * len(n)})
pq.write_table(table, f"{sys.argv[1]}/large.parquet", row_group_size=50_000, compression="none")
"""
# Small pieces, so that row groups of the large file go to several workers.
RUN = """\
import os, sys
from hauberk.edge import clock
from hauberk.verbs import data_pool
from hauberk.cli.dispatch import dispatch
clock.now = lambda: int(os.environ["NOW"])
data_pool.PIECE_BYTES = data_pool.SMALL_BYTES = 1 << 19
sys.exit(dispatch(sys.argv[1:]))
"""
# In each worker of the cluster: whoever opens this file is gone at once.
BOMB = """\
import os, sys
if any("default_worker" in word for word in sys.orig_argv):
    bomb = lambda event, given: event == "open" and str(given[0]).endswith("07.parquet") and os.kill(os.getpid(), 9)
    sys.addaudithook(bomb)
"""


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    subprocess.run([PYTHON, "-c", WRITE, folder], check=True)
    return folder


def manifest(data, name, *arguments, path="", within=None):
    within = within or data.parent
    folder = within / name
    folder.mkdir()
    words = ["data", "manifest", str(data), "-o", str(folder / "m"), "--key", "id", "--source", "from"]
    words += ["--salt", str(within / "k/salt"), *arguments]
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY / 'src'}:{path}", "NOW": NOW}
    done = subprocess.run([PYTHON, "-c", RUN, *words], capture_output=True, env=environment, timeout=240, check=False)
    return done, {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_cluster_makes_the_manifest_of_one_process(data):
    alone, one = manifest(data, "one")
    cluster, many = manifest(data, "many", "--engine", "ray")
    assert (alone.returncode, cluster.returncode) == (0, 0), cluster.stderr.decode()
    assert many == one
    assert sorted(one) == ["m", "m.rows"]
    assert json.loads(one["m"])["rows"]["count"] == 420_000


def test_a_file_that_kills_its_worker_is_named_and_nothing_is_written(data, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(BOMB)
    done, left = manifest(data, "many", "--engine", "ray", path=str(tmp_path))
    assert done.returncode == 3, done.stderr.decode()
    assert b"07.parquet: the worker that looked at it was lost, twice" in done.stderr
    assert left == {}


def test_a_cluster_fetches_from_a_store_with_the_credentials_of_its_workers(data, seaweedfs, monkeypatch):
    log_in(monkeypatch, seaweedfs.url, ACCESS, SECRET)
    put(f"{seaweedfs.url}/ray", **{"x-amz-bucket-object-lock-enabled": "true"})
    for path in sorted(data.iterdir())[:8]:
        put(f"{seaweedfs.url}/ray/week/{path.name}", path.read_bytes())
    alone, one = manifest("s3://ray/week/", "one", within=data.parent)
    cluster, many = manifest("s3://ray/week/", "many", "--engine", "ray", within=data.parent)
    assert (alone.returncode, cluster.returncode) == (0, 0), cluster.stderr.decode()
    assert many == one
    assert all(file["version"] for file in json.loads(one["m"])["files"])


CHANGE = """\
import sys, pyarrow as pa, pyarrow.parquet as pq
path = f"{sys.argv[1]}/03.parquet"
table = pq.read_table(path).slice(20)
changed = pa.table({"id": [1501, 9_000_000], "from": ["other", "other"]})
pq.write_table(pa.concat_tables([changed, table]), path)
"""
DIFF = """\
import sys
from hauberk.verbs import data_diff_pool
from hauberk.cli.dispatch import dispatch
data_diff_pool.RANGE_ROWS, data_diff_pool.PART_ROWS = 1 << 15, 1 << 13
sys.exit(dispatch(sys.argv[1:]))
"""
# In each worker of the cluster: whoever opens the newer hashes is gone at once, the first time.
ONCE = """\
import os, sys
def bomb(event, given):
    if event == "open" and str(given[0]).endswith("newer/m.rows") and not os.path.exists("MARKER"):
        os.close(os.open("MARKER", os.O_CREAT))
        os.kill(os.getpid(), 9)
if any("default_worker" in word for word in sys.orig_argv):
    sys.addaudithook(bomb)
"""


@pytest.fixture
def weeks(data):
    older, _ = manifest(data, "older")
    changed = data.parent / "changed"
    shutil.copytree(data, changed)
    subprocess.run([PYTHON, "-c", CHANGE, changed], check=True)
    newer, _ = manifest(changed, "newer")
    assert (older.returncode, newer.returncode) == (0, 0)
    return data.parent / "older/m", data.parent / "newer/m"


def diff(weeks, *arguments, path=""):
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY / 'src'}:{path}"}
    words = ["data", "diff", *map(str, weeks), "--format", "json", *arguments]
    return subprocess.run([PYTHON, "-c", DIFF, *words], capture_output=True, env=environment, timeout=240, check=False)


def test_a_cluster_finds_the_changes_that_one_process_finds(weeks):
    alone, cluster = diff(weeks), diff(weeks, "--engine", "ray")
    assert (alone.returncode, cluster.returncode) == (1, 1), cluster.stderr.decode()
    assert cluster.stdout == alone.stdout
    rows = json.loads(cluster.stdout)["rows"]
    assert (rows["changed"], len(rows["new"]), len(rows["removed"])) == ([{"was": 1501, "is": 1500}], 1, 19)


def test_a_cluster_finds_the_distributions_that_one_process_finds(weeks):
    alone, cluster = diff(weeks, "--distributions"), diff(weeks, "--distributions", "--engine", "ray")
    assert (alone.returncode, cluster.returncode) == (1, 1), cluster.stderr.decode()
    assert cluster.stdout == alone.stdout
    assert json.loads(cluster.stdout)["distributions"]["sampled"]["older"] > 60_000


def test_a_worker_that_is_lost_once_costs_nothing(weeks, tmp_path):
    marker = tmp_path / "marker"
    (tmp_path / "sitecustomize.py").write_text(ONCE.replace("MARKER", str(marker)))
    cluster = diff(weeks, "--engine", "ray", path=str(tmp_path))
    assert marker.exists()
    assert (cluster.returncode, cluster.stdout) == (1, diff(weeks).stdout), cluster.stderr.decode()
