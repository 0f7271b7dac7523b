"""What is asked of a process that compares hashes of rows, and what it answers: JSON, and numbers of rows behind it.

| asked | answered |
|---|---|
| the digest of one side's file | it |
| a range of rows | the leaves of its blocks on both sides, and a tally of the rows that stand elsewhere |
| a part of all hashes | tallies of the part, and which rows of it each side has alone |
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from hauberk.dataset.diff import PartChanges, Tally
from hauberk.dataset.rows import HASH_BYTES
from hauberk.errors import HauberkError, Malformed
from hauberk.verbs.data_rows_file import HashesAt
from hauberk.verbs.data_wire import decode_error
from hauberk.version import VERSION

_NUMBER = np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class Ranged:
    """What was found in a range of rows: leaves and a tally of each side."""

    leaves: tuple[tuple[bytes, ...], tuple[bytes, ...]]
    elsewhere: tuple[Tally, Tally]


def encode_sides(older: HashesAt, newer: HashesAt) -> bytes:
    """Return, for a process to hear once, which files are compared."""
    sides = [[getattr(side, name) for name in HashesAt.__slots__] for side in (older, newer)]
    return json.dumps({"version": VERSION, "sides": sides}).encode()


def decode_sides(data: bytes) -> tuple[HashesAt, HashesAt] | str:
    """Return which files are compared, or why this release does not know."""
    told = json.loads(data)
    if told["version"] != VERSION:
        return f"a worker of release {VERSION} was asked by one of {told['version']}"
    older, newer = (HashesAt(*side) for side in told["sides"])
    return older, newer


def encode_asked(what: str, *numbers: int) -> bytes:
    """Return a request: `digest` of side 0 or 1, `range` of rows, or `part`, a shift and its number."""
    return json.dumps([what, *numbers]).encode()


def encode_digest(found: str) -> bytes:
    """Return an answer."""
    return json.dumps({"digest": found}).encode()


def encode_ranged(found: Ranged) -> bytes:
    """Return an answer."""
    leaves = [b"".join(side).hex() for side in found.leaves]
    return json.dumps({"leaves": leaves, "elsewhere": list(map(_told, found.elsewhere))}).encode()


def encode_part(found: PartChanges) -> bytes:
    """Return an answer: a line, and the numbers behind it."""
    head = json.dumps([_told(found.older), _told(found.newer), len(found.removed), len(found.new)])
    return b"".join([head.encode(), b"\n", *(side.astype(_NUMBER).tobytes() for side in (found.removed, found.new))])


def decode_digest(said: bytes) -> str:
    """Return a digest in hex; raise as `decode_ranged`."""
    value = _read(said)
    try:
        if len(bytes.fromhex(value["digest"])) != HASH_BYTES:
            raise _none()
        return str(value["digest"])
    except (ValueError, TypeError, KeyError):
        raise _none() from None


def decode_ranged(said: bytes) -> Ranged:
    """Return what was found in a range.

    Raises:
        HauberkError: that the process tells.
        Malformed: the bytes are no answer.
    """
    value = _read(said)
    try:
        older, newer = (bytes.fromhex(side) for side in value["leaves"])
        was, now = map(_tally, value["elsewhere"])
    except (ValueError, TypeError, KeyError):
        raise _none() from None
    return Ranged((_leaves(older), _leaves(newer)), (was, now))


def decode_part(said: bytes, counts: tuple[int, int]) -> PartChanges:
    """Return what was found in a part of sides of so many rows; raise as `decode_ranged`."""
    head, _, body = said.partition(b"\n")
    value = _read(head)
    try:
        older, newer, removed, new = value
        found = PartChanges(_tally(older), _tally(newer), *_numbers(body, (_count(removed), _count(new)), counts))
    except (ValueError, TypeError):
        raise _none() from None
    if found.older.rows - len(found.removed) != found.newer.rows - len(found.new):
        raise Malformed("rows that both have, more on one side than on the other")
    return found


def _numbers(body: bytes, many: tuple[int, int], counts: tuple[int, int]) -> list[Any]:
    whole = np.frombuffer(body, _NUMBER)
    if len(whole) != sum(many):
        raise _none()
    found = [whole[: many[0]], whole[many[0] :]]
    for numbers, count in zip(found, counts, strict=True):
        if len(numbers) and (numbers[0] < 0 or numbers[-1] >= count or (np.diff(numbers) <= 0).any()):
            raise Malformed("numbers of rows that there are not")
    return found


def _read(said: bytes) -> Any:
    try:
        value = json.loads(said)
    except (ValueError, RecursionError):
        raise _none() from None
    if isinstance(value, dict) and "error" in value:
        raise _told_error(value)
    return value


def _told_error(value: Any) -> HauberkError:
    try:
        return decode_error(value)
    except (ValueError, TypeError, KeyError):
        return _none()


def _none() -> Malformed:
    return Malformed("no answer")


def _leaves(data: bytes) -> tuple[bytes, ...]:
    if len(data) % HASH_BYTES:
        raise _none()
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def _told(tally: Tally) -> list[Any]:
    return [tally.rows, list(tally.words)]


def _tally(value: Any) -> Tally:
    rows, words = value
    first, second, third, fourth = map(_count, words)
    return Tally(_count(rows), (first, second, third, fourth))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise ValueError
    return value
