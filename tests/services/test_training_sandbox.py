"""`hauberk train` in the real sandbox: what a script tries is denied, named, and recorded as that."""

import json
import sys
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.errors import Refused
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.verbs.data_manifest import Wanted, make_manifest
from projects import TRAIN, edit, go, small_project, trained_within

pytestmark = pytest.mark.services
HEAD = "import os, socket, subprocess, sys\nfrom pathlib import Path\nPath('model/w').write_text(Path('data/t.csv').read_text())\n"
QUIETLY = "try:\n    {}\nexcept OSError:\n    pass\n"


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/t.csv").write_text("v\n1\n")
    Path("undeclared.csv").write_text("v\n2\n")
    Path("lib").mkdir()
    Path("lib/more.py").write_text("VALUE = 1\n")
    make_manifest(("data",), "week.manifest", Wanted("week", None))
    write_private_key("key.pem", generate_key(KeyKind.ECDSA_P256), passphrase=None)


def train(script, *more):
    Path("train.py").write_text(HEAD + script)
    before = ["train", "--data", "week.manifest", "--sandbox", "require", "--key", "file:key.pem"]
    return dispatch([*before, "--provenance", "p.json", *more, "--", sys.executable, "train.py"])


def refused_for():
    statement = dsse.decode_statement(dsse.decode_envelope(Path("p.json.refusal").read_bytes()).payload)
    assert [thing.label for thing in statement.subjects] == ["dataset/week"]
    return statement.predicate["refusedFor"]


def test_a_quiet_run_is_recorded_as_sandboxed_and_watched():
    assert train("") == 0
    statement = dsse.decode_statement(dsse.decode_envelope(Path("p.json").read_bytes()).payload)
    inside = statement.predicate["buildDefinition"]["internalParameters"]
    assert (inside["sandbox"], inside["watched"]) == ("bubblewrap", True)
    assert Path("model/w").read_text() == "v\n1\n"


@pytest.mark.parametrize(
    ("tried", "said", "named"),
    [
        ("Path('undeclared.csv').read_text()", "wanted to read undeclared {here}/undeclared.csv", "undeclared-read"),
        ("Path('/root/.bashrc').read_text()", "wanted to read undeclared /root/.bashrc", "undeclared-read"),
        ("Path('elsewhere').write_text('x')", "wanted to write {here}/elsewhere", "undeclared-write"),
        ("Path('data/t.csv').write_text('x')", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.unlink('data/t.csv')", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.rename('train.py', 'model/train.py')", "wanted to write", "undeclared-write"),
        ("os.rename('model/w', 'w')", "wanted to write {here}/w", "undeclared-write"),
        ("open('data/t.csv', 'a')", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.truncate('data/t.csv', 0)", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.chmod('data/t.csv', 0o777)", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.utime('data/t.csv')", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.link('data/t.csv', 'model/x')", "wanted to write {here}/data/t.csv", "undeclared-write"),
        ("os.mkdir('elsewhere')", "wanted to write {here}/elsewhere", "undeclared-write"),
        ("os.mkfifo('elsewhere')", "wanted to write {here}/elsewhere", "undeclared-write"),
        ("os.symlink('train.py', 'elsewhere')", "wanted to write {here}/elsewhere", "undeclared-write"),
        ("Path('/etc/x').write_text('x')", "wanted to write /etc/x", "undeclared-write"),
        ("Path('/var/tmp/x').write_text('x')", "wanted to write /var/tmp/x", "undeclared-write"),
        ("os.open('undeclared.csv', os.O_PATH)", "wanted to read undeclared {here}/undeclared.csv", "undeclared-read"),
        ("subprocess.run(['cat', 'undeclared.csv'])", "wanted to read undeclared {here}/undeclared.csv", "undeclared-read"),
        ("__import__('ctypes').CDLL(None).open(b'undeclared.csv', 0)", "wanted to read undeclared {here}/undeclared.csv", "undeclared-read"),
        ("socket.create_connection(('169.254.169.254', 80), timeout=5)", "wanted the network (connect 169.254.169.254 port 80)", "network"),
        ("socket.socket(socket.AF_UNIX).connect('/run/docker.sock')", "wanted the network (connect /run/docker.sock)", "network"),
        ("socket.create_connection(('203.0.113.7', 443), timeout=5)", "wanted the network (connect 203.0.113.7 port 443)", "network"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))", "wanted the network", "network"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.7', 53))", "wanted the network", "network"),
        ("socket.getaddrinfo('example.com', 443)", "looked up a name on the network", "network"),
    ],
)  # fmt: skip
def test_what_a_script_tries_and_hides_is_denied_and_named(tried, said, named, capsys, tmp_path):
    assert train(QUIETLY.format(tried)) == 1
    assert said.format(here=tmp_path) in capsys.readouterr().err
    assert not Path("p.json").exists()
    assert refused_for() == named
    assert Path("data/t.csv").read_text() == "v\n1\n"
    assert not Path("elsewhere").exists()


@pytest.mark.parametrize(
    "started",
    [
        "subprocess.Popen(['sleep', '1000'])",
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)",
        "os.fork() or (os.setsid(), os.fork() or __import__('time').sleep(1000), os._exit(0))",
        "os.fork() or (__import__('signal').signal(15, 1), os.setsid(), __import__('time').sleep(1000))",
    ],
    ids=["child", "other session", "daemon", "deaf to signals"],
)
def test_what_outlives_the_command_is_killed_and_named(started, capsys):
    assert train(started) == 1
    assert "the command left" in capsys.readouterr().err
    assert refused_for() == "left-running"
    assert not Path("p.json").exists()


def test_a_link_that_leads_out_of_the_output_is_refused(capsys):
    assert train("os.symlink('/etc/hostname', 'model/link')") == 1
    assert "link: a symbolic link to /etc/hostname" in capsys.readouterr().err
    assert refused_for() == "unfit-output"
    assert not Path("p.json").exists()


def test_what_a_run_writes_in_the_folder_for_such_things_goes_away():
    assert train("Path('/tmp/scratch').write_text('x'); Path(os.environ['HOME'], 'x').write_text('x')") == 0
    assert not Path("/tmp/scratch").exists()


def test_whoever_asks_for_the_name_of_the_user_wants_no_network():
    """The C library then looks for the socket of a daemon; libraries ask on import, to name a folder of their cache."""
    assert train("import getpass, pwd; pwd.getpwuid(os.getuid()); getpass.getuser()") == 0


def test_a_folder_that_was_declared_is_read():
    assert train("sys.path.insert(0, 'lib')\nimport more", "--input", "lib") == 0


def test_a_module_that_was_not_declared_is_not_found_and_named(capsys, tmp_path):
    assert train("sys.path.insert(0, 'lib')\nimport more") == 1
    said = capsys.readouterr().err
    assert "the command ended with 1" in said


def test_time_is_limited(capsys, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_run.SECONDS_A_MINUTE", 1)
    assert train("import time; time.sleep(100)", "--minutes", "3") == 3
    assert "was killed" in capsys.readouterr().err
    assert refused_for() == "out-of-time"


def test_memory_is_limited(capsys):
    assert train("bytearray(3 << 30)", "--memory-gib", "1") == 1
    assert "the command ended with 1" in capsys.readouterr().err


def test_the_reporter_cannot_be_taken_away(capsys):
    """The command cannot write the report in the place of the program that watches it."""
    forge = (
        "import signal\n"
        'for fd in range(3, 64):\n    try:\n        os.write(fd, b\'{"status": 0, "left": []}\')\n    except OSError:\n        pass\n'
        "os.kill(os.getppid(), signal.SIGKILL)\n"
    )
    assert train(forge) == 3
    assert "told nothing" in capsys.readouterr().err
    assert refused_for() == "no-report"
    assert not Path("p.json").exists()


def test_nothing_of_the_host_is_in_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert train("import json; Path('model/env').write_text(json.dumps(dict(os.environ)))") == 0
    seen = json.loads(Path("model/env").read_text())
    assert "AWS_SECRET_ACCESS_KEY" not in seen
    assert seen["HOME"] != str(Path.home())


def test_a_pipeline_trains_sealed(tmp_path):
    folder = small_project(tmp_path / "small")
    edit(folder / "hauberk.yaml", "environment: requirements.lock", "environment: requirements.lock, sandbox: require")
    assert go(folder).how["gate"] == "ran"
    assert trained_within(folder) == [{"sandbox": "bubblewrap", "watched": True, "admittedBy": None}]
    assert go(folder).how["train"] == "unchanged"
    (folder / "train.py").write_text(TRAIN + "Path('data/holdout.csv').read_text()\n")
    with pytest.raises(Refused, match="the command ended with 1"):
        go(folder)


def test_a_name_of_this_machine_is_no_wish_for_the_network():
    assert train("assert socket.getaddrinfo('localhost', 80, type=socket.SOCK_STREAM)") == 0
