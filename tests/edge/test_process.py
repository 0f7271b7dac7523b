"""Children: no shell, no inherited environment, no process left behind."""

import os
import sys
import time
from pathlib import Path

import pytest

from hauberk.edge.process import exchange, run
from hauberk.errors import Exceeded, Misconfigured, NotVerified, Unavailable


def python(code):
    return [sys.executable, "-I", "-S", "-c", code]


def runs(code, tmp_path, **arguments):
    return run(python(code), cwd=tmp_path, environment={}, **{"timeout_seconds": 20, "capture": True, **arguments})


def asks(code, request=b"", **arguments):
    return exchange(python(code), request, environment={}, **{"timeout_seconds": 20, **arguments})


def test_a_child_runs_where_it_is_told_and_ends_with_its_status(tmp_path):
    done = runs("import os, sys; print(os.getcwd()); sys.exit(7)", tmp_path)
    assert (done.returncode, done.output) == (7, f"{tmp_path}\n".encode())
    assert done.seconds > 0


def test_a_child_has_exactly_the_environment_that_was_given(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "1")
    code = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    assert (
        run(python(code), cwd=tmp_path, environment={"A": "b"}, timeout_seconds=20, capture=True).output == b"['A']\n"
    )


def test_words_are_given_as_they_are_and_no_shell_reads_them(tmp_path):
    command = [*python("import sys; print(sys.argv[1])"), "$(id); *"]
    assert run(command, cwd=tmp_path, environment={}, timeout_seconds=20, capture=True).output == b"$(id); *\n"


def test_what_a_child_prints_goes_to_standard_error(tmp_path, capfd):
    runs("print('progress')", tmp_path, capture=False)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "progress\n")


def test_of_a_long_output_the_end_is_kept(tmp_path):
    output = runs("print('x' * 200_000 + 'end')", tmp_path).output
    assert (len(output), output[-4:]) == (1 << 16, b"end\n")


def test_a_child_reads_nothing_from_our_terminal(tmp_path):
    assert runs("import sys; print(repr(sys.stdin.read()))", tmp_path).output == b"''\n"


def test_a_descriptor_of_ours_is_not_a_childs(tmp_path):
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    done = runs(f"import os; os.write({writer}, b'x')", tmp_path)
    os.close(reader)
    os.close(writer)
    assert done.returncode == 1
    assert b"Bad file descriptor" in done.output


@pytest.mark.parametrize("capture", [True, False])
def test_a_child_that_runs_too_long_is_killed(tmp_path, capture):
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        runs("import time; time.sleep(60)", tmp_path, timeout_seconds=0.3, capture=capture)
    assert time.monotonic() - begun < 10


def test_what_a_child_started_is_killed_with_it(tmp_path):
    code = (
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "pathlib.Path('pid').write_text(str(child.pid))\n"
    )
    run([sys.executable, "-c", code], cwd=tmp_path, environment={"PATH": os.defpath}, timeout_seconds=20)
    status = Path(f"/proc/{(tmp_path / 'pid').read_text()}/status")
    deadline = time.monotonic() + 10
    while status.exists() and "State:\tZ" not in status.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not status.exists() or "State:\tZ" in status.read_text()


@pytest.mark.parametrize(
    "command",
    [["/no/such/program"], ["no-such-program"], [], "echo hi", ["a\0b"]],
    ids=["absent", "not on the path", "no words", "a line for a shell", "NUL"],
)
def test_a_command_that_cannot_be_started_is_misconfigured(tmp_path, command):
    with pytest.raises(Misconfigured):
        run(command, cwd=tmp_path, environment={"PATH": os.defpath}, timeout_seconds=20)


def test_a_missing_working_directory_is_misconfigured(tmp_path):
    with pytest.raises(Misconfigured, match="cannot be started"):
        runs("", tmp_path / "absent")


def test_a_request_larger_than_a_pipe_is_answered_by_one_as_large():
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert asks(code, b"ab" * 300_000) == b"ba" * 300_000


def test_a_child_that_does_not_read_is_no_error():
    assert asks("import os; os.close(0); print('done')", b"x" * 1_000_000) == b"done\n"


def test_a_secret_reaches_the_child_through_a_pipe_that_its_environment_names():
    code = "import os; p = os.environ['HAUBERK_PASSPHRASE_FILE']; print(p[:8], open(p).read(), os.environ.get('x'))"
    assert asks(code, secret=b"open sesame") == b"/dev/fd/ open sesame None\n"


def test_a_secret_is_no_word_of_the_command_line():
    code = "print(b'open ' + b'sesame' in open('/proc/self/cmdline', 'rb').read() + open('/proc/self/environ', 'rb').read())"
    assert asks(code, secret=b"open sesame") == b"False\n"


def test_without_a_secret_no_variable_names_one():
    assert asks("import os; print('HAUBERK_PASSPHRASE_FILE' in os.environ)") == b"False\n"


def test_a_secret_too_long_for_one_write_is_misconfigured():
    with pytest.raises(Misconfigured, match="4096 bytes"):
        asks("", secret=b"x" * 4097)


def test_a_child_that_says_it_does_not_hold_is_believed():
    with pytest.raises(NotVerified, match=r"ended with 1 and said: a fork \\x1b\[31m"):
        asks("import sys; print('a fork \\x1b[31m', file=sys.stderr); sys.exit(1)")


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "import os; os.kill(os.getpid(), 9)"])
def test_a_child_that_ends_in_any_other_way_is_unavailable(code):
    with pytest.raises(Unavailable, match="ended with"):
        asks(code)


def test_an_answer_without_end_is_cut_off_at_the_limit():
    with pytest.raises(Exceeded, match="more than 1000 bytes"):
        asks("while True: print('x' * 1000)", limit=1000)


def test_complaints_without_end_do_not_fill_our_memory():
    with pytest.raises(Unavailable, match=r"ended with 3 and said: x+$") as caught:
        asks("import sys; print('x' * 100_000, file=sys.stderr); sys.exit(3)")
    assert len(caught.value.message) < 5000


def test_a_child_that_never_answers_is_killed():
    with pytest.raises(Unavailable, match="timeout"):
        asks("import time; time.sleep(60)", b"x" * 1_000_000, timeout_seconds=0.3)
