"""Models that act, inside of the real sandbox: what they did is told, and nothing of it reaches the host."""

import json
import os
import pickle
import socket
import sys
import time

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.sandbox import bubblewrap
from hauberk.errors import Misconfigured
from hauberk.verbs.detonate import detonate

pytestmark = pytest.mark.services


ANSWER = """
import os
for number in range(3, 10):
    try:
        if os.readlink(f"/proc/self/fd/{number}").startswith("pipe"):
            answer = number
    except OSError:
        pass
"""
MAKE_SOCKET = "import socket\ntry: socket.socket({family}, 1)\nexcept OSError: pass"


class Does:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def seen(path, payload, **settings):
    path.write_bytes(pickle.dumps(payload))
    return detonate(path, form="pickle", budget=bubblewrap.Budget(seconds=20), **settings)


def runs(path, source, seconds=20):
    path.write_bytes(pickle.dumps(Does(exec, source, {})))
    return detonate(path, form="pickle", budget=bubblewrap.Budget(seconds=seconds))


def kinds(found):
    return {act.kind for act in found.acts}


def test_the_sandbox_is_tight():
    bubblewrap.check()


def test_a_quiet_pickle_is_quiet(tmp_path):
    found = seen(tmp_path / "m.pkl", {"weights": [1.0, 2.0]})
    assert (found.opened, found.acts, found.error) == (True, (), "")


def test_a_shell_command_is_seen_with_its_words(tmp_path):
    found = seen(tmp_path / "m.pkl", Does(os.system, "echo hauberk-was-here"))
    assert any("echo hauberk-was-here" in act.what for act in found.acts if act.kind == "process")
    assert found.looked_up == ("posix.system",)


def test_a_file_that_is_written_stays_inside(tmp_path):
    target = tmp_path / "owned"
    found = seen(tmp_path / "m.pkl", Does(os.system, f"mkdir -p {tmp_path}; echo x > {target}; echo x > /tmp/owned"))
    assert "write" in kinds(found)
    assert not target.exists()


def test_a_server_of_the_host_is_not_reached(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        found = seen(tmp_path / "m.pkl", Does(socket.create_connection, ("127.0.0.1", server.getsockname()[1])))
        with pytest.raises(TimeoutError):
            server.accept()
    assert "network" in kinds(found)
    assert not found.opened


def test_a_secret_of_the_home_is_asked_for_and_not_had(tmp_path):
    found = seen(tmp_path / "m.pkl", Does(open, "/root/.ssh/id_rsa"))
    assert [(act.what, act.allowed) for act in found.acts] == [("/root/.ssh/id_rsa", False)]


def test_an_act_before_a_broken_end_is_seen(tmp_path):
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(Does(os.system, "true"), protocol=2)[:-1])
    found = detonate(path, form="pickle")
    assert (found.opened, "process" in kinds(found)) == (False, True)


def test_a_model_without_end_is_ended(tmp_path):
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(Does(time.sleep, 100)))
    found = detonate(path, form="pickle", budget=bubblewrap.Budget(seconds=2))
    assert (found.opened, found.error) == (False, "it ran longer than 2 s")


def test_a_model_that_takes_all_memory_is_ended(tmp_path):
    path = tmp_path / "m.pkl"
    path.write_bytes(b"\x80\x04\x8c\x08builtins\x8c\x09bytearray\x93J\xff\xff\xff\x7f\x85R.")
    found = detonate(path, form="pickle", budget=bubblewrap.Budget(seconds=20, memory_bytes=1 << 30))
    assert "MemoryError" in found.error


def test_the_command_line_says_what_was_done_and_exits_1(tmp_path, capsys):
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(Does(os.system, "true")))
    assert dispatch(["detonate", str(path), "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["acted"]) == ("urn:hauberk:detonation:v1", True)


def test_a_format_that_nobody_opens_is_refused(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text("hello")
    with pytest.raises(Misconfigured, match="text, which no framework here opens"):
        detonate(path)


def test_what_is_opened_is_what_was_hashed(tmp_path):
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps([1]))
    assert detonate(path, form="pickle").digest.hex == __import__("hashlib").sha256(pickle.dumps([1])).hexdigest()


def test_the_interpreter_inside_is_this_one(tmp_path):
    found = seen(tmp_path / "m.pkl", Does(os.system, f"{sys.executable} -c pass"))
    assert any(act.what.startswith(f"{sys.executable} ") for act in found.acts if act.kind == "process" and act.allowed)


def test_what_the_kernel_does_cannot_be_set(tmp_path):
    found = runs(tmp_path / "m.pkl", "open('/proc/sys/kernel/core_pattern', 'r+').close()")
    assert not found.opened
    assert [(act.kind, act.allowed) for act in found.acts] == [("write", False)]


@pytest.mark.parametrize("folder", ["/", "/dev", "/usr", "/model", "/proc/sys/vm"])
def test_nothing_is_written_outside_of_the_empty_folders(tmp_path, folder):
    found = runs(tmp_path / "m.pkl", f"open('{folder}/owned', 'w').close()")
    assert (found.opened, kinds(found)) == (False, {"write"})


def test_the_disk_inside_has_an_end(tmp_path):
    source = """
written = 0
for folder in ("/tmp", "/dev/shm"):
    for index in range(40):
        try:
            with open(f"{folder}/{index}", "wb") as file:
                for _ in range(64):
                    written += file.write(bytes(1 << 20))
        except OSError:
            pass
raise RuntimeError(written >> 20)
"""
    found = runs(tmp_path / "m.pkl", source)
    assert int(found.error.rpartition(" ")[2]) <= 17 * 64


@pytest.mark.parametrize("family", [16, 38, 40])
def test_a_socket_that_knows_no_namespace_is_refused_and_seen(tmp_path, family):
    found = runs(tmp_path / "m.pkl", MAKE_SOCKET.format(family=family))
    assert [(act.kind, act.allowed) for act in found.acts] == [("network", False)]


def test_a_namespace_is_not_made(tmp_path):
    source = "import ctypes\nraise RuntimeError(ctypes.CDLL(None).syscall(56, 0x10000011, 0, 0, 0, 0))"
    assert runs(tmp_path / "m.pkl", source).error == "RuntimeError: -1"


def test_a_call_that_is_denied_is_told(tmp_path):
    found = runs(tmp_path / "m.pkl", "import ctypes\nctypes.CDLL(None).syscall(321, 0, 0, 0)")
    assert [(act.kind, act.what, act.allowed) for act in found.acts] == [("kernel", "bpf", False)]


def test_an_end_that_the_model_claims_hides_nothing(tmp_path):
    source = "import os\ntry: os.stat('/hauberk-ends')\nexcept OSError: pass\nos.system('true')"
    assert "process" in kinds(runs(tmp_path / "m.pkl", source))


def test_many_harmless_reads_hide_nothing(tmp_path):
    source = """
import os
for index in range(10_050):
    try: open(f"/usr/{index}")
    except OSError: pass
os.system("true")
"""
    assert "process" in kinds(runs(tmp_path / "m.pkl", source))


@pytest.mark.parametrize("path", ["/usr/../root/.ssh/id_rsa", "/proc/self/root/root/x", "/proc/self/environ"])
def test_a_detour_to_a_secret_is_seen(tmp_path, path):
    found = runs(tmp_path / "m.pkl", f"try: open('{path}')\nexcept OSError: pass")
    assert [act.what for act in found.acts] == [path]


@pytest.mark.parametrize(
    "answer",
    [
        b'{"missing": "evil"}',
        b'{"opened": true, "events": 5}',
        b'{"opened": true, "events": [[[]], [{}], 5, []]}',
        b'{"opened": true, "error": "\\ud800"}',
        b"[" * 60_000,
        b"\xff",
        b"5",
    ],
    ids=lambda answer: repr(answer[:40]),
)
def test_an_answer_that_the_model_forges_hides_no_act(tmp_path, answer, capsys):
    path = tmp_path / "m.pkl"
    source = f"{ANSWER}\nos.system('true')\nos.write(answer, {answer!r})\nos._exit(0)"
    path.write_bytes(pickle.dumps(Does(exec, source, {})))
    assert dispatch(["detonate", str(path), "--as", "pickle"]) == 1
    assert capsys.readouterr().out.startswith("acted  ")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f"{ANSWER}\nwhile True: os.write(answer, bytes(1 << 20))", "it answered more than"),
        ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", "it ran more than 256 processes"),
        (
            "import os\nwhile True:\n    try: os.stat('/' + 'a' * 4000)\n    except OSError: pass",
            "it did more than a trace",
        ),
    ],
    ids=["answer", "processes", "trace"],
)
def test_what_takes_too_much_is_ended_and_not_called_quiet(tmp_path, source, why):
    found = runs(tmp_path / "m.pkl", source, seconds=60)
    assert not found.opened
    assert found.error.startswith(why)
