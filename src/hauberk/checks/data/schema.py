"""A column is missing, is one too many, or has another type than `columns` in checks.yaml says.

What trains on a table takes its columns by name or by place. A column that is gone, renamed or suddenly text is filled,
skipped or read as something else by most programs, without an error. The types are logical ones: how wide a number is
stored, and by which program, does not matter. Cells of CSV are text; there the type says how they are read, and a cell
that cannot be read so is counted here. All files of a data set must have the same columns.

Example: `columns: [{name: amount, type: float}]`, and the file has `amount` as text.

Fix: have the source send what was agreed. Where the change was meant, change checks.yaml and have it reviewed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.data.facts import SchemaFacts
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(facts: SchemaFacts) -> Iterator[Sighting]:
    """Yield each column that is missing, unknown or of another type, and each with cells that cannot be read."""
    first = facts.tables[0][1] if facts.tables else ()
    for path, columns in facts.tables:
        found = dict(columns)
        where = Location(path=path, pointer=facts.check)
        for name, kind in facts.wanted:
            if name not in found:
                yield Sighting(where, f"no column {name!r}")
            elif kind is not None and found[name] != kind:
                yield Sighting(where, f"{name} is {found[name]}, not {kind}")
        names = {name for name, _ in facts.wanted}
        for name, kind in columns:
            if name not in names and not facts.others_allowed:
                yield Sighting(where, f"the column {name!r} ({kind}) is one more")
        if columns != first:
            yield Sighting(where, f"other columns, or another order, than in {facts.tables[0][0]}")
    for name, kind, count, row in facts.unread:
        yield Sighting(Location(pointer=facts.check), f"{name}: {count} cells are no {kind}; the first is in row {row}")


RULE: Final = Rule(
    id="data-schema",
    title="the columns are not those that were asked for",
    severity=Severity.HIGH,
    remedy="Have the source send the columns that were agreed, or change checks.yaml after a review.",
    references=("CWE-1286", "OWASP ML02:2023", "MITRE ATLAS AML.T0020"),
    reads=SchemaFacts,
    look=look,
    page=__doc__ or "",
)
