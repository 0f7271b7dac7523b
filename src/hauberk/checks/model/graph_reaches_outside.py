"""A model names a file that does not lie in its own folder.

ONNX models can keep the bytes of a tensor in another file, SavedModels name their assets, graphs hold paths as
constants, and HDF5 files link to each other. Whoever loads the model opens the path that the file names: with an
absolute path, `..`, a drive or an address that is any file of the machine, such as a private key, which then leaves as
weights, in answers or in the next copy of the model; with an operator that writes, it is the file that is overwritten.
Several checks of paths in libraries were wrong before they were right, so the path is reported whoever checks it.

Example: `external_data` with the location `../../../../etc/passwd`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.outside import why_outside
from hauberk.finding import Location, Severity
from hauberk.formats.model.graph import GraphDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 160


def look(description: GraphDescription) -> Iterator[Sighting]:
    """Yield each path that leads out of the model's folder."""
    for named in description.files:
        why = why_outside(named.path)
        if why:
            path = named.path[:_LONGEST]
            yield Sighting(Location(offset=named.offset), f"{named.purpose} is in {path!r}, {why}")


RULE: Final = Rule(
    id="graph-reaches-outside",
    title="the model names a file outside of its own folder",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a model whose files all lie in one folder, named without a path.",
    references=(
        "CWE-22",
        "CWE-73",
        "CVE-2022-25882",
        "CVE-2024-27318",
        "CVE-2026-27489",
        "MITRE ATLAS AML.T0010",
        "OWASP ML06:2023",
    ),
    reads=GraphDescription,
    look=look,
    page=__doc__ or "",
)
