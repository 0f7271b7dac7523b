"""`hauberk.yaml`: strictly decoded, and nothing in it leads out of the project or over another file."""

import pytest

from hauberk.cli.main import main
from hauberk.errors import Misconfigured
from hauberk.evidence.trust import decode_trust
from hauberk.pipeline.current import current_inputs
from hauberk.pipeline.project import open_project
from hauberk.policy.policy import Policy
from hauberk.verbs.init import write_templates
from projects import EXAMPLE, edit


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the two files that init writes, and a script."""
    write_templates(tmp_path, "small")
    (tmp_path / "train.py").write_text("pass")
    return tmp_path


def refusal(folder):
    with pytest.raises(Misconfigured) as refused:
        open_project(folder)
    return f"{refused.value.message} / {refused.value.hint}"


def test_what_init_writes_is_a_project(folder):
    project = open_project(folder)
    assert project.label == "model/small"
    assert isinstance(project.read_policy(), Policy)
    assert [thing.label for thing in project.inputs_of(project.file.train)] == [
        "source/train.py",
        "dataset/small-train",
    ]


def test_the_example_is_a_project():
    assert open_project(EXAMPLE).gate == "load"


def test_a_project_reads_its_own_trust_and_root(small):
    project = open_project(small)
    assert project.read_trust() == decode_trust((small / "trust.json").read_bytes())
    assert project.read_root().threshold == 1


def test_every_input_has_its_digest_of_today(small):
    labels = sorted(current_inputs(open_project(small)))
    assert labels == [
        "dataset/small-holdout",
        "dataset/small-train",
        "environment/requirements.lock",
        "source/evaluate.py",
        "source/train.py",
    ]


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:keys/a.pem", "file:{folder}/keys/a.pem"),
        ("keys/a.pem", "file:{folder}/keys/a.pem"),
        ("file:/etc/a.pem", "file:/etc/a.pem"),
        ("file:///etc/a.pem", "file:///etc/a.pem"),
        ("pkcs11:token", "pkcs11:token"),
    ],
)
def test_a_key_is_looked_up_from_the_projects_folder(folder, uri, path):
    edit(folder / "hauberk.yaml", "file:.hauberk/keys/log.pem", uri)
    assert open_project(folder).key("log") == path.format(folder=folder)


def test_a_data_set_may_not_be_named_like_a_script(folder):
    edit(folder / "hauberk.yaml", "name: small-train", "name: train.py")
    edit(folder / "hauberk.yaml", "[train.py, small-train]", "[train.py]")
    assert "name the data otherwise" in refusal(folder)


def test_no_project_here_is_wrong_usage(tmp_path, capsys):
    assert main(["run", "--project", str(tmp_path)]) == 2
    assert "hauberk init" in capsys.readouterr().err


def test_a_project_is_not_looked_for_in_the_folders_above(folder):
    (folder / "below").mkdir()
    assert "no hauberk.yaml" in refusal(folder / "below")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fail_on: suspicious", "fail_onn: suspicious", "did you mean fail_on"),
        ("fail_on: suspicious", "fail_on: suspicius", "did you mean suspicious"),
        ("passport: small.passport", "pasport: small.passport", "did you mean passport"),
        ("pipeline:v1", "pipeline:v2", "pipeline:v1"),
        ("kind: joblib", "kind: pickle", "joblib"),
        ("path: model/,", "path: ../model/,", "inside of the project"),
        ("path: model/,", "path: /model/,", "inside of the project"),
        ("path: model/,", "path: .,", "inside of the project"),
        ("path: model/,", "path: .hauberk/model,", "inside of the project"),
        ("path: model/,", "path: data,", "keep everything else outside"),
        ("path: model/,", "path: data/train.csv/x,", "keep everything else outside"),
        ("signature: small.sig", "signature: model/small.sig", "keep everything else outside"),
        ("passport: small.passport", "passport: small.sig", "that is sign.signature already"),
        ("passport: small.passport", "passport: hauberk.yaml", "that is hauberk.yaml already"),
        ("metrics: metrics.json", "metrics: data/holdout.csv", "that is evaluate.metrics already"),
        ("metrics: metrics.json", "metrics: policy.yaml", "that is evaluate.metrics already"),
        ("name: small,", "name: Small,", "lowercase"),
        ("name: small-holdout,", "name: small-train,", "each name once"),
        ("entry: model.joblib", "entry: ../model.joblib", "inside of the model"),
        ("inputs: [train.py, small-train]", "inputs: [train.py]", "name the data"),
        ("inputs: [train.py, small-train]", "inputs: [small-train]", "add train.py"),
        ("inputs: [train.py, small-train]", "inputs: [train.py, train.py, small-train]", "each input once"),
        ("inputs: [evaluate.py, small-holdout]", "inputs: [small-train, small-holdout]", "one data set"),
        ("run: [python, train.py]", "run: []", "list of words"),
        ("run: [python, train.py]", "run: python train.py", "a list belongs"),
        ("environment: requirements.lock", "environment: requirements.lock, timeout_minutes: 0", "at least 1"),
        (
            "environment: requirements.lock",
            "environment: requirements.lock, secrets: ../vault.yaml",
            "inside of the project",
        ),
        ("environment: requirements.lock", "environment: requirements.lock, secrets: model/v.yaml", "outside of it"),
        (
            "environment: requirements.lock",
            "environment: requirements.lock, reach: ['db.example:1']",
            "sandbox: require",
        ),
        (
            "environment: requirements.lock",
            "environment: requirements.lock, sandbox: auto, reach: [db]",
            "is no address",
        ),
        ("gate: [load]", "gate: [load, deploy]", "one gate"),
        ("gate: [load]", "gate: []", "one gate"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_next_thing_to_do(folder, old, new, words):
    edit(folder / "hauberk.yaml", old, new)
    assert words in refusal(folder)
