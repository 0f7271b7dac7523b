"""A column is distributed otherwise than in the data set that `shift` in checks.yaml compares it with.

Poisoned rows, a new source, another unit, a season: the model learns what was not there before. What has an order
(numbers, times, truths) is compared by the two-sample test of Kolmogorov and Smirnov over 1,024 thresholds, at
quantiles of the reference; nulls come before the least number, so a change in their share is seen too. Text is compared
by the chi-squared test of homogeneity over its values, at most 4,096 of them.

Where nothing has changed and rows are independent of each other, a run alarms for any of its columns at most as often
as `false_alarm_rate` says (0.01 by default): the rate is divided by the number of columns that are compared
(Bonferroni). `tests/stats/test_shift.py` measures it. Rows that come in clusters, as those of one customer do, alarm
more often: there, and wherever sets are large and drift a little, `tolerate` is the distance that is borne.

Example: `shift: [{columns: [amount, country], tolerate: 0.02}]`, and amounts are twice those of last week.

Fix: `hauberk data diff` says which sources the new rows came from. What is right becomes the next reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import ShiftFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting
from hauberk.stats.shift import homogeneity_chance, ks_chance, ks_distance, total_variation

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: ShiftFacts) -> Iterator[Sighting]:
    """Yield the column, if the groups are filled so otherwise that chance does not explain it."""
    n, m = sum(facts.before), sum(facts.after)
    if facts.ordered:
        distance = ks_distance(facts.before, facts.after)
        chance = ks_chance(distance, n, m)
    else:
        distance = total_variation(facts.before, facts.after)
        chance = homogeneity_chance(facts.before, facts.after)
    if chance < facts.rate and distance > facts.tolerate:
        test = "Kolmogorov-Smirnov" if facts.ordered else "chi-squared"
        saw = f"{facts.column}: a distance of {distance:.4f} from {facts.against} ({facts.tolerate:g} is borne)"
        yield Sighting(Location(pointer=facts.check), f"{saw}; {test}, chance {chance:.2g}, under {facts.rate:.2g}")


RULE: Final = Rule(
    id="data-shift",
    title="a column is distributed otherwise than before",
    severity=Severity.MEDIUM,
    remedy="Find out what has changed, by source, before training; then take the new set as the reference.",
    references=("OWASP ML02:2023", "MITRE ATLAS AML.T0020", "MITRE ATLAS AML.T0019"),
    reads=ShiftFacts,
    look=look,
    page=__doc__ or "",
)
