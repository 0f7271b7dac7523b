"""TorchScript in the archive uses operators that reach files or other machines.

Loading a TorchScript archive compiles its source, and runs its `__setstate__` methods; `forward` runs when the model is
used. Nearly all operators compute. A few do not: `torch.save` writes a file of any name, `torch.from_file` maps one,
and may create it; the operators of `torch.distributed.rpc` call other machines. `torch.load` hands an archive that
holds `constants.pkl` to the loader of TorchScript, before PyTorch 2.6 even with `weights_only=True`.

Example: `torch.save(x, "/home/ada/.bashrc")` in `__setstate__`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Confidence, Location, Severity
from hauberk.formats.model.torch.script import ScriptDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES: Final = "a file of the archive's choice"
_MACHINES: Final = "another machine"
OPERATORS: Final = {
    "save": f"writes {_FILES}",
    "from_file": f"maps {_FILES}, and may create it",
    "read_file": f"reads {_FILES}",
    "write_file": f"writes {_FILES}",
    "load_library": "loads a library of machine code",
    "rpc_sync": f"calls {_MACHINES}",
    "rpc_async": f"calls {_MACHINES}",
    "rpc_remote": f"calls {_MACHINES}",
    "remote": f"calls {_MACHINES}",
}
CLASSES: Final = {
    "torch.classes.dist_c10d": f"opens a connection to {_MACHINES}",
    "torch.classes.dist_rpc": f"calls {_MACHINES}",
}
_OWN: Final = frozenset({"self.save", "self.remote", "save", "remote", "read_file", "write_file", "from_file"})


def look(description: ScriptDescription) -> Iterator[Sighting]:
    """Yield each operator that does more than compute; a method or function of the source's own is none."""
    for one in description.names:
        why = OPERATORS.get(one.name.rpartition(".")[2]) if one.name not in _OWN else None
        why = why or next((why for name, why in CLASSES.items() if name in one.name), None)
        if why:
            yield Sighting(Location(offset=one.offset), printable(f"{one.name[:120]} {why}"))
    for one in description.texts:
        if one.name in OPERATORS:
            saw = f"getattr beside the text {one.name!r}, which {OPERATORS[one.name]}"
            yield Sighting(Location(offset=one.offset), saw, Confidence.LIKELY)


RULE: Final = Rule(
    id="torchscript-reaches-out",
    title="the archive's TorchScript reaches files or other machines",
    severity=Severity.CRITICAL,
    remedy="Do not load it. Ask its producer why the model opens files, and for the weights alone.",
    references=("CWE-73", "CWE-94", "CVE-2025-32434", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=ScriptDescription,
    look=look,
    page=__doc__ or "",
)
