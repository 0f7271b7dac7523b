"""A member is marked as encrypted and is not.

Readers that ask for a password refuse such a member; the library inside PyTorch does not look at the mark and loads
it. The mark keeps scanners out and nobody else.

Example: a checkpoint with the lowest bit of the flags of `data.pkl` set.
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
    """Yield each member whose bytes are plain although it is marked as encrypted."""
    yield from sightings(description, Odd.FALSE_ENCRYPTION)


RULE: Final = Rule(
    id="archive-false-encryption",
    title="a member is marked as encrypted and is not",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a file that an ordinary program wrote.",
    references=(
        "GHSA-w8jq-xcqf-f792",
        "CWE-436",
        "MITRE ATLAS AML.T0018",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
