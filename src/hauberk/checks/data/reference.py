"""A value of a column is not in the column of another data set that `references` in checks.yaml names.

A transaction of a customer whom nobody knows is an error in the load, or was made up. Features that are joined to it
are null. A null refers to nothing and is no finding here. Both columns must be of the same type.

Example: `references: [{column: customer, against: customers, key: id}]`, and customer 812 is not among them.

Fix: load the other data set again, or leave the rows out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import ReferenceFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: ReferenceFacts) -> Iterator[Sighting]:
    """Yield the column, if a value of it is not in the other data set."""
    if facts.outside:
        saw = f"{facts.column}: {facts.outside} of {facts.of} values are not in {facts.against}"
        yield Sighting(Location(pointer=facts.check), f"{saw}; the first is in row {facts.first}")


RULE: Final = Rule(
    id="data-reference",
    title="a value is not in the data set that it refers to",
    severity=Severity.MEDIUM,
    remedy="Load the missing rows of the other data set, or leave out the rows that refer to them.",
    references=("CWE-20", "OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=ReferenceFacts,
    look=look,
    page=__doc__ or "",
)
