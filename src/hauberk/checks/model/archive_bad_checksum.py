"""A checksum in the archive does not hold.

The bytes are not the ones that were packed: the file is damaged, or was changed with a tool that did not care. Some
readers stop there, PyTorch goes on. The bytes are examined as they are. A member of more than a MiB that is not packed
is not summed up.

Example: a checkpoint whose `data.pkl` was overwritten in place.
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
    """Yield each checksum that does not hold."""
    yield from sightings(description, Odd.CHECKSUM)


RULE: Final = Rule(
    id="archive-bad-checksum",
    title="a checksum in the archive does not hold",
    severity=Severity.MEDIUM,
    remedy="Get the file again. If it is the same, ask its producer.",
    references=(
        "CVE-2025-10156",
        "CWE-354",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
