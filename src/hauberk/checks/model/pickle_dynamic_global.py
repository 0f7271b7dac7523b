"""The pickle imports a name that it makes while it is loaded.

An import whose module or name is no constant of the stream, but the result of a call, is there to be hidden: no
pickler writes one. Which callable it is can only be known by running what makes the name. A broken frame is reported
here too: CPython's two unpicklers go on at different places after it, and one of them sees names that the other does
not.

Example: `STACK_GLOBAL` on the results of two calls to `_codecs.encode`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule, Sighting, rest
from hauberk.symbol import Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 100


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield imports of names that are no constants, the first hundred, and count the rest."""
    count, first = 0, 0
    for effect in description.effects:
        if effect.use is not Use.IMPORT or not isinstance(effect.callable, Unknown):
            continue
        count += 1
        if count <= _MOST:
            yield Sighting(Location(offset=effect.offset), f"imports {effect.callable.why}")
        elif count == _MOST + 1:
            first = effect.offset
    if count > _MOST:
        yield rest(Location(offset=first), count - _MOST)


RULE: Final = Rule(
    id="pickle-dynamic-global",
    title="the pickle imports a name that it makes while it is loaded",
    severity=Severity.HIGH,
    remedy="Do not load it. No ordinary program writes such a file.",
    references=("CWE-470", "CWE-502", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
