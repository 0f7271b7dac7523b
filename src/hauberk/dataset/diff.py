"""What changed between two data sets: the rows that one has and the other has not, found by their hashes.

Rows are compared as multisets, with all 32 bytes of a hash. Rows that stand in the same place in both are set aside
first, since most of a weekly set is what it was; of the rest, those of one part of all possible hashes at a time are
sorted together. So memory grows with a byte for each row, and with what changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_ONCE = 1 << 18
PART_ROWS = 1 << 21  # about as many are sorted at once


class Records(Protocol):
    """The records of a manifest's rows, read a piece at a time."""

    fields: tuple[str, ...]

    def __len__(self) -> int: ...

    def read(self, start: int, end: int) -> Any:
        """Return a NumPy structured array: `hash` of four u64, and `key` (u64) and `source` (u32) where there are."""
        ...


@dataclass(frozen=True, slots=True)
class Changes:
    """Numbers of rows, from 0, sorted.

    Attributes:
        removed: rows of the older set that the newer has not.
        new: rows of the newer set that the older has not.
        changed: pairs of an older and a newer row that have the same key; they are in neither of the others.
    """

    removed: Any
    new: Any
    changed: Any

    @property
    def none(self) -> bool:
        """Return whether both sets hold the same rows."""
        return not (len(self.removed) or len(self.new) or len(self.changed))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows, and the sums of their hashes' words, to see later that none of them was lost."""

    rows: int = 0
    words: tuple[int, int, int, int] = (0, 0, 0, 0)

    @classmethod
    def of(cls, hashes: Any) -> Tally:
        """Return that of hashes, four u64 each."""
        first, second, third, fourth = (int(word) for word in hashes.sum(axis=0, dtype="u8"))
        return cls(len(hashes), (first, second, third, fourth))

    def __add__(self, other: Tally) -> Tally:
        first, second, third, fourth = (
            (one + another) % (1 << 64) for one, another in zip(self.words, other.words, strict=True)
        )
        return Tally(self.rows + other.rows, (first, second, third, fourth))


@dataclass(frozen=True, slots=True)
class PartChanges:
    """What changed among the rows whose hashes are in one part of all hashes.

    Attributes:
        older, newer: the rows of the part, on either side, that do not stand in the same place in the other.
        removed, new: numbers of those that the other has not.
    """

    older: Tally
    newer: Tally
    removed: Any
    new: Any


def compare(older: Records, newer: Records, *, part_rows: int = PART_ROWS) -> Changes:
    """Return what changed; about `part_rows` rows are sorted at once."""
    rest_older, rest_newer = _elsewhere(older, newer)
    removed, new = [], []
    for shift, part in parts_of(int(rest_older.sum() + rest_newer.sum()), part_rows):
        left, right = _surplus(_of_part(older, rest_older, shift, part), _of_part(newer, rest_newer, shift, part))
        removed.append(left)
        new.append(right)
    return changes_of(older, newer, removed, new)


def changes_of(older: Records, newer: Records, removed: list[Any], new: list[Any]) -> Changes:
    """Return what changed, from the numbers that each part has; rows of one key are joined."""
    gone, come = np.sort(np.concatenate(removed)), np.sort(np.concatenate(new))
    if "key" not in older.fields or not len(gone) or not len(come):
        return Changes(gone, come, np.zeros((0, 2), "i8"))
    return _paired(picked(older, gone)["key"], picked(newer, come)["key"], gone, come)


def tallies(older: Records, newer: Records, start: int, end: int) -> tuple[Tally, Tally]:
    """Return, of the rows from `start` to before `end`, those that do not stand in the same place in the other."""
    found = [Tally(), Tally()]
    for first, last in _pieces(end - start):
        read = _read_both(older, newer, start + first, start + last)
        for side, (hashes, rest) in enumerate(zip(read, _not_alike(*read), strict=True)):
            found[side] += Tally.of(hashes[rest])
    return found[0], found[1]


def compare_part(older: Records, newer: Records, shift: int, part: int) -> PartChanges:
    """Return what changed in one part of all hashes, one of `parts_of`; both sides are read whole."""
    held: tuple[list[Any], list[Any]] = ([np.zeros((0, 4), "u8")], [np.zeros((0, 4), "u8")])
    numbers: tuple[list[Any], list[Any]] = ([np.zeros(0, "i8")], [np.zeros(0, "i8")])
    for start, end in _pieces(max(len(older), len(newer))):
        one, other = _read_both(older, newer, start, end)
        for side, (hashes, there) in enumerate(((one, other), (other, one))):
            picked = _picked_for(hashes, there, shift, part)
            held[side].append(hashes[picked])
            numbers[side].append(start + picked)
    was, now = ((np.concatenate(held[side]), np.concatenate(numbers[side])) for side in (0, 1))
    removed, new = _surplus(was, now)
    return PartChanges(Tally.of(was[0]), Tally.of(now[0]), np.sort(removed), np.sort(new))


def _picked_for(hashes: Any, there: Any, shift: int, part: int) -> Any:
    """Return the places of the hashes that are in a part, and are not what the other side has in the same place."""
    mine = np.arange(len(hashes)) if shift == 64 else np.flatnonzero(hashes[:, 0] >> np.uint64(shift) == part)
    both = mine[: np.searchsorted(mine, len(there))]
    return np.append(both[_differ(hashes[both], there[both])], mine[len(both) :])


def _differ(one: Any, other: Any) -> Any:
    """Return for each pair of hashes whether they differ."""
    words = np.ascontiguousarray(one != other)
    return words.view("u4")[:, 0] != 0  # four truths as one number


def _read_both(older: Records, newer: Records, start: int, end: int) -> tuple[Any, Any]:
    one, other = (side.read(start, max(start, min(end, len(side))))["hash"] for side in (older, newer))
    return one, other


def _not_alike(one: Any, other: Any) -> tuple[Any, Any]:
    """Return, for the hashes from one place on, which are not those of the other side in the same place."""
    both = min(len(one), len(other))
    rest = np.ones(len(one), bool), np.ones(len(other), bool)
    rest[0][:both] = rest[1][:both] = _differ(one[:both], other[:both])
    return rest


def picked(records: Records, numbers: Any) -> Any:
    """Return the records of some rows, given by their sorted numbers."""
    found = []
    for start, end in _pieces(len(records)):
        first, last = np.searchsorted(numbers, (start, end))
        if first < last:
            found.append(records.read(start, end)[numbers[first:last] - start])
    return np.concatenate(found) if found else records.read(0, 0)


def _pieces(rows: int) -> Iterator[tuple[int, int]]:
    for start in range(0, rows, _AT_ONCE):
        yield start, min(start + _AT_ONCE, rows)


def _elsewhere(older: Records, newer: Records) -> tuple[Any, Any]:
    """Return for each row whether something else stands in its place in the other."""
    rest = np.ones(len(older), bool), np.ones(len(newer), bool)
    for start, end in _pieces(min(len(older), len(newer))):
        rest[0][start:end], rest[1][start:end] = _not_alike(*_read_both(older, newer, start, end))
    return rest


def parts_of(rows: int, part_rows: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of all hashes: by how much a hash is shifted to have the part's number, and that number."""
    bits = max(0, (rows // part_rows).bit_length())
    for part in range(1 << bits):
        yield 64 - bits, part


def _of_part(records: Records, rest: Any, shift: int, part: int) -> tuple[Any, Any]:
    """Return the hashes of a part, and the numbers of their rows."""
    hashes, numbers = [np.zeros((0, 4), "u8")], [np.zeros(0, "i8")]
    for start, end in _pieces(len(records)):
        mask = rest[start:end]
        if not mask.any():
            continue
        read = records.read(start, end)["hash"]
        if shift < 64:
            mask = mask & (read[:, 0] >> np.uint64(shift) == part)
        hashes.append(read[mask])
        numbers.append(start + np.flatnonzero(mask))
    return np.concatenate(hashes), np.concatenate(numbers)


def _surplus(older: tuple[Any, Any], newer: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return the rows that one has more often than the other: the last of those that are alike."""
    hashes = np.concatenate([older[0], newer[0]])
    numbers = np.concatenate([older[1], newer[1]])
    if not len(numbers):
        return numbers, numbers
    order, hashes = _ordered(hashes)
    numbers, is_newer = numbers[order], order >= len(older[1])
    first = np.concatenate([[True], _differ(hashes[1:], hashes[:-1])])
    group = np.cumsum(first) - 1
    start = np.flatnonzero(first)
    of_newer = np.bincount(group, is_newer).astype("i8")
    of_older = np.diff(np.append(start, len(numbers))) - of_newer
    both = np.minimum(of_older, of_newer)
    # within a group older rows come first, so a row's rank among its own side is its distance to where that begins
    rank = np.arange(len(numbers)) - start[group] - np.where(is_newer, of_older[group], 0)
    surplus = rank >= both[group]
    return numbers[surplus & ~is_newer], numbers[surplus & is_newer]


def _ordered(hashes: Any) -> tuple[Any, Any]:
    """Return the order of hashes, and them in it; what is alike stays in its order.

    Sorted by their first bytes with the places behind them, in one number: that is fast, and hardly any two honest
    hashes share these bytes. Where two do, all of those that share them are sorted by all of their bytes.
    """
    bits = np.uint64(max(1, (len(hashes) - 1).bit_length()))
    places = np.arange(len(hashes), dtype="u8")
    sorted_ = np.sort(hashes[:, 0] >> bits << bits | places)
    order = (sorted_ & ((np.uint64(1) << bits) - np.uint64(1))).astype("i8")
    ordered = hashes[order]
    shares = np.append(False, sorted_[1:] >> bits == sorted_[:-1] >> bits)
    odd = shares[1:] & _differ(ordered[1:], ordered[:-1])
    if odd.any():
        group = np.cumsum(~shares)
        mixed = np.isin(group, group[1:][odd])
        rows = order[mixed]
        one, two, three, four = hashes[rows].T
        order[mixed] = rows[np.lexsort((rows, four, three, two, one))]
        ordered = hashes[order]
    return order, ordered


def _paired(keys_gone: Any, keys_come: Any, gone: Any, come: Any) -> Changes:
    """Take for one row what has the same key, where that is so for one row on each side."""
    keys, olds = _once(keys_gone, gone)
    keys_newer, news = _once(keys_come, come)
    _, at_older, at_newer = np.intersect1d(keys, keys_newer, assume_unique=True, return_indices=True)
    pairs = np.stack([olds[at_older], news[at_newer]], axis=1)
    pairs = pairs[np.argsort(pairs[:, 1])]
    return Changes(np.setdiff1d(gone, pairs[:, 0]), np.setdiff1d(come, pairs[:, 1]), pairs)


def _once(keys: Any, numbers: Any) -> tuple[Any, Any]:
    """Return the keys that one row has, and that row."""
    found, first, counts = np.unique(keys, return_index=True, return_counts=True)
    return found[counts == 1], numbers[first[counts == 1]]
