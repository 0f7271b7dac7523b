"""The pickle uses a safe callable in a way that is not.

Many harmless names do harm with the right arguments. `functools.partial` calls what it wraps. A state with a key
named `__setstate__` turns the next change of state into a call. `numpy.dtype` believes flags that turn numbers into
pointers, and `numpy.ndarray` takes more objects from a list than the list has. So the tables say for each name how
real files use it, and with what; anything else is reported with the reason. No program writes such files by accident.

Example: `functools.partial(os.system)`; `numpy.ndarray.__setstate__((1, (1000,), dtype('O8'), False, []))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Tier
from hauberk.checks.model.judged import is_seen, sightings, unsafe
from hauberk.finding import Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.rule import Sighting


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield each use of a safe name that its row does not allow."""
    found = (pair for pair in unsafe(description) if pair[1].tier is Tier.SAFE_WITH_ARGUMENTS)
    yield from sightings((pair for pair in found if is_seen(description, pair[0])), why=True)


RULE: Final = Rule(
    id="pickle-unsafe-arguments",
    title="the pickle uses a safe callable in a way that is not",
    severity=Severity.HIGH,
    remedy="Do not load it. If an ordinary program wrote it, report it: the tables then miss a harmless use.",
    references=("CWE-502", "CWE-20", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
