"""Law: a table has one root whichever of four programs wrote it, and another one once a single cell has another value.

Tables are drawn: a few columns of the types below, with nulls, and with the values at which programs part. What a
program does not know, or writes as another type, it is not asked for, and stands in `NOT_OF` with the reason.
"""

import datetime as dt
import math
import struct
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hauberk.verbs.data_manifest import Wanted, make_manifest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
FLOATS = st.sampled_from([math.nan, -0.0, 0.0, math.inf, -math.inf, 5e-324]) | st.floats()
FIRST, LAST = dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)  # noqa: DTZ001 - of no zone
TIMES = st.datetimes(FIRST, LAST)
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC))


def seconds(times):
    return times.map(lambda time: time.replace(microsecond=0))


def decimals(precision, scale):
    most = 10**precision - 1
    return pa.decimal128(precision, scale), st.integers(-most, most).map(lambda n: _scaled(n, scale))


def _scaled(number, scale):
    digits = tuple(map(int, str(abs(number))))
    return Decimal((int(number < 0), digits, -scale))


def whole(arrow):
    bits = arrow.bit_width
    low, high = (0, 2**bits - 1) if str(arrow)[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return arrow, st.integers(low, high) | st.sampled_from([low, high])


FLAT = {
    **{str(arrow): whole(arrow) for arrow in (pa.int8(), pa.int32(), pa.int64(), pa.uint16(), pa.uint64())},
    "float32": (pa.float32(), st.floats(width=32) | st.sampled_from([math.nan, -0.0])),
    "float64": (pa.float64(), FLOATS),
    "bool": (pa.bool_(), st.booleans()),
    "text": (pa.string(), TEXT),
    "bytes": (pa.binary(), st.binary(max_size=4)),
    "date": (pa.date32(), st.dates()),
    "time": (pa.time64("us"), st.times()),
    "seconds": (pa.timestamp("s"), seconds(TIMES)),
    "microseconds": (pa.timestamp("us"), TIMES),
    "nanoseconds": (pa.timestamp("ns"), st.integers(-(2**62), 2**62)),
    "in Tokyo": (pa.timestamp("us", "Asia/Tokyo"), INSTANTS),
    "in New York": (pa.timestamp("ms", "America/New_York"), seconds(INSTANTS)),
    "money": decimals(9, 2),
    "large money": decimals(18, 4),
    "fractions": decimals(38, 37),
    "huge": decimals(38, 0),
    "words": (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b", ""])),
    "nothing": (pa.null(), st.none()),
}
NOT_OF = {
    "pandas": ("int64", "uint64"),  # with a null they become binary64
    "old": ("nanoseconds",),  # Parquet's format 2.4 has none
}


def listed(inner):
    arrow, values = inner
    return pa.list_(arrow), st.lists(st.none() | values, max_size=3)


def fields(**inner):
    values = {name: st.none() | each for name, (_, each) in inner.items()}
    return pa.struct({name: arrow for name, (arrow, _) in inner.items()}), st.fixed_dictionaries(values)


def mapped(inner):
    arrow, values = inner
    pairs = st.lists(
        st.tuples(st.text("abc", max_size=2), st.none() | values), max_size=3, unique_by=lambda pair: pair[0]
    )
    return pa.map_(pa.string(), arrow), pairs


NESTED = {
    **{f"list of {name}": listed(FLAT[name]) for name in ("float64", "text", "money", "in Tokyo", "int8", "bool")},
    "list of lists": listed(listed(FLAT["float64"])),
    "struct": fields(a=FLAT["float64"], b=FLAT["text"], c=FLAT["in Tokyo"], d=FLAT["fractions"]),
    "list of structs": listed(fields(a=FLAT["float32"], b=listed(FLAT["text"]))),
    "struct of structs": fields(a=fields(b=FLAT["money"]), c=listed(FLAT["date"])),
    "map": mapped(FLAT["float64"]),
    "map of lists": mapped(listed(FLAT["text"])),
    "struct of a map": fields(m=mapped(FLAT["money"])),
}
TYPES = FLAT | NESTED


def by_pandas(table, path):
    table.to_pandas().to_parquet(path, schema=table.schema)


def by_pandas_on_arrow(table, path):
    table.to_pandas(types_mapper=pd.ArrowDtype).to_parquet(path, compression="gzip")


def by_arrow(table, path):
    pq.write_table(table, path, row_group_size=2, compression="zstd")


def by_arrow_of_old(table, path):
    pq.write_table(table, path, version="2.4", use_dictionary=False, store_schema=False)


def by_polars(table, path):
    pl.from_arrow(table).write_parquet(path, row_group_size=3)


def by_duckdb(table, path):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='Europe/Berlin'")
        connection.register("given", table)
        connection.sql("FROM given").write_parquet(str(path))


WRITERS = {
    "pandas": by_pandas, "pandas on Arrow": by_pandas_on_arrow, "PyArrow": by_arrow, "old": by_arrow_of_old,
    "Polars": by_polars, "DuckDB": by_duckdb,
}  # fmt: skip


@st.composite
def columns(draw, names):
    """Draw columns by the names of their types, all of as many rows; one in six is all null."""
    rows = draw(st.integers(1, 5))
    found = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)):
        values = st.none() if draw(st.integers(0, 5)) == 0 else st.none() | TYPES[name][1]
        found[name] = draw(st.lists(values, min_size=rows, max_size=rows))
    return found


def table_of(found):
    return pa.table({name: pa.array(values, TYPES[name][0]) for name, values in found.items()})


def root_of(folder, write, table):
    path = folder / ("t.arrow" if write is as_arrow else "t.parquet")
    write(table, path)
    return make_manifest((path,), folder / "m", Wanted("t", None)).rows.root


def as_arrow(table, path):
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)


def meant(value):
    """Return a value so that two are equal just where they mean the same: NaN is null, and -0.0 is not 0.0."""
    if isinstance(value, float):
        return None if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, (list, tuple)):
        return tuple(map(meant, value))
    return tuple((key, meant(value[key])) for key in sorted(value)) if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("agree")


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_table_has_one_root_whoever_wrote_it(name, folder, data):
    names = [one for one in TYPES if one not in NOT_OF.get(name, ())]
    table = table_of(data.draw(columns(names)))
    assert root_of(folder, WRITERS[name], table) == root_of(folder, as_arrow, table)


@pytest.mark.parametrize("name", TYPES)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_type_is_written_alike_by_all(name, folder, data):
    values = data.draw(st.lists(st.none() | TYPES[name][1], min_size=1, max_size=4))
    table = table_of({name: values})
    writers = [write for by, write in WRITERS.items() if name not in NOT_OF.get(by, ())]
    assert {root_of(folder, write, table) for write in writers} == {root_of(folder, as_arrow, table)}


@pytest.mark.parametrize("name", [name for name in TYPES if name != "nothing"])
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_cell_of_another_value_gives_another_root(name, folder, data):
    values = data.draw(st.lists(st.none() | TYPES[name][1], min_size=1, max_size=4))
    row, value = data.draw(st.integers(0, len(values) - 1)), data.draw(st.none() | TYPES[name][1])
    assume(meant(value) != meant(values[row]))
    write = data.draw(st.sampled_from([by_arrow, by_polars, by_duckdb, as_arrow]))
    before = root_of(folder, write, table_of({name: values}))
    assert root_of(folder, write, table_of({name: [*values[:row], value, *values[row + 1 :]]})) != before
