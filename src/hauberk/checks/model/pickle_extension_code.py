"""The pickle names a callable by a number.

The instructions EXT1, EXT2 and EXT4 stand for a name that `copyreg.add_extension` has put under a number in the
process that loads the file. Which name that is cannot be seen in the file, and an earlier pickle may have chosen it.
The feature is nearly unused; no model file that we know needs it.

Example: `copyreg.add_extension('os', 'system', 7)` in one pickle, EXT1 7 in the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.judged import MOST_SIGHTINGS
from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Rule, Sighting
from hauberk.symbol import Registered, Use

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: PickleDescription) -> Iterator[Sighting]:
    """Yield the first use of each extension code, of the first hundred codes."""
    seen: dict[int, int] = {}
    for effect in description.effects:
        if effect.use is Use.IMPORT and isinstance(effect.callable, Registered):
            seen.setdefault(effect.callable.code, effect.offset)
    offsets = list(seen.values())
    for code, offset in list(seen.items())[:MOST_SIGHTINGS]:
        yield Sighting(Location(offset=offset), f"extension code {code}")
    if rest := offsets[MOST_SIGHTINGS:]:
        yield Sighting(Location(offset=rest[0]), f"and {len(rest)} more, from here on")


RULE: Final = Rule(
    id="pickle-extension-code",
    title="the pickle names a callable by a number",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer to pickle it without extension codes.",
    references=("CWE-502", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=PickleDescription,
    look=look,
    page=__doc__ or "",
)
