r"""A member's name has characters that systems read differently.

A backslash separates folders on one system and is a letter on another; a newline or a character that does not print
makes a list of names say what is not so.

Example: `models\weights.bin`, as some programs of Windows write it.
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
    """Yield each name with a backslash or a character that does not print."""
    yield from sightings(description, Odd.NAME)


RULE: Final = Rule(
    id="archive-odd-name",
    title="a member's name has characters that systems read differently",
    severity=Severity.LOW,
    remedy="Rename it, or ask its producer to.",
    references=(
        "CWE-138",
        "CWE-451",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
