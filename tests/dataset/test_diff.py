"""The comparison of rows, beside one with Python's own multisets."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hauberk.dataset.diff import Tally, changes_of, compare, compare_part, parts_of, picked, tallies

FIELDS = [("hash", "<u8", (4,)), ("key", "<u8")]


class Held:
    """Records that are in memory."""

    def __init__(self, rows, keys=None):
        self.fields = ("hash", "key") if keys is not None else ("hash",)
        self._records = np.zeros(len(rows), FIELDS if keys is not None else FIELDS[:1])
        self._records["hash"] = np.array(rows, "u8").reshape(-1, 4)
        if keys is not None:
            self._records["key"] = keys

    def __len__(self):
        return len(self._records)

    def read(self, start, end):
        return self._records[start:end]


small = st.tuples(*[st.integers(0, 2)] * 4)
spread = st.tuples(st.integers(0, 2**64 - 1), st.just(0), st.just(0), st.just(0))


@given(st.lists(small | spread, max_size=40), st.lists(small | spread, max_size=40), st.integers(1, 100))
def test_what_one_has_and_the_other_has_not(older, newer, part_rows):
    found = compare(Held(older), Held(newer), part_rows=part_rows)
    assert Counter(older[i] for i in found.removed) == Counter(older) - Counter(newer)
    assert Counter(newer[i] for i in found.new) == Counter(newer) - Counter(older)
    assert sorted(set(found.removed)) == list(found.removed)
    assert sorted(set(found.new)) == list(found.new)


@given(
    st.lists(st.tuples(small | spread, st.integers(0, 3)), max_size=40),
    st.lists(st.tuples(small | spread, st.integers(0, 3)), max_size=40),
    st.integers(1, 100),
    st.integers(1, 50),
)
def test_parts_that_know_nothing_of_each_other_find_the_same(older, newer, part_rows, range_rows):
    one, other = (Held([row for row, _ in side], [key for _, key in side]) for side in (older, newer))
    ranges = range(0, max(len(one), len(other)), range_rows)
    elsewhere = [tallies(one, other, start, start + range_rows) for start in ranges]
    was, now = (sum((told[side] for told in elsewhere), Tally()) for side in (0, 1))
    parts = [compare_part(one, other, *part) for part in parts_of(was.rows + now.rows, part_rows)]
    found = changes_of(one, other, [part.removed for part in parts], [part.new for part in parts])
    wanted = compare(one, other, part_rows=part_rows)
    for name in ("removed", "new", "changed"):
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist()
    assert sum((part.older for part in parts), Tally()) == was
    assert sum((part.newer for part in parts), Tally()) == now
    assert was.rows - sum(len(part.removed) for part in parts) == now.rows - sum(len(part.new) for part in parts)


def test_a_tally_tells_hashes_apart_that_are_as_many():
    assert Tally.of(np.array([[1, 2, 3, 4]], "u8")) != Tally.of(np.array([[1, 2, 3, 5]], "u8"))
    most = np.full((2, 4), 2**64 - 1, "u8")
    assert Tally.of(most) == Tally.of(most[:1]) + Tally.of(most[:1]) == Tally(2, (2**64 - 2,) * 4)


@given(st.lists(spread, min_size=1, max_size=30, unique=True), st.randoms())
def test_the_same_rows_in_another_order_are_no_change(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert compare(Held(rows), Held(shuffled)).none


def test_hashes_that_share_their_first_bytes_are_told_apart():
    """Whoever makes up hashes can make eight bytes agree, and thirty-two not."""
    older = [(7, 1, 0, 0), (7, 2, 0, 0), (7, 1, 0, 0)]
    newer = [(7, 2, 0, 0), (7, 3, 0, 0)]
    found = compare(Held(older), Held(newer))
    assert list(found.removed) == [0, 2]
    assert list(found.new) == [1]


def test_rows_of_one_key_are_changed_not_gone():
    older, keys = [(1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0)], [10, 20, 30]
    newer, keys_newer = [(2, 9, 0, 0), (1, 0, 0, 0), (4, 0, 0, 0)], [20, 10, 40]
    found = compare(Held(older, keys), Held(newer, keys_newer))
    assert found.changed.tolist() == [[1, 0]]
    assert list(found.removed) == [2]
    assert list(found.new) == [2]


def test_a_key_that_two_rows_have_joins_nothing():
    older, newer = [(1, 0, 0, 0), (2, 0, 0, 0)], [(3, 0, 0, 0)]
    found = compare(Held(older, [5, 5]), Held(newer, [5]))
    assert (len(found.changed), len(found.removed), len(found.new)) == (0, 2, 1)


@pytest.mark.parametrize("numbers", [[], [0], [0, 4, 9], list(range(10))])
def test_records_are_picked_by_their_numbers(numbers, monkeypatch):
    monkeypatch.setattr("hauberk.dataset.diff._AT_ONCE", 3)
    held = Held([(n, 0, 0, 0) for n in range(10)])
    assert picked(held, np.array(numbers, "i8"))["hash"][:, 0].tolist() == numbers
