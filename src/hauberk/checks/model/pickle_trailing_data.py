"""There are bytes behind the last pickle.

An unpickler stops at STOP and never looks at what follows. Bytes there are a place to hide a payload that something
else reads, or the sign of a file that was cut together from two. They are no pickle, so nothing here says what they
are: the file is reported as unchecked as well.

Example: `STOP` followed by an executable, or by a second file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield the place behind the last stream where other bytes begin."""
    if description.trailing is not None:
        yield Sighting(Location(offset=description.trailing), "bytes behind the last pickle that are not one")


RULE: Final = Rule(
    id="pickle-trailing-data",
    title="there are bytes behind the last pickle",
    severity=Severity.MEDIUM,
    remedy="Find out who appended them. Ask its producer for the file as it was written.",
    references=("CWE-506", "MITRE ATLAS AML.T0018", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
