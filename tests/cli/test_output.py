"""Where answers go, what a reader that leaves does to them, and what a waiting person sees."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hauberk.cli import progress as line
from hauberk.cli.output import colourful, complain, deliver, facts, say, say_sentences
from hauberk.cli.progress import progress
from hauberk.errors import Unavailable


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self):
        return True


def test_an_answer_ends_with_one_line_end(capsys):
    say("clean")
    say("clean\n")
    assert capsys.readouterr().out == "clean\nclean\n"


def test_an_answer_goes_to_the_file_that_was_named(tmp_path, capsys):
    deliver("clean", str(tmp_path / "answer.txt"), recognise=bool)
    assert (tmp_path / "answer.txt").read_bytes() == b"clean\n"
    assert capsys.readouterr().out == ""


def test_an_answer_that_cannot_be_written_is_unavailable(tmp_path):
    with pytest.raises(Unavailable):
        deliver("clean", str(tmp_path / "no" / "such" / "folder.txt"), recognise=bool)


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_full_disk_is_unavailable_and_no_answer(option, buffered):
    program = "import sys; from hauberk.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, *([] if buffered else ["-u"]), "-c", program, option]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment, check=False)
    assert done.returncode == 3
    assert done.stderr.decode().splitlines()[0] == "hauberk: cannot write to standard output: No space left on device"
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("line", [["--help"], ["--version"], ["scan", "setup.cfg"]])
def test_a_closed_standard_output_is_unavailable_and_no_fault(tmp_path, line):
    (tmp_path / "setup.cfg").write_text("x")
    program = "import sys; from hauberk.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", program, *line]
    done = subprocess.run(command, cwd=tmp_path, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 3
    assert done.stderr.decode().splitlines()[0] == "hauberk: cannot write to standard output: it is closed"


def test_a_complaint_without_standard_error_goes_nowhere_else(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    complain("lost")
    with progress("scanning"):
        pass
    assert capsys.readouterr().out == ""


def test_a_reader_that_leaves_early_is_no_error():
    code = "from hauberk.cli.output import say; [say('x' * 100) for _ in range(10_000)]; raise SystemExit(7)"
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer.stdout.read(10)
    writer.stdout.close()
    assert writer.stderr.read() == b""
    assert writer.wait(timeout=30) == 7
    writer.stderr.close()


def test_names_from_outside_cannot_break_the_columns():
    assert facts("verified a\nb", {"key": "x\x1b[2Jy"}) == "verified a\\nb\n  key  x\\x1b[2Jy"


@pytest.mark.parametrize(
    ("environment", "shown"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colour_is_for_terminals_whose_owner_wants_it(monkeypatch, environment, shown):
    monkeypatch.setattr(sys, "stdout", Terminal())
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert colourful() is shown


def test_sentences_are_wrapped_for_a_terminal_only(monkeypatch, capsys):
    sentence = "word " * 40 + "end"
    say_sentences(sentence)
    assert capsys.readouterr().out == f"{sentence}\n"
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    say_sentences(sentence)
    assert max(map(len, terminal.getvalue().splitlines())) <= 80


def test_a_terminal_that_knows_ascii_only_gets_marks_in_ascii(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace"))
    say("✓ clean · é …")
    assert raw.getvalue() == b"+ clean - \\xe9 ...\n"


def test_a_file_gets_no_colour(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not colourful()


def test_a_person_who_waits_sees_what_goes_on_and_it_is_gone_in_the_end(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(line, "_PATIENCE_SECONDS", 0.01)
    with progress("scanning a\x1b[2Jmodel"):
        while "scanning" not in terminal.getvalue():
            time.sleep(0.005)
    assert "scanning a\\x1b[2Jmodel … 0 s" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_log_file_sees_no_progress(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(line, "_PATIENCE_SECONDS", 0.001)
    with progress("scanning"):
        time.sleep(0.02)
    assert log.getvalue() == ""
