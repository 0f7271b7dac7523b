"""Two members have the same name.

Which of them is opened depends on the reader: Python's `zipfile` takes the last, others take the first. What one of
them scans, another does not load. All of them are examined.

Example: `data.pkl` twice, once with the weights and once with a call of `os.system`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.archive_oddities import sightings
from hauberk.finding import Severity
from hauberk.formats.archive.oddity import ArchiveDescription, Odd
from hauberk.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.rule import Sighting


def look(description: ArchiveDescription) -> Iterator[Sighting]:
    """Yield each member that has the name of one before it."""
    yield from sightings(description, Odd.DUPLICATE)


RULE: Final = Rule(
    id="archive-duplicate-member",
    title="two members have the same name",
    severity=Severity.HIGH,
    remedy="Ask its producer for a file in which each member has a name of its own.",
    references=(
        "CWE-436",
        "CWE-694",
        "MITRE ATLAS AML.T0018",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
