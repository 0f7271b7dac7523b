"""Work in a copy of the process, each time in an interpreter of its own: that of the tests has threads."""

import os
import subprocess
import sys
import threading

import pytest

from hauberk.edge import aside as module
from hauberk.edge.aside import aside

HASHED = """
import os, signal, sys
from hauberk.edge import hashing
from hauberk.edge.aside import Aside
from hauberk.edge.hashing import Wanted, hash_tree, list_files
from hauberk.signature.manifest import Hashing, HashType

hashing.processors = lambda: 2
copies = []
begin = hashing.aside
hashing.aside = lambda work: copies.append(begin(work)) or copies[-1]

def run(many, how, identify=True):
    hashing._MANY = many
    files, odd = list_files("model")
    BEFORE(files)
    return hash_tree("model", files, Wanted(how, identify)), odd
"""


@pytest.fixture
def place(tmp_path):
    for number in range(40):
        folder = tmp_path / "model" / f"{number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}").write_bytes(bytes([number]) * number * 100)
    (tmp_path / "model" / "1" / "large").write_bytes(b"x" * ((1 << 20) + 1))
    return tmp_path


def script(place, text, before="lambda files: None"):
    code = f"{HASHED}\n".replace("BEFORE", f"({before})") + text
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


needs_proc = pytest.mark.skipif(not os.path.isdir(module._THREADS), reason="no Linux")  # noqa: PTH112

SAME = """
for how in (Hashing(), Hashing(HashType.BLAKE2B), Hashing(HashType.BLAKE2B, 500), Hashing(shard_size=500)):
    for identify in (True, False):
        both, alone = run(2, how, identify), run(1 << 30, how, identify)
        assert alone == both, how
        assert len(alone[0][0]) == 41
print(len(copies), copies[0] is None)  # a thread of an earlier pool may still be there
"""


@needs_proc
def test_half_of_the_files_is_hashed_by_a_copy_with_the_same_result(place):
    assert script(place, SAME) == ["8", "False"]


@needs_proc
@pytest.mark.parametrize(
    "work",
    [
        "lambda *_: 1 / 0",
        "lambda *_: os.kill(os.getpid(), signal.SIGKILL)",
        "lambda *_: sys.exit(0)",
        "lambda *_: b'33188 00'",
        "lambda *_: b''",
    ],
)
def test_what_a_copy_does_not_do_is_done_here(place, work):
    text = f"alone = run(1 << 30, Hashing())\nhashing._hash_aside = {work}\nassert run(2, Hashing()) == alone\nprint(len(copies))"
    assert script(place, text) == ["1"]


@needs_proc
def test_a_file_that_changed_or_is_gone_is_odd_whoever_looked(place):
    before = "lambda files: (os.unlink('model/0/0'), os.truncate('model/0/3', 1), os.unlink('model/2/38'))"
    text = "(files, odd), _ = run(2, Hashing())\nprint(len(files), *sorted(f'{one.path}={one.code}' for one in odd))"
    assert script(place, text, before) == ["38", "0/0=changed", "0/3=changed", "2/38=changed"]


@needs_proc
def test_no_copy_is_left_where_the_work_here_is_interrupted(place):
    text = """
def interrupt(*_):
    raise KeyboardInterrupt
take = hashing._Crew.take
hashing._hash_aside = lambda *_: signal.pause()
hashing._Crew.take = interrupt
try:
    run(2, Hashing())
except KeyboardInterrupt:
    pass
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    print("none", len(os.listdir("/proc/self/fd")))
"""
    assert script(place, text)[0] == "none"


def test_a_process_with_other_threads_makes_no_copy():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert aside(lambda: b"") is None
    finally:
        stop.set()
        thread.join()


def test_where_threads_cannot_be_counted_there_is_no_copy(monkeypatch):
    monkeypatch.setattr(module, "_THREADS", "/nowhere")
    assert aside(lambda: b"") is None


@needs_proc
def test_where_no_process_can_be_made_there_is_no_copy(monkeypatch):
    def full():
        raise BlockingIOError("Resource temporarily unavailable")

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    monkeypatch.setattr(module, "_has_one_thread", lambda: True)
    monkeypatch.setattr(os, "fork", full)
    assert aside(lambda: b"") is None
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
