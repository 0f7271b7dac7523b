"""Files of PyTorch, whatever their age: nothing is raised, and what is raw numbers lies in the file.

A zip has a checksum for each member, so mutations rarely get past it; the part readers are also fed the bytes alone.
"""

from __future__ import annotations

from pathlib import Path

from fuzz.fuzz_pickle import LIMITS
from hauberk.checks.model.examine import examine
from hauberk.formats.model.torch import flat, legacy, script, served
from hauberk.formats.text import python
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
RULES = ("torch-storage-mismatch", "torchscript-reaches-out", "archive-brings-source", "archive-brings-machine-code")
READERS = (
    legacy.describe,
    script.describe,
    python.describe,
    flat.describe_executorch,
    flat.describe_executorch_data,
    flat.describe_mobile,
    served.describe_tar,
)


def seeds() -> list[bytes]:
    """Return every vector of old files, and of the rules on archives."""
    folders = (
        VECTORS / "formats" / "torch-legacy",
        VECTORS / "written" / "torch",
        *(VECTORS / "rules" / rule for rule in RULES),
    )
    found = [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    tensor = (VECTORS / "rules" / "torch-storage-mismatch" / "pass" / "tensor.pt").read_bytes()
    return [*found, tensor * 3]


def one_input(data: bytes) -> None:
    """Examine the bytes as a file, and describe them as each part reader would."""
    examine(BytesView(data), "fuzz", limits=LIMITS)
    for reader in READERS:
        reader(BytesView(data), LIMITS)
    described = legacy.describe(BytesView(data), LIMITS)
    assert all(array.offset + array.size <= len(data) for array in described.arrays if not described.unchecked)
