"""A table that is written batch by batch, as Parquet or CSV, and takes its name once it is whole."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from hauberk.edge.files import printable
from hauberk.edge.part_file import PartFile
from hauberk.errors import HauberkError, Malformed, Misconfigured

_CSV = re.compile(rb'"_*change","_*row","_*file"[,\n]')  # how the rows of a comparison begin
ENDINGS = {".parquet": pq.ParquetWriter, ".csv": csv.CSVWriter}


def ending_of(path: str) -> str:
    """Return `.parquet` or `.csv`; raise `Misconfigured` for a name that ends in neither."""
    for ending in ENDINGS:
        if path.lower().endswith(ending):
            return ending
    raise Misconfigured(f"{printable(path)} is neither .parquet nor .csv", "end the name in one of these")


class TableFile:
    """A file that nobody sees before `keep`."""

    def __init__(self, path: str, schema: Any) -> None:
        """Begin beside `path`.

        Raises:
            Misconfigured: the name has another ending, or CSV cannot hold a column.
            Unavailable: the folder does not take it.
        """
        self._schema = schema
        ending = ending_of(path)
        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        if ending == ".csv" and nested:
            raise Misconfigured(f"CSV cannot hold the column {nested[0]!r}, which is nested", "write .parquet")
        if ending == ".csv":
            self._schema = schema = pa.schema(
                [pa.field(f.name, pa.string()) if _is_bytes(f.type) else f for f in schema]
            )
        self._part = PartFile(path)
        try:
            self._sink = pa.PythonFile(_Sink(self._part), mode="w")
            self._writer = ENDINGS[ending](self._sink, schema)
        except BaseException:
            self._part.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(pa.ArrowException, HauberkError, OSError):
            self._writer.close()  # which would end what is not kept when it is collected, and fail
        self._part.__exit__()

    def write(self, columns: list[Any]) -> None:
        """Append rows; raise `Malformed` where a value does not fit the type of its column."""
        cast = []
        for column, field in zip(columns, self._schema, strict=True):
            try:
                as_hex = _is_bytes(column.type) and field.type == pa.string()
                cast.append(_hex(column) if as_hex else column.cast(field.type))
            except pa.ArrowException as error:
                said = f"a value of the column {field.name!r} does not fit {field.type}: {error!s:.200}"
                raise Malformed(said, "its files store it in several types: write them again in one") from None
        try:
            self._writer.write_batch(pa.RecordBatch.from_arrays(cast, schema=self._schema))
        except pa.ArrowException as error:
            raise Malformed(f"rows cannot be written: {error!s:.200}", "write them as .parquet") from None

    def keep(self) -> None:
        """End it, and give it its name."""
        self._writer.close()
        self._sink.flush()
        self._part.keep()


def _is_bytes(kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _hex(column: Any) -> Any:
    return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())


class _Sink(io.RawIOBase):
    """A `PartFile` as a file object, for Arrow."""

    def __init__(self, part: PartFile) -> None:
        super().__init__()
        self._part = part

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._part.write(bytes(data))
        return len(data)


def is_rows(data: bytes) -> bool:
    """Return whether these bytes are rows that a comparison wrote, so that they may be written over."""
    mark = b"urn:hauberk:data-rows:v1"
    return (data[:4] == b"PAR1" and mark in data[-(1 << 20) :]) or _CSV.match(data) is not None
