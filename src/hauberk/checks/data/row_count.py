"""The number of rows is outside of the bounds that `rows` in checks.yaml gives.

Half a file still trains a model. And a set that has grown by a fifth in a week has a fifth that nobody has seen before.
Bounds are numbers (`min`, `max`), or multiples of the rows of another data set (`min_ratio`, `max_ratio`), such as the
one of last week, of which a manifest is enough.

Example: `rows: [{min: 100000, min_ratio: 0.95, max_ratio: 1.1}]`, and there are 40,000.

Fix: `hauberk data diff` says which rows are missing or more, and from which source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import CountFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: CountFacts) -> Iterator[Sighting]:
    """Yield each bound that does not hold."""
    where = Location(pointer=facts.check)
    if facts.min is not None and facts.rows < facts.min:
        yield Sighting(where, f"{facts.rows} rows, {facts.min} at least")
    if facts.max is not None and facts.rows > facts.max:
        yield Sighting(where, f"{facts.rows} rows, {facts.max} at most")
    if facts.before is None:
        return
    if facts.min_ratio is not None and facts.rows < facts.min_ratio * facts.before:
        yield Sighting(where, f"{facts.rows} rows, at least {facts.min_ratio:g} times the {facts.before} of before")
    if facts.max_ratio is not None and facts.rows > facts.max_ratio * facts.before:
        yield Sighting(where, f"{facts.rows} rows, at most {facts.max_ratio:g} times the {facts.before} of before")


RULE: Final = Rule(
    id="data-row-count",
    title="there are too few or too many rows",
    severity=Severity.MEDIUM,
    remedy="Find out which rows are missing or more, with hauberk data diff.",
    references=("OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=CountFacts,
    look=look,
    page=__doc__ or "",
)
