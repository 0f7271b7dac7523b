"""The PMML model calls a function that is a class of Java.

The functions of PMML have plain names, such as `log10`. An evaluator in Java takes a name with dots for a class, loads
it and calls it, with constants of the file's choice as arguments.

Example: `<Apply function="java.lang.Runtime.exec">`.

Fix: do not evaluate it. Ask its producer for a model that uses the functions of PMML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield functions whose names have dots."""
    for name, offset in text.prolog.functions if text.prolog else ():
        yield Sighting(Location(offset=offset), printable(f"the function {name}"))


RULE: Final = Rule(
    id="pmml-calls-class",
    title="the PMML model calls a class of Java",
    severity=Severity.HIGH,
    remedy="Do not evaluate it. Ask for a model that uses the functions of PMML.",
    references=("CWE-470", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
