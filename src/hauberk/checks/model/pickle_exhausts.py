"""The pickle exhausts the process that loads it.

A call that never returns, ends the process or waits for a terminal takes the service down that loads the model. So
does a bomb: fifty instructions that put ten references to a list into a list, twenty times over, describe more values
than any memory holds. Loading it is quick; hashing, comparing, printing or copying the result never ends, and a dict
with such a key hashes it while it is loaded. Both are reported: the first by the name of what is called, the second
by the number of values that the largest container reaches, where that is out of all proportion to the instructions
that made it.

Example: `time.sleep(1e9)`; a tuple of two references to a tuple of two references to…, thirty deep, as a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Capability
from hauberk.checks.model.judged import sightings, unsafe
from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

BOMB_VALUES: Final = 1 << 24
BOMB_RATIO: Final = 256


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield calls that deny service, and a container that is a bomb."""
    yield from sightings(pair for pair in unsafe(description) if pair[1].capability is Capability.DENIAL)
    if description.largest >= BOMB_VALUES and description.largest > BOMB_RATIO * description.opcodes:
        start = description.streams[0].start if description.streams else 0
        saw = f"{description.opcodes} instructions make a container that reaches {description.largest} values"
        yield Sighting(Location(offset=start), saw)


RULE: Final = Rule(
    id="pickle-exhausts",
    title="the pickle exhausts the process that loads it",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a file that holds only the model.",
    references=("CWE-400", "CWE-776", "MITRE ATLAS AML.T0029", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
