"""The YAML files that ultralytics brings are clean, and what is changed in them is seen."""

import importlib.util
from pathlib import Path

import pytest

from hauberk.checks.model.config_script import digest_of
from hauberk.checks.model.dataset_scripts import SCRIPTS
from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

DATA = "train: a\nval: b\nnc: 1\n"
SCRIPT = "from pathlib import Path\nPath('x').mkdir()"


def rules(text):
    report = examine(BytesView(text.encode()), "data.yaml").report
    assert not report.unchecked
    return {finding.rule for finding in report.findings}


def with_script(path="set"):
    lines = "\n".join(f"  {line}" for line in SCRIPT.splitlines())
    return f"{DATA}path: {path}\ndownload: |\n{lines}\n"


def test_a_script_is_known_by_its_digest(monkeypatch):
    assert rules(with_script()) == {"config-script"}
    monkeypatch.setitem(SCRIPTS, digest_of(SCRIPT), "a test")
    assert rules(with_script()) == set()


@pytest.mark.parametrize("path", ["/home/somebody", "../..", "..", "a/../..", "~", "/", "a;id", "''", "[a]"])
def test_and_only_in_a_folder_of_data_sets(path, monkeypatch):
    monkeypatch.setitem(SCRIPTS, digest_of(SCRIPT), "a test")
    assert rules(with_script(path)) == {"config-script"}


def test_lines_may_end_in_spaces_and_in_nothing_else():
    assert digest_of("a \nb\n") == digest_of("a\nb")
    assert digest_of("a\n b") != digest_of("a\nb")


@pytest.mark.parametrize(
    "plan",
    [
        "backbone: [[-1, 1, Conv, [64, 3]]]\nhead: [[-1, 1, nn.Upsample, [None, 2, nearest]]]\nactivation: torch.nn.ReLU()\n",
        "backbone: resnet50\nhead: mlp\nactivation: f(x)\n",
        "download: some(words)\nnames: [a]\n",
        f"{DATA}download: ultralytics/data/scripts/get_imagenet.sh\n",
    ],
)
def test_ordinary_files_are_clean(plan):
    assert rules(plan) == set()


@pytest.mark.frameworks
def test_the_files_of_the_package_are_clean():
    found = importlib.util.find_spec("ultralytics")
    if found is None or found.origin is None:
        pytest.skip("ultralytics is not installed here: its files are not examined")
    files = sorted(Path(found.origin).parent.rglob("*.yaml"))
    assert files
    for file in files:
        report = examine(BytesView(file.read_bytes()), file.name).report
        assert ([*report.findings], [*report.unchecked]) == ([], []), file
