"""What each check counts while rows go by: one object a check, which ends as the facts that its rule judges.

`learn` is shown the rows of the other data set first, in as many turns as `turns` says; `add` those that are judged.
Either raises `Malformed` or `Exceeded` where the check cannot be computed, and then is unchecked.
"""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hauberk.checks.data import facts
from hauberk.errors import Exceeded, Malformed, Misconfigured
from hauberk.evidence.instant import parse_instant
from hauberk.formats.table.encoding import decimals
from hauberk.verbs.data_rows import TIMES

if TYPE_CHECKING:
    from hauberk.checks.data import document as asked
    from hauberk.verbs.data_rows import Rows

MICROSECONDS = 1_000_000


class Check(Protocol):
    """A check that is being counted."""

    name: str
    against: str | None
    turns: int

    def learn(self, rows: Rows, turn: int) -> None:
        """Take rows of the other data set."""
        ...

    def add(self, rows: Rows) -> None:
        """Take rows of the data set that is judged."""
        ...

    def facts(self) -> object:
        """Return what was counted; raise `Malformed` where that is not enough to judge by."""
        ...


class Alone:
    """A check that needs no other data set."""

    against: str | None = None
    turns = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = 0

    def learn(self, rows: Rows, turn: int) -> None:
        """Take nothing."""

    def require_rows(self) -> int:
        """Return how many rows there were; raise `Malformed` if none, since then nothing was checked."""
        if not self.rows:
            raise Malformed("there is no row to check")
        return self.rows


class Outside(Alone):
    """Counts values that are not as they must be."""

    def __init__(self, name: str, column: str) -> None:
        super().__init__(name)
        self.column = column
        self.outside = 0
        self.of = 0
        self.first: int | None = None

    def require_values(self) -> None:
        """Raise `Malformed` if there was no row, or none whose value is not null: then nothing was checked."""
        self.require_rows()
        if not self.of:
            raise none_to_check(self.column)

    def count(self, rows: Rows, wrong: Any, null: Any) -> None:
        """Take for each row whether it is wrong, and whether it is null, which is never wrong."""
        self.rows += len(rows)
        wrong = wrong & ~null
        self.of += len(rows) - int(null.sum())
        if wrong.any():
            self.outside += int(wrong.sum())
            if self.first is None:
                self.first = rows.start + int(np.flatnonzero(wrong)[0])


class Ranged(Outside):
    """Counts what lies outside of a range."""

    def __init__(self, name: str, check: asked.Range) -> None:
        super().__init__(name, check.column)
        self._check = check
        self._of_times = check.earliest is not None or check.latest is not None
        ends = (check.earliest, check.latest)
        self._ends = [None if end is None else _instant(end) * MICROSECONDS for end in ends]

    def add(self, rows: Rows) -> None:
        """Take rows."""
        if self._of_times:
            values, null = rows.times(self.column)
            wrong = _outside(values, *self._ends)
        else:
            null = rows.is_null(self.column)
            wrong = self._numbers_outside(rows)
        self.count(rows, wrong, null)

    def facts(self) -> object:
        """Return how many are outside."""
        self.require_values()
        return facts.RangeFacts(self.name, self.column, self.outside, self.of, self.first)

    def _numbers_outside(self, rows: Rows) -> Any:
        """Compare numbers exactly, as they are stored: no whole number and no decimal is rounded."""
        least, most = self._check.min, self._check.max
        column, kind = rows.column(self.column), rows.types[self.column]
        if kind in TIMES:
            raise Malformed(f"the column {self.column!r} is {kind}: its ends are `earliest` and `latest`")
        if kind == "int":
            whole = (None if least is None else math.ceil(least), None if most is None else math.floor(most))
            return _outside(column.fill_null(0).to_numpy(zero_copy_only=False), *whole)
        if kind == "decimal":
            found, indices = decimals(column)
            ends = [None if end is None else Decimal(repr(end)) for end in (least, most)]
            wrong = np.array([v is not None and bool(_outside(v, *ends)) for v in found] or [False])
            return wrong[indices.fill_null(0).to_numpy()]
        return _outside(rows.numbers(self.column), least, most)


class Categorised(Outside):
    """Counts what is none of the categories."""

    def __init__(self, name: str, check: asked.Categories) -> None:
        super().__init__(name, check.column)
        self._values = frozenset(check.values)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        found = rows.texts(self.column).dictionary_encode()
        known = np.array([value in self._values for value in found.dictionary.to_pylist()] or [True])
        null = rows.is_null(self.column)
        self.count(rows, ~known[found.indices.fill_null(0).to_numpy()], null)

    def facts(self) -> object:
        """Return how many are none."""
        self.require_values()
        return facts.CategoryFacts(self.name, self.column, self.outside, self.of, self.first)


class Nulled(Alone):
    """Counts nulls."""

    def __init__(self, name: str, check: asked.Nulls) -> None:
        super().__init__(name)
        self._check = check
        self._nulls = 0

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self._nulls += int(rows.is_null(self._check.column).sum())
        self.rows += len(rows)

    def facts(self) -> object:
        """Return how many there are."""
        return facts.NullFacts(self.name, self._check.column, self._nulls, self.require_rows(), self._check.max_share)


class Freshest(Alone):
    """Keeps the newest time."""

    def __init__(self, name: str, check: asked.Freshness, now: int) -> None:
        super().__init__(name)
        self._check, self._now = check, now
        self._newest: int | None = None

    def add(self, rows: Rows) -> None:
        """Take rows."""
        values, null = rows.times(self._check.column)
        self.rows += len(rows)
        if not null.all():
            newest = int(values[~null].max())
            self._newest = newest if self._newest is None else max(self._newest, newest)

    def facts(self) -> object:
        """Return the newest."""
        if self._newest is None:
            raise Malformed(f"there is no time in {self._check.column!r}")
        return facts.FreshFacts(
            self.name, self._check.column, self._newest // MICROSECONDS, self._now, self._check.max_age_hours
        )


class Numbered(Alone):
    """Counts rows, and those of the other data set where its manifest does not say them."""

    def __init__(self, name: str, check: asked.Count, before: int | None) -> None:
        super().__init__(name)
        self._check, self._before = check, before
        self.against = check.against
        self.turns = 1 if check.is_relative and before is None else 0

    def learn(self, rows: Rows, turn: int) -> None:  # noqa: ARG002 - one turn only
        """Take rows of the other data set."""
        self._before = (self._before or 0) + len(rows)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self.rows += len(rows)

    def facts(self) -> object:
        """Return how many there are."""
        check = self._check
        before = self._before if check.is_relative else None
        if check.is_relative and not before:
            raise Malformed(f"there is no row in {check.against}")
        return facts.CountFacts(self.name, self.rows, check.min, check.max, check.min_ratio, check.max_ratio, before)


class Balanced(Alone):
    """Counts labels."""

    def __init__(self, name: str, check: asked.Balance) -> None:
        super().__init__(name)
        self._check = check
        self._counts: Counter[str] = Counter()

    def add(self, rows: Rows) -> None:
        """Take rows."""
        self.rows += len(rows)
        for entry in rows.texts(self._check.column).value_counts():
            label = entry["values"].as_py()
            if label in self._check.shares:
                self._counts[label] += entry["counts"].as_py()

    def facts(self) -> object:
        """Return how many rows have each label."""
        counts = tuple((label, self._counts[label], share) for label, share in self._check.shares.items())
        return facts.BalanceFacts(self.name, self._check.column, self.require_rows(), counts)


class Leaking(Outside):
    """Counts times that are later than the earliest of the other data set."""

    turns = 1

    def __init__(self, name: str, check: asked.Leakage, against: str) -> None:
        super().__init__(name, check.column)
        self.against = against
        self._earliest: int | None = None
        self._of_days: bool | None = None

    def learn(self, rows: Rows, turn: int) -> None:  # noqa: ARG002 - one turn only
        """Take rows of the other data set."""
        values, null = self._times(rows)
        if not null.all():
            earliest = int(values[~null].min())
            self._earliest = earliest if self._earliest is None else min(self._earliest, earliest)

    def add(self, rows: Rows) -> None:
        """Take rows."""
        if self._earliest is None:
            raise Malformed(f"there is no time in {self.column!r} of {self.against}")
        values, null = self._times(rows)
        self.count(rows, values > self._earliest, null)

    def facts(self) -> object:
        """Return how many are later."""
        self.require_values()
        return facts.LeakFacts(self.name, self.column, self.outside, self.of, self.first, str(self.against))

    def _times(self, rows: Rows) -> tuple[Any, Any]:
        """Return the times of rows; raise `Malformed` where some are days and others are not: which came first?"""
        found = rows.times(self.column)
        of_days = rows.types[self.column] == "date"
        if self._of_days not in (None, of_days):
            raise Malformed(f"the column {self.column!r} has days in one data set and times of day in the other")
        self._of_days = of_days
        return found


def _outside(values: Any, least: Any, most: Any) -> Any:
    """Return for each value whether it is under the least or over the most, where these are given; NaN is neither."""
    wrong: Any = False  # one of the two is given
    with np.errstate(invalid="ignore"):
        if least is not None:
            wrong = wrong | (values < least)
        if most is not None:
            wrong = wrong | (values > most)
    return wrong


def none_to_check(column: str) -> Malformed:
    """Return the error for a column of nulls, of which nothing was checked."""
    return Malformed(f"there is no value in {column!r} to check")


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except Malformed:
        raise Misconfigured(f"{text!r:.60} is no instant", "write it as 2026-11-23T17:00:00Z") from None


def too_many(what: str, most: int) -> Exceeded:
    """Return the error for more than is kept in memory."""
    return Exceeded(f"more than {most} {what}", "leave the check out, or ask it of a column with fewer")
