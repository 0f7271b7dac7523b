"""Rows of this data set are later than the earliest one of the data set that `leakage` in checks.yaml names.

A model that is tested on last week and trained on this one knows the future: campaigns, prices and frauds that its test
is about to meet. It is measured too well and will not hold. Rows of exactly that time are none of the finding. A time
without a zone is taken for UTC.

Example: `leakage: [{column: time, against: holdout}]`, and training goes on after the test has begun.

Fix: split by time. What was measured before does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import LeakFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: LeakFacts) -> Iterator[Sighting]:
    """Yield the column, if a time is later than the earliest of the other data set."""
    if facts.outside:
        saw = f"{facts.column}: {facts.outside} of {facts.of} rows are later than the earliest of {facts.against}"
        yield Sighting(Location(pointer=facts.check), f"{saw}; the first is row {facts.first}")


RULE: Final = Rule(
    id="data-leakage",
    title="rows are later than the data that the model is tested on",
    severity=Severity.HIGH,
    remedy="Split by time: train on what lies before the earliest row of the test.",
    references=("OWASP ML02:2023",),
    reads=LeakFacts,
    look=look,
    page=__doc__ or "",
)
