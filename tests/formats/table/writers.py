"""One table, written to Parquet by four programs in the ways that people use them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UTC = dt.UTC
ROWS = 1000


def table(rows: int = ROWS) -> pa.Table:
    """Return a table with what makes writers disagree: nulls, NaN, -0.0, zones, decimals, categories, nesting."""
    start = dt.datetime(2026, 1, 1, tzinfo=UTC)
    numbers = range(rows)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "small": pa.array([n % 100 for n in numbers], pa.int16()),
            "amount": pa.array([-0.0 if n % 7 == 0 else n / 3 for n in numbers], pa.float64()),
            "gap": pa.array([None if n % 5 == 0 else n / 8 for n in numbers], pa.float64()),
            "single": pa.array([n / 4 for n in numbers], pa.float32()),
            "fraud": pa.array([n % 11 == 0 for n in numbers], pa.bool_()),
            "shop": pa.array([None if n % 13 == 0 else f"shop {n % 9} \u00fc" for n in numbers], pa.string()),
            "kind": pa.array([("card", "cash", "")[n % 3] for n in numbers], pa.string()).dictionary_encode(),
            "at": pa.array([start + dt.timedelta(seconds=n, microseconds=n) for n in numbers], pa.timestamp("us", "UTC")),
            "local": pa.array([dt.datetime(1950, 1, 1) + dt.timedelta(hours=n) for n in numbers], pa.timestamp("us")),
            "day": pa.array([dt.date(1969, 12, 1) + dt.timedelta(days=n) for n in numbers], pa.date32()),
            "price": pa.array([Decimal(n).scaleb(-2) - 3 for n in numbers], pa.decimal128(12, 2)),
            "raw": pa.array([bytes([n % 256]) * (n % 4) for n in numbers], pa.binary()),
            "tags": pa.array([None if n % 17 == 0 else [f"t{n % 3}"] * (n % 4) for n in numbers], pa.list_(pa.string())),
            "place": pa.array([{"x": n / 2, "name": f"p{n % 5}"} for n in numbers],
                              pa.struct({"x": pa.float64(), "name": pa.string()})),
        }
    )  # fmt: skip


def by_arrow(path: Path) -> None:
    pq.write_table(table(), path, row_group_size=77, compression="zstd")


def by_arrow_otherwise(path: Path) -> None:
    """Old format, no dictionaries, no schema of Arrow's own, tiny pages."""
    pq.write_table(table(), path, version="2.4", use_dictionary=False, store_schema=False, data_page_size=512)


def by_pandas(path: Path) -> None:
    table().to_pandas().to_parquet(path)


def by_pandas_on_arrow(path: Path) -> None:
    import pandas as pd

    table().to_pandas(types_mapper=pd.ArrowDtype).to_parquet(path, compression="gzip")


def by_polars(path: Path) -> None:
    import polars as pl

    pl.from_arrow(table()).write_parquet(path, row_group_size=300)


def by_duckdb(path: Path) -> None:
    import duckdb

    given = table()  # noqa: F841 - named in the query
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='Europe/Berlin'")
        connection.execute("SET preserve_insertion_order=true")
        connection.sql("FROM given").write_parquet(str(path), row_group_size=128)


WRITERS: tuple[Callable[[Path], None], ...] = (
    by_arrow, by_arrow_otherwise, by_pandas, by_pandas_on_arrow, by_polars, by_duckdb,
)  # fmt: skip
