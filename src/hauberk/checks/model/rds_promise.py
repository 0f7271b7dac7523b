"""The object of R runs code when somebody looks at it.

A promise is an expression that R evaluates when its value is asked for; an active binding is a function that R calls
instead of giving a value. In a file both wait for whoever prints the object, asks for its class or lists its parts.
`saveRDS` of an ordinary model writes neither, except in the environments of its functions, where they are looked at by
these functions only.

Example: a promise of `system("…")` without a value in an `.rds` file.

Fix: do not read it. Ask its producer for the parameters as plain numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.rds import RdsDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = {"promise": "an expression that waits to be evaluated", "binding": "a binding that calls a function"}


def look(description: RdsDescription) -> Iterator[Sighting]:
    """Yield promises without a value, and active bindings."""
    for act in description.acts:
        if act.kind in _WORDS:
            yield Sighting(Location(offset=act.offset), _WORDS[act.kind])


RULE: Final = Rule(
    id="rds-runs-when-touched",
    title="the object of R runs code when somebody looks at it",
    severity=Severity.CRITICAL,
    remedy="Do not read it. Ask its producer for the parameters as plain numbers.",
    references=("CWE-502", "CVE-2024-27322", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=RdsDescription,
    look=look,
    page=__doc__ or "",
)
