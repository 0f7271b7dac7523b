"""Tables: rows out of files, a batch at a time, from the very descriptor whose bytes are hashed.

A file is hashed by one thread while another decodes it, so that both cost the time of the slower. What changes
meanwhile is refused by the file's view (`FileView.check_unchanged`): size, times and identity are the same before and
after.
"""

from __future__ import annotations

import io
import queue
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from hauberk.edge.files import hash_view, printable
from hauberk.edge.json_lines import json_batches, json_schema
from hauberk.edge.row_group import room_for, with_dictionaries
from hauberk.errors import Exceeded, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hauberk.digest import Digest
    from hauberk.view import View

BATCH_ROWS = 1 << 15
_BATCH_BYTES = 64 << 20  # about as many, where rows are long
_BUFFER_BYTES = 1 << 16
_MAX_LINE_BYTES = 64 << 20
# Arrow's own threads may still let go of a file's bytes, for which they need the interpreter, when the program ends.
_ALONE = pa.ipc.IpcReadOptions(use_threads=False)
_MAX_ROWS_PER_BYTE = 1 << 16
_WITH_ROW = re.compile(r"(Expected \d+ columns, got \d+):.*")  # Arrow tells the row of CSV, which may be personal
_LAST = "hauberk: behind the last row"
_ENDS = {
    "parquet": "parquet", "pq": "parquet", "arrow": "arrow", "feather": "arrow",
    "csv": "csv", "tsv": "csv", "jsonl": "json-lines", "ndjson": "json-lines",
    "png": "image", "jpg": "image", "jpeg": "image", "gif": "image", "bmp": "image", "tif": "image", "tiff": "image",
    "webp": "image",
}  # fmt: skip
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that is open.

    Attributes:
        names, types: of the columns, as Arrow types.
        batches: yields Arrow record batches of at most `BATCH_ROWS` rows, once.
    """

    names: tuple[str, ...]
    types: tuple[Any, ...]
    batches: Callable[[], Iterator[Any]]


class _ViewFile(io.RawIOBase):
    """A view as a file object, for Arrow; its methods are those of `io.RawIOBase`."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.ran_out = False  # bytes behind the end were asked for
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._view.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def size(self) -> int:
        return self._view.size

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, length: int | None = -1) -> bytes:
        most = self._view.size - self._at
        data = self._view.read_at(self._at, most if length is None or length < 0 else min(length, most))
        self.ran_out = self.ran_out or (length or 0) > most
        self._at += len(data)
        return data


def kind_of(view: View, name: str) -> str:
    """Return what a file of a data set is: what its name says, and without such a name, what it begins as.

    One that is named as a table, or begins as one, is that table: where it is cut, it cannot be read and is refused,
    and its rows are not lost in silence. One that is named as an image is one, also where it is cut.

    Raises:
        Malformed: it is named as one kind of table, and begins as another, so that two programs read other rows.
    """
    head = view.read_at(0, 16)
    named = _ENDS.get(name.lower().rpartition(".")[2], "")
    begun = _begun(head)
    if named and begun in KINDS and named != begun:
        raise Malformed(
            f"{printable(name)} is named as {named}, and begins as {begun}", "name it as what it is: readers differ"
        )
    return named or begun


def _begun(head: bytes) -> str:
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:6] == b"ARROW1" or head[:4] == b"\xff\xff\xff\xff":
        return "arrow"
    is_image = head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
    is_bitmap = head[:2] == b"BM" and head[6:10] == bytes(4)  # a text may begin with BM
    return "image" if is_image or is_bitmap else "other"


@contextmanager
def open_table(view: View, kind: str, name: str) -> Iterator[OpenTable]:
    """Open a file of one of the kinds that hold rows.

    Raises:
        Malformed: not what its kind says, a column's name twice, or a table that cannot be decoded, also later, while
            batches are read.
        Exceeded: more rows than such a file can have.
        Unavailable: the file cannot be read.
    """
    with _foreign(name):
        found = _OPENERS[kind](view, name)
    twice = [column for column in found.names if found.names.count(column) > 1] if len(found.names) < 5000 else []
    if twice or len(set(found.names)) != len(found.names):
        raise Malformed(f"{name}: the column {twice[0] if twice else ''!r} is there twice", "give each its own name")
    yield OpenTable(found.names, found.types, partial(_read_ahead, found, name))


@contextmanager
def open_row_groups(view: View, name: str, groups: range) -> Iterator[OpenTable]:
    """Open some row groups of a Parquet file, as `open_table` opens all of them."""
    with _foreign(name):
        found = _parquet(view, name, groups)
    yield OpenTable(found.names, found.types, partial(_read_ahead, found, name))


def row_group_sizes(view: View, name: str) -> list[tuple[int, int]]:
    """Return how long each row group of a Parquet file is, as the file says: its bytes, unpacked, and its rows."""
    with _foreign(name):
        known = pq.ParquetFile(pa.PythonFile(_ViewFile(view), mode="r")).metadata
        groups = [known.row_group(number) for number in range(known.num_row_groups)]
        return [(max(0, one.total_byte_size), one.num_rows) for one in groups]


def _read_ahead(found: OpenTable, name: str) -> Iterator[Any]:
    with _foreign(name):
        yield from _ahead(found.batches)


@contextmanager
def hashed(view: View) -> Iterator[Callable[[], Digest]]:
    """Hash a file beside what the block does; the function that is given waits for the digest.

    Raises:
        Unavailable: the file changed while it was read, said when the digest is asked for.
    """
    with ThreadPoolExecutor(1, "hash") as pool:
        future = pool.submit(hash_view, view)
        yield future.result


@contextmanager
def _foreign(name: str) -> Iterator[None]:
    """Turn what Arrow raises for a file's bytes into our error."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, OverflowError, EOFError) as error:
        said = _WITH_ROW.sub(r"\1", str(error).partition("\n")[0])
        raise Malformed(f"{name} cannot be read as a table: {said:.300}", "write it again, or leave it out") from None
    except OSError as error:
        raise Malformed(
            f"{name} cannot be read as a table: {error!s:.300}", "write it again, or leave it out"
        ) from None


def _parquet(view: View, _: str, groups: range | None = None) -> OpenTable:

    file = pq.ParquetFile(pa.PythonFile(_ViewFile(view), mode="r"), buffer_size=_BUFFER_BYTES, pre_buffer=False)
    _require_possible(file.metadata.num_rows, view.size)
    schema, numbers = file.schema_arrow, range(file.metadata.num_row_groups) if groups is None else groups
    indexed = [kind for kind in schema.types if "dictionary<" in str(kind)]

    def batches() -> Iterator[Any]:
        kept = with_dictionaries(file, pa.PythonFile(_ViewFile(view), mode="r"))
        for number in numbers:
            rows = min(BATCH_ROWS, room_for(file.metadata.row_group(number), kept, number, _BATCH_BYTES))
            yield from file.iter_batches(rows, [number])

    return OpenTable(tuple(schema.names), tuple(schema.types), lambda: _sound(batches(), view.size, indexed))


def _arrow(view: View, name: str) -> OpenTable:
    read = _ViewFile(view)
    source = pa.PythonFile(read, mode="r")
    if view.read_at(0, 6) == b"ARROW1":
        file = pa.ipc.open_file(source, options=_ALONE)
        return OpenTable(
            tuple(file.schema.names),
            tuple(file.schema.types),
            lambda: _cut(_sound((file.get_batch(i) for i in range(file.num_record_batches)), view.size)),
        )
    stream = pa.ipc.open_stream(source, options=_ALONE)
    whole = _to_its_mark(stream, read, name)
    return OpenTable(tuple(stream.schema.names), tuple(stream.schema.types), lambda: _cut(_sound(whole, view.size)))


def _sound(batches: Iterable[Any], size: int, types: list[Any] | None = None) -> Iterator[Any]:
    """Yield batches whose offsets, indices and texts hold; Arrow itself follows those of a damaged file anywhere.

    Args:
        batches: record batches.
        size: of the file.
        types: of the columns that are looked at value by value; all by default. Of Parquet, only indices come as they
            stand in the file.
    """
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        _require_possible(rows, size)
        batch.validate(full=types is None)
        for column in batch.columns:
            if types and column.type in types:
                column.validate(full=True)
        yield batch


def _require_possible(rows: int, size: int) -> None:
    """Raise `Exceeded` for more rows than any writer puts into so few bytes: they take nothing, and hours to hash."""
    if rows > _MAX_ROWS_PER_BYTE * size:
        raise Exceeded(f"a table of {size:,} bytes says that it has {rows:,} rows", "write it in several files")


def _to_its_mark(stream: Any, read: _ViewFile, name: str) -> Iterator[Any]:
    """Yield all batches; Arrow takes a stream that was cut between two of them for a whole one, and so for two.

    Raises:
        Malformed: there is no end-of-stream mark ("IPC Streaming Format"), which every writer sets, or more behind it.
    """
    yield from stream
    if read.ran_out:
        raise Malformed(f"{name} ends without the mark of a stream's end: it is cut", "write it again, to its end")
    if more := read.size() - read.tell():
        raise Malformed(f"{name} has {more} bytes behind its end", "a file holds one stream: write them as one")


def _csv(view: View, name: str) -> OpenTable:
    """All cells are text, as written: what a number is depends on who reads it."""
    between = "\t" if name.lower().endswith(".tsv") else ","
    parse = csv.ParseOptions(delimiter=between, newlines_in_values=True)

    def opened(names: list[str], behind: bytes) -> Any:
        convert = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, quoted_strings_can_be_null=False
        )
        file = pa.PythonFile(_ViewFile(_Longer(view, behind)), mode="r")
        return csv.open_csv(file, parse_options=parse, convert_options=convert)

    names = opened([], b"").schema.names
    stream = opened(names, f"\n{between.join([_LAST] * len(names))}\n".encode())
    return OpenTable(tuple(names), tuple(stream.schema.types), lambda: _cut(_without_last(stream, name)))


def _without_last(batches: Iterable[Any], name: str) -> Iterator[Any]:
    """Yield all rows but the one that was put behind them; raise `Malformed` where it became part of a cell.

    Arrow ends a cell in quotes at the end of the file, and where its last quote was cut off, all that follows is in it.
    """
    last = None
    for batch in batches:
        if batch.num_rows:
            if last is not None:
                yield last
            last = batch
    if last is None or any(column[-1].as_py() != _LAST for column in last.columns):
        raise Malformed(f"{name} ends within quotes: it is cut, or a quote is missing", "write it again, to its end")
    yield last.slice(0, last.num_rows - 1)


class _Longer:
    """A view with more bytes behind it."""

    def __init__(self, view: View, behind: bytes) -> None:
        self._view, self._behind = view, behind
        self.size = view.size + len(behind)
        self.basis = view.basis

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, `length` of them or as many as there are."""
        here = self._view.read_at(offset, min(length, self._view.size - offset)) if offset < self._view.size else b""
        start = max(0, offset - self._view.size)
        return here + self._behind[start : start + length - len(here)]


def _json_lines(view: View, name: str) -> OpenTable:
    def lines() -> Iterator[bytes]:
        file = io.BufferedReader(_ViewFile(view), _BUFFER_BYTES * 16)
        while line := file.readline(_MAX_LINE_BYTES):
            if len(line) == _MAX_LINE_BYTES and not line.endswith(b"\n"):
                raise Malformed(f"{name}: a line of more than {_MAX_LINE_BYTES >> 20} MiB", "write shorter ones")
            yield line

    schema = json_schema(lines(), name)
    return OpenTable(
        tuple(schema.names), tuple(schema.types), lambda: json_batches(lines(), schema, name, rows=BATCH_ROWS)
    )


_OPENERS: dict[str, Callable[[View, str], OpenTable]] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "csv": _csv,
    "json-lines": _json_lines,
}
KINDS = tuple(_OPENERS)


def _cut(batches: Any) -> Iterator[Any]:
    for batch in batches:
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)


def _ahead(batches: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """Decode one batch ahead in a thread; what it raises is raised here."""
    waiting: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue(1)
    stopped = threading.Event()

    def put(item: tuple[Any, BaseException | None]) -> None:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def run() -> None:
        try:
            for batch in batches():
                put((batch, None))
                if stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised by the reader
            put((None, error))
        put((None, None))

    thread = threading.Thread(target=run, name="decode", daemon=True)
    thread.start()
    try:
        while True:
            batch, error = waiting.get()
            if error is not None:
                raise error
            if batch is None:
                return
            yield batch
    finally:
        stopped.set()
        thread.join()
