"""What would make the provenance of a run lie: a repository that hides, inputs that are put back, numbers from elsewhere."""

import copy
import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.edge.sources import digest_path
from hauberk.errors import Malformed
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.verbs import data_open
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.train_again import differences

SCRIPT = "from pathlib import Path\nPath('model/w').write_text(Path('data/t.csv').read_text())\n"
OFF = ["--sandbox", "off", "--key", "file:key.pem", "--provenance", "p.json"]


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    Path("data").mkdir()
    Path("data/t.csv").write_text("v\n1\n")
    Path("train.py").write_text(SCRIPT)
    make_manifest(("data",), "week.manifest", Wanted("week", None))
    write_private_key("key.pem", generate_key(KeyKind.ECDSA_P256), passphrase=None)


def train(*more, command=("train.py",)):
    return dispatch(["train", "--data", "week.manifest", *OFF, *more, "--", sys.executable, *command])


def provenance():
    return dsse.decode_statement(dsse.decode_envelope(Path("p.json").read_bytes()).payload).predicate


def source():
    return provenance()["buildDefinition"]["internalParameters"]["source"]


def git(*words):
    known = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *known, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository():
    Path(".gitignore").write_text("model/\nkey.pem\n*.json\n.hauberk/\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all")
    return git("rev-parse", "HEAD")


def test_a_clean_commit_is_said_to_be_clean_also_while_the_output_is_new(repository):
    Path(".gitignore").write_text("key.pem\n.hauberk/\n")
    git("commit", "-qam", "fewer")
    assert train() == 0
    assert source() == {"gitCommit": git("rev-parse", "HEAD"), "dirty": False}


def _assume_unchanged():
    git("update-index", "--assume-unchanged", "train.py")
    Path("train.py").write_text(SCRIPT + "# other\n")


def _skip_worktree():
    git("update-index", "--skip-worktree", "train.py")
    Path("train.py").write_text(SCRIPT + "# other\n")


def _ignored():
    git("rm", "-q", "--cached", "train.py")
    git("commit", "-qm", "without it")
    Path(".git/info/exclude").write_text("train.py\n")


def _another_tree():
    git("worktree", "add", "-q", "../other")
    git("config", "core.worktree", str(Path("../other").absolute()))
    Path("train.py").write_text(SCRIPT + "# other\n")


def _same_time_and_size():
    seen = Path("train.py").stat()
    git("config", "core.trustctime", "false")
    git("config", "core.checkStat", "minimal")
    Path("train.py").write_text(SCRIPT.replace("'w'", "'w'", 1).replace("model/w", "model/v"))
    os.utime("train.py", ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _untracked_hidden():
    git("config", "status.showUntrackedFiles", "no")
    Path("new.py").write_text("")


@pytest.mark.parametrize(
    "hide", [_assume_unchanged, _skip_worktree, _ignored, _another_tree, _same_time_and_size, _untracked_hidden]
)
def test_a_script_that_the_commit_does_not_hold_is_never_called_clean(hide, repository):
    hide()
    assert train() == 0
    assert source()["dirty"] is True


def _filter():
    git("config", "filter.evil=x.clean", "touch ../ran; cat")
    git("config", "filter.evil=x.required", "true")
    Path(".git/info/attributes").write_text("*.py filter=evil=x\n")


def _process():
    git("config", "filter.evil.process", "touch ../ran")
    Path(".gitattributes").write_text("*.py filter=evil\n")


def _fetch():
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.promisor", "true")
    git("config", "remote.origin.url", str(Path("../nowhere").absolute()))
    git("config", "remote.origin.uploadpack", "touch ../ran; false")
    for name in (git("rev-parse", "HEAD^{tree}"), git("rev-parse", "HEAD:train.py")):
        Path(f".git/objects/{name[:2]}/{name[2:]}").unlink()


def _monitor():
    Path("monitor").write_text("#!/bin/sh\ntouch ../ran\n")
    Path("monitor").chmod(0o755)
    git("config", "core.fsmonitor", "./monitor")


@pytest.mark.parametrize("set_up", [_filter, _process, _fetch, _monitor])
def test_no_program_that_a_repository_names_is_run(set_up, repository):
    set_up()
    Path("../ran").unlink(missing_ok=True)  # git's own answers above may have
    os.utime("train.py", ns=(1, 1))  # so that git wants to read it
    assert train() == 0
    assert not Path("../ran").exists()


def test_an_input_that_was_changed_and_put_back_is_told(capsys):
    Path("train.py").write_text(
        SCRIPT + "t = Path('data/t.csv')\nt.write_text('v\\n9\\n')\nPath('model/w').write_text(t.read_text())\n"
        "t.write_text('v\\n1\\n')\n"
    )
    assert train() == 1
    assert "dataset/week changed while the command ran, and was put back" in capsys.readouterr().err
    assert not Path("p.json").exists()


def test_a_folder_of_inputs_that_was_swapped_and_put_back_is_told(capsys):
    Path("train.py").write_text(
        "import os, shutil\nos.rename('data', 'aside')\nshutil.copytree('aside', 'data')\n"
        "open('model/w', 'w').write('x')\nshutil.rmtree('data')\nos.rename('aside', 'data')\n"
    )
    assert train() == 1
    assert "changed while the command ran, and was put back" in capsys.readouterr().err


def test_a_link_to_inputs_that_was_led_elsewhere_and_put_back_is_told(capsys):
    Path("data").rename("real")
    Path("data").symlink_to("real")
    Path("other").mkdir()
    Path("other/t.csv").write_text("v\n9\n")
    Path("train.py").write_text(
        "import os\nos.unlink('data')\nos.symlink('other', 'data')\n"
        "open('model/w', 'w').write(open('data/t.csv').read())\nos.unlink('data')\nos.symlink('real', 'data')\n"
    )
    assert train() == 1
    assert "dataset/week changed while the command ran, and was put back" in capsys.readouterr().err
    assert not Path("p.json").exists()


@pytest.mark.parametrize("name", ["../elsewhere.json", "{here}/elsewhere.json", "model/m.json", ""])
def test_metrics_are_a_file_of_the_output_and_no_other(name, capsys, tmp_path):
    Path("elsewhere.json").write_text('{"recall": 1}')
    assert train("--metrics", name.format(here=Path.cwd()), "--expect", "recall>=0.9") == 3
    assert "the command wrote no " in capsys.readouterr().err
    assert not Path("p.json").exists()


@pytest.mark.parametrize("text", ["recall>=1.2.3", "recall>=.", "recall>=1e999", "recall<=-1e999", "recall>=--1"])
def test_an_expectation_is_one_number(text, capsys):
    assert train("--metrics", "m.json", "--expect", text) == 2
    assert "is no expectation" in capsys.readouterr().err


def test_a_failed_expectation_shows_the_number_that_was_compared(capsys):
    Path("train.py").write_text(SCRIPT + 'Path("model/m.json").write_text(\'{"recall": 0.89999999999}\')\n')
    assert train("--metrics", "m.json", "--expect", "recall>=0.9") == 1
    assert "recall>=0.9 (0.89999999999)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--seed", "-1"], "--seed is -1"),
        (["--seed", "4294967296"], "--seed is 4294967296, and not 0 to 4294967295"),
        (["--minutes", "0"], "--minutes is 0"),
        (["--minutes", "99999999999999999999"], "--minutes is"),
        (["--memory-gib", "-1"], "--memory-gib is -1"),
        (["--memory-gib", "99999999999999"], "--memory-gib is"),
        (["--name", "../x"], "is no name of a model"),
        (["--name", "a\nb"], "is no name of a model"),
        (["--output", "."], "is no name of a model"),
        (["--pass", "A=B"], "A=B is no variable"),
        (["--output", "data/model"], "lies in"),
        (["--input", "."], "lies in"),
    ],
)
def test_what_could_not_be_run_or_recorded_is_said_before_anything_runs(more, said, capsys):
    Path("train.py").write_text(SCRIPT + "Path('../ran').touch()\n")
    assert train(*more) == 2
    assert said in capsys.readouterr().err
    assert not Path("../ran").exists()


def test_a_word_that_is_no_utf_8_is_refused_before_anything_runs(capsys):
    assert train(command=("train.py", os.fsdecode(b"a\xff"))) == 2
    assert "is not UTF-8" in capsys.readouterr().err


def again(change):
    assert train() == 0
    now = provenance()
    was = copy.deepcopy(now)
    change(was)
    return differences(was, SimpleNamespace(provenance=now))


def _twice(was):
    was["buildDefinition"]["resolvedDependencies"].insert(0, {"name": "dataset/week", "digest": {"sha256": "00"}})


def _true_for_one(was):
    was["buildDefinition"]["externalParameters"]["limits"]["minutes"] = True


def test_the_same_run_is_reproduced_and_another_number_of_inputs_of_one_name_is_not():
    assert again(lambda _: None) == []
    Path("model/w").unlink()
    assert again(_twice) == ["input dataset/week differs"]


def test_true_is_no_1():
    assert train("--minutes", "1") == 0
    now = provenance()
    was = copy.deepcopy(now)
    _true_for_one(was)
    assert len(differences(was, SimpleNamespace(provenance=now))) == 1


@pytest.mark.parametrize(
    "was",
    [
        {}, {"buildDefinition": []}, {"buildDefinition": {}, "runDetails": {}},
        {"buildDefinition": {"externalParameters": [], "internalParameters": {}}, "runDetails": {}},
        {"buildDefinition": {"externalParameters": {}, "internalParameters": {}, "resolvedDependencies": [1]}, "runDetails": {}},
        {"buildDefinition": {"externalParameters": {}, "internalParameters": {}, "resolvedDependencies": []}, "runDetails": {}},
    ],
)  # fmt: skip
def test_a_provenance_of_another_form_is_refused(was):
    assert train() == 0
    with pytest.raises(Malformed, match="not of a run"):
        differences(json.loads(json.dumps(was)), SimpleNamespace(provenance=provenance()))


def test_a_manifest_that_is_exchanged_while_it_is_read_is_not_named_for_another(monkeypatch):
    """The digest in the provenance is that of the bytes that were judged."""
    was, read = digest_path("week.manifest"), data_open.read_file

    def exchanging(path, **more):
        data = read(path, **more)
        if str(path) == "week.manifest":
            Path(path).write_bytes(data + b" ")
        return data

    monkeypatch.setattr(data_open, "read_file", exchanging)
    assert train() == 0
    assert [one["manifest"] for one in provenance()["buildDefinition"]["internalParameters"]["data"]] == [str(was)]


DAEMON = """
import os, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing says who outlives whom")
@pytest.mark.parametrize(
    "script", [DAEMON, "import subprocess\nsubprocess.Popen(['sleep', '98765'], start_new_session=True)\n"]
)
def test_without_a_sandbox_too_what_outlives_the_command_is_ended_and_named(script):
    """Else it could change the output after that was hashed. In a process of its own: this one may have threads."""
    Path("train.py").write_text(SCRIPT + script)
    words = ["train", "--data", "week.manifest", *OFF, "--", sys.executable, "train.py"]
    done = subprocess.run([sys.executable, "-m", "hauberk", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the command left 1 running" in done.stderr
    left = next(line for line in done.stderr.splitlines() if "the command left" in line)
    assert left.endswith(("sleep 98765", "train.py"))
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert not [words for words in running if words.startswith(b"sleep\x0098765")]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing says who outlives whom")
def test_without_a_sandbox_what_ends_by_itself_is_waited_for():
    Path("train.py").write_text(
        SCRIPT + "import subprocess\nsubprocess.Popen(['sleep', '0.3'], start_new_session=True)\n"
    )
    assert train() == 0


def test_a_signal_ends_the_command_too_where_nothing_is_lent():
    Path("train.py").write_text(
        SCRIPT + "import os, time\nPath('model/pid').write_text(str(os.getpid()))\ntime.sleep(1000)\n"
    )
    words = ["train", "--data", "week.manifest", *OFF, "--", sys.executable, "train.py"]
    with subprocess.Popen([sys.executable, "-m", "hauberk", *words], stderr=subprocess.PIPE, text=True) as ours:
        deadline = time.monotonic() + 20
        while not (Path("model/pid").exists() and Path("model/pid").read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        ours.send_signal(signal.SIGTERM)
        assert "stopped by SIGTERM" in ours.communicate()[1]
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("model/pid").read_text()), 0)


def test_a_lock_file_that_is_not_what_is_installed_is_told_and_recorded(capsys):
    Path("requirements.lock").write_text("pytest==0.0.1\nno-such-package-here==1\n" + f"ruff=={version('ruff')}\n")
    assert train() == 0
    said = f"pytest is {version('pytest')} and not 0.0.1"
    assert f"the lock file is not what is installed: {said}" in capsys.readouterr().err
    assert provenance()["buildDefinition"]["internalParameters"]["installedOtherwise"] == [said]
