"""Files that PyTorch, safetensors and gguf write here and now: ordinary ones are clean, complete and open; bad ones not.

pip install torch safetensors gguf; pytest -m frameworks tests/frameworks
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hauberk.checks.model.examine import examine
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.sources import digest_path
from hauberk.enforce.load import load
from hauberk.errors import Refused
from hauberk.finding import Outcome
from hauberk.subject import Subject
from hauberk.verdict import Permit
from hauberk.view import BytesView

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]  # of the frameworks, about themselves

PACKED_TYPES = ("float16", "bfloat16", "float64", "int8", "uint8", "int16", "int64", "bool", "complex64", "complex128")


def report(data: bytes):
    return examine(BytesView(data), "model").report


def summary(data: bytes):
    found = report(data)
    return found.outcome, [(one.rule, one.saw) for one in found.findings], [one.detail for one in found.unchecked]


def permit_for(path: Path) -> Permit:
    subject = Subject("model", "tumour", digest_path(path))
    return Permit(gate="load", subject=subject, policy=sha256(b"p"), checkpoint_size=1, not_after=clock.now() + 600)


def opened(path: Path):
    return load(path, permit=permit_for(path))


def network():
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.LSTM(3, 2), torch.nn.Linear(3, 2)
    )


def states():
    """Return objects that people save, by name."""
    import torch

    numbers = torch.arange(10.0)
    model = network()
    optimizer = torch.optim.AdamW(model.parameters())
    model[4](torch.ones(1, 3)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    return {
        "tensor": numbers,
        "state": model.state_dict(),
        "training": {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3},
        "scheduler": scheduler.state_dict(),
        "views": {"all": numbers, "part": numbers[2:4], "matrix": numbers.view(2, 5).t()},
        "types": {name: numbers.to(getattr(torch, name)) for name in PACKED_TYPES},
        "empty": torch.empty(0),
        "parameter": torch.nn.Parameter(numbers),
        "quantised": torch.quantize_per_tensor(numbers, 0.1, 0, torch.qint8),
        "plain": {"a": 1, "b": [1.5, "text", None, True], "c": (1, 2)},
    }


STATES = ("tensor", "state", "training", "scheduler", "views", "types", "empty", "parameter", "quantised", "plain")


@pytest.mark.parametrize("old", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", STATES)
def test_what_torch_saves_is_clean_and_complete(name, old):
    import torch

    file = io.BytesIO()
    torch.save(states()[name], file, _use_new_zipfile_serialization=not old)
    assert summary(file.getvalue()) == (Outcome.CLEAN, [], [])
    assert report(file.getvalue()).format == ("pytorch-legacy" if old else "pytorch-zip")


@pytest.mark.parametrize("old", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", STATES)
def test_what_is_clean_opens_as_torch_opens_it(name, old, tmp_path):
    import torch

    path = tmp_path / "model.pt"
    torch.save(states()[name], path, _use_new_zipfile_serialization=not old)
    ours, theirs = io.BytesIO(), io.BytesIO()
    torch.save(opened(path), ours)
    torch.save(torch.load(path, weights_only=False), theirs)
    assert ours.getvalue() == theirs.getvalue()


def test_a_class_that_was_not_reported_is_not_opened(tmp_path):
    import torch

    path = tmp_path / "model.pt"
    torch.save({"call": print}, path)
    with pytest.raises(Refused):
        opened(path)


def test_a_storage_that_was_cut_is_told(tmp_path):
    import zipfile

    import torch

    torch.save(torch.ones(4), tmp_path / "model.pt")
    with zipfile.ZipFile(tmp_path / "model.pt") as archive, zipfile.ZipFile(tmp_path / "cut.pt", "w") as cut:
        for name in archive.namelist():
            data = archive.read(name)
            cut.writestr(name, data[:8] if name.endswith("data/0") else data)
    found = report((tmp_path / "cut.pt").read_bytes())
    assert "torch-storage-mismatch" in [one.rule for one in found.findings]


def test_a_member_beside_the_storages_is_examined(tmp_path):
    import pickle
    import zipfile

    import torch

    path = tmp_path / "model.pt"
    torch.save(torch.ones(4), path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("model/data/7", pickle.dumps(print))
    assert [one.location.member for one in report(path.read_bytes()).findings] != []


def scripted(tmp_path, model, name="model.pt"):
    path = tmp_path / name
    model.save(path)
    return path.read_bytes()


def test_torchscript_that_computes_is_clean(tmp_path):
    import torch

    model = network().eval()[:3]
    for made in (torch.jit.script(model), torch.jit.trace(model, torch.ones(1, 1, 4, 4))):
        assert summary(scripted(tmp_path, made)) == (Outcome.CLEAN, [], [])


def test_a_module_that_was_scripted_before_it_was_saved_is_clean():
    import torch

    model, file = network().eval()[:3], io.BytesIO()
    torch.jit.script(model)
    torch.save(model, file)
    assert summary(file.getvalue()) == (Outcome.CLEAN, [], [])


def test_torchscript_for_phones_is_clean(tmp_path):
    import torch

    path = tmp_path / "model.ptl"
    torch.jit.script(network().eval()[:3])._save_for_lite_interpreter(str(path))
    assert summary(path.read_bytes()) == (Outcome.CLEAN, [], [])


def test_torchscript_that_reaches_files_is_told(tmp_path, monkeypatch):
    (tmp_path / "evil.py").write_text(
        "import torch\n\n\nclass Evil(torch.nn.Module):\n    def forward(self, x):\n"
        "        torch.save(x, 'out')\n        return torch.from_file('in', False, 3)\n"
    )
    import importlib.util

    import torch

    monkeypatch.setattr(torch, "save", torch.serialization.save)  # which ultralytics replaces for its whole process
    spec = importlib.util.spec_from_file_location("evil", tmp_path / "evil.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    data = scripted(tmp_path, torch.jit.script(module.Evil()))
    assert {one.rule for one in report(data).findings} == {"torchscript-reaches-out"}


def test_a_package_is_suspicious_and_nothing_worse(tmp_path):
    import importlib.util
    import sys

    import torch
    from torch.package import PackageExporter

    (tmp_path / "packaged.py").write_text("import torch\n\n\nclass Net(torch.nn.Linear):\n    pass\n")
    spec = importlib.util.spec_from_file_location("packaged", tmp_path / "packaged.py")
    module = sys.modules["packaged"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with PackageExporter(tmp_path / "model.pt") as exporter:
        exporter.extern("torch.**")
        exporter.intern("packaged")
        exporter.save_pickle("model", "model.pkl", module.Net(3, 2))
    found = report((tmp_path / "model.pt").read_bytes())
    assert found.outcome is Outcome.SUSPICIOUS
    assert "archive-brings-source" in [one.rule for one in found.findings]
    assert found.complete
    assert isinstance(module.Net(1, 1), torch.nn.Module)


def test_an_exported_program_is_clean(tmp_path):
    import torch

    program = torch.export.export(network()[4], (torch.ones(1, 3),))
    torch.export.save(program, tmp_path / "model.pt2")
    assert summary((tmp_path / "model.pt2").read_bytes()) == (Outcome.CLEAN, [], [])


def test_what_safetensors_saves_is_clean_and_opens(tmp_path):
    from safetensors.numpy import save_file

    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(3, bool), "c": np.array(2.5)}
    path = tmp_path / "model.safetensors"
    save_file(arrays, path, {"format": "np"})
    assert summary(path.read_bytes()) == (Outcome.CLEAN, [], [])
    found = opened(path)
    assert {name: (array.dtype, array.tolist()) for name, array in found.items()} == {
        name: (array.dtype, array.tolist()) for name, array in arrays.items()
    }


@pytest.mark.parametrize("name", [*PACKED_TYPES[:-1], "float8_e4m3fn", "float8_e5m2", "uint16", "uint32"])
def test_every_type_of_safetensors_is_known(name):
    import torch
    from safetensors.torch import save

    assert summary(save({"a": torch.ones(4).to(getattr(torch, name))})) == (Outcome.CLEAN, [], [])


def test_the_sizes_of_gguf_are_those_of_its_package():
    from gguf.constants import GGML_QUANT_SIZES

    from hauberk.formats.model.gguf_types import BLOCKS

    known = {int(kind): size for kind, size in GGML_QUANT_SIZES.items()}
    assert {kind: size for kind, size in BLOCKS.items() if kind not in (31, 32, 33, 36, 37, 38)} == known


@pytest.mark.parametrize("order", ["LITTLE", "BIG"])
def test_what_gguf_writes_is_clean(order, tmp_path):
    import gguf

    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama", endianess=gguf.GGUFEndian[order])
    writer.add_token_list([f"token{number}" for number in range(1000)])
    writer.add_chat_template([{"name": "default", "template": "{{ messages }}"}, {"name": "x", "template": "{{ m }}"}])
    writer.add_tensor("a", np.zeros((4, 32), np.float32))
    writer.add_tensor("b", np.zeros((5, 3), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert summary(path.read_bytes()) == (Outcome.CLEAN, [], [])


def test_a_distributed_checkpoint_is_clean(tmp_path):
    import torch.distributed.checkpoint as distributed

    distributed.save({"model": network().state_dict(), "epoch": 3}, checkpoint_id=tmp_path / "checkpoint")
    for path in (tmp_path / "checkpoint").glob("*.distcp"):
        assert summary(path.read_bytes()) == (Outcome.CLEAN, [], [])
        assert report(path.read_bytes()).format == "pytorch-distributed"


def test_flat_torchscript_is_read(tmp_path):
    import torch

    path = tmp_path / "model.ptl"
    torch.jit.script(network().eval()[:3])._save_for_lite_interpreter(str(path), _use_flatbuffer=True)
    assert summary(path.read_bytes()) == (Outcome.CLEAN, [], [])
    assert report(path.read_bytes()).format == "torchscript-mobile"
