"""The example of card payments, from its first week to the converted model, as `make demo-fraud` runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.services
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder after two weeks, and what was printed."""
    folder = tmp_path_factory.mktemp("fraud") / "fraud"
    written = subprocess.run(
        ["git", "ls-files", "examples/fraud"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    folder.mkdir()
    for name in written.stdout.split():
        shutil.copy(REPOSITORY / name, folder)
    done = subprocess.run(
        ["sh", str(REPOSITORY / "tools" / "demo-fraud.sh"), str(folder), str(Path(sys.executable).parent)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder, done.stdout


def hauberk(folder, *words):
    environment = os.environ | {"HAUBERK_PASSPHRASE_FILE": str(folder / ".hauberk" / "passphrase")}
    command = [sys.executable, "-m", "hauberk", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_each_week_is_approved_trained_and_allowed(demo):
    _, said = demo
    assert said.count("approved by Ada Lovelace") == 4
    assert said.count("ALLOWED  load of model/fraud") == 2
    assert "fraud-train -> fraud-train" in said
    assert "onnx is a conversion of model" in said


def test_what_was_allowed_holds_for_a_stranger(demo):
    folder, _ = demo
    assert hauberk(folder, "gate", "load", "model/").returncode == 0


def test_a_run_on_another_week_than_the_manifests_stops(demo, tmp_path):
    folder = tmp_path / "fraud"
    shutil.copytree(demo[0], folder)
    subprocess.run([sys.executable, "simulate.py", "20", "data/train"], cwd=folder, check=True, capture_output=True)
    done = hauberk(folder, "run")
    assert done.returncode == 1
    assert "data/train is not the data set of train.manifest" in done.stderr


def test_a_week_that_nobody_approved_is_not_trained_on(demo, tmp_path):
    folder = tmp_path / "fraud"
    shutil.copytree(demo[0], folder)
    subprocess.run([sys.executable, "simulate.py", "20", "data/train"], cwd=folder, check=True, capture_output=True)
    made = hauberk(folder, "data", "manifest", "data/train", "-o", "train.manifest", "--name", "fraud-train")
    assert made.returncode == 0
    done = hauberk(folder, "run")
    assert done.returncode == 1
    assert "nothing may learn from dataset/fraud-train" in done.stderr
    assert "trained" not in done.stderr
