"""TorchScript in the archive uses operators that PyTorch does not have.

An operator is named by its name space, as in `ops.torchvision.nms`. One of another name space works only where somebody
has loaded a library that registers it, and what it does is in that library, not in the archive: that is how a victim is
brought to load one. The same holds for a class of such a library, and for `^name(…)`, a call of a Python function that
was not exported. The name spaces of PyTorch and of its own libraries for pictures, sound and text are known. PyTorch
writes its own operators as `torch.relu`; one that is spelled `ops.aten.…` was put in by hand.

Example: `ops.my_company.run(x)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.callables.torchscript import PACKED
from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.torch.script import ScriptDescription
from hauberk.rule import Rule, Sighting, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of PyTorch 2.13 and of torchvision, torchaudio, torchtext, torchrec, torchao and PyG's libraries of operators.
_SPACES: Final = """
    aten prim prims prepacked quantized quantized_decomposed _quantized sparse mkldnn mkl onednn mkldnn_prepacked
    xnnpack
    metal metal_prepack vulkan vulkan_prepack fb fbgemm profiler inductor _inductor_test higher_order rngprims symm_mem
    debugprims export rnn static_runtime inference mps nnapi _nnapi cuda tensorexpr c10d_functional _c10d_functional
    torchvision image video_reader torchaudio torchtext torchrec torchao pyg torch_scatter torch_sparse torch_cluster
    torch_spline_conv torch_ipex aten_ipex
"""
SPACES: Final = frozenset(_SPACES.split())
_OPERATOR: Final = re.compile(r"(?:torch\.)?ops\.(\w+)\.\w+")
_CLASS: Final = re.compile(r"(?:__torch__\.)?torch\.classes\.(\w+)\.\w+")
_REACHING: Final = frozenset({"dist_c10d", "dist_rpc"})  # another rule's
_MOST: Final = 64


def look(description: ScriptDescription) -> Iterator[Sighting]:
    """Yield each operator or class of an unknown name space, and each call of Python, once."""
    seen = [(one, why) for one in description.names if (why := _why(one.name)) is not None]
    for one, why in seen[:_MOST]:
        yield Sighting(Location(offset=one.offset), printable(f"{one.name[:120]} {why}"))
    if len(seen) > _MOST:
        yield rest(Location(offset=seen[_MOST][0].offset), len(seen) - _MOST)


def _why(name: str) -> str | None:
    if name.startswith("^"):
        return "calls a Python function that is not in the archive"
    operator, kind = _OPERATOR.match(name), _CLASS.match(name)
    if operator and operator[1] == "aten":
        return "is written as PyTorch writes no operator of its own, which is torch and its name"
    if operator and operator[1] not in SPACES:
        return "is an operator of a library that somebody has to load"
    if kind and kind[1] not in PACKED | _REACHING:
        return "is a class of a library that somebody has to load"
    return None


RULE: Final = Rule(
    id="torchscript-unknown-operator",
    title="the archive's TorchScript uses operators that PyTorch does not have",
    severity=Severity.MEDIUM,
    remedy="Ask its producer which library they come from, and judge that library as code.",
    references=("CWE-829", "MITRE ATLAS AML.T0010", "OWASP ML06:2023"),
    reads=ScriptDescription,
    look=look,
    page=__doc__ or "",
)
