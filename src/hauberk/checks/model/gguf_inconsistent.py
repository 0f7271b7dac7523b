"""The GGUF file contradicts itself.

Programs in C compute from the numbers of the header how much memory a tensor takes and where it lies. A product of
dimensions that runs over, an offset behind the end of the file or into another tensor, a row that is no whole number of
blocks: each made some release of them read or write memory that it should not. A key or a name that occurs twice is one
thing to one reader, and another to the next. No writer makes such a file.

Example: a tensor of 2^62 elements; one that ends behind the end of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.gguf import GgufDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: GgufDescription) -> Iterator[Sighting]:
    """Yield each contradiction."""
    for one in description.contradictions:
        yield Sighting(Location(offset=one.offset), one.seen)


RULE: Final = Rule(
    id="gguf-inconsistent",
    title="the GGUF file contradicts itself",
    severity=Severity.HIGH,
    remedy="Do not load it. Convert the model again from where it came from.",
    references=("CWE-190", "CWE-787", "CVE-2024-21802", "CVE-2026-33298", "MITRE ATLAS AML.T0018"),
    reads=GgufDescription,
    look=look,
    page=__doc__ or "",
)
