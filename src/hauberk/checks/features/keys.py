"""Entities are in the offline table and not online, or online and nowhere else.

An entity that is missing online is served with a default that the model never saw. One that is online only was written
by something else than the job that fills the store. `max_skew` is the share that may be missing; none may be unknown.

Example: somebody added a customer to the online store by hand.

Fix: fill the online store again; find out who wrote what the offline table does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.features.facts import KeyFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: KeyFacts) -> Iterator[Sighting]:
    """Yield what is missing, and what is unknown."""
    if facts.missing > facts.most * facts.offline:
        yield Sighting(Location(pointer="online"), f"{facts.missing} of {facts.offline} entities are not online")
    if facts.unknown:
        yield Sighting(Location(pointer="online"), f"{facts.unknown} entities are online and not in the offline table")


RULE: Final = Rule(
    id="feature-keys",
    title="the online store has other entities than the offline table",
    severity=Severity.MEDIUM,
    remedy="Fill the online store again, and find out who wrote the others.",
    references=("CWE-345",),
    reads=KeyFacts,
    look=look,
    page=__doc__ or "",
)
