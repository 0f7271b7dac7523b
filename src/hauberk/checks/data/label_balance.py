"""The share of a label among all rows is outside of the bounds that `label_balance` in checks.yaml gives.

Labels that are late are missing ones, and a model that sees less fraud finds less. Flipped labels are the oldest
poison. A label is compared as text, and its share is of all rows, those without a label included.

Example: `label_balance: [{column: fraud, shares: {"1": {min: 0.002, max: 0.02}}}]`, and 6 % are fraud.

Fix: look at the source of the labels, and at the delay with which they arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import BalanceFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: BalanceFacts) -> Iterator[Sighting]:
    """Yield each label whose share is out of bounds."""
    for label, count, share in facts.counts:
        seen = count / facts.rows
        if not share.min <= seen <= share.max:
            saw = f"{facts.column}: {count} of {facts.rows} rows are {label!r} ({seen:.4g}"
            yield Sighting(Location(pointer=facts.check), f"{saw}, from {share.min:g} to {share.max:g} wanted)")


RULE: Final = Rule(
    id="data-label-balance",
    title="a label is rarer or more frequent than it may be",
    severity=Severity.MEDIUM,
    remedy="Find out whether labels are late, lost or made up before training.",
    references=("OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=BalanceFacts,
    look=look,
    page=__doc__ or "",
)
