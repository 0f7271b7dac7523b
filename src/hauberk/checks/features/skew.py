"""The online store gives other values than the newest of the offline table.

A model that learns from one table and is asked with another is asked about somebody else. Numbers may differ by the
feature's `tolerance`; null and NaN are the same. `max_skew` is the share of entities that may differ, 0 by default.

Example: the job that fills the online store rounds, or has not run since Friday.

Fix: fill the online store from the offline table, by one definition; then look at who else writes to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.features.facts import SkewFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: SkewFacts) -> Iterator[Sighting]:
    """Yield the feature, if too many entities have another value online."""
    if facts.differ > facts.most * facts.of:
        saw = f"{facts.feature}: {facts.differ} of {facts.of} entities have another value online"
        yield Sighting(Location(pointer=facts.feature), f"{saw}, a share of {facts.differ / facts.of:.4g}")


RULE: Final = Rule(
    id="feature-skew",
    title="the online store gives other values than the offline table",
    severity=Severity.HIGH,
    remedy="Fill the online store from the offline table again, and look at who writes to it.",
    references=("CWE-345", "MITRE ATLAS AML.T0020"),
    reads=SkewFacts,
    look=look,
    page=__doc__ or "",
)
