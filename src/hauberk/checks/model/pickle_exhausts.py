"""The pickle exhausts the process that loads it.

A call that never returns, ends the process or waits for a terminal takes the service down that loads the model. So
does a bomb: fifty instructions that put ten references to a list into a list, twenty times over, describe more values
than any memory holds. Loading it is quick; hashing, comparing, printing or copying the result never ends, and a dict
with such a key hashes it while it is loaded. Both are reported: the first by the name of what is called, the second
by the number of values that the largest container reaches, where that is out of all proportion to the instructions
that made it. Values that lie one inside the other thousands deep end the interpreter when they are hashed or freed,
and the same bytes, given to call after call, are copied by each. A set of integers that all have one hash compares
each with all others. No pickler writes any of these.

Example: `time.sleep(1e9)`; a tuple of two references to a tuple of two references to…, thirty deep, as a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Capability
from hauberk.checks.model.judged import sightings, unsafe
from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule, Sighting
from hauberk.symbol import Blob, Items, Made, Text, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.symbol import Effect, Symbol

BOMB_VALUES: Final = 1 << 24
BOMB_RATIO: Final = 256
BOMB_DEPTH: Final = 5_000  # CPython's pickler ends at a thousand; an array in an array at 12,000 ends the process
BOMB_COPIES: Final = 1 << 28
MOST_ALIKE: Final = 1024  # so many take a hundredth of a second to put into a set
_CUT_BYTES: Final = 1 << 20  # what a text counts that is longer than is kept
_POINTER_BYTES: Final = 8
_FEW: Final = 64


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield calls that deny service, and a container that is a bomb."""
    yield from sightings(pair for pair in unsafe(description) if pair[1].capability is Capability.DENIAL)
    start = description.streams[0].start if description.streams else 0
    if description.largest >= BOMB_VALUES and description.largest > BOMB_RATIO * description.opcodes:
        saw = f"{description.opcodes} instructions make a container that reaches {description.largest} values"
        yield Sighting(Location(offset=start), saw)
    if description.deepest > BOMB_DEPTH:
        yield Sighting(Location(offset=start), f"values lie {description.deepest} deep one inside the other")
    if description.alike > MOST_ALIKE:
        yield Sighting(Location(offset=start), f"{description.alike} integers have one hash, as no data has")
    if (copied := _copied(description)) > BOMB_COPIES:
        yield Sighting(
            Location(offset=start), f"calls are given the same values again and again: {copied} bytes in all"
        )


def _copied(description: PickleDescription) -> int:
    """Return the bytes of constants and containers that calls are given for the second time or later."""
    seen: set[int] = set()
    copied = 0
    for effect in description.effects:
        if effect.use in (Use.CALL, Use.NEW, Use.BUILD):
            for given in _given(effect):
                if (weight := _weight(given)) and id(given) in seen:
                    copied += weight
                elif weight:
                    seen.add(id(given))
    return copied


def _given(effect: Effect) -> Iterator[Symbol]:
    """Yield what a call may copy: its arguments, the items of a state, and the bytes that bytes are made of."""
    for argument in effect.arguments:
        inner = argument.items if isinstance(argument, Items) and effect.use is Use.BUILD else [argument]
        for one in inner:
            yield from one.arguments if isinstance(one, Made) and one.use is Use.CALL else (one,)


def _weight(symbol: Symbol) -> int:
    if isinstance(symbol, Blob):
        return symbol.size
    if isinstance(symbol, Text):
        return _CUT_BYTES if symbol.cut else 0
    return _POINTER_BYTES * symbol.count if isinstance(symbol, Items) and symbol.count > _FEW else 0


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
