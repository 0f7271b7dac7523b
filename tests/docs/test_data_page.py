"""The page on data: its training program runs as it stands, by the commands of its jobs, on mounted directories and stores."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import hauberk
from docs.pages import REPOSITORY
from fake_bucket import ACCESS, SECRET, fake_bucket
from fake_gcs import TOKEN, fake_gcs
from fake_machine import CONTAINER, POD, POD_TOKEN, fake_machine
from fake_sts import ROLE, fake_sts
from hauberk.verbs.data_manifest import Wanted, make_manifest

PAGE = (REPOSITORY / "docs" / "data.md").read_text()
(PROGRAM,) = [
    text
    for text in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    if text.startswith("# train.py")
]
(SAGEMAKER,) = map(
    json.loads, re.findall(r"^```json\n(\{\n  .TrainingJobName.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)
(VERTEX,) = map(yaml.safe_load, re.findall(r"^```yaml\n(serviceAccount:.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def job(tmp_path):
    """A container's working directory with program and manifest, and the data set elsewhere."""
    (tmp_path / "set").mkdir()
    pq.write_table(pa.table({"n": range(7)}), tmp_path / "set/train.parquet")
    (tmp_path / "job").mkdir()
    (tmp_path / "job/train.py").write_text(PROGRAM)
    return tmp_path


def trained(job, place, **environment):
    return done(job, ["python", "train.py", str(place)], **environment)


def done(job, command, **environment):
    # What the clouds hand in: arguments and environment; the program is not changed.
    assert command[0] == "python"
    path = f"{Path(hauberk.__file__).parents[1]}:{REPOSITORY / 'tests' / 'link_local'}"
    kept = {"PATH": os.environ["PATH"], "HOME": str(job), "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *command[1:]],
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
    refused = trained(job, job / mount)
    assert (refused.stdout, refused.returncode) == ("", 1)
    assert "NotVerified" in refused.stderr


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
        refused = trained(job, "s3://sets/2026-47", **keys)
        assert (refused.stdout, refused.returncode) == ("", 1)
        assert "NotVerified" in refused.stderr


# The jobs of the page, with what their clouds hand in.


@pytest.fixture
def amazon(job, monkeypatch):
    """A bucket with the approved set and a newer object over it, and a machine in its cloud."""
    with fake_bucket("bucket") as store, fake_machine(bucket=store) as machine:
        keys = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL_S3": store.url}
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        store.add("2026-47/train.parquet", (job / "set/train.parquet").read_bytes())
        make_manifest(("s3://bucket/2026-47/",), job / "job/week47.manifest", Wanted("w", None))
        store.add("2026-47/train.parquet", b"poisoned")
        del store.keys[ACCESS]
        machine.environment = {"AWS_ENDPOINT_URL_S3": store.url, "AWS_REGION": "eu-central-1"}
        yield machine


def test_the_job_of_sagemaker_reads_its_store_by_the_jobs_role(job, amazon):
    algorithm = SAGEMAKER["AlgorithmSpecification"]
    command = [*algorithm["ContainerEntrypoint"], *algorithm["ContainerArguments"]]
    handed = {
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": CONTAINER,
        "LINK_LOCAL": f"169.254.170.2:80={amazon.port}",
        **amazon.environment,
    }
    assert done(job, command, **handed).stdout == "7 verified rows\n"
    amazon.bucket.lies |= {"rot", "no checksum"}
    refused = done(job, command, **handed)
    assert (refused.stdout, refused.returncode) == ("", 1)
    assert "NotVerified" in refused.stderr
    amazon.lies.add("gone")
    refused = done(job, command, **handed)
    assert (refused.stdout, refused.returncode) == ("", 1)
    assert "Unavailable" in refused.stderr


@pytest.mark.parametrize("row", ["pod", "identity", "machine"])
def test_the_program_reads_its_store_by_each_other_row(job, amazon, row):
    handed = dict(amazon.environment)
    with fake_sts(amazon.bucket) as sts:
        (job / "token").write_text(POD_TOKEN if row == "pod" else sts.token)
        if row == "pod":
            handed["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"http://169.254.170.23{POD}"
            handed["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(job / "token")
            handed["LINK_LOCAL"] = f"169.254.170.23:80={amazon.port}"
        elif row == "identity":
            handed |= {"AWS_ROLE_ARN": ROLE, "AWS_ENDPOINT_URL_STS": sts.url}
            handed["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(job / "token")
        else:
            handed["LINK_LOCAL"] = f"169.254.169.254:80={amazon.port}"
        assert trained(job, "s3://bucket/2026-47", **handed).stdout == "7 verified rows\n"


def test_the_job_of_vertex_ai_reads_its_store_by_the_jobs_account(job, monkeypatch):
    (pool,) = VERTEX["workerPoolSpecs"]
    command = [*pool["containerSpec"]["command"], *pool["containerSpec"]["args"]]
    with fake_gcs("bucket") as store, fake_machine(gcs=store) as machine:
        monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", store.server.url)
        store.add("2026-47/train.parquet", (job / "set/train.parquet").read_bytes())
        make_manifest(("gs://bucket/2026-47/",), job / "job/week47.manifest", Wanted("w", None))
        store.add("2026-47/train.parquet", b"poisoned")
        del store.tokens[TOKEN]
        handed = {
            "STORAGE_EMULATOR_HOST": store.server.url,
            "LINK_LOCAL": f"169.254.169.254:80={machine.port}",
        }
        assert done(job, command, **handed).stdout == "7 verified rows\n"
        store.lies.add("rot")
        refused = done(job, command, **handed)
        assert (refused.stdout, refused.returncode) == ("", 1)
        assert "NotVerified" in refused.stderr
        machine.lies.add("no role")
        refused = done(job, command, **handed)
        assert (refused.stdout, refused.returncode) == ("", 1)
        assert "lets us not in" in refused.stderr
