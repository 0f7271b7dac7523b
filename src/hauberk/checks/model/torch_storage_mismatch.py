"""A pickle of PyTorch asks for a storage that the archive does not have like that.

The pickle says how many elements a storage has, the archive how many bytes. `torch.save` writes both from the same
number. Releases of PyTorch before 2.10 took the pickle's word and read behind the end of what the archive holds; that
is a way to write memory from a file that `weights_only=True` takes for harmless.

Example: `('storage', torch.FloatStorage, '0', 'cpu', 1000000)` over a member of 8 bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.torch.archive import TorchDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: TorchDescription) -> Iterator[Sighting]:
    """Yield each storage that is missing or of another size."""
    for one in description.mismatches:
        yield Sighting(Location(member=one.member, offset=one.offset), one.saw)


RULE: Final = Rule(
    id="torch-storage-mismatch",
    title="the pickle asks for a storage that the archive does not have like that",
    severity=Severity.HIGH,
    remedy="Do not load it. Save the model again from where it came from, or ask its producer for a whole file.",
    references=("CWE-125", "CWE-787", "CVE-2026-24747", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TorchDescription,
    look=look,
    page=__doc__ or "",
)
