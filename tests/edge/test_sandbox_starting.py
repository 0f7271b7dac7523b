"""What the sandbox of a training run does not start, or cannot make, is said, and no descriptor stays open."""

import errno
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from hauberk.edge.sandbox import training
from hauberk.edge.sandbox.training import Walls, run_sealed
from hauberk.errors import Unavailable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox elsewhere")


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    monkeypatch.setattr(training, "program", lambda name: Path(f"/usr/bin/{name}"))


def failing(*_, **__):
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


@contextmanager
def no_relay(_ways):
    raise Unavailable("the relay does not start")
    yield


def started_without(name):
    """Return what starts programs, and fails for one of this name."""
    real = subprocess.Popen

    def start(words, **how):
        return failing() if Path(words[0]).name == name else real([sys.executable, "-c", ""], **how)

    return start


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def require_nothing_left(kind, said, tmp_path):
    walls = Walls(tmp_path, (), tmp_path, 60, 1 << 30)
    before = descriptors()
    with pytest.raises(kind, match=said):
        run_sealed(["true"], {}, walls)
    assert descriptors() == before


def test_without_a_relay_nothing_is_left_open(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "relayed", no_relay)
    require_nothing_left(Unavailable, "the relay does not start", tmp_path)


def test_without_memory_for_the_environment_nothing_is_left_open(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_in_memory", failing)
    require_nothing_left(OSError, "Too many open files", tmp_path)


@pytest.mark.parametrize("name", ["cat", "strace"])
def test_a_program_of_ours_that_does_not_start_is_said(name, tmp_path, monkeypatch):
    monkeypatch.setattr(training.subprocess, "Popen", started_without(name))
    require_nothing_left(Unavailable, f"{name} cannot be started: Too many open files", tmp_path)
