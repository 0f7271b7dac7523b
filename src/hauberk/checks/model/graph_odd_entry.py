"""A model says something about its files or its parts that no program writes.

A key that the format does not have, a size that is no number, a tensor whose bytes are nowhere, a separator that means
another file on another system: loaders differ in what they do then. Some versions of `onnx` set each key as an
attribute of an object, whatever its name.

Example: `external_data` with the key `__class__`, or the offset `-1`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.graph import GraphDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: GraphDescription) -> Iterator[Sighting]:
    """Yield each oddity, and each backslash in a path."""
    for oddity in description.oddities:
        yield Sighting(Location(offset=oddity.offset), printable(oddity.saw))
    for named in description.files:
        if "\\" in named.path.lstrip("\\"):
            yield Sighting(Location(offset=named.offset), f"{named.purpose} is in {named.path[:160]!r}")


RULE: Final = Rule(
    id="graph-odd-entry",
    title="the model says something that no program writes",
    severity=Severity.MEDIUM,
    remedy="Ask its producer for the model as the framework wrote it.",
    references=("CWE-20", "CWE-915", "MITRE ATLAS AML.T0018", "OWASP ML06:2023"),
    reads=GraphDescription,
    look=look,
    page=__doc__ or "",
)
