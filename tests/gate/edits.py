"""Ways to change a passport that still is canonical JSON: what a forger with an editor does."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path = tuple[Any, ...]


def opened(data: bytes) -> Any:
    """Return a passport as plain data that may be changed."""
    return json.loads(data)


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the passport after a change, in canonical form again."""
    value = opened(data)
    change(value)
    return jcs.encode(value)


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path."""
    for step in path:
        value = value[step]
    return value


def objects(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every object."""
    if isinstance(value, dict):
        yield path
    for key, member in _members(value):
        yield from objects(member, (*path, key))


def arrays(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every array."""
    if isinstance(value, list):
        yield path
    for key, member in _members(value):
        yield from arrays(member, (*path, key))


def scalars(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every text, number, truth and null."""
    if not isinstance(value, dict | list):
        yield path
    for key, member in _members(value):
        yield from scalars(member, (*path, key))


def replaced(data: bytes, path: Path, value: Any) -> bytes:
    """Return the passport with another value at a path."""

    def change(whole: Any) -> None:
        at(whole, path[:-1])[path[-1]] = copy.deepcopy(value)

    return edited(data, change)


def _members(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
