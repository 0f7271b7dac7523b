"""The pickle asks its loader for objects.

The instructions PERSID and BINPERSID hand a value to the loader's `persistent_load`. PyTorch uses that for tensors
inside of its own archives, where the archive is read as a whole; a pickle by itself has no loader that could answer,
and one that does decides by its own code what the value means.

Example: `persistent_load(('storage', 'FloatStorage', '0', 'cpu', 100))` outside of a PyTorch archive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.judged import sightings, unsafe
from hauberk.finding import Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule
from hauberk.symbol import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.rule import Sighting


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield each value that the loader is asked for."""
    yield from sightings(pair for pair in unsafe(description) if pair[0].use is Use.PERSISTENT)


RULE: Final = Rule(
    id="pickle-persistent-id",
    title="the pickle asks its loader for objects",
    severity=Severity.MEDIUM,
    remedy="Scan the archive that it belongs to as a whole, or ask for a file that stands by itself.",
    references=("CWE-502", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
