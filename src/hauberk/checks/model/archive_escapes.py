"""A member would be unpacked outside of its folder.

Its name is absolute or leads up, or it is a link to something outside, or no file but a device or a pipe. A program
that unpacks archives without looking writes over files of its user, or reads them in. Names are looked at as every
system reads them: a backslash separates, `C:` is a drive.

Example: `../../.bashrc`; a symbolic link `data` to `/etc`, and a member `data/passwd` behind it.
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
    """Yield each name and each link that leads out."""
    yield from sightings(description, Odd.ESCAPE)


RULE: Final = Rule(
    id="archive-escapes",
    title="a member would be unpacked outside of its folder",
    severity=Severity.HIGH,
    remedy="Do not unpack it. Ask its producer for a file with plain relative names.",
    references=(
        "CWE-22",
        "CWE-59",
        "MITRE ATLAS AML.T0018",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
