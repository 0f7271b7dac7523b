"""A training row has a value that was not the newest one at its event.

A feature that is joined from after the event tells the model what it is to foretell: it does well in every test, and
fails where the future is not there yet. A value that is older than the newest is not what serving would have given.
Values are recomputed from the offline table: for each training row the newest at or before the time of its event. Of
two rows of one time, the later in the file counts. A row without any such value must be null, and so must one whose
newest value is older than the view's `ttl_hours`.

Example: the balance of Tuesday stands beside a payment of Monday.

Fix: join as of the time of the event (`merge_asof`, `ASOF JOIN`, a feature store's historical features), and train
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.features.facts import JoinFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: JoinFacts) -> Iterator[Sighting]:
    """Yield the feature, if a training row has another value than the one at its event."""
    if facts.wrong:
        saw = f"{facts.feature}: {facts.wrong} of {facts.of} training rows have not the newest value at their event"
        more = f", {facts.later} of them one from after it" if facts.later else ""
        yield Sighting(Location(pointer=facts.feature), f"{saw}{more}; the first is row {facts.first}")


RULE: Final = Rule(
    id="feature-point-in-time",
    title="a training row has a value that was not the newest at its event",
    severity=Severity.HIGH,
    remedy="Join features as of the time of the event, and train again.",
    references=("CWE-20",),
    reads=JoinFacts,
    look=look,
    page=__doc__ or "",
)
