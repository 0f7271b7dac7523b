"""The object of R holds code that reaches out, or byte code.

A function or a call in an R object runs when somebody uses the object. Models hold calls, such as the one that fitted
them; none of those starts programs, runs files, or fetches something. Byte code, which `saveRDS` leaves out unless it
is told otherwise, is run by R without a check and can be made to read and write memory.

Example: a function in a list whose body is `system("…")`.

Fix: read the code before you use the object; ask for one without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.rds import CALLED, RdsDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: RdsDescription) -> Iterator[Sighting]:
    """Yield calls of functions that reach out, and byte code."""
    for act in description.acts:
        if act.kind == "call":
            yield Sighting(Location(offset=act.offset), printable(f"calls {act.name}, which {CALLED[act.name]}"))
        elif act.kind == "bytecode":
            yield Sighting(Location(offset=act.offset), "byte code")


RULE: Final = Rule(
    id="rds-brings-code",
    title="the object of R holds code that reaches out",
    severity=Severity.MEDIUM,
    remedy="Read the code before you use the object, or ask for one without it.",
    references=("CWE-502", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=RdsDescription,
    look=look,
    page=__doc__ or "",
)
