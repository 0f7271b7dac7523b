"""The encoding of rows, against a slow one that was written from its table, and against four programs' files."""

import datetime as dt
import hashlib
import math
import struct
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.table.writers import ROWS, WRITERS, table
from hauberk.errors import Malformed
from hauberk.formats.table.encoding import decimal_text, encode
from hauberk.formats.table.logical import MAX_DEPTH, logical_type

EPOCH = dt.datetime(1970, 1, 1)


def one(value, arrow):
    """The encoding of one value, as the table in `encoding.py` says, from a Python object."""
    kind = logical_type(arrow).partition("<")[0]
    if value is None or (kind == "float" and math.isnan(value)):
        return bytes(9), b""
    slot, tail = SLOWLY[kind](value, arrow)
    return slot, tail


def number(tag, value, form="<q"):
    return tag + struct.pack(form, value), b""


def ticks(narrow, wide, seconds_and_nanos):
    nanos = seconds_and_nanos
    if -(2**63) <= nanos < 2**63:
        return number(narrow, nanos)
    return number(wide, nanos // 1000)


def nanos(delta):
    return (delta.days * 86_400 + delta.seconds) * 10**9 + delta.microseconds * 1000


def tailed(tag, tail):
    return tag + struct.pack("<q", len(tail)), tail


def row(values, types):
    parts = [one(value, arrow) for value, arrow in zip(values, types, strict=True)]
    return b"".join(slot for slot, _ in parts) + b"".join(tail for _, tail in parts)


SLOWLY = {
    "bool": lambda v, _: number(b"\x01", int(v)),
    "int": lambda v, _: number(b"i", v) if v < 2**63 else number(b"u", v, "<Q"),
    "float": lambda v, _: number(b"f", v, "<d"),
    "date": lambda v, _: number(b"D", (v - EPOCH.date()).days),
    "time": lambda v, _: number(b"h", nanos(dt.timedelta(hours=v.hour, minutes=v.minute, seconds=v.second, microseconds=v.microsecond))),
    "timestamp": lambda v, _: ticks(b"t", b"T", nanos(v - EPOCH)),
    "instant": lambda v, _: ticks(b"z", b"Z", nanos(v - EPOCH.replace(tzinfo=dt.UTC))),
    "duration": lambda v, _: ticks(b"e", b"E", nanos(v)),
    "decimal": lambda v, _: tailed(b"d", decimal_text(v)),
    "string": lambda v, _: tailed(b"s", v.encode()),
    "binary": lambda v, _: tailed(b"b", v),
    "list": lambda v, a: tailed(b"l", b"".join(row([x], [a.value_type]) for x in v)),
    "struct": lambda v, a: tailed(b"r", row([v[f.name] for f in a], [f.type for f in a])),
    "map": lambda v, a: tailed(b"m", b"".join(row(pair, [a.key_type, a.item_type]) for pair in v)),
}  # fmt: skip


def rows_of(*columns):
    found = encode(columns, len(columns[0]))
    data = bytes(found.data)
    return [data[a:z] for a, z in zip(found.offsets.tolist(), found.offsets.tolist()[1:], strict=False)]


CASES = {
    "bool": (pa.bool_(), st.booleans()),
    "int8": (pa.int8(), st.integers(-128, 127)),
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "uint64": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "float32": (pa.float32(), st.floats(width=32)),
    "float64": (pa.float64(), st.floats()),
    "string": (pa.string(), st.text(st.characters(exclude_categories=["Cs"]))),
    "large string": (pa.large_string(), st.text(st.characters(exclude_categories=["Cs"]))),
    "string view": (pa.string_view(), st.text(st.characters(exclude_categories=["Cs"]))),
    "binary": (pa.binary(), st.binary()),
    "fixed binary": (pa.binary(3), st.binary(min_size=3, max_size=3)),
    "date": (pa.date32(), st.dates()),
    "time": (pa.time64("us"), st.times()),
    "seconds": (pa.timestamp("s"), st.datetimes().map(lambda v: v.replace(microsecond=0))),
    "timestamp": (pa.timestamp("us"), st.datetimes()),
    "instant": (pa.timestamp("us", "Asia/Tokyo"), st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1), timezones=st.just(dt.UTC))),
    "duration": (pa.duration("us"), st.timedeltas(dt.timedelta(-90_000), dt.timedelta(90_000))),
    "decimal": (pa.decimal128(20, 4), st.decimals(-(10**15), 10**15, places=4)),
    "list": (pa.list_(pa.int64()), st.lists(st.none() | st.integers(-5, 5), max_size=4)),
    "lists of text": (pa.large_list(pa.list_(pa.string())), st.lists(st.lists(st.none() | st.text("ab", max_size=2), max_size=3), max_size=3)),
    "fixed list": (pa.list_(pa.float64(), 2), st.lists(st.none() | st.floats(), min_size=2, max_size=2)),
    "struct": (pa.struct({"a": pa.int64(), "b": pa.string()}), st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9), "b": st.none() | st.text("xy", max_size=2)})),
    "map": (pa.map_(pa.string(), pa.int64()), st.lists(st.tuples(st.text("ab", max_size=2), st.none() | st.integers(-9, 9)), max_size=3)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_a_column_is_encoded_as_its_table_says(name, data):
    arrow, values = CASES[name]
    given = data.draw(st.lists(st.none() | values, min_size=1, max_size=8))
    column = pa.array(given, arrow)
    skipped = data.draw(st.integers(0, len(given) - 1))
    assert rows_of(column) == [row([value], [arrow]) for value in given]
    assert rows_of(column.slice(skipped)) == [row([value], [arrow]) for value in given[skipped:]]


def test_a_row_is_its_slots_and_then_its_tails():
    columns = [pa.array(["a", None]), pa.array([1, 2]), pa.array([b"xyz", b""])]
    types = [column.type for column in columns]
    assert rows_of(*columns) == [row(["a", 1, b"xyz"], types), row([None, 2, b""], types)]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_the_same_table_has_the_same_rows_whoever_wrote_it(writer, tmp_path):
    writer(tmp_path / "t.parquet")
    read, wanted = pq.read_table(tmp_path / "t.parquet"), table()
    for name in wanted.column_names:
        assert logical_type(read.field(name).type) == logical_type(wanted.field(name).type), name
        assert rows_of(read.column(name)) == rows_of(wanted.column(name)), name
    assert len(set(rows_of(*wanted.columns))) == ROWS


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([1]), pa.array([1.0])),
        (pa.array([1]), pa.array([True])),
        (pa.array(["1"]), pa.array([b"1"])),
        (pa.array([None], pa.string()), pa.array([""])),
        (pa.array([[]], pa.list_(pa.int64())), pa.array([[None]], pa.list_(pa.int64()))),
        (pa.array([dt.datetime(2026, 1, 1)]), pa.array([dt.datetime(2026, 1, 1)], pa.timestamp("us", "UTC"))),
        (pa.array([Decimal("1.5")]), pa.array([1.5])),
        (pa.array([["ab", "c"]]), pa.array([["a", "bc"]])),
        (pa.array([2**63], pa.uint64()), pa.array([-(2**63)])),
    ],
)  # fmt: skip
def test_values_that_differ_have_other_rows(left, right):
    assert rows_of(left) != rows_of(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pa.array([1], pa.int8()), pa.array([1], pa.uint64())),
        (pa.array([0.5], pa.float16()), pa.array([0.5], pa.float64())),
        (pa.array([math.nan]), pa.array([None], pa.float64())),
        (pa.array([None]), pa.array([None], pa.string())),
        (pa.array([Decimal("1.50")]), pa.array([Decimal("1.5")], pa.decimal256(50, 9))),
        (pa.array([Decimal("-0.00")]), pa.array([Decimal(0)])),
        (pa.array([Decimal("0.0000001")], pa.decimal128(30, 7)), pa.array([Decimal("0.0000001")], pa.decimal128(38, 20))),
        (pa.array([1_500], pa.timestamp("ms")), pa.array([1_500_000_000], pa.timestamp("ns"))),
        (pa.array([0], pa.timestamp("s", "UTC")), pa.array([0], pa.timestamp("us", "America/New_York"))),
        (pa.array([253402300799], pa.timestamp("s")), pa.array([253402300799000], pa.timestamp("ms"))),
        (pa.array([dt.date(2026, 1, 1)], pa.date32()), pa.array([dt.date(2026, 1, 1)], pa.date64())),
        (pa.array(["a", "a"]), pa.array(["a", "a"]).dictionary_encode()),
        (pa.array([7, 7]), pa.RunEndEncodedArray.from_arrays([2], [7])),
        (pa.array([["a"]]), pa.array([["a"]], pa.list_view(pa.large_string()))),
    ],
)  # fmt: skip
def test_how_a_value_is_stored_makes_no_difference(left, right):
    assert rows_of(left) == rows_of(right)


def test_what_stands_under_a_null_is_not_looked_at():
    hidden = pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(struct.pack("<qq", 5, 666))])
    assert rows_of(hidden) == rows_of(pa.array([5, None]))
    parts = pa.StructArray.from_arrays([pa.array(["a", "b"])], ["x"], mask=pa.array([False, True]))
    assert rows_of(parts) == rows_of(pa.array([{"x": "a"}, None]))


def test_a_text_that_is_no_utf8_is_refused():
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(struct.pack("<ii", 0, 1)), pa.py_buffer(b"\xff")])
    with pytest.raises(Malformed, match="no UTF-8"):
        encode([bad], 1)


def test_a_type_without_an_encoding_is_refused_by_the_name_of_its_column():
    with pytest.raises(Malformed, match=r"'mixed'.*dense_union"):
        logical_type(pa.dense_union([pa.field("a", pa.int8())]), "mixed")


def test_types_nested_without_end_are_refused():
    arrow = pa.int8()
    for _ in range(MAX_DEPTH + 1):
        arrow = pa.list_(arrow)
    with pytest.raises(Malformed, match="nested deeper"):
        logical_type(arrow, "deep")


def test_field_names_cannot_imitate_types():
    assert logical_type(pa.struct({"a:int,b": pa.int8()})) != logical_type(pa.struct({"a": pa.int8(), "b": pa.int8()}))


def test_a_time_too_far_away_for_any_tick_is_refused():
    with pytest.raises(Malformed, match="290,000 years"):
        encode([pa.array([2**62], pa.timestamp("s"))], 1)


def test_the_encoding_is_frozen():
    """A change here changes every root there is: it needs another version of the encoding."""
    found = encode(table(64).columns, 64)
    assert hashlib.sha256(bytes(found.data)[found.offsets[0] : found.offsets[-1]]).hexdigest() == FROZEN
    assert np.diff(found.offsets).min() > 9 * 15


FROZEN = "07b208fb1d4bb8d74a508f73a2501d733135b34d5b351b52c99fcbbff3f50c25"


def one_element(column):
    """A list of one row whose element, or elements, are these."""
    return pa.ListArray.from_arrays(pa.array([0, len(column)], pa.int32()), column)


def far(unit, value=-(2**63)):
    return pa.array([value], pa.int64()).view(pa.timestamp(unit))


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_the_time_that_has_no_opposite_is_too_far_away_as_well(unit):
    with pytest.raises(Malformed, match="290,000 years"):
        rows_of(far(unit))


def test_a_time_of_day_that_nanoseconds_do_not_hold_is_not_taken_for_another():
    with pytest.raises(Malformed):
        rows_of(pa.array([2**62]).view(pa.time64("us")))
    assert rows_of(pa.array([2**62]).view(pa.time64("ns")))


ELEMENTS = {
    "times beyond the calendar": pa.array([2**60]).view(pa.timestamp("us")),
    "days beyond it": pa.array([2**30], pa.int32()).view(pa.date32()),
    "durations": pa.array([1001]).view(pa.duration("ns")),
    "an extension": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16], pa.binary(16))),
    "texts": pa.array(["a"]),
    "views of texts": pa.array(["a"], pa.string_view()),
    "structs": pa.array([{"a": [1, 2]}]),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_list_of_views_is_the_list(name):
    items = ELEMENTS[name]
    views = pa.ListViewArray.from_arrays(pa.array([0], pa.int32()), pa.array([1], pa.int32()), items)
    assert rows_of(views) == rows_of(one_element(items))


def test_views_may_overlap_stand_in_any_order_and_under_nulls():
    items, offsets, sizes = pa.array([1, 2, 3]), pa.array([1, 0, 0, 3], pa.int32()), pa.array([2, 3, 3, 0], pa.int32())
    views = pa.ListViewArray.from_arrays(offsets, sizes, items, mask=pa.array([False, False, True, False]))
    plain = pa.array([[2, 3], [1, 2, 3], None, []])
    assert rows_of(views) == rows_of(plain)
    assert rows_of(views.slice(1, 2)) == rows_of(plain.slice(1, 2))
    large = pa.LargeListViewArray.from_arrays(offsets.cast(pa.int64()), sizes.cast(pa.int64()), items)
    assert rows_of(large.slice(0, 2)) == rows_of(plain.slice(0, 2))


WRAPPED = {
    "runs of a dictionary": pa.RunEndEncodedArray.from_arrays(
        pa.array([2, 3], pa.int32()), pa.array(["a", None]).dictionary_encode()
    ),
    "runs of views": pa.RunEndEncodedArray.from_arrays(
        pa.array([2, 3], pa.int32()), pa.array(["a", None], pa.string_view())
    ),
    "a dictionary of views": pa.DictionaryArray.from_arrays(
        pa.array([0, 0, 1]), pa.array(["a", None], pa.string_view())
    ),
    "a dictionary of a dictionary": pa.DictionaryArray.from_arrays(
        pa.array([1, 1, None]), pa.array(["b", "a"]).dictionary_encode()
    ),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_however_texts_are_wrapped_they_are_texts(name):
    wrapped, plain = WRAPPED[name], pa.array(["a", "a", None])
    assert rows_of(wrapped) == rows_of(plain)
    assert rows_of(wrapped.slice(1)) == rows_of(plain.slice(1))


@pytest.mark.parametrize("kind", [pa.decimal32(5, 2), pa.decimal64(5, 2), pa.decimal128(38, 2), pa.decimal256(60, 7)])
def test_decimals_of_every_width_are_the_same_numbers(kind):
    values = [Decimal("12.50"), Decimal("-0.00"), None]
    assert rows_of(pa.array(values, kind)) == rows_of(pa.array(values, pa.decimal128(10, 3)))


def test_a_piece_of_a_column_of_lists_costs_what_is_in_it(monkeypatch):
    seen = []
    lists = pa.array([[n, n] for n in range(1000)])
    maps = pa.array([[(str(n), n)] for n in range(1000)], pa.map_(pa.string(), pa.int64()))
    monkeypatch.setattr(
        "hauberk.formats.table.encoding.encode",
        lambda columns, rows, encode=encode: seen.append(rows) or encode(columns, rows),
    )
    for column in (lists, maps):
        encode([column.slice(500, 10)], 10)
    assert seen == [20, 10]


def test_what_arrow_cannot_do_is_no_fault_of_ours(monkeypatch):
    def cannot(_):
        raise pa.ArrowNotImplementedError("a value: 4711")

    monkeypatch.setitem(encode.__globals__["_OF"], "int", cannot)
    with pytest.raises(Malformed, match="int64") as raised:
        rows_of(pa.array([4711]))
    assert "4711" not in str(raised.value)


@pytest.mark.parametrize("outer", [lambda kind: pa.struct([("a", kind)]), lambda kind: pa.list_(kind, 2)])
def test_what_stands_under_a_null_leads_nowhere_and_is_not_followed(outer):
    column = pa.array([None, None], outer(pa.dictionary(pa.int8(), pa.string())))  # index 0, of a dictionary of nothing
    assert rows_of(column) == [bytes(9)] * 2
    mixed = pa.array([["a", None], None, ["b", "a"], None], pa.list_(pa.dictionary(pa.int8(), pa.string()), 2))
    assert rows_of(mixed.slice(1, 2)) == rows_of(pa.array([None, ["b", "a"]]))


def test_a_narrow_decimal_is_the_same_number():
    values = [Decimal("1.10"), None, Decimal("-0.50")]
    wide, *narrow = [
        bytes(encode([pa.array(values, kind)], 3).data)
        for kind in (pa.decimal128(9, 2), pa.decimal32(9, 2), pa.decimal64(18, 2), pa.decimal256(60, 2))
    ]
    assert narrow == [wide] * 3
