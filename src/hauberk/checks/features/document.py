"""A feature view as a person writes it: what is computed for whom, where it is kept, and what must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from hauberk.errors import Misconfigured

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the view; numbers that differ by at most `tolerance` are the same."""

    name: str
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Training:
    """The rows that a model was trained on: their file, and the column with the time of the event."""

    path: str
    time: str


@dataclass(frozen=True, slots=True)
class View:
    """A feature view; paths are relative to its folder.

    Attributes:
        entity: the column that says whom a row is about.
        time: the column that says from when on its values hold.
        offline: the file with all values that there ever were.
        online: `sqlite:FILE`, whose table of the view's name has a row with the newest values of each entity.
        max_age_hours: how old the newest values of an entity may be.
        max_skew: the share of entities whose online values may differ.
        writers: the users who may own the online store.
    """

    schema: Literal["urn:hauberk:feature-view:v1"]
    name: str
    entity: str
    time: str
    features: tuple[Feature, ...]
    offline: str
    online: str | None = None
    training: Training | None = None
    max_age_hours: float | None = None
    max_skew: float = 0.0
    writers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [self.entity, self.time, *(feature.name for feature in self.features)]
        bad = [name for name in (self.name, *names) if not _NAME.fullmatch(name)]
        if bad:
            raise Misconfigured(f"{bad[0]!r:.80} is no name of a column or table", "letters, digits and _")
        if len(set(names)) != len(names) or not self.features:
            raise Misconfigured("the columns of a view are at least three, each named once", "list its features")
        if self.online is not None and not self.online.startswith("sqlite:"):
            raise Misconfigured(f"no online store is read at {self.online!r:.80}", "sqlite:FILE is")
        if self.online is None and (self.max_age_hours is not None or self.writers):
            raise Misconfigured("max_age_hours and writers are about an online store", "name it: online: sqlite:FILE")
        if not 0 <= self.max_skew <= 1 or any(feature.tolerance < 0 for feature in self.features):
            raise Misconfigured("max_skew is a share from 0 to 1, and a tolerance at least 0")
        if self.max_age_hours is not None and self.max_age_hours <= 0:
            raise Misconfigured("max_age_hours is over 0")
