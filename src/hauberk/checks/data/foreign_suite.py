"""A suite of pandera or Great Expectations, which was run over the data, says that something in it does not hold.

`hauberk data approve --suite` gives the suite and the rows of the manifest to the program that the suite is for, and
signs what this answered. What a suite means is for its program to say; each of its expectations that fails is one
finding here, with how many values it is about where the program counted them, and never with a value. The suite as a
whole is named where the program calls it a failure and told of no expectation that fails.

Example: `expect_column_values_to_be_unique` of the column `id`, and two rows have the same.

Fix: as of the expectation. Where the suite is out of date, change it, have it reviewed, and run it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import SuiteFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: SuiteFacts) -> Iterator[Sighting]:
    """Yield the expectation, if it does not hold."""
    if not facts.holds:
        yield Sighting(Location(pointer=facts.check), f"{facts.tool}: {facts.expectation}: {saw(facts)}")


def saw(facts: SuiteFacts) -> str:
    """Return what was seen, in words of ours."""
    if facts.absent:
        return "the column is not there"
    if facts.holds:
        return "holds"
    if not facts.count:
        return "does not hold"
    where = "" if facts.first is None else f"; the first is in row {facts.first}"
    return f"{facts.count} of {facts.of} values do not hold{where}"


RULE: Final = Rule(
    id="data-suite",
    title="a suite of another program does not hold",
    severity=Severity.HIGH,
    remedy="Look at the expectation that failed; change the suite only after a review.",
    references=("CWE-1286", "OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=SuiteFacts,
    look=look,
    page=__doc__ or "",
)
