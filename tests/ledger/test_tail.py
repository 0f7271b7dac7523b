"""The newest entries by what they speak of: read once, and each from its leaf."""

from __future__ import annotations

from hauberk.digest import sha256
from hauberk.ledger.entry import Entry
from hauberk.ledger.tail import Tail

A, B = str(sha256(b"a")), str(sha256(b"b"))
ABOUT = [(A,), (B,), tuple(sorted((A, B))), (A,), (B,)]


class Log:
    """Entries, and which of them were read."""

    def __init__(self) -> None:
        self.read: list[tuple[int, int]] = []

    def entries(self, start: int, end: int) -> list[Entry]:
        self.read.append((start, end))
        return [Entry(sha256(b"%d" % n), sha256(b"x"), ABOUT[n], 1) for n in range(start, end)]


def test_entries_are_found_by_what_they_speak_of_and_read_once() -> None:
    log = Log()
    tail = Tail(log.entries)
    assert tail.about(A, 0, 3) == [0, 2]
    assert tail.about(B, 0, 3) == [1, 2]
    assert tail.about(A, 0, 4) == [0, 2, 3]
    assert tail.about(str(sha256(b"nothing")), 0, 4) == []
    assert [(start, end) for start, end in log.read if start < end] == [(0, 3), (3, 4)]


def test_nothing_before_the_start_and_nothing_behind_the_end_is_found() -> None:
    tail = Tail(Log().entries)
    assert tail.about(B, 2, 5) == [2, 4]
    assert tail.about(B, 2, 4) == [2]
    assert tail.about(B, 3, 4) == []
    assert tail.about(B, 3, 5) == [4]
    assert tail.about(B, 0, 5) == [1, 2, 4]


def test_who_is_given_a_list_may_change_it() -> None:
    tail = Tail(Log().entries)
    tail.about(A, 0, 4).clear()
    assert tail.about(A, 0, 4) == [0, 2, 3]
