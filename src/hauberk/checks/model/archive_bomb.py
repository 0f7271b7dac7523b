"""The file unpacks to far more than anybody has to store, and to nothing.

A bomb makes whoever unpacks it run out of disk, memory or time: streams of one byte over and over, of which a few
kilobytes unpack to gigabytes, or archives that lie in each other without end, some in themselves. Hauberk unpacks
within budgets, and what is over one is unchecked, which is no finding: an array of zeros packs as well as a bomb does.
Two things have no such explanation: more than 64 MiB that are one byte from the first to the last, without the head
of any format, out of less than a two-hundredth of it; and files that lie more than sixteen deep in each other.

Example: `bz2.compress(bytes(1 << 30))`, 785 bytes; a zip file whose only member is that zip file.

Fix: do not unpack it. If it is your own array of zeros, store it in a format that says what it is, as `.npy` does.
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
    """Yield what unpacks without end."""
    yield from sightings(description, Odd.BOMB)


RULE: Final = Rule(
    id="archive-bomb",
    title="the file unpacks to far more than anybody stores",
    severity=Severity.MEDIUM,
    remedy="Do not unpack it.",
    references=("CWE-409", "CWE-674", "MITRE ATLAS AML.T0029", "OWASP ML06:2023"),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
