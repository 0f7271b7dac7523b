"""Members of the archive share bytes.

A bomb of this kind unpacks the same bytes once for each member that claims them, so that a few megabytes become
petabytes with no stream inside another. It also lets one member be part of another's data. No program that writes
archives does this.

Example: a thousand entries of a directory that all point into one stream of zeros.
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
    """Yield each member that begins before another one ends."""
    yield from sightings(description, Odd.OVERLAP)


RULE: Final = Rule(
    id="archive-overlapping-members",
    title="members of the archive share bytes",
    severity=Severity.HIGH,
    remedy="Do not unpack it.",
    references=(
        "CWE-409",
        "CWE-436",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
