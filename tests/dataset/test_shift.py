"""Profiles of columns and how they shift: odd values, and a yardstick that holds what it says."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from hauberk.dataset.profile import SAMPLE_ROWS, Profiler, chosen, mixed
from hauberk.dataset.shift import shift_of
from hauberk.formats.table.logical import logical_type


def profile(values, kind=None, batches=1):
    column = values if isinstance(values, pa.Array) else pa.array(values, kind)
    maker = Profiler("c", logical_type(column.type))
    step = max(1, -(-len(column) // batches))
    for start in range(0, len(column), step):
        some = column.slice(start, step)
        maker.add(some, np.arange(len(some)))
    return maker.profile()


@pytest.mark.parametrize(
    ("column", "least", "most", "nulls"),
    [
        (pa.array([2**64 - 1, 0, None], pa.uint64()), 0, 2**64 - 1, 1),
        (pa.array([-(2**63), 2**63 - 1]), -(2**63), 2**63 - 1, 0),
        (pa.array([1.5, float("nan"), float("inf"), -float("inf")]), "-inf", "inf", 1),
        (pa.array([None, None]), None, None, 2),
        (pa.array([None], pa.int8()), None, None, 1),
        (pa.array([], pa.string()), None, None, 0),
        (pa.array(["a", "b" * 100]).dictionary_encode(), 1, 100, 0),
        (pa.array([[1], [], None], pa.list_(pa.int8())), 0, 1, 1),
        (pa.array([{"a": 1}, None]), None, None, 1),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())), 1, 1, 0),
        (pa.array([b"xy"]), 2, 2, 0),
        (pa.array([Decimal("1.25")]), 1.25, 1.25, 0),
        (pa.array([dt.date(2020, 2, 29)], pa.date64()), "2020-02-29", "2020-02-29", 0),
        (pa.array([1], pa.timestamp("s", "UTC")), "1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z", 0),
        (pa.array([10**12], pa.timestamp("s")), "33658-09-27T01:46:40", "33658-09-27T01:46:40", 0),
        (pa.array([True, None]), 1, 1, 1),
    ],
    ids=str,
)
def test_odd_values_are_counted_as_they_are(column, least, most, nulls):
    found = profile(column)
    assert (found.least, found.most, found.nulls, found.rows) == (least, most, nulls, len(column))
    same = shift_of(found, profile(column))
    assert same.distance in (None, 0.0)


def test_the_number_of_batches_changes_nothing():
    values = np.random.default_rng(0).normal(size=5000)
    one, many = profile(values), profile(values, batches=7)
    assert (one.distinct, one.least, one.nulls) == (many.distinct, many.least, many.nulls)
    assert (one.numbers == many.numbers).all()


def test_distinct_values_are_estimated():
    assert profile(list(range(500)) * 2).distinct == 500
    assert profile(range(100_000)).distinct == pytest.approx(100_000, rel=0.12)
    assert profile([str(n) for n in range(20_000)]).distinct == pytest.approx(20_000, rel=0.12)


def test_a_sample_is_reproducible_and_takes_repeated_rows_as_often_as_they_occur():
    rows = SAMPLE_ROWS * 8
    same = np.zeros(rows, "u8")  # one row, again and again: its hash alone would pick all or none
    found = len(chosen(same, 0, rows))
    assert found == pytest.approx(SAMPLE_ROWS, rel=0.05)
    halves = len(chosen(same[: rows // 2], 0, rows)) + len(chosen(same[rows // 2 :], rows // 2, rows))
    assert halves == found
    assert len(chosen(same[:10], 0, 10)) == 10


def test_nothing_changed_goes_over_the_yardstick_as_rarely_as_is_said():
    over = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        shift = shift_of(profile(draw.normal(size=600)), profile(draw.normal(size=600)))
        over += shift.excess > 0
    assert over <= 6  # of 60: at most once in 21, plus what chance makes of 60


@pytest.mark.parametrize(
    ("older", "newer", "compared"),
    [
        (np.arange(1000.0), np.arange(1000.0) + 500, "values"),
        (["a", "b"] * 500, ["a", "b", "b", "b"] * 250, "categories"),
        ([f"x{n}" for n in range(1000)], [f"x{n}" * 2 for n in range(1000)], "lengths"),
        ([str(n / 8) for n in range(1000)], ["", *(str(n / 8 + 99) for n in range(999))], "numbers"),
        ([True, False] * 500, [True] * 1000, "values"),
        ([1.0] * 1000, [1.0, None] * 500, "values"),
        ([[1]] * 1000, [[1, 2]] * 1000, "lengths"),
        ([{"a": 1}] * 1000, [{"a": 1}, None] * 500, "nulls"),
    ],
)
def test_what_changed_is_over_the_yardstick(older, newer, compared):
    found = shift_of(profile(older), profile(newer))
    assert found.compared == compared
    assert found.excess > 0.1
    for side in ("older", "newer"):
        assert sum(getattr(bar, side) for bar in found.bars) == pytest.approx(1)


@pytest.mark.parametrize("values", [[1.0], [1, 2]], ids=["one row", "two"])
def test_too_few_rows_have_no_yardstick(values):
    found = shift_of(profile(values), profile([n + 5 for n in values]))
    assert (found.distance, found.yardstick, found.excess) == (1.0, None, 0.0)


def test_an_empty_side_has_no_distance():
    assert shift_of(profile([], pa.int8()), profile([1], pa.int8())).distance is None


def test_values_at_the_ends_of_floating_numbers_have_bins():
    found = shift_of(profile([-1.7e308, 0.5, 0.25, 1.7e308] * 20), profile([float("inf"), 0.0, -float("inf")] * 20))
    assert all(0 <= bar.older <= 1 and 0 <= bar.newer <= 1 for bar in found.bars)


def test_long_texts_that_begin_alike_stay_apart():
    found = profile(["x" * 100 + "a", "x" * 100 + "b"]).texts.to_pylist()
    assert len(set(found)) == 2
    assert all(len(text) <= 64 for text in found)


def test_mixing_depends_on_each_bit():
    found = mixed(np.array([1 << bit for bit in range(64)], "u8"))
    assert len(set((found >> np.uint64(48)).tolist())) > 60


def test_text_that_is_no_number_somewhere_is_compared_as_text():
    older = profile([str(n / 8) for n in range(1000)])
    assert shift_of(older, profile([*(str(n / 8) for n in range(999)), "x"])).compared == "lengths"
