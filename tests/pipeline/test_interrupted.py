"""A run that ends in the middle: what was done stays done, and an old model is kept until the new one is there."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from hauberk.cli.main import main
from projects import STAGES, edit, go

PROGRAM = [sys.executable, "-c", "import sys; from hauberk.cli.main import main; sys.exit(main())"]
SLOW = """\
import os, time
from pathlib import Path

if Path("slow").exists():
    Path("model/half").write_text("half a model")
    Path("pid").write_text(str(os.getpid()))
    time.sleep(60)
"""


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_an_interrupted_run_continues_where_it_stopped(fresh, stage):
    with pytest.raises(KeyboardInterrupt):
        go(fresh, stop_after=stage)
    done = STAGES.index(stage) + 1
    assert go(fresh).ran == list(STAGES[done:])
    assert main(["gate", "load", "model/"]) == 0


def test_a_killed_training_leaves_the_old_model_to_be_put_back(small):
    edit(small / "train.py", "import pickle\n", SLOW + "import pickle\n")
    go(small)
    before = (small / "model" / "model.joblib").read_bytes()
    (small / "metrics.json").unlink()
    (small / "slow").touch()
    edit(small / "data" / "train.csv", "3", "4")
    kill_in_training(small)
    assert not (small / "model" / "model.joblib").exists()
    (small / "slow").unlink()
    edit(small / "data" / "train.csv", "4", "3")
    assert "train" not in go(small).ran
    assert (small / "model" / "model.joblib").read_bytes() == before
    assert sorted(path.name for path in (small / "model").iterdir()) == ["model.joblib"]


def test_two_runs_at_once_are_one_too_many(small, capsys):
    edit(small / "train.py", "import pickle\n", SLOW + "import pickle\n")
    (small / "slow").touch()
    with training(small):
        assert main(["run"]) == 3
    assert "another run holds" in capsys.readouterr().err


def kill_in_training(project):
    with training(project) as process:
        process.kill()


@contextlib.contextmanager
def training(project):
    """Run until the training has begun; whatever is left at the end is killed."""
    process = subprocess.Popen([*PROGRAM, "run"], cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not (project / "pid").exists() or not (project / "pid").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()
        os.kill(int((project / "pid").read_text()), signal.SIGKILL)
