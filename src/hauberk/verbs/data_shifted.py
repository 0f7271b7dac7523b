"""How a column is distributed in two data sets, in groups that the other one fixes: constant memory, all rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from hauberk.checks.data.facts import ShiftFacts
from hauberk.errors import Malformed
from hauberk.verbs.data_counts import Alone, too_many
from hauberk.verbs.data_rows import TIMES

if TYPE_CHECKING:
    from hauberk.verbs.data_rows import Rows

GROUPS = 1024
SAMPLE = 1 << 16  # values from which the quantiles are taken
MOST_VALUES = 4096
LEAST_ROWS = 30
_FAMILY = {
    **dict.fromkeys(("bool", "int", "float", "decimal"), "number"),
    **dict.fromkeys(TIMES, "time"),
    "string": "text",
}
_SEED = 0  # which values are drawn fixes thresholds only; every row is counted


class Shifted(Alone):
    """Counts the rows of a column in groups: between quantiles of the other data set, or by value."""

    turns = 2

    def __init__(self, name: str, column: str, against: str, *, rate: float, tolerate: float) -> None:
        super().__init__(name)
        self.column, self.against = column, against
        self._rate, self._tolerate = rate, tolerate
        self._family: str | None = None
        self._sample = _Sample()
        self._edges: Any = None
        self._groups: tuple[Any, Any] = (np.zeros(0, "i8"), np.zeros(0, "i8"))
        self._values: tuple[Counter[Any], Counter[Any]] = (Counter(), Counter())

    def learn(self, rows: Rows, turn: int) -> None:
        """Take rows of the other data set: first a sample of them, then all."""
        self._kind(rows)
        if turn == 0:
            if self._ordered:
                self._sample.add(rows.numbers(self.column))
            return
        self._fix()
        self._count(rows, 0)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self._kind(rows)
        self._fix()
        self.rows += len(rows)
        self._count(rows, 1)

    def facts(self) -> object:
        """Return the counts of both."""
        before, after = self._counted()
        if min(sum(before), sum(after)) < LEAST_ROWS:
            raise Malformed(
                f"fewer than {LEAST_ROWS} rows here or in {self.against}: too few to compare {self.column!r}"
            )
        return ShiftFacts(
            self.name, self.column, str(self.against), self._ordered, before, after, self._rate, self._tolerate
        )

    def _counted(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        if self._ordered:
            return tuple(self._groups[0].tolist()), tuple(self._groups[1].tolist())
        values = list(dict.fromkeys([*self._values[0], *self._values[1]]))
        return tuple(self._values[0][v] for v in values), tuple(self._values[1][v] for v in values)

    @property
    def _ordered(self) -> bool:
        """Return whether the values have an order."""
        return self._family in ("number", "time")

    def _kind(self, rows: Rows) -> None:
        """Decide once what the column holds."""
        rows.column(self.column)
        kind = rows.types[self.column]
        family = _FAMILY.get(kind)
        if family is None:
            raise Malformed(f"the column {self.column!r} is {kind}, whose distribution is not compared")
        if self._family not in (None, family):
            raise Malformed(f"the column {self.column!r} is {kind} in {rows.path} and of another kind elsewhere")
        self._family = family

    def _fix(self) -> None:
        """Set the thresholds, once the sample is drawn."""
        if self._edges is None:
            self._edges = self._sample.quantiles()
            size = len(self._edges) + 2  # nulls, and what is above the last
            self._groups = (np.zeros(size, "i8"), np.zeros(size, "i8"))

    def _count(self, rows: Rows, side: int) -> None:
        if self._ordered:
            values = rows.numbers(self.column)
            groups = np.where(np.isnan(values), 0, np.searchsorted(self._edges, values, side="left") + 1)
            self._groups[side][:] += np.bincount(groups, minlength=len(self._edges) + 2)
            return
        for entry in rows.texts(self.column).value_counts():
            self._values[side][entry["values"].as_py()] += entry["counts"].as_py()
        if len(self._values[side]) > MOST_VALUES:
            raise too_many(f"values in {self.column!r}", MOST_VALUES)


class _Sample:
    """As many values, drawn evenly from all that go by (each bears a random number, the least are kept)."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(_SEED)
        self._marks, self._values = np.zeros(0), np.zeros(0)

    def add(self, values: Any) -> None:
        """Take values; NaN is none."""
        values = values[~np.isnan(values)]
        marks = np.concatenate([self._marks, self._random.random(len(values))])
        values = np.concatenate([self._values, values])
        if len(values) > SAMPLE:
            kept = np.argpartition(marks, SAMPLE)[:SAMPLE]
            marks, values = marks[kept], values[kept]
        self._marks, self._values = marks, values

    def quantiles(self) -> Any:
        """Return the thresholds, ascending, each once."""
        if not len(self._values):
            return np.zeros(0)
        return np.unique(np.quantile(self._values, np.linspace(0, 1, GROUPS), method="lower"))
