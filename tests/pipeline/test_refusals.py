"""What a run refuses: scripts that fail or cheat, metrics that are none, policies and trust that nobody signed."""

import time

import pytest

from hauberk.cli.main import main
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.edge.sources import digest_path
from hauberk.errors import Misconfigured
from hauberk.evidence.predicates import SUMMARY
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.signature.key import KeyKind
from projects import edit, go, recorded

WRITES = 'from pathlib import Path\nPath("model/model.joblib").write_bytes(b"\\x80\\x04N.")\n'
MALICIOUS = (
    'from pathlib import Path\nPath("model/model.joblib").write_bytes(b"cos\\nsystem\\n(S\'echo pwned\'\\ntR.")\n'
)
TRUNCATED = 'from pathlib import Path\nPath("model/model.joblib").write_bytes(b"\\x80\\x04]")\n'


def run():
    return main(["run"])


def entries(project):
    with Log.open(project / ".hauberk" / "ledger", read_only=True) as log:
        return log.size


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("raise SystemExit(3)", "ended with 3"),
        ("pass", "wrote nothing in model/"),
        ('open("model/other.joblib", "w").write("x")', "wrote no model.joblib"),
        ('open("model/model.joblib", "w").write("x")', "wrote model.joblib as text"),
        ('open("model/model.joblib", "w")', "cannot be opened as joblib"),
        ('import joblib\njoblib.dump([1], "model/model.joblib", compress=3)', "wrote model.joblib as zlib"),
        (f'{WRITES}import os\nos.symlink("/etc/passwd", "model/link")', "symbolic link"),
        (f'{WRITES}import os\nos.mkfifo("model/pipe")', "a FIFO"),
        (f'{WRITES}open("data/train.csv", "a").write("9\\n")', "dataset/small-train changed"),
        ('import shutil\nshutil.rmtree("model")', "model"),
    ],
)
def test_a_training_that_fails_or_cheats_records_nothing_and_keeps_the_old_model(small, capsys, script, words):
    before = (small / "model" / "model.joblib").read_bytes()
    (small / "train.py").write_text(script)
    assert run() in (1, 3)
    written = capsys.readouterr()
    assert words in written.err
    assert "✗ train     failed" in written.out
    assert (small / "model" / "model.joblib").read_bytes() == before
    assert sorted(path.name for path in (small / "model").iterdir()) == ["model.joblib"]
    assert not (small / ".hauberk" / "aside" / "model").exists()


def test_a_model_that_is_no_file_of_tensors_is_refused_where_one_was_said(small, capsys):
    edit(small / "hauberk.yaml", "kind: joblib", "kind: safetensors")
    assert run() == 1
    assert "cannot be opened as safetensors" in capsys.readouterr().err


def test_where_credentials_cannot_be_leased_nothing_is_trained_and_the_old_model_is_back(small, monkeypatch, capsys):
    before = digest_path(small / "model")
    (small / "vault.yaml").write_text(
        "schema: urn:hauberk:secrets:v1\nserver: http://127.0.0.1:9\n"
        "login: {jwt: {token: env:JOB_TOKEN, role: train}}\n"
        "secrets: [{path: database/creds/train, variables: {PGPASSWORD: password}}]\n"
    )
    edit(
        small / "hauberk.yaml", "environment: requirements.lock", "environment: requirements.lock, secrets: vault.yaml"
    )
    assert run() == 2
    assert "the variable JOB_TOKEN is not set" in capsys.readouterr().err
    monkeypatch.setenv("JOB_TOKEN", "t0ken-t0ken-t0ken")
    assert run() == 3
    said = capsys.readouterr()
    assert "see whether the server is up" in said.err
    assert "t0ken" not in f"{said.out}{said.err}"
    assert digest_path(small / "model") == before


def test_a_training_that_does_not_end_is_killed(small, monkeypatch, capsys):
    monkeypatch.setattr("hauberk.verbs.train_run.SECONDS_A_MINUTE", 0.01)
    (small / "train.py").write_text("import time\ntime.sleep(60)")
    assert run() == 3
    assert "was killed (timeout)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("recall 0.97", "not JSON"),
        ("{}", "not an object"),
        ("[0.97]", "not an object"),
        ('{"recall": "0.97"}', "not a number"),
        ('{"recall": true}', "not a number"),
        ('{"recall": {"mean": 0.97}}', "not a number"),
        ('{"recall": 1' + "0" * 400 + "}", "outside of the range"),
        ('{"recall": NaN}', "not a JSON number"),
        ('{"recall": 1e999}', "outside of the range"),
        ('{"recall": 0.97, "recall": 0.98}', "twice"),
    ],
)
def test_metrics_that_are_no_flat_object_of_numbers_are_refused(small, capsys, written, words):
    (small / "evaluate.py").write_text(f"open('metrics.json', 'w').write('''{written}''')")
    assert run() == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("raise ValueError('no')", "ended with 1"),
        ("pass", "wrote no metrics.json"),
        ("import os\nos.symlink('data/holdout.csv', 'metrics.json')", "symbolic link"),
        ("open('metrics.json', 'w').write(' ' * 70000)", "70000 bytes"),
        ("open('model/model.joblib', 'ab').write(b'x')", "changed model/small"),
        ("open('model/extra', 'wb').write(b'x')", "changed model/small"),
        (
            "import os\nos.chmod('model/model.joblib', 0o600)\nopen('data/holdout.csv', 'a').write('1')",
            "changed dataset",
        ),
    ],
)
def test_an_evaluation_that_fails_or_changes_what_it_measures_is_refused(small, capsys, script, words):
    (small / "evaluate.py").write_text(script)
    assert run() in (1, 3)
    assert words in capsys.readouterr().err


def test_metrics_from_before_do_not_stand_for_an_evaluation_that_wrote_none(small):
    (small / "evaluate.py").write_text("pass")
    assert run() == 1
    assert not (small / "metrics.json").exists()


@pytest.mark.parametrize(("script", "code", "word"), [(MALICIOUS, 1, "malicious"), (TRUNCATED, 3, "incomplete")])
def test_a_bad_scan_is_recorded_and_ends_the_run_before_anything_is_signed(fresh, capsys, script, code, word):
    (fresh / "train.py").write_text(script)
    assert run() == code
    assert word in capsys.readouterr().err
    assert not (fresh / "small.sig").exists()
    recorded = entries(fresh)
    assert run() == code
    assert entries(fresh) == recorded


def test_an_edited_policy_is_not_approved_without_the_approver(small, capsys):
    edit(small / "hauberk.yaml", '  approver: "file:.hauberk/keys/approver.pem"\n', "")
    edit(small / "policy.yaml", "max_evidence_age_hours: 168", "max_evidence_age_hours: 100")
    assert run() == 1
    assert "approver" in capsys.readouterr().err


def test_a_policy_that_was_replaced_does_not_come_back_under_its_version(small, capsys):
    edit(small / "policy.yaml", "max_evidence_age_hours: 168", "max_evidence_age_hours: 100")
    assert run() == 0
    edit(small / "policy.yaml", "max_evidence_age_hours: 100", "max_evidence_age_hours: 168")
    capsys.readouterr()
    assert run() == 1
    written = capsys.readouterr()
    assert "version: 2" in written.err
    assert "this run approves" not in written.out
    edit(small / "policy.yaml", "version: 1", "version: 2")
    assert run() == 0


def test_a_policy_of_an_older_version_is_not_approved(small, capsys):
    edit(small / "policy.yaml", "version: 1", "version: 3")
    assert run() == 0
    edit(small / "policy.yaml", "version: 3", "version: 2")
    assert run() == 1
    assert "version: 4" in capsys.readouterr().err


def test_a_policy_that_asks_for_more_is_denied_and_leaves_the_passport_alone(small, capsys):
    before = (small / "small.passport").read_bytes()
    edit(small / "policy.yaml", "predicate: evaluation, signers: [producer]", "predicate: evaluation, signers: [gate]")
    assert run() == 1
    written = capsys.readouterr().out
    assert "DENIED" in written
    assert "✗ gate      denied" in written
    assert "was left as it is" in written
    assert (small / "small.passport").read_bytes() == before


def test_a_gate_that_only_observes_denies_without_failing_the_run(small):
    edit(small / "policy.yaml", "predicate: evaluation, signers: [producer]", "predicate: evaluation, signers: [gate]")
    edit(small / "policy.yaml", "mode: enforce", "mode: observe")
    assert run() == 0
    passport = next(small.glob("*.passport"))
    before = passport.read_bytes()
    heard = go(small)
    assert (heard.how["gate"], heard.what["gate"]) == ("unchanged", "load observed")
    assert recorded(small, SUMMARY)[-1].predicate["verificationResult"] == "FAILED"
    assert passport.read_bytes() == before


def test_a_policy_that_cannot_be_read_stops_the_run_before_anything_else(small, capsys):
    edit(small / "policy.yaml", "require:", "requires:")
    assert run() == 2
    assert "did you mean require" in capsys.readouterr().err


def test_a_trust_file_that_the_root_did_not_sign_is_refused(small, capsys):
    edit(small / "trust.json", '"quorum": 1', '"quorum":  1')
    assert run() == 0
    edit(small / "trust.json", '"development": true', '"development": false')
    assert run() == 1
    assert "not the newest trust" in capsys.readouterr().err


def test_a_key_that_trust_does_not_name_signs_nothing(small, capsys):
    path = small / ".hauberk" / "keys" / "scanner.pem"
    path.unlink()
    write_private_key(path, generate_key(KeyKind.ED25519), passphrase=None)
    (small / "train.py").write_text(WRITES)
    assert run() == 1
    assert "no trusted key" in capsys.readouterr().err


def test_the_wrong_passphrase_is_wrong_usage(fresh, monkeypatch, capsys):
    path = fresh / ".hauberk" / "keys" / "producer.pem"
    path.unlink()
    write_private_key(path, generate_key(KeyKind.ECDSA_P256), passphrase=b"right")
    (fresh / "passphrase").write_text("wrong\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(fresh / "passphrase"))
    assert run() == 2
    assert "is it the right passphrase?" in capsys.readouterr().err


def test_an_encrypted_key_without_terminal_or_file_is_wrong_usage(fresh, monkeypatch):
    path = fresh / ".hauberk" / "keys" / "producer.pem"
    path.unlink()
    write_private_key(path, generate_key(KeyKind.ECDSA_P256), passphrase=b"right")
    monkeypatch.delenv("HAUBERK_PASSPHRASE_FILE", raising=False)
    monkeypatch.setattr("sys.stdin", None)
    assert run() == 2


def test_a_data_set_that_is_not_there_is_unavailable(small, capsys):
    (small / "data" / "train.csv").unlink()
    assert run() == 3
    assert "train.csv" in capsys.readouterr().err


def test_a_program_that_is_not_there_is_wrong_usage(small, capsys):
    edit(small / "hauberk.yaml", "run: [python, train.py]", "run: [pythno, train.py]")
    assert run() == 2
    assert "pythno" in capsys.readouterr().err


def test_a_model_directory_that_is_a_link_is_never_emptied(small, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (small / "model").rename(elsewhere)
    (elsewhere / "precious").write_text("keep me")
    (small / "model").symlink_to(elsewhere)
    assert run() == 2
    assert (elsewhere / "precious").read_text() == "keep me"


def test_a_command_does_not_learn_where_the_passphrase_is(small, monkeypatch):
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", "/secret/passphrase")
    monkeypatch.setenv("TOKEN", "secret")
    edit(small / "train.py", "import pickle\n", 'import os, pickle\nopen("seen", "w").write(repr(dict(os.environ)))\n')
    assert run() == 0
    assert "secret" not in (small / "seen").read_text()


def test_a_ledger_whose_last_entry_is_from_tomorrow_is_not_continued(fresh, monkeypatch, capsys):
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr("hauberk.edge.clock.now", lambda: int(time.time()) + 86_400)
        with pytest.raises(KeyboardInterrupt):
            go(fresh, stop_after="data")
    assert run() == 3
    assert "correct the clock" in capsys.readouterr().err


def test_a_project_without_a_ledger_says_what_to_do(small, capsys):
    (small / ".hauberk" / "ledger").rename(small / "ledger")
    assert run() == 3
    err = capsys.readouterr().err
    assert "the ledger is gone: its witness has signed" in err
    assert "`hauberk ledger restore FILE`" in err
    assert open_project(small).ledger == small / ".hauberk" / "ledger"


def test_a_run_writes_no_passport_over_something_else(small):
    edit(small / "hauberk.yaml", "passport: ", "passport: notes.txt  # ")
    (small / "notes.txt").write_text("mine")
    with pytest.raises(Misconfigured, match=r"notes\.txt"):
        go(small)
    assert (small / "notes.txt").read_text() == "mine"
