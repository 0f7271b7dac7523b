"""`hauberk gate` and `hauberk passport` at a prompt: the answers, the refusals, the exit codes."""

from __future__ import annotations

import shutil
import time

import pytest

import hauberk
from hauberk.cli.main import main
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified, Refused
from hauberk.signature import jcs
from projects import edit, go, small_project


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("finished") / "project")
    go(folder)
    return folder


@pytest.fixture
def project(finished, tmp_path, monkeypatch):
    """Enter a copy of a project that ran to its end."""
    shutil.copytree(finished, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def open_it(project):
    return hauberk.open_model(
        project / "model",
        policy=project / "policy.yaml",
        trust=project / "trust.json",
        evidence=next(project.glob("*.passport")),
    )


def passport_of(project):
    return str(next(project.glob("*.passport")))


def test_the_gate_allows_a_model_whose_chain_holds(project, capsys):
    assert main(["gate", "load", "model/"]) == 0
    printed = capsys.readouterr().out
    assert "ALLOWED" in printed
    assert "development trust" in printed


def test_the_gate_denies_a_model_with_one_more_file(project, capsys):
    (project / "model" / "extra.txt").write_text("x")
    assert main(["gate", "load", "model/"]) == 1
    printed = capsys.readouterr().out
    assert "DENIED" in printed
    assert "next: no statement speaks of this digest; `hauberk run` makes model/ and its evidence again" in printed


def test_the_gate_denies_after_the_data_changed(project, capsys):
    (project / "data" / "train.csv").write_text("1\n2\n4\n")
    assert main(["gate", "load", "model/"]) == 1
    printed = capsys.readouterr().out
    assert "slsa-provenance.current" in printed
    assert "next: `hauberk run` does again what depends on the change" in printed


def test_the_gate_denies_under_an_edited_policy(project, capsys):
    edit(project / "policy.yaml", "permit_valid_minutes: 60", "permit_valid_minutes: 61")
    assert main(["gate", "load", "model/"]) == 1
    printed = capsys.readouterr().out
    assert "policy.approved" in printed
    assert "next: `hauberk run` approves policy.yaml as it is now" in printed
    edit(project / "hauberk.yaml", '  approver: "file:.hauberk/keys/approver.pem"\n', "")
    assert main(["gate", "load", "model/"]) == 1
    assert "next: have the approver sign policy.yaml" in capsys.readouterr().out


def test_the_gate_denies_what_does_not_do_enough_and_says_what_may_help(project, capsys):
    edit(project / "policy.yaml", "predicate: evaluation, ", "predicate: evaluation, metrics: {recall: {min: 0.99}}, ")
    assert main(["run"]) == 1
    assert main(["gate", "load", "model/"]) == 1
    assert "the model or the policy has to change" in capsys.readouterr().out


def test_a_comment_in_the_policy_changes_nothing(project):
    with (project / "policy.yaml").open("a") as file:
        file.write("\n# nothing but a comment\n")
    assert main(["gate", "load", "model/"]) == 0


def test_the_gate_refuses_a_trust_file_that_the_root_did_not_sign(project, capsys):
    edit(project / "trust.json", '"quorum": 1', '"quorum":  1')
    assert main(["gate", "load", "model/"]) == 0, "white space is not what trust says"
    edit(project / "trust.json", '"development": true', '"development": false')
    assert main(["gate", "load", "model/"]) == 1
    assert "not the one that the root signed" in capsys.readouterr().err


def test_the_gate_could_not_check_without_a_ledger(project, capsys):
    shutil.rmtree(project / ".hauberk" / "ledger")
    assert main(["gate", "load", "model/"]) == 3
    err = capsys.readouterr().err
    assert f"there is no ledger in {project / '.hauberk' / 'ledger'}" in err
    assert "`hauberk ledger restore` gets a copy back" in err


def test_a_revoked_model_passes_nowhere_again(project, capsys):
    digest = digest_path(project / "model")
    old_passport = passport_of(project)
    assert main(["gate", "revoke", str(digest), "--reason", "trained on the wrong export"]) == 0
    assert main(["gate", "load", "model/"]) == 1
    printed = capsys.readouterr().out
    assert "trained on the wrong export" in printed
    assert "next: nothing undoes a revocation" in printed
    assert main(["passport", "export", "model/", "-o", "new.passport"]) == 1
    assert not (project / "new.passport").exists()
    assert main(["passport", "verify", old_passport, "--root", "root.pub"]) == 0, "what held, holds as of then"
    assert "revocations after that are unknown" in capsys.readouterr().out


def test_a_revoked_key_denies_what_rests_on_it(project, capsys):
    keyid = next(k for k, v in trust_file(project)["keys"].items() if v["name"] == "scanner")
    assert main(["gate", "revoke", f"sha256:{keyid}", "--reason", "stolen"]) == 0
    assert "nothing in this ledger" not in capsys.readouterr().err
    assert main(["gate", "load", "model/"]) == 1
    assert "is revoked: stolen" in " ".join(capsys.readouterr().out.split())


def test_a_revocation_that_changes_nothing_known_is_warned_of(project, capsys):
    line = ["gate", "revoke", "dirHash:" + "0" * 64, "--reason", "x"]
    assert main(line) == 0
    assert "nothing in this ledger speaks of dirHash:000" in capsys.readouterr().err
    assert main(line) == 0
    assert "is revoked already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["root.pub", "trust.json"])
def test_a_file_that_init_can_write_again_is_said_to_be_so(project, capsys, name):
    (project / name).unlink()
    assert main(["gate", "load", "model/"]) == 3
    assert "hauberk init" in capsys.readouterr().err
    assert main(["init", "--development"]) == 0
    assert main(["gate", "load", "model/"]) == 0


def test_a_trust_that_ends_soon_is_warned_of(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as past:
        past.setattr("hauberk.edge.clock.now", lambda: int(time.time()) - 340 * 86_400)
        folder = str(small_project(tmp_path / "old"))
    assert main(["run", "--project", folder]) == 0
    assert "! the trust ends at" in capsys.readouterr().out
    assert main(["gate", "load", f"{folder}/model", "--project", folder]) == 0
    assert "warning: the trust ends at" in capsys.readouterr().err


@pytest.mark.parametrize("line", [["run"], ["gate", "revoke", "dirHash:" + "0" * 64, "--reason", "x"]])
def test_a_trust_that_has_ended_is_named(project, monkeypatch, capsys, line):
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: int(time.time()) + 366 * 86_400)
    assert main(line) == 1
    said = capsys.readouterr().err
    assert "the trust ended at" in said
    assert "have the root sign a new trust" in said


def trust_file(project):
    return jcs.decode((project / "trust.json").read_bytes())


@pytest.mark.parametrize(
    "line",
    [
        ["gate"],
        ["gate", "deploy", "model/"],
        ["gate", "revoke", "not-a-digest", "--reason", "x"],
        ["gate", "revoke", "sha256:" + "0" * 64],
        ["gate", "revoke", "sha256:" + "0" * 64, "--reason", " "],
        ["passport"],
        ["passport", "verify", "x"],
        ["passport", "verify", "x", "--root", "root.pub", "--at", "yesterday"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_wrong_usage(project, line):
    assert main(line) == 2


def test_a_passport_verifies_with_nothing_but_the_root(project, tmp_path, monkeypatch, capsys):
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    shutil.copy(passport_of(project), stranger / "t.passport")
    shutil.copy(project / "root.pub", stranger)
    monkeypatch.chdir(stranger)
    assert main(["passport", "verify", "t.passport", "--root", "root.pub"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("nothing here is proof to anybody else")


def test_a_passport_is_compared_with_a_model(project):
    assert main(["passport", "verify", passport_of(project), "--root", "root.pub", "--model", "model"]) == 0
    (project / "model" / "model.joblib").write_bytes(b"other")
    assert main(["passport", "verify", passport_of(project), "--root", "root.pub", "--model", "model"]) == 1


def test_a_passport_of_another_realm_is_refused(project, tmp_path, capsys):
    other = small_project(tmp_path / "other")
    assert main(["passport", "verify", passport_of(project), "--root", str(other / "root.pub")]) == 1
    assert "not the one that the root file names" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("at", "said"),
    [("2020-01-01T00:00:00Z", "the clock says"), ("2035-01-01T00:00:00Z", "too old")],
)
def test_a_passport_at_another_time_could_not_be_checked(project, capsys, at, said):
    assert main(["passport", "verify", passport_of(project), "--root", "root.pub", "--at", at]) == 3
    written = capsys.readouterr()
    assert said in written.err
    assert written.out.startswith("STALE")
    assert "ALLOWED" not in written.out


def test_an_edited_passport_is_refused(project):
    path = project / "edited.passport"
    path.write_bytes(next(project.glob("*.passport")).read_bytes().replace(b'"allow"', b'"deny"', 1))
    assert main(["passport", "verify", str(path), "--root", "root.pub"]) == 1


def test_a_file_that_is_no_passport_is_named(project, capsys):
    assert main(["passport", "verify", "root.pub", "--root", "root.pub"]) == 1
    assert "root.pub is no passport" in capsys.readouterr().err


def test_an_exported_passport_verifies(project):
    assert main(["passport", "export", "model/", "-o", "again.passport"]) == 0
    assert main(["passport", "verify", "again.passport", "--root", "root.pub"]) == 0


def test_a_passport_replaces_an_older_one(project):
    path = passport_of(project)
    assert main(["passport", "export", "model/", "-o", path]) == 0


@pytest.mark.parametrize(
    "name", [".hauberk/keys/log.pem", ".hauberk/new", "hauberk.yaml", "root.pub", "model/x.passport"]
)
def test_a_passport_replaces_nothing_else_and_lies_outside_of_the_model(project, name):
    before = (project / name).read_bytes() if (project / name).exists() else None
    assert main(["passport", "export", "model/", "-o", name]) == 2
    assert before == ((project / name).read_bytes() if (project / name).exists() else None)


def test_open_model_opens_what_the_passport_holds_for(project):
    assert open_it(project) == {"mean": 2.0}


def test_open_model_refuses_another_model(project):
    (project / "model" / "extra.txt").write_text("x")
    with pytest.raises(Refused, match="the model here is"):
        open_it(project)


def test_open_model_asks_your_own_policy(project):
    edit(project / "policy.yaml", "predicate: evaluation, ", "predicate: evaluation, metrics: {recall: {min: 0.99}}, ")
    with pytest.raises(Refused, match="recall"):
        open_it(project)


def test_open_model_takes_no_passport_of_a_log_that_you_do_not_trust(project, tmp_path):
    other = small_project(tmp_path / "other")
    shutil.copy(other / "trust.json", project / "trust.json")
    with pytest.raises(NotVerified):
        open_it(project)


@pytest.mark.parametrize("mode", ["warn", "observe"])
def test_a_gate_that_is_not_enforced_says_what_it_would_deny_and_opens_nothing(project, capsys, mode):
    edit(project / "policy.yaml", "mode: enforce", f"mode: {mode}")
    go(project)
    (project / "model" / "extra.txt").write_text("x")
    assert main(["gate", "load", "model/"]) == 0
    assert "DENIED" in capsys.readouterr().out
    with pytest.raises(Refused):
        open_it(project)


@pytest.mark.parametrize(
    ("name", "line"),
    [("root.pub", ["gate", "load", "model/"]), ("trust.json", ["gate", "load", "model/"])],
)
def test_a_file_of_a_person_that_cannot_be_read_is_wrong_configuration(project, capsys, name, line):
    (project / name).write_bytes(b"\x00not this")
    assert main(line) == 2
    assert name in capsys.readouterr().err


def test_a_revocation_needs_no_policy_that_can_be_read(project):
    (project / "policy.yaml").write_text("nonsense: true\n")
    assert main(["gate", "revoke", str(digest_path(project / "model")), "--reason", "stolen"]) == 0


SHARDED = """\
import json
import struct
from pathlib import Path

shards = {"1.safetensors": {"a": 1.0}, "2.safetensors": {"b": 2.0, "c": 3.0}}
for name, tensors in shards.items():
    places = {key: [4 * at, 4 * at + 4] for at, key in enumerate(tensors)}
    header = {key: {"dtype": "F32", "shape": [1], "data_offsets": place} for key, place in places.items()}
    text = json.dumps(header).encode()
    data = struct.pack(f"<{len(tensors)}f", *tensors.values())
    Path("model", name).write_bytes(len(text).to_bytes(8, "little") + text + data)
index = {"weight_map": {key: name for name, tensors in shards.items() for key in tensors}}
Path("model/model.safetensors.index.json").write_text(json.dumps(index))
"""


@pytest.fixture(scope="module")
def sharded(tmp_path_factory):
    """Return a project whose model is a checkpoint in two shards, after its run."""
    folder = small_project(tmp_path_factory.mktemp("sharded") / "project")
    (folder / "train.py").write_text(SHARDED)
    edit(folder / "hauberk.yaml", "entry: model.joblib, kind: joblib", f"entry: {INDEX}, kind: safetensors")
    assert "refused" not in go(folder).how.values()
    return folder


INDEX = "model.safetensors.index.json"


def test_open_model_verifies_each_shard_when_one_of_its_tensors_is_asked_for(sharded, tmp_path):
    project = shutil.copytree(sharded, tmp_path / "project")
    tensors = open_it(project)
    other = (project / "model" / "2.safetensors").read_bytes()[:-1] + b"\x7f"
    (project / "model" / "2.safetensors").write_bytes(other)
    assert tensors["a"].tolist() == [1.0]
    with pytest.raises(Refused, match=r"the permit is for 2\.safetensors"):
        tensors["b"]
    assert open_it(sharded)["c"].tolist() == [3.0]


def test_open_model_of_shards_refuses_another_file_at_the_start(sharded, tmp_path):
    project = shutil.copytree(sharded, tmp_path / "project")
    (project / "model" / "extra.txt").write_text("x")
    with pytest.raises(Refused, match=r"other files than there are now: extra\.txt"):
        open_it(project)


def test_open_model_of_shards_asks_your_own_policy(sharded, tmp_path):
    project = shutil.copytree(sharded, tmp_path / "project")
    edit(project / "policy.yaml", "predicate: evaluation, ", "predicate: evaluation, metrics: {recall: {min: 0.99}}, ")
    with pytest.raises(Refused, match="recall"):
        open_it(project)
