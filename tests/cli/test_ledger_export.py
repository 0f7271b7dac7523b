"""`hauberk ledger export` as a collector calls it: lines, where to go on, and an end when nobody reads."""

import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from exported import everything
from hauberk.cli import ledger_export
from hauberk.cli.main import main
from hauberk.errors import NotVerified
from projects import go, small_project

PROGRAM = (sys.executable, "-c", "import sys; from hauberk.cli.main import main; sys.exit(main(sys.argv[1:]))")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("export") / "small")
    go(folder)
    return folder


@pytest.fixture
def export(project, capsys):
    def call(*words):
        capsys.readouterr()
        code = main(["ledger", "export", *words, "--project", str(project)])
        told = capsys.readouterr()
        return code, told.out.splitlines(), told.err

    return call


def test_a_run_is_told_with_the_answer_of_its_gate(export):
    code, lines, said = export("--format", "ocsf")
    events = [json.loads(line) for line in lines]
    assert code == 0
    assert [event["class_uid"] for event in events] == [3004, 3004, 3004, 2003]
    assert events[3]["compliance"]["status"] == "Pass"
    assert "go on with --since" in said


def test_what_was_told_is_not_told_again(export):
    _, _, said = export("--format", "otel")
    since = said.split("--since ")[1].strip()
    assert export("--format", "otel", "--since", since)[:2] == (0, [])
    assert len(export("--format", "otel", "--since", "0")[1]) == 4
    assert len(export("--format", "otel", "--since", "2")[1]) == 2


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--format", "csv"),
        ("--format", "ocsf", "--since", "-1"),
        ("--format", "ocsf", "--since", "1e3"),
        ("--format", "ocsf", "--since", "٣"),
        ("--format", "ocsf", "--since", "9" * 16),
        ("--format", "ocsf", "--since", "999999"),
    ],
)
def test_what_is_wrong_is_refused(export, words):
    assert export(*words)[:2] == (2, [])


def test_what_is_no_number_is_called_so(export):
    code, _, said = export("--format", "ocsf", "--since", "-1")
    assert code == 2
    assert "'-1' is no number of an entry" in said


def start(project, *words, **how):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [*PROGRAM, "ledger", "export", "--format", "ocsf", "--follow", *words, "--project", str(project)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, **how)


def test_who_follows_is_told_what_is_appended_and_where_to_go_on(project):
    follower = start(project, stderr=subprocess.PIPE)
    try:
        assert [json.loads(follower.stdout.readline())["class_uid"] for _ in range(4)][3] == 2003
        words = ["--environment", "test", "--service", "scoring", "--by", "a test", "--project", str(project)]
        assert main(["ledger", "deployed", str(project / "model"), *words]) == 0
        assert json.loads(follower.stdout.readline())["type_uid"] == 600203
        follower.send_signal(signal.SIGINT)
        _, said = follower.communicate(timeout=60)
    finally:
        follower.kill()
    assert "go on with --since" in said
    assert follower.returncode == 130


class Listener:
    """A log in memory in the place of a project's, and what a reader of so many lines reads of it."""

    def __init__(self, monkeypatch, chain, most):
        self.lines = []
        project = SimpleNamespace(ledger=None, read_trust=lambda: chain.trust, read_root=lambda: chain.root_keys)
        monkeypatch.setattr(ledger_export, "opener", lambda _project, read_only: (lambda: self, 0.0))
        monkeypatch.setattr(ledger_export, "say", lambda line: self.lines.append(line) or len(self.lines) <= most)
        self.chain = chain
        self.telling = ledger_export._Telling(project, ledger_export.FORMATS["ocsf"], 0)

    def __enter__(self):
        return self.chain.log

    def __exit__(self, *_):
        pass


def test_a_reader_that_went_away_ends_it_at_the_entry_that_was_not_read(monkeypatch):
    chain = everything()
    events = chain.told()
    listener = Listener(monkeypatch, chain, most=3)
    assert listener.telling.tell() is False
    assert len(listener.lines) == 4
    assert listener.telling.next == events[3].source.entry


def test_a_ledger_that_lost_entries_while_it_was_followed_is_refused(monkeypatch):
    listener = Listener(monkeypatch, everything(), most=1000)
    assert listener.telling.tell() is True
    listener.chain.log.records.pop()
    with pytest.raises(NotVerified, match="the ledger had"):
        listener.telling.tell()
