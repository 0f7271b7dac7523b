"""The newest online values of an entity are older than `max_age_hours`, or from the future.

A job that has stopped leaves values that were right once. A time from the future is a clock or a unit that is wrong,
and hides that the values are old.

Example: a view of hourly counts whose newest row is of last week.

Fix: run the job that fills the store; let it fail loudly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.features.facts import AgeFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: AgeFacts) -> Iterator[Sighting]:
    """Yield how many are old, and how many from the future."""
    if facts.old:
        saw = f"{facts.old} of {facts.of} entities have values older than {facts.max_hours:g} hours"
        yield Sighting(Location(pointer="online"), f"{saw}, the oldest {facts.oldest_hours:.1f}")
    if facts.future:
        yield Sighting(Location(pointer="online"), f"{facts.future} of {facts.of} entities have values from the future")


RULE: Final = Rule(
    id="feature-stale",
    title="online values are too old, or from the future",
    severity=Severity.MEDIUM,
    remedy="Run the job that fills the online store.",
    references=("CWE-672",),
    reads=AgeFacts,
    look=look,
    page=__doc__ or "",
)
