"""What is said of files that PyTorch, safetensors and gguf wrote; `tools/write_torch_files.py` says how."""

from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

FOLDER = Path(__file__).parents[1] / "vectors" / "written" / "torch"
SAID = {
    "legacy.pt": ("pytorch-legacy", "clean", set()),
    "model.gguf": ("gguf", "clean", set()),
    "package.pt": ("torch-package", "suspicious", {"archive-brings-source", "pickle-unknown-callable"}),
    "script-that-writes.pt": ("torchscript", "malicious", {"torchscript-reaches-out"}),
    "script.pt": ("torchscript", "clean", set()),
    "state.pt": ("pytorch-zip", "clean", set()),
    "w.safetensors": ("safetensors", "clean", set()),
}


def test_every_file_has_its_row():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(SAID)


@pytest.mark.parametrize("name", SAID)
def test_a_file_is_read_to_its_end_and_said_to_be_what_it_is(name):
    report = examine(BytesView((FOLDER / name).read_bytes()), name).report
    assert (report.format, report.outcome, {one.rule for one in report.findings}) == SAID[name]
    assert report.unchecked == ()
