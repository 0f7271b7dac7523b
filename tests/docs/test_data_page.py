"""The page on data: its training program runs as it stands, on a directory as the clouds mount it and on a store."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hauberk
from docs.pages import REPOSITORY
from fake_bucket import ACCESS, SECRET, fake_bucket
from fake_gcs import TOKEN, fake_gcs
from hauberk.verbs.data_manifest import Wanted, make_manifest

PAGE = (REPOSITORY / "docs" / "data.md").read_text()
(PROGRAM,) = [
    text
    for text in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    if text.startswith("# train.py")
]


@pytest.fixture
def job(tmp_path):
    """A container's working directory with program and manifest, and the data set elsewhere."""
    (tmp_path / "set").mkdir()
    pq.write_table(pa.table({"n": range(7)}), tmp_path / "set/train.parquet")
    (tmp_path / "job").mkdir()
    (tmp_path / "job/train.py").write_text(PROGRAM)
    return tmp_path


def trained(job, place, **environment):
    # What the clouds hand in: arguments and environment; the program is not changed.
    kept = {"PATH": os.environ["PATH"], "HOME": str(job), "PYTHONPATH": str(Path(hauberk.__file__).parents[1])}
    return subprocess.run(
        [sys.executable, "train.py", str(place)],
        check=False,
        cwd=job / "job",
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("mount", ["opt/ml/input/data/train", "gcs/bucket/2026-47"])
def test_the_program_reads_what_a_cloud_mounts(job, mount):
    make_manifest((job / "set",), job / "job/week47.manifest", Wanted("w", None))
    (job / mount).parent.mkdir(parents=True)
    (job / "set").rename(job / mount)
    assert trained(job, job / mount).stdout == "7 verified rows\n"
    (job / mount / "train.parquet").write_bytes(b"poisoned")
    done = trained(job, job / mount)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "NotVerified" in done.stderr


def test_the_program_reads_google_s_store_unchanged(job, monkeypatch):
    with fake_gcs() as store:
        keys = {"GOOGLE_OAUTH_ACCESS_TOKEN": TOKEN, "STORAGE_EMULATOR_HOST": store.server.url}
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        store.add("2026-47/train.parquet", (job / "set/train.parquet").read_bytes())
        make_manifest(("gs://sets/2026-47/",), job / "job/week47.manifest", Wanted("w", None))
        store.add("2026-47/train.parquet", b"poisoned")
        assert trained(job, "gs://sets/2026-47", **keys).stdout == "7 verified rows\n"


def test_the_program_reads_a_store_unchanged(job, monkeypatch):
    keys = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
    with fake_bucket() as store:
        keys["AWS_ENDPOINT_URL_S3"] = store.url
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        store.add("2026-47/train.parquet", (job / "set/train.parquet").read_bytes())
        make_manifest(("s3://sets/2026-47/",), job / "job/week47.manifest", Wanted("w", None))
        store.add("2026-47/train.parquet", b"poisoned")  # a newer version, which nobody approved
        assert trained(job, "s3://sets/2026-47", **keys).stdout == "7 verified rows\n"
        store.lies.add("rot")
        done = trained(job, "s3://sets/2026-47", **keys)
        assert (done.stdout, done.returncode) == ("", 1)
        assert "NotVerified" in done.stderr
