"""Two rows have the same values in columns that `unique` in checks.yaml names.

A row that is there twice weighs twice. That happens when a file is loaded again, and it is also how somebody who can
only add rows makes the model believe them. Rows are compared by a hash of the columns' values; null is a value.

Example: `unique: [{columns: [card, time]}]`, and the same transaction was delivered on two days.

Fix: remove the repetitions where they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import UniqueFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: UniqueFacts) -> Iterator[Sighting]:
    """Yield the columns, if rows repeat them."""
    if facts.repeated:
        saw = f"{facts.repeated} of {facts.rows} rows repeat {', '.join(facts.columns)}; the first is row {facts.first}"
        yield Sighting(Location(pointer=facts.check), saw)


RULE: Final = Rule(
    id="data-unique",
    title="rows repeat what must be unique",
    severity=Severity.MEDIUM,
    remedy="Remove the repetitions at their source; two loads of one file are the usual reason.",
    references=("OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=UniqueFacts,
    look=look,
    page=__doc__ or "",
)
