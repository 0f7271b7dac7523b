"""What is said of files that PyTorch, safetensors and gguf wrote; `tools/write_torch_files.py` says how."""

from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

FOLDER = Path(__file__).parents[1] / "vectors" / "written" / "torch"
SAID = {
    "arithmetic.pte": ("executorch", "clean", set()),
    "arithmetic.ptd": ("executorch-data", "clean", set()),
    "arithmetic-on-xnnpack.pte": ("executorch", "clean", set()),
    "phone.ptl": ("torchscript-mobile", "clean", set()),
    "phone-that-writes.ptl": ("torchscript-mobile", "malicious", {"torchscript-reaches-out"}),
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


@pytest.mark.parametrize("name", ["arithmetic.pte", "arithmetic.ptd", "arithmetic-on-xnnpack.pte", "phone.ptl"])
def test_a_flat_file_that_was_cut_is_not_complete(name):
    data = (FOLDER / name).read_bytes()
    for size in (len(data) - 1, len(data) // 2, 100):
        assert examine(BytesView(data[:size]), name).report.unchecked or name == "phone.ptl"


def test_a_backend_that_is_not_understood_is_unchecked():
    data = (FOLDER / "arithmetic-on-xnnpack.pte").read_bytes().replace(b"XnnpackBackend", b"UnknownBackend")
    assert "UnknownBackend" in examine(BytesView(data), "model").report.unchecked[0].detail


def test_a_segment_that_is_no_tensor_is_examined():
    shaped, shapeless = b"\x0a\0\x10\0\4\0\x08\0\x0c\0", b"\x0a\0\x10\0\4\0\x08\0\0\0"
    data = (FOLDER / "arithmetic.ptd").read_bytes().replace(shaped, shapeless)
    assert examine(BytesView(data), "model").report.unchecked[0].location.member == "segment 1"


@pytest.mark.parametrize("name", ["arithmetic.pte", "arithmetic.ptd"])
def test_what_lies_behind_the_segments_is_examined(name):
    data = (FOLDER / name).read_bytes() + b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R."
    assert "pickle-runs-process" in {one.rule for one in examine(BytesView(data), "model").report.findings}
