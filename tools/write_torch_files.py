"""Writes files of PyTorch, safetensors and gguf as these programs write them: `python tools/write_torch_files.py`.

The files under `tests/vectors/written/torch` were made by this script, with torch 2.13.0, safetensors 0.8.0, gguf
0.19.0 and executorch 1.4.0 (`.ptd`: 1.5.1). They are checked in, because the frameworks are not installed where the
tests run; `tests/frameworks` writes and reads fresh ones.
"""

from __future__ import annotations

import linecache
import sys
import types
from pathlib import Path

import gguf
import numpy as np
import safetensors.numpy
import torch
from torch.package import PackageExporter

FOLDER = Path(__file__).parents[1] / "tests" / "vectors" / "written" / "torch"
MODULE = """import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3, 2))

    def forward(self, x):
        return torch.relu(torch.matmul(x, self.weight))


class Writer(torch.nn.Module):
    def forward(self, x):
        torch.save(x, "out")
        return torch.from_file("in", False, 3)
"""


def write(module: object) -> None:
    """Write every file; `module` holds the classes above."""
    torch.manual_seed(0)
    net = module.Net()  # type: ignore[attr-defined]
    state = {"model": net.state_dict(), "epoch": 3}
    torch.save(state, FOLDER / "state.pt")
    torch.save(state, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(net).save(FOLDER / "script.pt")
    torch.jit.script(module.Writer()).save(FOLDER / "script-that-writes.pt")  # type: ignore[attr-defined]
    for name, model in (("phone", module.Net()), ("phone-that-writes", module.Writer())):  # type: ignore[attr-defined]
        torch.jit.script(model)._save_for_lite_interpreter(str(FOLDER / f"{name}.ptl"), _use_flatbuffer=True)  # noqa: SLF001
    with PackageExporter(FOLDER / "package.pt") as exporter:
        exporter.extern("torch.**")
        exporter.save_source_string("packaged", MODULE)
        exporter.save_pickle("model", "model.pkl", net)
    safetensors.numpy.save_file({"w": np.ones((2, 3), np.float32)}, FOLDER / "w.safetensors", {"format": "np"})


def write_executorch() -> None:
    """Write an ExecuTorch program of plain operators, and one for XNNPACK."""
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner  # noqa: PLC0415
    from executorch.exir import ExecutorchBackendConfig, to_edge, to_edge_transform_and_lower  # noqa: PLC0415 - an extra of its own

    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU()).eval()
    program = torch.export.export(model, (torch.ones(1, 3),))
    (FOLDER / "arithmetic.pte").write_bytes(to_edge(program).to_executorch().buffer)
    apart = to_edge(program).to_executorch(ExecutorchBackendConfig(external_constants=True))
    apart.write_tensor_data_to_file(str(FOLDER))
    (FOLDER / "_default_external_constant.ptd").rename(FOLDER / "arithmetic.ptd")
    lowered = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()])
    (FOLDER / "arithmetic-on-xnnpack.pte").write_bytes(lowered.to_executorch().buffer)


def write_gguf() -> None:
    """Write a GGUF file with words, a chat template and two tensors."""
    writer = gguf.GGUFWriter(FOLDER / "model.gguf", "llama")
    writer.add_token_list(["a", "b"])
    writer.add_chat_template("{% for message in messages %}{{ message['content'] }}{% endfor %}")
    writer.add_tensor("a", np.zeros((4, 32), np.float32))
    writer.add_tensor("b", np.zeros((5, 3), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Write the folder; the module has no file, so that no path of this machine gets into debug information."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    linecache.cache["packaged.py"] = (len(MODULE), None, MODULE.splitlines(keepends=True), "packaged.py")
    module = sys.modules["packaged"] = types.ModuleType("packaged")
    exec(compile(MODULE, "packaged.py", "exec"), module.__dict__)
    write(module)
    write_gguf()
    write_executorch()


if __name__ == "__main__":
    main()
