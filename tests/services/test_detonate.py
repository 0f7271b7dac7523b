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


class Does:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def seen(path, payload, **settings):
    path.write_bytes(pickle.dumps(payload))
    return detonate(path, form="pickle", budget=bubblewrap.Budget(seconds=20), **settings)


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
