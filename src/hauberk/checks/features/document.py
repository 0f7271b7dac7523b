"""A feature view as a person writes it: what is computed for whom, where it is kept, and what must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from hauberk.errors import Misconfigured
from hauberk.formats.text.redis_address import parse_address

_SOURCE = re.compile(r"file:.+|env:[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
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
class Login:
    """How a Redis server is entered.

    Attributes:
        user: as whom.
        password: `env:NAME` or `file:PATH`; none: the server asks for none.
        ca: the certificate of a private authority, a PEM file.
    """

    user: str = "default"
    password: str | None = None
    ca: str | None = None

    def __post_init__(self) -> None:
        if not self.user.isprintable() or not self.user or " " in self.user:
            raise Misconfigured(f"{self.user!r:.80} is no user of Redis", "one word")
        if self.password is not None and not _SOURCE.fullmatch(self.password):
            raise Misconfigured(
                "a password is named by `file:PATH` or `env:NAME`, and this is neither (not shown)",
                "what lets you in does not stand in this file; if it did, replace it",
            )


@dataclass(frozen=True, slots=True)
class View:
    """A feature view; paths are relative to its folder.

    Attributes:
        entity: the column that says whom a row is about.
        time: the column that says from when on its values hold.
        features: with `feast`, only those that have a tolerance.
        offline: the file with all values that there ever were.
        feast: `REGISTRY#VIEW`: a registry of Feast, which says entity, time, features, offline and ttl_hours.
        ttl_hours: after so long a value holds no more, and training rows have null instead.
        online: `sqlite:FILE`, whose table of the view's name has a row with the newest values of each entity; or
            `redis://HOST:PORT/DATABASE`, which has a hash `NAME:ENTITY` for each; or, as Feast lays them out,
            `feast-sqlite:FILE#TABLE` or `feast-redis://HOST:PORT/DATABASE#PROJECT`.
        login: how the Redis server is entered.
        max_age_hours: how old the newest values of an entity may be.
        max_skew: the share of entities whose online values may differ.
        writers: the users who may own the online store, or write to it.
    """

    schema: Literal["urn:hauberk:feature-view:v1"]
    name: str
    entity: str = ""
    time: str = ""
    features: tuple[Feature, ...] = ()
    offline: str = ""
    feast: str | None = None
    online: str | None = None
    login: Login | None = None
    training: Training | None = None
    ttl_hours: float | None = None
    max_age_hours: float | None = None
    max_skew: float = 0.0
    writers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = [self.entity, self.time]
        if self.feast is None and not (all(given) and self.offline):
            raise Misconfigured("a view names its entity, time, features and offline table", "or a registry by `feast`")
        if self.feast is not None and not all(self.registry):
            raise Misconfigured(f"feast is {self.feast!r:.80}", "as in registry.db#customer_week")
        names = [*filter(None, given), *(feature.name for feature in self.features)]
        bad = [name for name in (self.name, *names) if not _NAME.fullmatch(name)]
        if bad:
            raise Misconfigured(f"{bad[0]!r:.80} is no name of a column or table", "letters, digits and _")
        if len(set(names)) != len(names) or (all(given) and not self.features):
            raise Misconfigured("the columns of a view are at least three, each named once", "list its features")
        _check_online(self)
        if not 0 <= self.max_skew <= 1 or any(feature.tolerance < 0 for feature in self.features):
            raise Misconfigured("max_skew is a share from 0 to 1, and a tolerance at least 0")
        if any(hours is not None and hours <= 0 for hours in (self.max_age_hours, self.ttl_hours)):
            raise Misconfigured("max_age_hours and ttl_hours are over 0")

    @property
    def registry(self) -> tuple[str, str]:
        """Return the file of Feast's registry, and the view's name there; empty without one."""
        file, _, name = (self.feast or "").partition("#")
        return file, name

    @property
    def store(self) -> tuple[str, str]:
        """Return the kind of the online store, `sqlite` or `redis`, Feast's with `feast-` before it, and its place."""
        online = self.online or ""
        kind, _, place = online.partition(":")
        of = "feast-" if online.startswith("feast-") else ""
        if kind.removeprefix(of) in ("redis", "rediss"):
            return f"{of}redis", online.removeprefix(of)
        return kind, place


def _check_online(view: View) -> None:
    if view.online is None:
        if view.max_age_hours is not None or view.writers or view.login is not None:
            hint = "name it: online: sqlite:FILE, or redis://HOST:PORT/DATABASE"
            raise Misconfigured("max_age_hours, writers and login are about an online store", hint)
        return
    kind, place = view.store
    address, mark, inside = place.partition("#")
    if kind not in ("sqlite", "feast-sqlite", "redis", "feast-redis"):  # the rest may hold a password
        hint = "sqlite:FILE, redis://HOST:PORT/DATABASE and feast-sqlite:FILE#TABLE are"
        raise Misconfigured(f"no online store is read at {kind!r:.40}", hint)
    if "redis" in kind:
        parse_address(address if kind.startswith("feast-") else place)
    elif view.login is not None:
        raise Misconfigured("a SQLite file has no login", "leave it out")
    if kind.startswith("feast-") and not (address and mark and inside):
        hint = "as in feast-sqlite:online.db#PROJECT_VIEW or feast-redis://localhost:6379#PROJECT"
        raise Misconfigured("the table or project of Feast's store is not named", hint)
