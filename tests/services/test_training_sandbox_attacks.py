"""What a hostile script tries against the watcher, the report and the walls of a training run, in the real sandbox."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from contextlib import suppress
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.edge.sandbox import training
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.verbs.data_manifest import Wanted, make_manifest

pytestmark = pytest.mark.services
HEAD = """\
import ctypes, getpass, os, signal, socket, subprocess, threading, time
from pathlib import Path
here = os.getcwd()
Path('model/w').write_text('x')
"""
QUIETLY = "try:\n    {}\nexcept OSError:\n    pass\n"
UNDECLARED = "wanted to read undeclared {here}/undeclared.csv"


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/t.csv").write_text("v\n1\n")
    Path("undeclared.csv").write_text("v\n2\n")
    Path("tool").write_text("#!/bin/sh\n")
    Path("tool").chmod(0o755)
    make_manifest(("data",), "week.manifest", Wanted("week", None))
    write_private_key("key.pem", generate_key(KeyKind.ECDSA_P256), passphrase=None)


def words(*more, program=sys.executable):
    before = ["train", "--data", "week.manifest", "--sandbox", "require", "--key", "file:key.pem"]
    return [*before, "--provenance", "p.json", *more, "--", str(program), "train.py"]


def train(script, *more):
    Path("train.py").write_text(HEAD + script)
    return dispatch(words(*more))


def refused_for():
    statement = dsse.decode_statement(dsse.decode_envelope(Path("p.json.refusal").read_bytes()).payload)
    return statement.predicate["refusedFor"]


@pytest.mark.parametrize(
    "tried",
    [
        "open('data/../undeclared.csv')",
        "open('/usr/..' + here + '/undeclared.csv')",
        "open('//' + here + '/./undeclared.csv')",
        "open('/proc/self/cwd/undeclared.csv')",
        "open('/proc/thread-self/root' + here + '/undeclared.csv')",
        "open(f'/proc/self/fd/{os.open(here, os.O_RDONLY)}/undeclared.csv')",
        "os.open(here[1:] + '/undeclared.csv', os.O_RDONLY, dir_fd=os.open('/', os.O_RDONLY))",
        "os.chdir('/tmp'); open('..' + here + '/undeclared.csv')",
        "os.chdir(os.path.dirname(here)); ctypes.CDLL(None).open((os.path.basename(here) + '/undeclared.csv').encode(), 0)",
        "os.chdir('/'); ctypes.CDLL(None).syscall(2, (here[1:] + '/undeclared.csv').encode(), 0)",
    ],
)  # fmt: skip
def test_a_file_that_is_named_in_another_way_is_told(tried, capsys, tmp_path):
    assert train(QUIETLY.format(tried)) == 1
    assert UNDECLARED.format(here=tmp_path) in capsys.readouterr().err
    assert not Path("p.json").exists()


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        ("os.execv('tool', ['tool'])", "wanted to read undeclared {here}/tool"),
        ("open('/etc/hauberk-test', 'w')", "wanted to write /etc/hauberk-test"),
        ("os.mkdir('/usr/hauberk-test')", "wanted to write /usr/hauberk-test"),
        ("os.unlink('undeclared.csv')", "wanted to write {here}/undeclared.csv"),
        ("os.rename('undeclared.csv', 'model/x')", "wanted to write {here}/undeclared.csv"),
        ("socket.socket(socket.AF_UNIX).connect(b'\\0hauberk-test')", "wanted the network (connect @hauberk-test)"),
        ("socket.socket(type=socket.SOCK_DGRAM).bind(('203.0.113.7', 5000))", "wanted the network (bind 203.0.113.7"),
    ],
)
def test_what_was_denied_and_not_told_is_told(tried, said, capsys, tmp_path):
    assert train(QUIETLY.format(tried)) == 1
    assert said.format(here=tmp_path) in capsys.readouterr().err


def test_a_name_that_is_no_utf_8_is_told(capsys, tmp_path):
    Path(os.fsdecode(b"b\xff.csv")).write_text("x")
    assert train(QUIETLY.format("open(b'b\\xff.csv')")) == 1
    assert f"wanted to read undeclared {tmp_path}/b" in capsys.readouterr().err


def test_many_harmless_misses_hide_nothing(capsys, tmp_path):
    script = "for i in range(10_500):\n    try:\n        open(f'/usr/no/{i}')\n    except OSError:\n        pass\n"
    assert train(script + QUIETLY.format("open('undeclared.csv')")) == 1
    assert UNDECLARED.format(here=tmp_path) in capsys.readouterr().err


def test_what_fills_the_watchers_file_is_ended(capsys, monkeypatch):
    monkeypatch.setattr(training, "_MOST_TRACE_BYTES", 1 << 20)
    script = "while True:\n    try:\n        open('/usr/' + 'x' * 200)\n    except OSError:\n        pass\n"
    assert train(script) == 1
    assert "did more than its watcher keeps" in capsys.readouterr().err
    assert refused_for() == "unseen"


def test_a_watcher_that_ended_early_is_noticed(capsys, monkeypatch, tmp_path):
    real = shutil.which("strace", path=os.defpath)
    cut = tmp_path / "cut"
    cut.write_text(f'#!/bin/sh\n{real} "$@"\nstatus=$?\nwhile [ "$1" != -o ]; do shift; done\n: > "$2"\nexit $status\n')
    cut.chmod(0o755)
    monkeypatch.setattr(training, "program", lambda name: str(cut) if name == "strace" else f"/usr/bin/{name}")
    assert train("") == 1
    assert "was not watched to its end" in capsys.readouterr().err
    assert refused_for() == "unseen"


FORGE = """
for fd in os.listdir(f'/proc/{os.getppid()}/fd'):
    try:
        pipe = os.open(f'/proc/{os.getppid()}/fd/{fd}', os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        continue
    os.write(pipe, b'{"status": 0, "left": [], "mark": []}')
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(5)
"""


def test_no_report_is_forged_through_the_reporters_own_descriptors(capsys):
    assert train("try:\n    os.listdir(f'/proc/{os.getppid()}/fd')\nexcept OSError:\n    pass\n" + FORGE) in (1, 3)
    assert "trained in" not in capsys.readouterr().out
    assert not Path("p.json").exists()


def test_a_process_whose_first_thread_has_ended_is_left_running(capsys):
    script = """
if os.fork() == 0:
    os.setsid()
    threading.Thread(target=time.sleep, args=(1000,)).start()
    ctypes.CDLL(None).syscall(60, 0)
time.sleep(0.3)
"""
    assert train(script) == 1
    assert "the command left 1 running" in capsys.readouterr().err


def test_the_file_that_our_standard_error_goes_to_is_not_the_commands():
    Path("train.py").write_text(
        HEAD + "print('shown')\n"
        "os.set_blocking(2, False)\n"
        "for how in (os.O_RDONLY, os.O_WRONLY | os.O_TRUNC):\n"
        "    try:\n"
        "        Path('model/seen').write_bytes(os.read(os.open('/proc/self/fd/2', how | os.O_NONBLOCK), 100))\n"
        "    except OSError:\n"
        "        pass\n"
    )
    with Path("log").open("wb") as log:
        log.write(b"a line of before\n")
        log.flush()
        subprocess.run([sys.executable, "-m", "hauberk", *words()], stdin=subprocess.DEVNULL, stderr=log, check=True)
    assert Path("log").read_bytes().startswith(b"a line of before\n")
    assert b"shown" in Path("log").read_bytes()
    assert not Path("model/seen").exists() or b"before" not in Path("model/seen").read_bytes()


@pytest.mark.parametrize("inside", [".", "app"])
def test_an_environment_around_the_working_directory_shows_nothing_of_it(inside, capfd, tmp_path, monkeypatch):
    """As `python -m venv .` makes one, and as `/usr/src/app` has one."""
    venv.create(tmp_path / "env", with_pip=False)
    folder = tmp_path / "env" / inside
    folder.mkdir(exist_ok=True)
    for name in ("data", "week.manifest", "key.pem", "undeclared.csv"):
        shutil.move(name, folder / name)
    monkeypatch.chdir(folder)
    Path("train.py").write_text(HEAD + "open('undeclared.csv')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    command = [str(tmp_path / "env/bin/python"), "-m", "hauberk", *words(program=tmp_path / "env/bin/python")]
    command[command.index("week.manifest")] = "week.manifest=data"
    assert subprocess.run(command, check=False).returncode == 1
    said = capfd.readouterr().err
    assert "No such file or directory: 'undeclared.csv'" in said
    assert UNDECLARED.format(here=folder) in said


@pytest.mark.parametrize(
    "script",
    [
        "getpass.getuser()\n",
        "subprocess.run(['id', '-un'], check=True)\n",
        QUIETLY.format("open('model/later')") + "open('model/later', 'w').write('x')\n",
        QUIETLY.format("open('model/sub/x', 'w')") + "os.mkdir('model/sub'); open('model/sub/x', 'w').write('x')\n",
    ],
)
def test_what_ordinary_programs_try_is_not_refused(script):
    assert train(script) == 0


def test_data_behind_a_symbolic_link_are_seen_under_its_name(tmp_path):
    shutil.move("data", tmp_path.parent / "elsewhere")
    Path("data").symlink_to(tmp_path.parent / "elsewhere")
    assert train("Path('model/v').write_text(Path('data/t.csv').read_text())\n") == 0
    assert Path("model/v").read_text() == "v\n1\n"


def test_what_lies_in_memory_as_files_is_limited_too():
    script = """
room = {place: os.statvfs(place).f_blocks * os.statvfs(place).f_frsize for place in ('/tmp', '/dev/shm')}
Path('model/room').write_text(str(set(room.values()) == {1 << 30}))
try:
    open('/dev/x', 'w')
except OSError as error:
    Path('model/dev').write_text(str(error.errno))
"""
    assert train(script, "--memory-gib", "1") == 0
    assert Path("model/room").read_text() == "True"
    assert Path("model/dev").read_text() == str(errno.EROFS)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_whoever_kills_us_ends_the_command(sent):
    """Else it goes on without a limit of time, and its watcher fills the disk."""
    Path("train.py").write_text(HEAD + "Path('model/begun').touch()\ntime.sleep(1000)\n")
    with subprocess.Popen([sys.executable, "-m", "hauberk", *words()], stdin=subprocess.DEVNULL) as ours:
        until(Path("model/begun").exists)
        ours.send_signal(sent)
    here = os.fsencode(Path("model").absolute())
    until(lambda: not any(here in line for line in command_lines()))


def until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def command_lines():
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield one.read_bytes()
