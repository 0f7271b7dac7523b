"""Judges what a pickle of a TorchScript archive names: its loader, in C++, imports nothing.

A name under `__torch__` is a class of the archive's own source, or one that a native library registered under
`__torch__.torch.classes`; a few functions of `torch.jit._pickle` mark lists with their types. Any other name is an
error to that loader, and is judged as Python would take it. Source: `torch/csrc/jit/serialization/unpickler.cpp`, 2.13.
"""

from __future__ import annotations

from typing import Final

from hauberk.callables.judgement import Judgement, Tier
from hauberk.symbol import Effect, Global, Made, Symbol, Use

TORCHSCRIPT: Final = "torchscript"
OWN: Final = "__torch__"
NATIVE: Final = "__torch__.torch.classes."
# Classes that PyTorch's own libraries register, and that hold packed weights; dist_c10d and dist_rpc open sockets.
PACKED: Final = frozenset({"quantized", "sparse", "xnnpack", "mkldnn", "metal", "vulkan", "profiler", "rnn"})
MARKS: Final = frozenset(
    {"build_intlist", "build_doublelist", "build_boollist", "build_tensorlist", "build_tensor_from_id",
     "restore_type_tag"}
)  # fmt: skip
_DEEPEST: Final = 8


def judge_compiled(effect: Effect) -> Judgement | None:
    """Judge an effect that only the loader of TorchScript understands; None for any other."""
    name = _class_of(effect.callable)
    if name is None:
        return None
    full = f"{name.module}.{name.name}"
    if name.module == "torch.jit._pickle" and name.name in MARKS and effect.use in (Use.IMPORT, Use.CALL):
        return Judgement(Tier.SAFE, None, full, "marks a list with the type of its items")
    if name.module != OWN and not name.module.startswith(OWN + "."):
        return None
    if not full.startswith(NATIVE):
        return Judgement(Tier.SAFE, None, full, "a class of the archive's own TorchScript")
    if full.removeprefix(NATIVE).partition(".")[0] in PACKED:
        return Judgement(Tier.SAFE, None, full, "a class for packed weights")
    return Judgement(Tier.UNKNOWN, None, full, "a class of a native library, which no table holds")


def _class_of(symbol: Symbol) -> Global | None:
    for _ in range(_DEEPEST):
        if not isinstance(symbol, Made):
            break
        symbol = symbol.callable
    return symbol if isinstance(symbol, Global) else None
