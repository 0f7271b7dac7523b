"""An HDF5 file takes its content from another file.

HDF5 can keep the data of a dataset in other files, link to objects in other files, and put datasets together from
parts of them. Whoever opens a weights file then reads whichever file is named, as the user who loads the model: a
private key becomes a weight. Programs that write models keep everything in one file.

Example: the dataset `/layers/dense/vars/0` with external storage in `/home/ada/.ssh/id_ed25519`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.hdf5 import Hdf5Description
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: Hdf5Description) -> Iterator[Sighting]:
    """Yield each thing that is in another file."""
    for one in description.elsewhere:
        yield Sighting(Location(offset=one.offset), f"{printable(one.how)} is in {one.path[:160]!r}")


RULE: Final = Rule(
    id="hdf5-external",
    title="the HDF5 file takes its content from another file",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for one file that holds everything.",
    references=("CWE-73", "CWE-200", "CVE-2026-1669", "MITRE ATLAS AML.T0010", "OWASP ML06:2023"),
    reads=Hdf5Description,
    look=look,
    page=__doc__ or "",
)
