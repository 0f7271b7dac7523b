"""Bytes in the archive belong to nothing.

They stand in front of it, between members, behind a packed stream or behind its end. No reader of archives looks at
them; something else may. They are examined as a file of their own. Zeros are padding, and are not reported.

Example: a script in front of a zip file; a second payload behind the end of a gzip stream.
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
    """Yield each place with bytes that belong to no member."""
    yield from sightings(description, Odd.FOREIGN)


RULE: Final = Rule(
    id="archive-foreign-bytes",
    title="bytes in the archive belong to nothing",
    severity=Severity.MEDIUM,
    remedy="Find out who put them there. Ask its producer for the file as it was written.",
    references=(
        "CWE-506",
        "MITRE ATLAS AML.T0018",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
