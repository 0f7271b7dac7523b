"""Awkward tables under each rule about data: what cannot be compared is unchecked, and what is equal is equal."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from hauberk.checks.data import document as asked
from hauberk.verbs.data_check import Other, check_data

NOW = int(datetime(2026, 1, 2, tzinfo=UTC).timestamp())
DAYS = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]
RULES = {
    "ranges": asked.Range("x", min=0, max=10),
    "times": asked.Range("x", earliest="2026-01-01T00:00:00Z"),
    "categories": asked.Categories("x", ("1", "2", "a")),
    "nulls": asked.Nulls("x"),
    "unique": asked.Unique(("x",)),
    "freshness": asked.Freshness("x", 48),
    "references": asked.Reference("x"),
    "shift": asked.Shift(("x",)),
    "label_balance": asked.Balance("x", {"1": asked.Share(max=0.1)}),
    "duplicates": asked.Duplicates(("x",)),
    "leakage": asked.Leakage("x"),
}
COLUMNS = {
    "float": pa.array([1.0, 2.0]),
    "float16": pa.array(np.array([1, np.nan], "f2")),
    "nan": pa.array([math.nan, math.nan]),
    "infinite": pa.array([math.inf, -math.inf]),
    "null": pa.nulls(2),
    "null float": pa.nulls(2, pa.float64()),
    "null text": pa.nulls(2, pa.string()),
    "null time": pa.nulls(2, pa.timestamp("us")),
    "no float": pa.array([], pa.float64()),
    "no text": pa.array([], pa.string()),
    "uint64": pa.array([2**64 - 1, 0], pa.uint64()),
    "decimal32": pa.array([Decimal("1.00"), Decimal("2.00")], pa.decimal32(9, 2)),
    "decimal64": pa.array([Decimal("1.00"), Decimal("2.00")], pa.decimal64(18, 2)),
    "decimal256": pa.array([Decimal("1.00"), Decimal("2.00")], pa.decimal256(60, 2)),
    "dictionary": pa.array(["a", None]).dictionary_encode(),
    "dictionary of null": pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", None])),
    "timestamp": pa.array(DAYS, pa.timestamp("ns")),
    "zone": pa.array(DAYS, pa.timestamp("us", "Asia/Tokyo")),
    "no such zone": pa.array([1, 2]).cast(pa.timestamp("us", "No/Where")),
    "far away": pa.array([2**60, 1]).cast(pa.timestamp("s")),
    "date": pa.array([date(2026, 1, 1), date(2026, 1, 2)]),
    "time": pa.array([time(1), time(2)]),
    "duration": pa.array([timedelta(1), timedelta(2)]),
    "bool": pa.array([True, None]),
    "binary": pa.array([b"\xff", b"a"]),
    "list": pa.array([[1], None]),
    "struct": pa.array([{"a": 1}, {"a": 2}]),
    "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
    "view": pa.array(["a", None], pa.string_view()),
    "large": pa.array(["a", None], pa.large_string()),
    "runs": pa.RunEndEncodedArray.from_arrays([1, 2], pa.array(["a", "b"])),
}
NUMBERS = {"float", "float16", "infinite", "uint64", "decimal32", "decimal64", "decimal256", "bool"}
TIMES = {"timestamp", "zone", "no such zone", "date"}
EMPTY = {"nan", "null", "null float", "null text", "null time", "no float", "no text"}
NO_TEXT = {"binary", "list", "struct", "map", "no such zone"}
NO_ROW = {"no float", "no text"}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, column):
    table = column if isinstance(column, pa.Table) else pa.table({"x": column})
    with pa.OSFile(path, "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def check(column, *, other=None, **kinds):
    """Check one column under these rules; compare it with another, or with itself."""
    write("new.arrow", column)
    write("old.arrow", column if other is None else other)
    document = asked.Document("urn:hauberk:data-checks:v1", "c", **{key: (one,) for key, one in kinds.items()})
    return check_data(document, ("new.arrow",), (Other("old", ("old.arrow",)),), now=NOW)


def ranged(column, **ends):
    return check(column, ranges=asked.Range("x", **ends)).result


# each column under each rule


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", COLUMNS)
def test_no_column_makes_a_rule_fall_over_and_none_passes_that_it_cannot_judge(name, rule):
    found = check(COLUMNS[name], **{"ranges" if rule == "times" else rule: RULES[rule]})
    judged = {
        "ranges": name in NUMBERS,
        "times": name in TIMES,
        "freshness": name in TIMES,
        "leakage": name in TIMES,
        "categories": name not in NO_TEXT | EMPTY,
        "references": name not in EMPTY | {"far away"},
        "label_balance": name not in NO_TEXT | NO_ROW,
        "shift": False,  # of fewer than 30 rows
        "unique": name not in NO_ROW | {"far away"},
        "duplicates": name not in NO_ROW | {"far away"},
        "nulls": name not in NO_ROW,
    }
    assert (found.result != "incomplete") is judged[rule], found.unchecked


@pytest.mark.parametrize("name", sorted(COLUMNS.keys() - NO_ROW - {"far away", "no such zone"}))
def test_a_null_is_counted_whatever_the_column_is(name):
    nulls = sum(value is None or value != value for value in COLUMNS[name].to_pylist())
    assert (check(COLUMNS[name], nulls=asked.Nulls("x")).result == "fail") is bool(nulls)


# numbers are compared as they are


@pytest.mark.parametrize(
    ("column", "most"),
    [
        (pa.array([10**18 + 1]), 1e18),
        (pa.array([2**64 - 1], pa.uint64()), 1.8446744073709550e19),
        (pa.array([2**53 + 1]), 2.0**53),
        (pa.array([Decimal("0.30000000000000000001")], pa.decimal128(38, 20)), 0.3),
        (pa.array([11]), 10.5),
        (pa.array([Decimal("0.31")], pa.decimal32(4, 2)), 0.3),
    ],
)
def test_a_number_that_is_a_little_too_large_is(column, most):
    assert ranged(column, max=most) == "fail"


@pytest.mark.parametrize(
    ("column", "most"),
    [
        (pa.array([10**18]), 1e18),
        (pa.array([2**64 - 1], pa.uint64()), 1e30),
        (pa.array([Decimal("0.3")], pa.decimal128(38, 20)), 0.3),
        (pa.array([10]), 10.5),
        (pa.array([0.3]), 0.3),
    ],
)
def test_a_number_at_the_end_of_its_range_is_in_it(column, most):
    assert ranged(column, max=most) == "pass"


@pytest.mark.parametrize("column", [pa.array([-1]), pa.array([Decimal(-1)]), pa.array([-1.0]), pa.array([-math.inf])])
def test_a_number_under_its_range_is_found(column):
    assert ranged(column, min=-0.5) == "fail"


def test_a_time_is_no_number_and_its_range_has_other_names():
    found = check(pa.array(DAYS), ranges=asked.Range("x", max=1e18))
    assert "`earliest` and `latest`" in found.unchecked[0].detail


# equal values are equal


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1.0, 2.0]),
        pa.array([1, 2]).dictionary_encode(),
        COLUMNS["decimal32"],
        pa.array([Decimal("1.00"), Decimal("2.00")]),
        COLUMNS["decimal256"],
    ],
    ids=lambda column: str(column.type),
)
def test_a_label_is_the_same_text_however_the_number_is_stored(column):
    assert check(column, categories=asked.Categories("x", ("1", "2"))).result == "pass"
    assert check(column, label_balance=asked.Balance("x", {"1": asked.Share(max=0.1)})).result == "fail"


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_zero_has_no_sign(kind):
    zeros = pa.array(np.array([-0.0, 0.0]), pa.float64()).cast(kind)
    assert check(zeros, unique=asked.Unique(("x",))).result == "fail"
    assert check(zeros[:1], other=zeros[1:], duplicates=asked.Duplicates(("x",))).result == "fail"
    assert check(zeros[:1], other=zeros[1:], references=asked.Reference("x")).result == "pass"
    assert check(zeros, label_balance=asked.Balance("x", {"0": asked.Share(min=1)})).result == "pass"


# what there is nothing to compare with


@pytest.mark.parametrize("bound", [{"max_ratio": 1.1}, {"min_ratio": 0.9}])
def test_a_multiple_of_no_rows_is_nothing(bound):
    found = check(pa.array([1, 2]), other=pa.array([], pa.int64()), rows=asked.Count(**bound))
    assert found.result == "incomplete"
    assert found.unchecked[0].detail == "rows[0]: there is no row in old"


def test_days_and_times_of_day_do_not_tell_which_came_first():
    days = pa.array([date(2026, 1, 2)])
    times = pa.array([datetime(2026, 1, 2, 9, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    for one, other in ((days, times), (times, days)):
        assert check(one, other=other, leakage=asked.Leakage("x")).result == "incomplete"
    assert check(days, other=days, leakage=asked.Leakage("x")).result == "pass"


def test_numbers_and_times_are_not_distributed_alike():
    numbers = pa.array(range(60))
    times = pa.array([DAYS[0] + timedelta(days=day) for day in range(60)], pa.timestamp("us"))
    for one, other in ((numbers, times), (times, numbers)):
        assert check(one, other=other, shift=asked.Shift(("x",))).result == "incomplete"


@pytest.mark.parametrize("kind", [pa.float64(), pa.string(), pa.timestamp("us")], ids=str)
def test_a_column_that_has_become_null_has_shifted(kind):
    values = {pa.string(): "a", pa.float64(): 1.0}.get(kind, DAYS[0])
    full, empty = pa.array([values] * 60, kind), pa.nulls(60, kind)
    assert check(empty, other=full, shift=asked.Shift(("x",))).result == "fail"
    assert check(full, other=empty, shift=asked.Shift(("x",))).result == "fail"
    assert check(empty, other=empty, shift=asked.Shift(("x",))).result == "pass"


# tables that are none


def test_two_columns_of_one_name_are_not_judged():
    table = pa.table([pa.array([1]), pa.array([2])], ["x", "x"])
    found = check(table, other=pa.array([1]), ranges=asked.Range("x", max=0))
    assert found.result == "incomplete"
    assert "is there twice" in found.unchecked[0].detail


def test_what_arrow_cannot_do_is_unchecked_and_tells_no_value(monkeypatch):
    def falls(*_):
        raise pa.ArrowInvalid("the secret value of a row")

    monkeypatch.setattr("hauberk.verbs.data_counts.Nulled.add", falls)
    found = check(pa.array([1]), nulls=asked.Nulls("x"))
    assert found.result == "incomplete"
    assert "ArrowInvalid" in found.unchecked[0].detail
    assert "secret" not in found.unchecked[0].detail
