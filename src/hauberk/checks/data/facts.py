"""What was counted of a data set, one record for each check: all that a rule sees.

`check` is the place in `checks.yaml`, as in `ranges[0]`; `first` the number of the first row that breaks it, from 0 in
the order of the files. No record holds a value of a row, since findings are signed and published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hauberk.checks.data.document import Share


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """Columns (name, type or None) that are wanted, and those of each file; `unread`: cells that are not their type."""

    check: str
    wanted: tuple[tuple[str, str | None], ...]
    others_allowed: bool
    tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    unread: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OutsideFacts:
    """How many values are none that may be, of how many that are not null."""

    check: str
    column: str
    outside: int
    of: int
    first: int | None


@dataclass(frozen=True, slots=True)
class RangeFacts(OutsideFacts):
    """How many values lie outside of a range."""


@dataclass(frozen=True, slots=True)
class CategoryFacts(OutsideFacts):
    """How many values are none of the categories."""


@dataclass(frozen=True, slots=True)
class NullFacts:
    """How many of a column's values are null or NaN, and the share that may be."""

    check: str
    column: str
    nulls: int
    rows: int
    max_share: float


@dataclass(frozen=True, slots=True)
class UniqueFacts:
    """How many rows have columns alike with a row before them."""

    check: str
    columns: tuple[str, ...]
    repeated: int
    rows: int
    first: int | None


@dataclass(frozen=True, slots=True)
class FreshFacts:
    """The newest time of a column and the present, Unix seconds."""

    check: str
    column: str
    newest: int
    now: int
    max_age_hours: float


@dataclass(frozen=True, slots=True)
class CountFacts:
    """How many rows there are, and how many there may be; `before`: how many another data set has."""

    check: str
    rows: int
    min: int | None
    max: int | None
    min_ratio: float | None
    max_ratio: float | None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ReferenceFacts(OutsideFacts):
    """How many values are not in the column of the other data set."""

    against: str


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """How many rows of two data sets fall in each of the same groups.

    Attributes:
        ordered: the groups have an order.
        rate: of false alarms, for this column alone.
    """

    check: str
    column: str
    against: str
    ordered: bool
    before: tuple[int, ...]
    after: tuple[int, ...]
    rate: float
    tolerate: float


@dataclass(frozen=True, slots=True)
class BalanceFacts:
    """How many rows have each label that is asked about, and the shares that these must be."""

    check: str
    column: str
    rows: int
    counts: tuple[tuple[str, int, Share], ...]


@dataclass(frozen=True, slots=True)
class DuplicateFacts:
    """How many rows are also in the other data set, by the columns that are named."""

    check: str
    columns: tuple[str, ...]
    against: str
    shared: int
    rows: int
    first: int | None


@dataclass(frozen=True, slots=True)
class LeakFacts(OutsideFacts):
    """How many times are later than the earliest of the other data set."""

    against: str


@dataclass(frozen=True, slots=True)
class SuiteFacts:
    """What another program said of one thing that its suite asks; `count` of `of` values do not hold, if counted.

    Attributes:
        expectation: what is asked, in words.
        holds: the program says that it does.
        absent: a column is not there.
    """

    check: str
    tool: str
    expectation: str
    holds: bool
    count: int | None = None
    of: int | None = None
    first: int | None = None
    absent: bool = False
