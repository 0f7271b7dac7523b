"""The safetensors file contradicts itself.

The format promises that each byte behind the header belongs to exactly one tensor, and that each name occurs once. The
reference reader refuses a file that breaks the promise. Other readers take it, each in its own way: of two tensors with
one name the first or the last; a range that overlaps another as if it were its own. So one file is two models. Bytes in
a hole or behind the last tensor belong to no tensor and are there for somebody else, such as a program that reads the
file as a zip.

Example: `"w": {…, "data_offsets": [0, 8]}` twice; a zip behind the last tensor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.safetensors import SafetensorsDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: SafetensorsDescription) -> Iterator[Sighting]:
    """Yield each contradiction."""
    for one in description.contradictions:
        yield Sighting(Location(offset=one.offset), one.seen)


RULE: Final = Rule(
    id="safetensors-inconsistent",
    title="the safetensors file contradicts itself",
    severity=Severity.HIGH,
    remedy="Do not load it. Save the tensors again from where they came from, with the safetensors library.",
    references=("CWE-436", "CWE-506", "MITRE ATLAS AML.T0018", "OWASP ML06:2023"),
    reads=SafetensorsDescription,
    look=look,
    page=__doc__ or "",
)
