"""Two readers see different things in the archive.

A zip file says everything twice: in the directory at its end and in the header before each member. A tar file can
give a size twice. Python reads one of them, the library inside PyTorch the other, a streaming reader may read neither
as a scanner does. No program that writes archives lets the two differ; where they do, a scanner can be shown a
harmless file and a loader the other one.

Example: a directory that calls a member `data/0` whose own header calls it `data.pkl`; two directories, of which one
lies in the comment of the other; a name with a NUL in it.
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
    """Yield each place where two readers go different ways."""
    yield from sightings(description, Odd.TWO_READINGS)


RULE: Final = Rule(
    id="archive-two-readings",
    title="two readers see different things in the archive",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a file that an ordinary program wrote.",
    references=(
        "CWE-436",
        "GHSA-7q5r-7gvp-wc82",
        "MITRE ATLAS AML.T0018",
        "OWASP ML06:2023",
    ),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
