"""Stretches of envelopes that are read at once: all of a range, none twice, and no more than fits in memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hauberk.edge.database import SqliteDatabase
from hauberk.ledger import envelopes

if TYPE_CHECKING:
    from pathlib import Path

ROOM = 10


def portions(place: Path, lengths: list[int], start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches of a range among envelopes of such lengths."""
    with closing(sqlite3.connect(place / "some.sqlite")) as file, file:
        file.execute("CREATE TABLE envelopes (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT")
        file.executemany("INSERT INTO envelopes VALUES (?, zeroblob(?))", enumerate(lengths))
    with closing(SqliteDatabase(place / "some.sqlite", read_only=True)) as database:
        return list(envelopes.portions(database, start, end))


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([4, 6, 1], [(0, 2), (2, 3)]),
        ([4, 5, 2, 8], [(0, 2), (2, 4)]),
        ([11, 1, 9], [(0, 1), (1, 3)]),
        ([11, 12, 13], [(0, 1), (1, 2), (2, 3)]),
        ([1, 11, 1], [(0, 1), (1, 2), (2, 3)]),
        ([10, 0, 0, 1], [(0, 3), (3, 4)]),
        ([11, 0, 10, 1], [(0, 1), (1, 3), (3, 4)]),
        ([1], [(0, 1)]),
    ],
    ids=["just full", "two", "a large one first", "large ones", "a large one between", "empty ones", "empty", "one"],
)
def test_a_stretch_has_as_many_as_fit_and_at_least_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lengths: list[int], expected: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(envelopes, "_BYTES_AT_ONCE", ROOM)
    assert portions(tmp_path, lengths, 0, len(lengths)) == expected


def test_the_lengths_of_long_ones_are_no_long_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelopes, "_BYTES_AT_ONCE", ROOM)
    assert portions(tmp_path, [1_000_000, 1, 1_000_000], 0, 3) == [(0, 1), (1, 2), (2, 3)]


def test_a_part_of_them_is_read_alone_and_of_no_range_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelopes, "_BYTES_AT_ONCE", ROOM)
    (tmp_path / "other").mkdir()
    assert portions(tmp_path, [9, 9, 5, 5, 9], 1, 4) == [(1, 2), (2, 4)]
    assert portions(tmp_path / "other", [9, 9, 9], 2, 2) == []
