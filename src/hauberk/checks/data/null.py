"""More of a column is null than `nulls` in checks.yaml allows.

A join that failed, a sensor that is off, a field that was renamed: all of them arrive as nulls, and most training
programs fill these with a mean. NaN in a column of floating numbers is null; so is an empty cell of CSV that is read as
a number, a truth or a time. An empty text is a text.

Example: `nulls: [{column: amount, max_share: 0.01}]`, and 3 % of the amounts are null.

Fix: find out why they are missing. Allow more only where the model is known to bear it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import NullFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: NullFacts) -> Iterator[Sighting]:
    """Yield the column, if more of it is null than may be."""
    if facts.nulls > facts.max_share * facts.rows:
        share = facts.nulls / facts.rows
        saw = (
            f"{facts.column}: {facts.nulls} of {facts.rows} values are null ({share:.4g}, at most {facts.max_share:g})"
        )
        yield Sighting(Location(pointer=facts.check), saw)


RULE: Final = Rule(
    id="data-null",
    title="a column has more nulls than it may",
    severity=Severity.MEDIUM,
    remedy="Find out why the values are missing before they are filled.",
    references=("CWE-20", "OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=NullFacts,
    look=look,
    page=__doc__ or "",
)
