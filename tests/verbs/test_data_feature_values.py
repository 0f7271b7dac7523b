"""Which values are the same in two tables of different kinds; half of them are not."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from hauberk.checks.features.document import Feature
from hauberk.errors import Malformed
from hauberk.verbs.data_feature_rows import times_of
from hauberk.verbs.data_feature_values import same_values

AT = datetime(2026, 11, 9, 17, 46, 40, tzinfo=UTC)
SECONDS = 1_794_246_400
STAMP, PLAIN = pa.timestamp("us", "UTC"), pa.timestamp("ms")
LATER = AT + timedelta(seconds=0.25)


def column(values, kind=None):
    return pa.chunked_array([pa.array(values, kind)])


def same(one, other, tolerance=0.0):
    feature = Feature("x", tolerance)
    found = same_values(one, other, feature).tolist()
    assert same_values(other, one, feature).tolist() == found
    return found


@pytest.mark.parametrize("tolerance", [0.0, 0.01])
@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (column([True, False, None, True]), [True, True, True, False]),
        (column([1, 0, None, 1]), [True, True, True, False]),
        (column([1.0, 0.0, None, 1.0]), [True, True, True, False]),
        (column(["True", "false", None, "TRUE"]), [True, True, True, False]),
        (column(["True", "false", None, "TRUE"], pa.large_string()), [True, True, True, False]),
        (column(["1", "0", None, "1"]), [True, True, True, False]),
        (column(["1.0", "0.0", None, "1.0"]), [True, True, True, False]),
        (column(["yes", "no", "", "0"]), [False, False, False, True]),
        (column([2, -1, 0, 0]), [False, False, False, True]),
        (column([None, None, None, None], pa.string()), [False, False, True, False]),
    ],
)
def test_true_and_false_are_one_and_zero_and_their_words(beside, expected, tolerance):
    assert same(column([True, False, None, False]), beside, tolerance) == expected


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (column([SECONDS, SECONDS, None]), [True, True, True]),
        (column([SECONDS + 1, SECONDS - 1, 0]), [False, False, False]),
        (column([SECONDS, SECONDS + 0.25, None]), [True, True, True]),
        (column([SECONDS, SECONDS, float("nan")]), [True, False, True]),
        (column([str(SECONDS), str(SECONDS), None]), [True, True, True]),
        (column([AT.isoformat(), LATER.isoformat(), None]), [True, True, True]),
        (column(["2026-11-09 17:46:40", "2026-11-09 17:46:40.000", None]), [True, False, True]),
        (column(["2026-11-09 17:46:40", "yesterday", None]), [False, False, True]),
        (column([AT, LATER, None], PLAIN), [True, True, True]),
        (column([AT, LATER, None], pa.timestamp("ns", "Europe/Vienna")), [True, True, True]),
        (column([AT, AT, AT], PLAIN), [True, False, False]),
        (column([None, None, None], pa.string()), [False, False, True]),
    ],
)
def test_a_timestamp_is_its_seconds_or_its_text(beside, expected):
    assert same(column([AT, LATER, None], STAMP), beside) == expected


def test_the_tolerance_of_times_is_in_seconds():
    there = column([AT + timedelta(seconds=2), AT + timedelta(seconds=3)], STAMP)
    assert same(column([AT, AT], STAMP), there, 2.0) == [True, False]
    assert same(column([SECONDS, SECONDS]), there, 2.0) == [True, False]


def test_times_as_far_apart_as_can_be_are_not_the_same():
    ends = pa.array([-(1 << 63) + 1, (1 << 63) - 1]).cast(pa.timestamp("ns"))
    assert same(pa.chunked_array([ends]), pa.chunked_array([ends[::-1]])) == [False, False]


def test_times_that_nanoseconds_do_not_reach_are_compared_as_they_are():
    far = column([datetime(9999, 1, 1, tzinfo=UTC)], STAMP)
    assert same(far, far) == [True]
    assert same(far, column([SECONDS])) == [False]


@pytest.mark.parametrize("text", ["1_0", " 10", "10 ", "\uff11\uff10", "0xA", "1e1x", "ten", ""])
@pytest.mark.parametrize("tolerance", [0.0, 0.5])
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_what_only_some_programs_read_as_a_number_is_another_value(text, tolerance, kind):
    assert same(column([10, 7], kind), column([text, "7"]), tolerance) == [False, True]
    assert same(column([10], kind), column([text]), tolerance) == [False]


@pytest.mark.parametrize("text", ["10", "10.0", "1e1", "+10", "010"])
def test_a_text_of_a_number_is_its_value(text):
    assert same(column([10.0]), column([text])) == [True]


@pytest.mark.parametrize(("value", "says"), [(float("nan"), "have no time"), (1e300, "cannot be read")])
def test_a_time_that_is_none_is_refused(value, says):
    with pytest.raises(Malformed, match=says):
        times_of(column([value]), "x")
