"""`checks.yaml`: what must hold of a data set, as a person writes it.

`against` names another data set that is given beside this one: the one of last week, the test set, the customers.
Left out, it is the only one that is given.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from hauberk.errors import Misconfigured

TYPES = (
    "null",
    "bool",
    "int",
    "float",
    "decimal",
    "string",
    "binary",
    "date",
    "time",
    "timestamp",
    "instant",
    "duration",
)
_NESTED = ("list<", "struct<", "map<")
LEVEL = 0.01
_MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column that must be there, and its type; in files of text, that is also how its cells are read."""

    name: str
    type: str | None = None

    def __post_init__(self) -> None:
        if self.type is not None and self.type not in TYPES and not self.type.startswith(_NESTED):
            raise Misconfigured(f"no type is called {self.type!r:.60}", f"one of {', '.join(TYPES)}")


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a number (`min`, `max`) or a time (`earliest`, `latest`) may be."""

    column: str
    min: float | None = None
    max: float | None = None
    earliest: str | None = None
    latest: str | None = None

    def __post_init__(self) -> None:
        numbers, times = (self.min, self.max), (self.earliest, self.latest)
        if (any(v is not None for v in numbers)) == (any(v is not None for v in times)):
            raise Misconfigured(f"the range of {self.column} has no end, or ends of two kinds", "min: 0, max: 100")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise Misconfigured(f"the range of {self.column} is empty: {self.min} is over {self.max}")


@dataclass(frozen=True, slots=True)
class Categories:
    """The values that a column may have, as text."""

    column: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise Misconfigured(f"no value is allowed in {self.column}", "list the values")


@dataclass(frozen=True, slots=True)
class Nulls:
    """The share of a column's values that may be null or NaN."""

    column: str
    max_share: float = 0.0

    def __post_init__(self) -> None:
        _share("max_share", self.max_share)


@dataclass(frozen=True, slots=True)
class Unique:
    """Columns that no two rows have alike."""

    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        _some(self.columns)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest time in a column may be."""

    column: str
    max_age_hours: float

    def __post_init__(self) -> None:
        if self.max_age_hours <= 0:
            raise Misconfigured("max_age_hours is over 0")


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there must be: in numbers, or as a multiple of what another data set has."""

    min: int | None = None
    max: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    against: str | None = None

    def __post_init__(self) -> None:
        if all(v is None for v in (self.min, self.max, self.min_ratio, self.max_ratio)):
            raise Misconfigured("a bound of rows has no end", "min: 1000, or min_ratio: 0.9")

    @property
    def is_relative(self) -> bool:
        """Return whether another data set is needed."""
        return self.min_ratio is not None or self.max_ratio is not None


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values must all be in a column of another data set (`key`: its name there)."""

    column: str
    key: str | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Columns whose distribution must be that of another data set, but for a distance that is borne.

    The distance is that of Kolmogorov and Smirnov for what has an order, total variation for categories; 0 to 1.
    """

    columns: tuple[str, ...]
    tolerate: float = 0.0
    against: str | None = None

    def __post_init__(self) -> None:
        _some(self.columns)
        _share("tolerate", self.tolerate)


@dataclass(frozen=True, slots=True)
class Share:
    """The least and the most that a share may be."""

    min: float = 0.0
    max: float = 1.0

    def __post_init__(self) -> None:
        _share("min", self.min)
        _share("max", self.max)
        if self.min > self.max:
            raise Misconfigured(f"the share's min {self.min} is over max {self.max}")


@dataclass(frozen=True, slots=True)
class Balance:
    """The share of all rows that each label must have, by the label as text."""

    column: str
    shares: dict[str, Share]

    def __post_init__(self) -> None:
        if not self.shares:
            raise Misconfigured(f"no label of {self.column} has a share", 'shares: {"1": {min: 0.01}}')


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Columns that no row has alike with a row of another data set."""

    columns: tuple[str, ...]
    against: str | None = None

    def __post_init__(self) -> None:
        _some(self.columns)


@dataclass(frozen=True, slots=True)
class Leakage:
    """A column of times, none of which may be later than the earliest of another data set."""

    column: str
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The checks of a data set, by what they ask."""

    schema: Literal["urn:hauberk:data-checks:v1"]
    name: str
    false_alarm_rate: float = LEVEL
    columns: tuple[Column, ...] = ()
    other_columns: bool = True
    ranges: tuple[Range, ...] = ()
    categories: tuple[Categories, ...] = ()
    nulls: tuple[Nulls, ...] = ()
    unique: tuple[Unique, ...] = ()
    freshness: tuple[Freshness, ...] = ()
    rows: tuple[Count, ...] = ()
    references: tuple[Reference, ...] = ()
    shift: tuple[Shift, ...] = ()
    label_balance: tuple[Balance, ...] = ()
    duplicates: tuple[Duplicates, ...] = ()
    leakage: tuple[Leakage, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= _MOST_NAME or not self.name.isprintable():  # it stands in signed statements
            raise Misconfigured(f"name is {self.name!r:.60}", "one printable line, as in fraud-train")
        if not 0 < self.false_alarm_rate <= 0.5:
            raise Misconfigured(f"false_alarm_rate is {self.false_alarm_rate}", "over 0 and at most 0.5, as in 0.01")
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise Misconfigured("a column is listed twice")
        if not any(getattr(self, field.name) for field in fields(self) if field.name in ASKED):
            raise Misconfigured("nothing is asked", f"add one of {', '.join(ASKED)}")

    @property
    def shifted(self) -> int:
        """Return how many columns are compared: so many tests share the rate of false alarms."""
        return sum(len(asked.columns) for asked in self.shift)


ASKED = (
    "columns",
    "ranges",
    "categories",
    "nulls",
    "unique",
    "freshness",
    "rows",
    "references",
    "shift",
    "label_balance",
    "duplicates",
    "leakage",
)


def _share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise Misconfigured(f"{name} is {value}", "a share is from 0 to 1")


def _some(columns: tuple[str, ...]) -> None:
    if not columns or len(set(columns)) != len(columns):
        raise Misconfigured("no column is named, or one twice", "columns: [id]")
