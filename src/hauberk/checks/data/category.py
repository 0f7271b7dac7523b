"""A value is none of those that `categories` in checks.yaml lists for its column.

An encoder that meets a category it does not know fails, or silently makes it zero; a new label is a new class. Values
are compared as text, exactly: `DE`, `de` and `DE ` are three.

Example: `categories: [{column: country, values: [AT, CH, DE]}]`, and a row says `D`.

Fix: correct the rows at their source. A category that is right is added to checks.yaml, and to the encoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import CategoryFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: CategoryFacts) -> Iterator[Sighting]:
    """Yield the column, if a value of it is none of the categories."""
    if facts.outside:
        saw = f"{facts.column}: {facts.outside} of {facts.of} values are none of the categories"
        yield Sighting(Location(pointer=facts.check), f"{saw}; the first is in row {facts.first}")


RULE: Final = Rule(
    id="data-category",
    title="a value is none of its categories",
    severity=Severity.MEDIUM,
    remedy="Correct the rows at their source, or add the category after a review.",
    references=("CWE-20", "OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=CategoryFacts,
    look=look,
    page=__doc__ or "",
)
