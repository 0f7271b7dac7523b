"""A number or a time lies outside of the range that `ranges` in checks.yaml gives it.

An amount of minus one million, an age of 900, a time in 1970: one such row moves a mean, a scaler and the trees that
split on it, and it is the cheapest way to poison a model. Nulls are the business of `data-null`. Both ends are in the
range. Whole numbers and decimals are compared exactly; a time without a zone is taken for UTC. A column of nulls only
was not checked, and is no pass.

Example: `ranges: [{column: amount, min: 0, max: 20000}]`, and a row has an amount of -5.

Fix: find out where the rows come from; correct them there, or leave them out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import RangeFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: RangeFacts) -> Iterator[Sighting]:
    """Yield the column, if a value of it is outside."""
    if facts.outside:
        saw = f"{facts.column}: {facts.outside} of {facts.of} values are outside; the first is in row {facts.first}"
        yield Sighting(Location(pointer=facts.check), saw)


RULE: Final = Rule(
    id="data-range",
    title="a value lies outside of its range",
    severity=Severity.MEDIUM,
    remedy="Correct the rows at their source or leave them out; widen the range only where the values are right.",
    references=("CWE-1284", "OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=RangeFacts,
    look=look,
    page=__doc__ or "",
)
