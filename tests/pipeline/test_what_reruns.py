"""The demo's own test: four changes, six stages. What depends on a change is done again, and denied until it is."""

import time

import pytest

from hauberk.cli.main import main
from hauberk.errors import NotVerified
from projects import STAGES, approve_tumours, edit, go, small_project


def change_a_data_row(project):
    path = project / "data" / "train.csv"
    header, first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([header, first.replace("0", "1", 1), *rest]))
    with pytest.raises(NotVerified, match=r"not the data set of train\.manifest"):
        go(project)
    approve_tumours(project, "train")


def change_a_model_byte(project):
    path = project / "model" / "model.joblib"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def change_a_script_line(project):
    edit(project / "train.py", "C=0.03", "C=0.03 ")


def change_a_policy_value(project):
    edit(project / "policy.yaml", "0.93", "0.94")


@pytest.mark.parametrize(
    ("change", "reruns"),
    [
        # training on other data makes another model, about which nothing is known yet
        (change_a_data_row, ["data", "train", "scan", "evaluate", "sign", "gate"]),
        # training again from the same inputs makes the same model, of which everything is known
        (change_a_model_byte, ["train"]),
        # the same model again, but from another script: that is another provenance, and another answer
        (change_a_script_line, ["train", "gate"]),
        # nothing about the model depends on what a gate asks of it
        (change_a_policy_value, ["gate"]),
    ],
)
def test_a_change_is_denied_until_exactly_what_depends_on_it_ran_again(tumour, change, reruns):
    assert main(["gate", "load", "model/"]) == 0
    change(tumour)
    assert main(["gate", "load", "model/"]) == 1
    heard = go(tumour)
    assert heard.ran == reruns
    assert sorted(heard.how) == sorted(STAGES)
    assert main(["gate", "load", "model/"]) == 0
    assert main(["passport", "verify", "tumour.passport", "--root", "root.pub"]) == 0


def test_without_a_change_nothing_runs_and_nothing_is_written(tumour, capsys):
    before = {path: path.read_bytes() for path in tumour.rglob("*") if path.is_file() and ".hauberk" not in path.parts}
    assert main(["run"]) == 0
    written = capsys.readouterr().out
    assert [line.split()[1:3] for line in written.splitlines()[:6]] == [[stage, "unchanged"] for stage in STAGES]
    assert before == {path: path.read_bytes() for path in before}


def test_a_row_of_the_holdout_reruns_the_measuring_and_not_the_training(small):
    (small / "data" / "holdout.csv").write_text("3\n")
    assert main(["gate", "load", "model/"]) == 1
    assert go(small).ran == ["data", "evaluate", "gate"]


def test_another_lock_file_reruns_every_command(small):
    (small / "requirements.lock").write_text("numpy==2.0.0\n")
    assert go(small).ran == ["train", "evaluate", "gate"]


def test_another_definition_reruns_its_stage(small):
    edit(small / "hauberk.yaml", "metrics: metrics.json}", "metrics: metrics.json, timeout_minutes: 7}")
    assert go(small).ran == ["evaluate", "gate"]


def test_another_release_of_ours_repeats_its_own_stages(small, monkeypatch):
    changed = {"name": "hauberk", "version": "0.0.0", "digest": {"dirHash": "0" * 64}}
    monkeypatch.setattr("hauberk.pipeline.bodies.tool", lambda: changed)
    assert go(small).ran == ["data", "scan", "sign", "gate"]


def test_another_interpreter_reruns_everything_that_it_ran(small, monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    assert go(small).ran == list(STAGES)


@pytest.mark.parametrize(
    ("output", "reruns"),
    [
        ("model/model.joblib", ["train"]),
        ("metrics.json", ["evaluate"]),
        ("small.sig", ["sign", "gate"]),
        ("small.passport", ["gate"]),
    ],
)
def test_an_output_that_is_gone_is_made_again(small, output, reruns):
    (small / output).unlink()
    assert set(reruns) <= set(go(small).ran)
    assert (small / output).exists()


def test_an_output_that_was_edited_is_made_again(small):
    (small / "metrics.json").write_text('{"recall": 1.0}')
    assert "evaluate" in go(small).ran
    assert (small / "metrics.json").read_text() == '{"recall": 0.97}'


def test_a_scan_that_the_policy_finds_too_old_is_repeated(tmp_path, monkeypatch):
    month_ago = int(time.time()) - 31 * 86_400
    with monkeypatch.context() as past:
        past.setattr("hauberk.edge.clock.now", lambda: month_ago)
        project = small_project(tmp_path / "small")
        with pytest.raises(KeyboardInterrupt):
            go(project, stop_after="sign")
    heard = go(project)
    assert heard.ran == ["scan", "gate"]
    assert heard.what["gate"] == "load allowed"
