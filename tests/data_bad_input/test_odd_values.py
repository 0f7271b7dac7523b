"""NaN, -0.0, time zones, decimals, dictionaries, nested and null types: what is another value, and what is none.

Each pair is written, recorded and compared as a person does it, in each kind of file that has such types.
"""

import datetime as dt
import json
import math
from decimal import Decimal

import pyarrow as pa
import pytest

from data_bad_input.sets import TABLES
from hauberk import data
from hauberk.errors import Malformed
from hauberk.verbs.data_manifest import Wanted, make_manifest

NAN = math.nan
UTC = dt.UTC
NOON = dt.datetime(2026, 3, 29, 12, tzinfo=UTC)
BINARY = ["parquet", "arrow", "stream"]
POINT = pa.struct({"x": pa.float64(), "when": pa.timestamp("us", "UTC")})


def zoned(zone, *, unit="us", at=NOON):
    return pa.array([at], pa.timestamp(unit, zone))


def decimal(text, *type_):
    return pa.array([None if text is None else Decimal(text)], pa.decimal128(*type_))


def floats(value, type_=None):
    return pa.array([value], type_ or pa.float64())


def listed(*values, of=None):
    return pa.array([list(values)], pa.list_(of or pa.float64()))


SAME = {
    "NaN is null": (floats(NAN), floats(None)),
    "NaN of other bits": (floats(NAN), pa.array([0x7FF8000000000001], pa.int64()).view(pa.float64())),
    "NaN within a list": (listed(1.0, NAN), listed(1.0, None)),
    "an instant in another zone": (zoned("Europe/Berlin"), zoned("America/New_York")),
    "an instant in the hour that a zone repeats": (
        zoned("Europe/Berlin", at=dt.datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        zoned("UTC", at=dt.datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ),
    "another unit of time": (zoned("UTC", unit="ms"), zoned("UTC", unit="ns")),
    "a decimal of another scale": (decimal("1.50", 9, 2), decimal("1.5", 38, 10)),
    "a decimal of another width": (decimal("-0.00", 9, 2), pa.array([Decimal(0)], pa.decimal256(60, 2))),
    "a dictionary": (pa.array(["a"]), pa.array(["a"]).dictionary_encode()),
    "a dictionary with more words": (
        pa.array(["a"]),
        pa.DictionaryArray.from_arrays(pa.array([1], pa.int8()), pa.array(["unused", "a"])),
    ),
    "a dictionary within a list": (
        pa.array([["a", None]]),
        pa.ListArray.from_arrays(pa.array([0, 2]), pa.array(["a", None]).dictionary_encode()),
    ),
    "a narrower integer": (pa.array([1], pa.int8()), pa.array([1], pa.uint32())),
    "a narrower number": (floats(0.5, pa.float32()), floats(0.5)),
    "a longer list": (pa.array([[1]], pa.list_(pa.int8())), pa.array([[1]], pa.large_list(pa.int64()))),
    "no value of any type": (pa.nulls(1), pa.nulls(1)),
}
OTHER = {
    "-0.0": (floats(0.0), floats(-0.0)),
    "-0.0 within a list": (listed(0.0), listed(-0.0)),
    "-0.0 within a struct": (pa.array([{"x": 0.0}]), pa.array([{"x": -0.0}])),
    "NaN for a number": (floats(1.0), floats(NAN)),
    "infinity": (floats(math.inf), floats(-math.inf)),
    "the smallest number": (floats(0.0), floats(5e-324)),
    "the next number": (floats(1.0), floats(math.nextafter(1.0, 2))),
    "an hour later": (zoned("Europe/Berlin"), zoned("Europe/Berlin", at=NOON + dt.timedelta(hours=1))),
    "the same clock in another zone": (
        zoned("Europe/Berlin", at=NOON),
        zoned("America/New_York", at=NOON + dt.timedelta(hours=6)),
    ),
    "a nanosecond later": (pa.array([10**18], pa.timestamp("ns")), pa.array([10**18 + 1], pa.timestamp("ns"))),
    "the last digit of 38": (decimal("0." + "1" * 37, 38, 37), decimal("0." + "1" * 36 + "2", 38, 37)),
    "a decimal ten times as large": (decimal("1.5", 9, 2), decimal("15", 9, 2)),
    "empty for null": (pa.array([None], pa.string()), pa.array([""])),
    "empty bytes for null": (pa.array([None], pa.binary()), pa.array([b""])),
    "an empty list for null": (pa.array([None], pa.list_(pa.float64())), listed()),
    "a list of null for an empty one": (listed(), listed(None)),
    "an element that moved to the next list": (pa.array([[["a", "b"], ["c"]]]), pa.array([[["a"], ["b", "c"]]])),
    "a struct of nulls for null": (pa.array([None], POINT), pa.array([{"x": None, "when": None}], POINT)),
    "a time within a struct": (
        pa.array([{"x": 1.0, "when": NOON}], POINT),
        pa.array([{"x": 1.0, "when": NOON + dt.timedelta(microseconds=1)}], POINT),
    ),
    "entries of a map in another order": (
        pa.array([[("a", 1), ("b", 2)]], pa.map_(pa.string(), pa.int64())),
        pa.array([[("b", 2), ("a", 1)]], pa.map_(pa.string(), pa.int64())),
    ),
    "a null of a map": (
        pa.array([[("a", None)]], pa.map_(pa.string(), pa.int64())),
        pa.array([[]], pa.map_(pa.string(), pa.int64())),
    ),
    "another word of a dictionary": (pa.array(["a"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()),
    "a letter that is composed": (pa.array(["\u00fc"]), pa.array(["u\u0308"])),
    "a zero byte": (pa.array(["a"]), pa.array(["a\0"])),
}
RETYPED = {
    "a number for an integer": (pa.array([1]), floats(1.0), "x was int, is float"),
    "text for a number": (pa.array([1]), pa.array(["1"]), "x was int, is string"),
    "a zone taken away": (zoned("UTC"), pa.array([NOON.replace(tzinfo=None)], pa.timestamp("us")), "x was instant, is timestamp"),
    "a number for a decimal": (decimal("1.5", 9, 2), floats(1.5), "x was decimal, is float"),
    "a day for a time": (pa.array([dt.date(2026, 1, 1)]), pa.array([NOON.replace(tzinfo=None)]), "x was date, is timestamp"),
    "a field of another name": (pa.array([{"a": 1}]), pa.array([{"b": 1}]), "x was struct<a:int>, is struct<b:int>"),
    "a list of another type": (pa.array([[1]]), listed(1.0), "x was list<int>, is list<float>"),
    "null of no type": (pa.nulls(1), pa.nulls(1, pa.string()), "x was null, is string"),
}  # fmt: skip


@pytest.fixture(params=BINARY)
def record(request, folder, ada):
    """Write a table of a key and a column `x`, record it, and return how it was read back."""

    def made(name, column):
        folder.mkdir(exist_ok=True)
        path = folder / f"t.{TABLES[request.param].ending}"
        TABLES[request.param].write(path, pa.table({"id": [1], "x": column}))
        assert ada.makes_a_manifest(name, "--key", "id") == 0, ada.said
        return data.read_verified(path, manifest=f"{name}.manifest")

    return made


@pytest.mark.parametrize("name", SAME)
def test_it_is_the_same_row(name, record, ada):
    for manifest, column in zip(("week", "now"), SAME[name], strict=True):
        assert record(manifest, column).num_rows == 1
    assert ada.diffs() == 0, ada.said
    assert "the same rows, in the same order, under the same columns" in ada.said


@pytest.mark.parametrize("name", OTHER)
def test_it_is_a_row_that_changed(name, record, ada):
    for manifest, column in zip(("week", "now"), OTHER[name], strict=True):
        record(manifest, column)
    assert ada.diffs() == 1
    assert "0 new, 1 changed, 0 removed" in ada.said


@pytest.mark.parametrize("name", RETYPED)
def test_it_is_a_column_of_another_type(name, record, ada):
    *columns, said = RETYPED[name]
    for manifest, column in zip(("week", "now"), columns, strict=True):
        record(manifest, column)
    assert ada.diffs() == 1
    assert said in ada.said


UNKNOWN = {
    "a union": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1]), pa.array(["a"])]),
    "an interval of months": pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    "a union within a list": pa.ListArray.from_arrays(
        pa.array([0, 1]), pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    ),
}


@pytest.mark.parametrize("kind", ["arrow", "stream"])
@pytest.mark.parametrize("name", UNKNOWN)
def test_a_type_without_an_encoding_is_refused_by_the_name_of_its_column(name, kind, folder, ada):
    folder.mkdir()
    TABLES[kind].write(folder / "t.arrow", pa.table({"x": UNKNOWN[name]}))
    assert ada.makes_a_manifest() == 1
    assert "the column 'x' has the type " in ada.said
    assert "cast it before it is written" in ada.said


# What only Arrow files hold.

EXACT = {
    "a decimal of 32 bits": pa.array([Decimal("1.5"), None], pa.decimal32(9, 2)),
    "a decimal of 64 bits": pa.array([Decimal("1.5"), None], pa.decimal64(18, 2)),
    "decimals within a list": pa.array([[Decimal("1.5"), None], None], pa.list_(pa.decimal32(9, 2))),
    "a run of values": pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["a", None])),
    "a view of text": pa.array(["a" * 20, None], pa.string_view()),
    "a view of a list": pa.array([["a", None], None], pa.list_view(pa.string_view())),
    "a view of a list of nanoseconds": pa.array([[1, None], None], pa.list_view(pa.timestamp("ns"))),
    "a view of a list that is in two rows": pa.ListViewArray.from_arrays(
        pa.array([1, 0], pa.int32()), pa.array([2, 2], pa.int32()), pa.array([1.0, NAN, -0.0])
    ),
    "a dictionary of structs": pa.DictionaryArray.from_arrays(pa.array([0, None], pa.int8()), pa.array([{"a": NAN}])),
}
PLAIN = {
    "a decimal of 32 bits": pa.array([Decimal("1.5"), None]),
    "a decimal of 64 bits": pa.array([Decimal("1.5"), None]),
    "decimals within a list": pa.array([[Decimal("1.5"), None], None]),
    "a run of values": pa.array(["a", None]),
    "a view of text": pa.array(["a" * 20, None]),
    "a view of a list": pa.array([["a", None], None]),
    "a view of a list of nanoseconds": pa.array([[1, None], None], pa.list_(pa.timestamp("ns"))),
    "a view of a list that is in two rows": pa.array([[NAN, -0.0], [1.0, NAN]]),
    "a dictionary of structs": pa.array([{"a": None}, None], pa.struct({"a": pa.float64()})),
}


@pytest.mark.parametrize("name", EXACT)
def test_types_that_only_arrow_has_are_those_of_all_others(name, folder, ada):
    folder.mkdir()
    for manifest, column in (("week", EXACT[name]), ("now", PLAIN[name])):
        TABLES["arrow"].write(folder / "t.arrow", pa.table({"x": column}))
        assert ada.makes_a_manifest(manifest) == 0, ada.said
    assert ada.diffs() == 0, ada.said


def test_lists_that_show_one_value_too_often_are_refused(tmp_path):
    """A small file that would be terabytes, were each list written out."""
    many = 1 << 15
    lists = pa.ListViewArray.from_arrays(
        pa.array([0] * many, pa.int32()), pa.array([many] * many, pa.int32()), pa.array(range(many), pa.int64())
    )
    TABLES["arrow"].write(tmp_path / "t.arrow", pa.table({"x": lists}))
    with pytest.raises(Malformed, match="lists that show"):
        make_manifest((tmp_path / "t.arrow",), tmp_path / "m", Wanted("t", None))


# Text files: what a cell of CSV is, is its text; JSON has no NaN.

CELLS = [("0.0", "-0.0", 1), ("1", "01", 1), ("NaN", "", 1), ("nan", "NaN", 1), ("1.5", "1.50", 1), ("null", "", 1), ("a", '"a"', 0)]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "code"), CELLS)
def test_a_cell_of_csv_is_its_text(before, after, code, folder, ada):
    folder.mkdir()
    for name, cell in (("week", before), ("now", after)):
        (folder / "t.csv").write_text(f"id,x\n1,{cell}\n")
        assert ada.makes_a_manifest(name, "--key", "id") == 0
    assert ada.diffs() == code


LINES = [
    ("0.0", "-0.0", 1, "1 changed"), ("1.5", "1.50", 0, "the same rows"), ("null", '""', 1, "x was null, is string"),
    ("1", "1.0", 1, "x was int, is float"), ("1e400", "1.0", 1, ""), ("[]", "[null]", 1, ""), ("[1]", "[1, null]", 1, "1 changed"),
    ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', 1, "x was struct<a:int,b:int>, is struct<b:int,a:int>"),
    ('"\\u00fc"', '"\u00fc"', 0, "the same rows"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "code", "said"), LINES)
def test_a_value_of_json_is_what_it_means(before, after, code, said, folder, ada):
    folder.mkdir()
    for name, value in (("week", before), ("now", after)):
        (folder / "t.jsonl").write_text(f'{{"id": 1, "x": {value}}}\n')
        assert ada.makes_a_manifest(name, "--key", "id") == 0, ada.said
    assert ada.diffs() == code
    assert said in ada.said


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", str(2**70), '[1, "a"]', json.dumps("\ud800")])
def test_a_value_that_json_has_not_or_no_column_holds_is_refused(value, folder, ada):
    folder.mkdir()
    (folder / "t.jsonl").write_text(f'{{"x": {value}}}\n')
    assert ada.makes_a_manifest() == 1
    assert "t.jsonl" in ada.said
