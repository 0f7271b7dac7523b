"""A member is not in the archive's directory.

It stands in the file with a header of its own, and whoever asks the directory does not see it. A reader that walks
the file from its front does, and so does whoever knows the offset. It is examined as well.

Example: a pickle between two members of a zip file, left out of the directory at the end.
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
    """Yield each member that stands in the file and not in the directory."""
    yield from sightings(description, Odd.HIDDEN)


RULE: Final = Rule(
    id="archive-hidden-member",
    title="a member is not in the archive's directory",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a file that an ordinary program wrote.",
    references=(
        "CWE-506",
        "CWE-436",
        "MITRE ATLAS AML.T0018",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
