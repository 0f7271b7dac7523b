"""Rows of this data set are also in the one that `duplicates` in checks.yaml names, usually the test set.

A model that has seen the answers is measured too well. Whoever wants a bad model through the gate puts the test's rows
into the training set. Rows are compared by a hash of the columns that are named, which must be of the same types in
both; name what makes a row that row, and not its number.

Example: `duplicates: [{columns: [card, time, amount], against: holdout}]`, and 12 rows are in both.

Fix: leave the rows out of one of the two, and measure again. What was measured before does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import DuplicateFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: DuplicateFacts) -> Iterator[Sighting]:
    """Yield the columns, if rows are in both data sets."""
    if facts.shared:
        saw = f"{facts.shared} of {facts.rows} rows are in {facts.against} too, by {', '.join(facts.columns)}"
        yield Sighting(Location(pointer=facts.check), f"{saw}; the first is row {facts.first}")


RULE: Final = Rule(
    id="data-duplicate",
    title="rows are also in the other data set",
    severity=Severity.HIGH,
    remedy="Leave the rows out of one of the two sets, and measure the model again.",
    references=("OWASP ML02:2023",),
    reads=DuplicateFacts,
    look=look,
    page=__doc__ or "",
)
