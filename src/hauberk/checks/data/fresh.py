"""The newest time in a column is older than `freshness` in checks.yaml allows.

A load that fails leaves last week's file in its place. The model is then trained again on what it knows, and whoever
attacks it has a week more. A newest time that lies in the future by more than a day is told too: clocks, units or zones
are wrong, or somebody wants the set to look fresh. A time without a zone is taken for UTC.

Example: `freshness: [{column: time, max_age_hours: 48}]`, and the newest row is nine days old.

Fix: look at the load. Raise the bound only if the source is really slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import FreshFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: FreshFacts) -> Iterator[Sighting]:
    """Yield the column, if its newest time is too old, or lies in the future."""
    age = (facts.now - facts.newest) / 3600
    where = Location(pointer=facts.check)
    if age > facts.max_age_hours:
        yield Sighting(
            where, f"{facts.column}: the newest time is {age:.1f} hours old, {facts.max_age_hours:g} at most"
        )
    elif age < -24:
        yield Sighting(where, f"{facts.column}: the newest time lies {-age:.1f} hours in the future")


RULE: Final = Rule(
    id="data-fresh",
    title="the newest row is too old",
    severity=Severity.MEDIUM,
    remedy="Find out why nothing newer arrived, and load it.",
    references=("OWASP ML02:2023",),
    reads=FreshFacts,
    look=look,
    page=__doc__ or "",
)
