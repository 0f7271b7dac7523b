"""The child process that runs a suite: what it may, and what of its answer is believed."""

import json
import socket
import sys

import pytest

from hauberk.edge.sandbox import suites
from hauberk.edge.sandbox.bubblewrap import Budget
from hauberk.edge.sandbox.suites import Asked, Said, require_tool, run_suite, walls_missing
from hauberk.errors import Unavailable

GOOD = {"version": "1", "pandas": "3", "rows": 2, "success": True, "answers": [["pass", 0, 2, None, ""]]}
SHORT = Budget(seconds=20, memory_bytes=1 << 30)


@pytest.fixture(params=["sandbox", "limits"], autouse=True)
def _where(request, monkeypatch):
    if request.param == "limits":
        monkeypatch.setattr(suites, "available", lambda: "bubblewrap is not installed")
    elif walls_missing():
        pytest.skip(walls_missing())


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Run a program in place of the one that runs suites."""

    def run(code, budget=SHORT):
        script = tmp_path / "judge.py"
        script.write_text(code)
        monkeypatch.setattr(suites, "JUDGE", script)
        folder = tmp_path / "rows"
        folder.mkdir()
        return run_suite(folder, Asked("pandera", {"a": 1}, 1, 2), budget)

    return run


def says(answer):
    return f"import os; os.write(1, {json.dumps(answer).encode()!r})"


def test_an_answer_is_read(ran):
    told = ran(says(GOOD))
    assert told.said == (Said("pass", 0, 2, None, ""),)
    assert (told.version, told.pandas, told.success, told.failed) == ("1", "3", True, "")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        GOOD | {"rows": 3},
        GOOD | {"success": 1},
        GOOD | {"answers": []},
        GOOD | {"answers": GOOD["answers"] * 2},
        GOOD | {"answers": [["good", 0, 2, None, ""]]},
        GOOD | {"answers": [["pass", -1, 2, None, ""]]},
        GOOD | {"answers": [["pass", "1", 2, None, ""]]},
        GOOD | {"answers": [["pass", 0, 2, None, "a value of a row"]]},
        GOOD | {"answers": [["pass"]]},
        GOOD | {"answers": 7},
        GOOD | {"version": "1\n2"},
        GOOD | {"version": 1},
    ],
)
def test_what_is_no_answer_is_none_and_no_pass(ran, answer):
    told = ran(says(answer))
    assert told.said == ()
    assert "no answer that can be read" in told.failed


@pytest.mark.parametrize("code", ["", "print('hello')", "print('[1]')", "print('{' * 100000)"])
def test_words_are_no_answer(ran, code):
    assert ran(code).failed == "pandera gave no answer"


def test_a_program_that_ends_badly_says_nothing_that_is_believed(ran):
    assert "was ended: it ended with 3" in ran(f"{says(GOOD)}; raise SystemExit(3)").failed


def test_a_program_that_takes_too_long_is_ended(ran):
    assert "was ended" in ran("import time; time.sleep(60)", Budget(seconds=1)).failed


def test_a_program_that_takes_too_much_memory_is_ended_or_gets_none(ran):
    told = ran("x = bytearray(2 << 30); x[:] = b'1' * len(x)")
    assert told.said == ()
    assert told.failed


def test_a_program_that_says_too_much_is_ended(ran):
    assert "answered more than" in ran("import os\nwhile True: os.write(1, b'x' * 65536)").failed


def test_a_program_sees_nothing_of_the_callers_environment(ran, monkeypatch):
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    code = "import os, sys, json\nsys.exit(any(n.startswith(('PANDERA', 'PYTHON')) for n in os.environ))"
    assert ran(code).failed == "pandera gave no answer"


def test_in_the_sandbox_there_is_no_network_and_nothing_of_the_machine_to_read_or_write(ran, request, tmp_path):
    (tmp_path / "secret").write_text("not to be seen")
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = (
            "import os, socket\n"
            f"tries = [lambda: socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2),\n"
            f"    lambda: open({str(tmp_path / 'secret')!r}), lambda: open('/model/suite.json', 'a')]\n"
            "for number, tried in enumerate(tries):\n"
            "    try: tried()\n"
            "    except OSError: continue\n"
            "    os._exit(50 + number)\n"
        )
        failed = ran(code).failed
    sealed = request.node.callspec.params["_where"] == "sandbox"
    assert failed == ("pandera gave no answer" if sealed else "pandera was ended: it ended with 50")


def test_a_tool_that_is_missing_where_it_runs_is_said_with_how_to_get_it(ran):
    with pytest.raises(Unavailable) as missing:
        ran(says({"missing": "pandera"}))
    assert missing.value.hint.startswith("pip install pandera;")


def test_a_tool_that_is_not_installed_is_said_with_how_to_get_it():
    with pytest.raises(Unavailable, match="this needs no_such_tool"):
        require_tool("no_such_tool")


def test_what_failed_is_told_in_the_words_that_the_program_has_for_it(ran):
    told = ran(says({"version": "1", "pandas": "3", "failed": "it raised TypeError"}))
    assert (told.failed, told.said) == ("pandera: it raised TypeError", ())


def test_a_child_is_this_python(ran):
    assert ran(f"import sys; sys.exit(sys.executable != {sys.executable!r})").failed == "pandera gave no answer"
