"""There are bytes behind the last tensor of a GGUF file.

A reader of GGUF stops at the last tensor. What follows is read by nobody, or by something else: a program that looks
for a zip from the end of a file finds one. What lies there is examined as a file of its own.

Example: a zip with a Python package behind the weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.gguf import GgufDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: GgufDescription) -> Iterator[Sighting]:
    """Yield the place where the last tensor ends."""
    if description.behind is not None:
        yield Sighting(Location(offset=description.behind), "bytes behind the last tensor")


RULE: Final = Rule(
    id="gguf-trailing-data",
    title="there are bytes behind the last tensor of a GGUF file",
    severity=Severity.MEDIUM,
    remedy="Find out who appended them. Ask its producer for the file as it was written.",
    references=("CWE-506", "MITRE ATLAS AML.T0018", "OWASP ML06:2023"),
    reads=GgufDescription,
    look=look,
    page=__doc__ or "",
)
