"""Python runs a file of this name each time it starts, once it is unpacked among its packages.

Of a text `x.pth` in `site-packages`, each line that begins with `import` is run; `sitecustomize.py` and
`usercustomize.py` are imported wherever they are found. Nobody has to load the model. No model needs such a file; a
checkpoint of PyTorch that is called `.pth` is not one.

Example: `x.pth` with the line `import os; os.system("…")` in an archive.
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
    """Yield files that Python runs when it starts."""
    yield from sightings(description, Odd.STARTS)


RULE: Final = Rule(
    id="archive-starts-code",
    title="a file of this name is run each time Python starts",
    severity=Severity.HIGH,
    remedy="Do not unpack it among Python's packages. Read the file, and ask its producer what it is for.",
    references=("CWE-829", "CWE-506", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=ArchiveDescription,
    look=look,
    page=__doc__ or "",
)
