"""One data set in every kind of file, written in two ways."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = [{"id": n, "name": f"shop {n} ü", "amount": n / 4} for n in range(8)]


@dataclass(frozen=True)
class Kind:
    """A kind of file: the end of its name, what writes a table, and what writes the same table as other bytes."""

    ending: str
    write: Callable[[Path, pa.Table], None]
    again: Callable[[Path, pa.Table], None]

    def fill(self, folder: Path, *parts: list[dict[str, Any]], again: bool = False) -> None:
        """Write a set of files `a`, `b` and so on, each with the rows that are given."""
        folder.mkdir(exist_ok=True)
        for name, rows in zip("abc", parts, strict=False):
            (self.again if again else self.write)(folder / f"{name}.{self.ending}", pa.Table.from_pylist(rows))


class Images(Kind):
    """Folders of images, each image a row."""

    def fill(self, folder: Path, *parts: list[dict[str, Any]], again: bool = False) -> None:
        for name, rows in zip("abc", parts, strict=False):
            (folder / name).mkdir(parents=True, exist_ok=True)
            for old in (folder / name).iterdir():
                old.unlink()
            for number, row in enumerate(rows):
                (folder / name / f"{number}.png").write_bytes(png(row, *([b"Software\0x"] if again else [])))


def png(row: object, *texts: bytes) -> bytes:
    """Return an image of one pixel that tells of a row in a chunk of text."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    said = [(b"tEXt", text) for text in (b"Comment\0" + json.dumps(row).encode(), *texts)]
    parts = [(b"IHDR", head), *said, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path)


def _parquet_again(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, row_group_size=2, use_dictionary=False, compression="zstd", data_page_version="2.0")


def _ipc(new: Callable[..., Any], *, rows: int = 1 << 20, compression: str | None = None) -> Callable[..., None]:
    def write(path: Path, table: pa.Table) -> None:
        with new(path, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as file:
            file.write_table(table, max_chunksize=rows)

    return write


def _csv(path: Path, table: pa.Table) -> None:
    with path.open("w", newline="") as file:
        _cells(csv.writer(file, lineterminator="\n"), table)


def _csv_again(path: Path, table: pa.Table) -> None:
    """With the mark of UTF-8, quotes around each cell, and lines that end as on Windows."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        _cells(csv.writer(file, quoting=csv.QUOTE_ALL), table)


def _cells(writer: Any, table: pa.Table) -> None:
    writer.writerows([table.column_names, *(row.values() for row in table.to_pylist())])


def _lines(path: Path, table: pa.Table) -> None:
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in table.to_pylist()))


def _lines_again(path: Path, table: pa.Table) -> None:
    """Other spaces, escapes for letters, empty lines, and no end of the last line."""
    path.write_text("\n\n".join(json.dumps(row, separators=(",", ":")) for row in table.to_pylist()))


TABLES: dict[str, Kind] = {
    "parquet": Kind("parquet", _parquet, _parquet_again),
    "arrow": Kind("arrow", _ipc(pa.ipc.new_file), _ipc(pa.ipc.new_file, rows=2, compression="zstd")),
    "stream": Kind("arrow", _ipc(pa.ipc.new_stream), _ipc(pa.ipc.new_stream, rows=2, compression="lz4")),
    "csv": Kind("csv", _csv, _csv_again),
    "json-lines": Kind("jsonl", _lines, _lines_again),
}


def _image(path: Path, table: pa.Table) -> None:
    path.write_bytes(png(table.to_pylist()))


KINDS = {**TABLES, "images": Images("png", _image, _image)}
