"""`hauberk train` without a sandbox: what is verified before, what is recorded after, what is refused."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.edge.sandbox.training import Sealed
from hauberk.edge.secrets.redaction import Redactor
from hauberk.errors import Refused, Unavailable
from hauberk.evidence.predicates import PROVENANCE, TEST_RESULT, check, result_of
from hauberk.formats.trace import Refusal
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.train_run import Command, Ready, Terms, perform

SCRIPT = """\
import json, os, sys
from pathlib import Path
numbers = [float(line) for line in Path("data/t.csv").read_text().split()[1:]]
Path("model/weights.json").write_text(json.dumps(sum(numbers)))
Path("model/metrics.json").write_text(json.dumps({"recall": 0.95, "name": "x", "flag": True}))
"""
CHANGED_BACK = """
old, times = Path("data/t.csv").read_text(), os.stat("data/t.csv")
Path("data/t.csv").write_text("v\\n9\\n9\\n")
Path("data/t.csv").write_text(old)
os.utime("data/t.csv", ns=(times.st_atime_ns, times.st_mtime_ns))
"""
OFF = ["--sandbox", "off", "--key", "file:key.pem", "--provenance", "p.json"]


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/t.csv").write_text("v\n1\n2\n")
    Path("train.py").write_text(SCRIPT)
    Path("requirements.lock").write_text("numpy==2.4.6 \\\n    --hash=sha256:00\n")
    make_manifest(("data",), "week.manifest", Wanted("week", None))
    write_private_key("key.pem", generate_key(KeyKind.ECDSA_P256), passphrase=None)


def train(*more, command=("train.py",), data="week.manifest"):
    return dispatch(["train", "--data", data, *OFF, *more, "--", sys.executable, *command])


def statement(path):
    found = dsse.decode_statement(dsse.decode_envelope(Path(path).read_bytes()).payload)
    check(found)
    return found


def test_provenance_names_data_scripts_lock_and_output(capsys):
    assert train("--seed", "7", "--name", "fraud") == 0
    made = statement("p.json")
    definition = made.predicate["buildDefinition"]
    assert made.predicate_type == PROVENANCE.type
    assert [subject.label for subject in made.subjects] == ["model/fraud"]
    assert [entry["name"] for entry in definition["resolvedDependencies"]] == [
        "dataset/week",
        "source/train.py",
        "environment/requirements.lock",
    ]
    assert definition["externalParameters"]["seed"] == 7
    assert definition["internalParameters"]["packages"] == ["numpy==2.4.6"]
    assert definition["internalParameters"]["sandbox"] is None
    assert [entry["name"] for entry in made.predicate["runDetails"]["byproducts"]] == ["metrics.json", "weights.json"]
    assert "NO SANDBOX (switched off)" in capsys.readouterr().err


def test_metrics_are_a_test_result():
    assert train("--metrics", "metrics.json", "--expect", "recall>=0.9", "--expect", "recall < 1") == 0
    found = statement("p.json.test-result")
    assert found.predicate_type == TEST_RESULT.type
    assert found.predicate["passedTests"] == ["recall>=0.9 (0.95)", "recall < 1 (0.95)"]
    assert found.predicate["configuration"][0]["annotations"] == {"recall": 0.95}
    assert result_of(found) == "pass"


def test_a_metric_that_is_not_what_was_expected_is_a_failed_test_and_exit_1(capsys):
    assert train("--metrics", "metrics.json", "--expect", "recall>=0.99") == 1
    assert result_of(statement("p.json.test-result")) == "fail"
    assert "FAILED; failed recall>=0.99 (0.95)" in capsys.readouterr().out


def test_a_second_run_reproduces_or_says_what_differs(capsys):
    assert train() == 0
    Path("model").rename("first")
    assert train("--again", "p.json") == 0
    assert "reproduced" in capsys.readouterr().out
    Path("model").rename("second")
    Path("train.py").write_text(SCRIPT.replace("sum(numbers)", "sum(numbers) + 1"))
    assert train("--again", "p.json", "--seed", "3") == 1
    said = capsys.readouterr().out
    assert "seed: was 0, is 3" in said
    assert "input source/train.py differs" in said
    assert "output weights.json differs" in said
    assert "metrics.json" not in said.partition("differs:")[2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: Path("data/t.csv").write_text("v\n1\n3\n"), "t.csv was changed"),
        (lambda: Path("data/more.csv").write_text("v\n1\n"), "more.csv is new"),
        (lambda: Path("data/t.csv").rename("data/u.csv"), "t.csv is gone; u.csv is new"),
    ],
    ids=["changed", "more", "renamed"],
)
def test_data_that_are_not_the_manifests_start_nothing(change, said, capsys):
    change()
    assert train() == 1
    assert said in capsys.readouterr().err
    assert not Path("model").exists()
    assert not Path("p.json").exists()


def test_a_single_file_is_a_data_set_too(capsys):
    make_manifest(("data/t.csv",), "one.manifest", Wanted("one", None))
    assert train(data="one.manifest") == 0
    Path("model").rename("first")
    Path("data/t.csv").write_text("v\n5\n")
    assert train(data="one.manifest") == 1
    assert "it has the digest sha256:" in capsys.readouterr().err


def test_a_manifest_of_two_places_is_none_to_train_on(capsys):
    Path("more").mkdir()
    Path("more/u.csv").write_text("v\n3\n")
    make_manifest(("data", "more"), "two.manifest", Wanted("two", None))
    assert train(data="two.manifest") == 2
    assert "two.manifest was made of 2 places, and one is wanted here" in capsys.readouterr().err


def test_data_may_lie_elsewhere_than_when_the_manifest_was_made():
    Path("data").rename("mounted")
    Path("train.py").write_text(SCRIPT.replace("data/t.csv", "mounted/t.csv"))
    assert train(data="week.manifest=mounted") == 0


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("raise SystemExit(3)", 1, "the command ended with 3"),
        ("pass", 1, "wrote nothing"),
        (SCRIPT + "Path('data/t.csv').write_text('v')", 1, "dataset/week changed while the command ran"),
        (SCRIPT + CHANGED_BACK, 1, "dataset/week changed while the command ran"),
        (SCRIPT + "Path('train.py').write_text('')", 1, "source/train.py changed while the command ran"),
        (SCRIPT + "import time; time.sleep(70)", 3, "did not end in"),
    ],
    ids=["fails", "writes nothing", "changes its data", "changes them back", "changes itself", "never ends"],
)
def test_of_a_run_that_did_what_it_must_not_nothing_is_recorded(script, code, said, capsys, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_run.SECONDS_A_MINUTE", 1)
    Path("train.py").write_text(script)
    assert train("--minutes", "2") == code
    assert said in capsys.readouterr().err
    assert not Path("p.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--expect", "recall>=0.9"], 2, "--expect needs --metrics"),
        (["--metrics", "m.json", "--expect", "recall=0.9"], 2, "is no expectation"),
        (["--metrics", "metrics.json", "--expect", "precision>=0.9"], 1, "no number 'precision'"),
        (["--metrics", "nope.json"], 3, "nope.json"),
        (["--input", "nope"], 2, "nope is not there"),
        (["--lock", "nope.lock"], 2, "nope.lock is not there"),
        (["--output", "data"], 2, "is not empty"),
        (["--output", "train.py"], 2, "is no directory"),
        (["--again", "train.py"], 1, "JSON"),
        (["--reach", "localhost:5432"], 2, "--reach is a way out of the sandbox, and there is none"),
        (["--reach", "localhost"], 2, "localhost is no address"),
        (["--reach", "10.0.0.5:5432"], 2, "is an address in numbers"),
    ],
)
def test_it_refuses_by_name(arguments, code, said, capsys):
    assert train(*arguments) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "more"), [("p.json", ()), ("p.json.refusal", ()), ("p.json.test-result", ("--metrics", "metrics.json"))]
)
def test_what_is_no_older_answer_is_not_written_over_and_nothing_runs(name, more, capsys):
    Path(name).write_text("mine")
    assert train(*more) == 2
    assert f"{name} is there and is no older output of this kind" in capsys.readouterr().err
    assert not Path("model").exists()


def test_a_refusal_that_cannot_be_written_stays_the_reason(capsys):
    Path("train.py").write_text("open('p.json.refusal', 'w').write('mine')\nraise SystemExit(3)\n")
    assert train() == 1
    said = capsys.readouterr().err
    assert "the command ended with 3" in said
    assert "this refusal could not be written: p.json.refusal is there" in said
    assert Path("p.json.refusal").read_text() == "mine"


def test_without_a_ledger_or_a_key_there_is_nowhere_to_record_it(capsys):
    assert dispatch(["train", "--data", "week.manifest", "--", "python", "train.py"]) == 2
    assert "hauberk init" in capsys.readouterr().err
    assert dispatch(["train", "--data", "week.manifest", "--key", "k", "--", "python", "train.py"]) == 2
    assert "--provenance" in capsys.readouterr().err


def test_where_a_sandbox_is_required_and_absent_nothing_runs(capsys, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_run.available", lambda: "bubblewrap is not installed")
    assert train("--sandbox", "require") == 3
    assert "there is no sandbox: bubblewrap is not installed" in capsys.readouterr().err
    assert not Path("model").exists()


@pytest.mark.parametrize(
    ("ended", "names"),
    [
        (Sealed(None, (), ()), ("--minutes", "timeout_minutes")),
        (Sealed(0, (), (Refusal("read", "/x"),)), ("--input", "`inputs`")),
    ],
)
def test_what_to_do_next_is_named_for_both_verbs(ended, names, monkeypatch):
    """`hauberk run` has no options of these: there it is a member of hauberk.yaml."""
    monkeypatch.setattr("hauberk.verbs.train_run.run_sealed", lambda *_, **__: ended)
    command = Command(("python",), Path.cwd(), (), Path.cwd(), 1, 1, {})
    with pytest.raises((Refused, Unavailable)) as caught:
        perform(command, Ready(Terms("require"), True, ()), Redactor(), warn=lambda _: None)
    assert [name for name in (*names, "hauberk.yaml") if name not in caught.value.hint] == []


def test_without_a_sandbox_nobody_counts_what_was_reached(monkeypatch, capsys):
    monkeypatch.setattr("hauberk.verbs.train_run.available", lambda: "bubblewrap is not installed")
    assert train("--sandbox", "auto", "--reach", "localhost:5432") == 0
    made = statement("p.json").predicate
    assert made["buildDefinition"]["externalParameters"]["reach"] == ["localhost:5432"]
    assert made["buildDefinition"]["internalParameters"]["sandbox"] is None
    (seen,) = made["runDetails"]["metadata"]["reached"]
    assert (seen["address"], seen["connections"], seen["sentBytes"]) == ("localhost:5432", None, None)
    said = capsys.readouterr()
    assert "NO SANDBOX" in said.err
    assert "localhost:5432 (not counted)" in said.out


def test_where_nobody_sees_what_is_left_running_that_is_said_once(capsys):
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert train() == 0
    finally:
        done.set()
        other.join()
    assert capsys.readouterr().err.count("NOBODY SEES what the command leaves running") == 1


def test_where_somebody_does_nothing_is_said():
    """In a process of its own: this one may have threads of other tests."""
    words = ["train", "--data", "week.manifest", *OFF, "--", sys.executable, "train.py"]
    done = subprocess.run([sys.executable, "-m", "hauberk", *words], capture_output=True, text=True, check=True)
    assert ("NOBODY SEES" in done.stderr) == (sys.platform != "linux")


def test_without_reach_nothing_of_it_is_recorded():
    assert train() == 0
    made = statement("p.json").predicate
    assert "reach" not in made["buildDefinition"]["externalParameters"]
    assert "reached" not in made["runDetails"]["metadata"]


def test_secrets_of_the_environment_are_not_passed_on(monkeypatch):
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", "/secret")
    monkeypatch.setenv("WANTED", "yes")
    Path("train.py").write_text(SCRIPT + "Path('model/env').write_text(json.dumps(dict(os.environ)))")
    assert train("--pass", "WANTED") == 0
    seen = json.loads(Path("model/env").read_text())
    assert seen["WANTED"] == "yes"
    assert "HAUBERK_PASSPHRASE_FILE" not in seen
    assert set(seen) <= {"PATH", "LANG", "TZ", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "HAUBERK_SEED", "WANTED", "LC_CTYPE", "HOME"}  # fmt: skip


VAULT = """\
schema: urn:hauberk:secrets:v1
server: http://127.0.0.1:9
login: {approle: {role_id: "env:ROLE_ID", secret_id: "file:secret-id"}}
secrets: [{path: database/creds/train, variables: {PGPASSWORD: password}}]
"""


@pytest.mark.parametrize(
    ("more", "made", "said", "code"),
    [
        ((), (), "the variable ROLE_ID is not set", 2),
        ((), ("ROLE_ID",), "secret-id", 3),
        (("--pass", "PGPASSWORD"), ("ROLE_ID", "secret-id"), "PGPASSWORD is passed on and leased too", 2),
        ((), ("ROLE_ID", "secret-id"), "see whether the server is up", 3),
    ],
    ids=["no role id", "no secret id", "twice", "no server"],
)
def test_credentials_that_cannot_be_had_start_nothing(more, made, said, code, monkeypatch, capsys):
    Path("vault.yaml").write_text(VAULT)
    if "ROLE_ID" in made:
        monkeypatch.setenv("ROLE_ID", "role")
    if "secret-id" in made:
        Path("secret-id").write_text("s3cret-s3cret")
    assert train("--secrets", "vault.yaml", *more) == code
    seen = capsys.readouterr().err
    assert said in seen
    assert "s3cret" not in seen
    assert not Path("model/weights.json").exists()
    assert not Path("p.json").exists()
