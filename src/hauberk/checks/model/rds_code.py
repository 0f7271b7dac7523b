"""The object of R holds code that reaches out, or is byte code or a pointer by itself.

A function or a call in an R object runs when somebody uses the object. Models hold calls, such as the one that fitted
them, and functions with their byte code; none of those starts programs, runs files, fetches something, or makes code of
text. `.First` and `.Last` of a workspace are functions that R calls by itself. Byte code that belongs to no function
and no promise, or a pointer to memory by itself, is nothing that anybody saves as a model: R runs the one and follows
the other without a check. The rule goes by the names of functions, as they are called, taken from a package or given
to what calls by name; one that is put together at run time it does not see.

Example: a function in a list whose body is `system("…")` or `do.call("system", …)`.

Fix: read the code before you use the object; ask for one without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.rds import RdsDescription
from hauberk.formats.model.rds_names import CALLED
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = {
    "bytecode": "byte code that is the body of no function",
    "pointer": "a pointer to memory",
    "text": "text that it evaluates as code",
}


def look(description: RdsDescription) -> Iterator[Sighting]:
    """Yield calls of functions that reach out, and byte code."""
    for act in description.acts:
        if act.kind == "call":
            yield Sighting(Location(offset=act.offset), printable(f"names {act.name}, which {CALLED[act.name]}"))
        elif act.kind in _WORDS:
            yield Sighting(Location(offset=act.offset), _WORDS[act.kind])


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
