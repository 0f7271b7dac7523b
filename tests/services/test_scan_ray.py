"""`hauberk scan --engine ray` on a real cluster of this machine: one report, each file once, nothing lost.

HAUBERK_SERVICES names a virtual environment that has Ray and what Hauberk needs.
"""

import json
import os
import pickle
import subprocess
from pathlib import Path

import pytest

from shape.sources import REPOSITORY

PYTHON = Path(os.environ.get("HAUBERK_SERVICES", "")) / "bin" / "python"
# In each worker of the cluster: whoever opens a file of this name is gone at once.
BOMB = """\
import os, sys
if any("default_worker" in word for word in sys.orig_argv):
    sys.addaudithook(lambda event, given: event == "open" and str(given[0]).endswith("bomb.pkl") and os.kill(os.getpid(), 9))
"""


class Shell:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.fixture
def hub(tmp_path):
    folder = tmp_path / "hub"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number:03}.pkl").write_bytes(pickle.dumps({"n": number, "w": [number / 7] * 20}))
    (folder / "evil.pkl").write_bytes(pickle.dumps(Shell()))
    return folder


def scan(hub, *arguments, path=""):
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY / 'src'}:{path}"}
    command = [PYTHON, "-m", "hauberk", "scan", str(hub), "--format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=240, check=False)
    assert done.returncode in (0, 1, 3), done.stderr.decode()
    document = json.loads(done.stdout)
    del document["summary"]["seconds"]
    return document, done.returncode


def test_a_cluster_sees_what_this_machine_sees(hub):
    assert scan(hub, "--engine", "ray") == scan(hub)


def test_a_scan_that_was_stopped_goes_on_and_looks_at_each_file_once(hub, tmp_path):
    state = tmp_path / "seen"
    whole = scan(hub, "--engine", "ray", "--state", str(state))
    lines = state.read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + 301
    state.write_bytes(b"".join(lines[:100]) + lines[100][:7])
    assert scan(hub, "--engine", "ray", "--state", str(state)) == whole
    keys = [line.split()[0] for line in state.read_bytes().splitlines()[1:]]
    assert len(keys) == len(set(keys)) == 301


def test_a_worker_that_is_killed_loses_nothing_but_the_file_that_kills(hub, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(BOMB)
    (hub / "bomb.pkl").write_bytes(pickle.dumps([1]))
    document, code = scan(hub, "--engine", "ray", path=str(tmp_path))
    assert code == 1
    lost = [result for result in document["results"] if not result["complete"]]
    assert [Path(result["path"]).name for result in lost] == ["bomb.pkl"]
    assert "was lost, twice" in lost[0]["unchecked"][0]["detail"]
    assert document["summary"] | {"bytes": 0} == {
        "files": 302,
        "bytes": 0,
        "clean": 300,
        "suspicious": 0,
        "malicious": 1,
        "incomplete": 1,
    }
