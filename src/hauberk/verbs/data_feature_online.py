"""The online store of a feature view: its rows, a digest of them, and who may write to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from hauberk.checks.features.document import Login
from hauberk.checks.features.facts import WriterFacts
from hauberk.digest import Digest
from hauberk.edge.online import read_feast, read_online, writers_of
from hauberk.edge.redis import Access, Redis
from hauberk.edge.secrets.written import login_value
from hauberk.edge.sources import printable
from hauberk.errors import Malformed, Unavailable
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.table.feast_redis import field_of, key_prefix, parse_time, time_field
from hauberk.formats.table.feast_values import end_of_key, parse_entity_key, parse_value
from hauberk.verbs.data_feature_rows import Rows, entities_of, times_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hauberk.checks.features.document import View
    from hauberk.formats.text.redis_acl import RedisUser


@dataclass(frozen=True, slots=True)
class Online:
    """What was read of an online store.

    Attributes:
        digest: of what it said, entity by entity in their order.
        unchecked: who may write, where the server does not say.
    """

    rows: Rows
    digest: Digest
    writers: tuple[WriterFacts, ...]
    unchecked: tuple[Unchecked, ...] = ()


def read_store(view: View, folder: Path) -> Online:
    """Read the online store of a view, which names one.

    Raises:
        Malformed: it has not the columns that the view says, or a column has values of several types.
        Misconfigured: its address or login is none.
        Unavailable, Exceeded: it cannot be read, or is too large.
    """
    kind, where = view.store
    if "redis" in kind:
        return _redis(view, folder, _Plain(view) if kind == "redis" else _Feast(view, where.partition("#")[2]))
    columns = [view.entity, view.time, *(feature.name for feature in view.features)]
    file, _, table = where.partition("#") if kind == "feast-sqlite" else (where, "", view.name)
    place = folder / file
    found = (read_feast if kind == "feast-sqlite" else read_online)(place, table, columns)
    facts = tuple(WriterFacts(where, others) for where, others in writers_of(place, view.writers))
    return Online(_rows(view, found, printable(place)), _digest(found.values()), facts)


class _Layout(Protocol):
    """How a view lies in Redis."""

    prefix: bytes
    suffix: bytes
    shared: bool
    fields: tuple[bytes, ...]

    def is_ours(self, key: bytes) -> bool:
        """Return whether a key that begins and ends as the view's do is one of them."""
        ...

    def entity(self, key: bytes) -> str:
        """Return whom a key is about."""
        ...

    def time(self, data: bytes) -> Any:
        """Return a time."""
        ...

    def value(self, data: bytes) -> Any:
        """Return a value of a feature."""
        ...


class _Plain:
    """A hash for each entity, with the key `view:entity` and texts under their names."""

    suffix, shared = b"", False

    def __init__(self, view: View) -> None:
        self.prefix = f"{view.name}:".encode()
        self.fields = tuple(name.encode() for name in (view.time, *(feature.name for feature in view.features)))

    def is_ours(self, _key: bytes) -> bool:
        return True

    def entity(self, key: bytes) -> str:
        return self.value(key[len(self.prefix) :])

    def time(self, data: bytes) -> str:
        return self.value(data)

    def value(self, data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("a key or value in Redis is no UTF-8 text", "write numbers and texts") from None


class _Feast:
    """The layout of Feast."""

    shared = True

    def __init__(self, view: View, project: str) -> None:
        name = view.registry[1] or view.name
        self.prefix, self.suffix = key_prefix(view.entity), project.encode()
        self.fields = (time_field(name), *(field_of(name, feature.name) for feature in view.features))

    def is_ours(self, key: bytes) -> bool:
        """Return whether the project begins where the entity ends: `my_bank` ends as `bank` does."""
        try:
            return key[end_of_key(key) :] == self.suffix
        except Malformed:
            return True  # and refused by `entity`, if it holds anything of the view

    def entity(self, key: bytes) -> str:
        return parse_entity_key(key.removesuffix(self.suffix))[1]

    def time(self, data: bytes) -> float:
        return parse_time(data)

    def value(self, data: bytes) -> str | float | None:
        return parse_value(data)


def _redis(view: View, folder: Path, layout: _Layout) -> Online:
    login = Login() if view.login is None else view.login
    password = None if login.password is None else login_value(login.password, folder)
    url = view.store[1].partition("#")[0]
    access = Access(url, login.user, password, None if login.ca is None else folder / login.ca)
    with Redis(access) as server:
        held = server.hashes(
            layout.fields, prefix=layout.prefix, suffix=layout.suffix, shared=layout.shared, is_ours=layout.is_ours
        )
        found: dict[str, list[Any]] = {view.entity: [layout.entity(key) for key in held.keys]}
        for name, read, column in zip(
            (view.time, *(feature.name for feature in view.features)),
            (layout.time, *[layout.value] * len(view.features)),
            held.columns,
            strict=True,
        ):
            found[name] = [None if data is None else read(data) for data in column]
        rows, digest = _rows(view, found, server.name), _digest(found.values())
        try:
            users = server.users(layout.prefix)
        except Unavailable as error:
            where = Location(pointer="writers")
            return Online(rows, digest, (), (Unchecked(UncheckedCode.UNREADABLE, error.message, where),))
    return Online(rows, digest, (WriterFacts(server.name, _others(users, view.writers)),))


def _others(users: Sequence[RedisUser], named: Sequence[str]) -> tuple[str, ...]:
    """Return in words who may write beyond whom the view names; without names, whoever needs no password."""
    found = []
    for user in users:
        if not user.is_on or not user.may_write:
            continue
        if user.is_open:
            found.append(f"the user {printable(user.name)}, who needs no password")
        elif named and user.name not in named:
            found.append(f"the user {printable(user.name)}")
    return tuple(found)


def _rows(view: View, found: Mapping[str, list[Any]], name: str) -> Rows:
    try:
        arrays = {column: pa.chunked_array([pa.array(values)]) for column, values in found.items()}
    except pa.ArrowException:
        raise Malformed(f"{name}: a column has values of several types", "write one type") from None
    arrays = {
        column: array.cast(pa.string()) if pa.types.is_null(array.type) else array for column, array in arrays.items()
    }
    features = {feature.name: arrays[feature.name] for feature in view.features}
    return Rows(entities_of(arrays[view.entity], name), times_of(arrays[view.time], name), features)


def _digest(columns: Any) -> Digest:
    """Return the SHA-256 over a line of JSON for each row, sorted."""
    hashed = hashlib.sha256()
    rows = ([None if cell is None else str(cell) for cell in row] for row in zip(*columns, strict=True))
    for line in sorted(map(json.dumps, rows)):
        hashed.update(line.encode() + b"\n")
    return Digest("sha256", hashed.hexdigest())
