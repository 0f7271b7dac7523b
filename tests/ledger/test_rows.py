"""Leaves or envelopes as a sequence that is read as it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hauberk.ledger import rows as module
from hauberk.ledger.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = [b"%d" % number for number in range(12)]


class Log:
    """Leaves, and what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def records(self, start: int, end: int) -> list[bytes]:
        self.asked.append((start, end))
        return ALL[start:end]


def test_rows_are_a_sequence() -> None:
    rows = Rows(Log().records, 2, 10)
    assert len(rows) == 8
    assert (rows[0], rows[7], rows[-1]) == (b"2", b"9", b"9")
    assert rows[1:3] == [b"3", b"4"]
    assert rows[5:] == ALL[7:10]
    assert rows[6:2] == rows[8:] == []
    assert list(rows) == ALL[2:10]


@pytest.mark.parametrize("place", [8, -9])
def test_what_is_not_among_them_is_not_read(place: int) -> None:
    log = Log()
    with pytest.raises(IndexError):
        Rows(log.records, 2, 10)[place]
    assert log.asked == []


def test_who_goes_through_them_asks_for_a_piece_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    log = Log()
    assert list(Rows(log.records, 2, 10)) == ALL[2:10]
    assert log.asked == [(2, 5), (5, 8), (8, 10)]


def test_who_goes_through_long_ones_gets_each_as_it_comes() -> None:
    asked, log = list[tuple[int, int]](), Log()

    def each(start: int, end: int) -> Iterator[bytes]:
        asked.append((start, end))
        yield from ALL[start:end]

    rows = Rows(log.records, 2, 10, each=each)
    assert (list(rows), asked, log.asked) == (ALL[2:10], [(2, 10)], [])
    assert rows[1:3] == [b"3", b"4"]
