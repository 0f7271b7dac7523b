"""What was counted in a feature view, for the rules to judge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinFacts:
    """A feature of the training rows beside what an as-of join gives.

    Attributes:
        of: training rows.
        wrong: rows whose value is not the newest one at or before their event.
        later: those of them whose value is one that came after the event.
        first: the first wrong row, from 0.
    """

    feature: str
    of: int
    wrong: int
    later: int
    first: int


@dataclass(frozen=True, slots=True)
class SkewFacts:
    """A feature online beside the newest offline value.

    Attributes:
        of: entities that are in both.
        differ: those whose values differ by more than the tolerance.
        most: the share that may.
    """

    feature: str
    of: int
    differ: int
    most: float


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Entities that are in one of the stores only."""

    offline: int
    missing: int
    unknown: int
    most: float


@dataclass(frozen=True, slots=True)
class AgeFacts:
    """How old online values are: entities, those that are over the limit, those from the future, and the oldest."""

    of: int
    old: int
    future: int
    oldest_hours: float
    max_hours: float


@dataclass(frozen=True, slots=True)
class WriterFacts:
    """Who may write to a file or folder of the online store, beyond whom the view names, in words."""

    place: str
    others: tuple[str, ...]
