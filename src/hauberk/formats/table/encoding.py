r"""The canonical encoding of a row: bytes that depend on its values alone.

`urn:hauberk:row-encoding:v1`. A row is the **slots** of its columns in order, then their **tails** in order. Integers
are little-endian.

    slot = tag (1 byte) | payload (8 bytes)          tail = as many bytes as the payload says, for tags s b d l r m

| tag | value | payload |
|---|---|---|
| `00` | null, and NaN in a column of floating numbers | zeros |
| `01` | a truth | 0 or 1 |
| `i` | an integer from -2^63 to 2^63-1, however wide it was stored | i64 |
| `u` | an integer from 2^63 to 2^64-1 | u64 |
| `f` | a floating number of any width, as binary64; -0.0 is not 0.0 | its bits |
| `D` | a date | i64 days since 1970-01-01 |
| `h` | a time of day | i64 nanoseconds since midnight; one that these do not hold has no encoding |
| `t` `T` | a timestamp without a zone | i64 nanoseconds since 1970; `T`: microseconds, where these do not fit |
| `z` `Z` | an instant, whatever zone it was written in | the same, of UTC |
| `e` `E` | a duration | i64 nanoseconds; `E`: microseconds |
| `d` | a decimal number | tail: its shortest plain decimal text, as in `-12.5` |
| `s` `b` | text as UTF-8, bytes | tail: these |
| `l` | a list | tail: each element as a row of one column |
| `r` | a struct | tail: its fields as a row |
| `m` | a map | tail: its entries in order, each as a row of key and value |

NaN is null because programs disagree: what one writes as NaN, another writes as null when asked for the same table.
Every row can be read back without its schema, so two rows of different values never have the same bytes.

All of it is arithmetic on whole columns: `encode` takes a batch of some 100,000 rows, and no loop here is over rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.errors import Exceeded, Malformed
from hauberk.formats.table.logical import logical_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

SLOT_BYTES = 9
_TICKS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_LAST = 2**63 - 1
_LARGE = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}
MOST_SHOWN_BYTES = 1 << 28  # that a column of rows may show of dictionaries, runs and views
_MOST_SHOWN = 1 << 24  # values, and bytes, of lists that show what is underneath more than once


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoded rows: where each begins and ends in `data`.

    Attributes:
        offsets: NumPy int64, one more than there are rows.
        data: a buffer.
        width: of every row, in bytes, where all are as wide; else 0.
    """

    offsets: Any
    data: Any
    width: int = 0

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def each(self) -> Iterable[bytes | memoryview]:
        """Return the bytes of each row; those of rows of several widths are looked at where they are."""
        if self.width and len(self):
            found: list[bytes] = np.frombuffer(self.data, f"V{self.width}", len(self)).tolist()
            return found
        data = memoryview(self.data)
        return (data[begin:end] for begin, end in pairwise(self.offsets.tolist()))


@dataclass(frozen=True, slots=True)
class _Slots:
    """A column: tag and payload of each row, and the tails: a `large_binary` array without nulls, or None."""

    tags: Any
    payloads: Any
    tails: Any = None


def encode(columns: Sequence[Any], rows: int) -> Encoded:
    """Return the encoding of a batch.

    Args:
        columns: Arrow arrays of `rows` values each, in the order of the schema.
        rows: how many there are; a table of no columns has rows of no bytes.

    Raises:
        Malformed: a type without an encoding, or a value that has none (a time of day over 24 hours is read as it is;
            a string that is no UTF-8 is not).
        Exceeded: dictionaries, runs or views show more than `MOST_SHOWN_BYTES` in a column.
    """
    try:
        return _encoded(columns, rows)
    except (pa.ArrowException, ArithmeticError, ValueError, IndexError) as error:
        said = type(error).__name__  # what it says may be a value
        raise Malformed(f"rows of {_kinds(columns)} have no encoding here ({said})", "cast the columns") from None


def pieces(batch: Any, rows: int) -> Iterator[tuple[Any, Encoded]]:
    """Yield a record batch in pieces of at most `rows` rows, each with its encoding.

    A piece that shows more than fits into memory at once is cut in two, so that what is short in its file stays
    bounded here; errors as of `encode`, `Exceeded` for a single row.
    """
    left = [(start, min(rows, batch.num_rows - start)) for start in range(0, batch.num_rows, rows)][::-1]
    while left:
        start, count = left.pop()
        piece = batch.slice(start, count)
        try:
            encoded = encode(piece.columns, count)
        except Exceeded:
            if count == 1:
                raise
            left += [(start + count // 2, count - count // 2), (start, count // 2)]
        else:
            yield piece, encoded


def _kinds(columns: Sequence[Any]) -> str:
    return f"{', '.join(dict.fromkeys(str(column.type) for column in columns)):.300}"


def _encoded(columns: Sequence[Any], rows: int) -> Encoded:
    width = SLOT_BYTES * len(columns)
    fields = [(f"{part}{i}", kind) for i in range(len(columns)) for part, kind in (("t", "u1"), ("p", "<i8"))]
    heads: Any = np.empty(rows, dtype=fields)
    tails = []
    for i, column in enumerate(columns):
        slots = _slots(column)
        heads[f"t{i}"], heads[f"p{i}"] = slots.tags, slots.payloads
        if slots.tails is not None:
            tails.append(slots.tails)
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    if not tails:
        return Encoded(offsets, memoryview(heads).cast("B") if width and rows else b"", width)
    return _joined([_binary(offsets, heads), *tails])


def _joined(parts: list[Any]) -> Encoded:
    """Put the parts of each row one behind the other."""
    whole = pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.large_binary()))
    return _of_binary(whole)


def _of_binary(array: Any) -> Encoded:

    _, offsets, data = array.buffers()
    first = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    return Encoded(first, data if data is not None else b"")


def _binary(offsets: Any, data: Any) -> Any:
    """Return a `large_binary` array of what lies between offsets, without copying it."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)


def _slots(column: Any) -> _Slots:
    column = plain(column)
    return _OF[logical_type(column.type).partition("<")[0]](column)


def plain(column: Any) -> Any:
    """Return a column in one piece, without dictionaries, run lengths, extensions and views of text."""
    if hasattr(column, "combine_chunks"):
        column = column.combine_chunks()
        if hasattr(column, "chunks"):  # a chunked array stays one where it has no rows, or too many
            column = column.chunk(0) if column.num_chunks else column.type
    if hasattr(column.type, "storage_type"):
        return plain(column.storage)
    if hasattr(column, "dictionary_decode"):
        values = plain(column.dictionary)
        _require_room(_longest(values) * (len(column) - column.null_count))
        return plain(values.take(column.indices))
    if type(column).__name__ == "RunEndEncodedArray":
        values = plain(column.values)
        _require_room(_longest(values) * len(column))
        runs = pa.RunEndEncodedArray.from_arrays(column.run_ends, values)
        return pc.run_end_decode(runs.slice(column.offset, len(column)))
    if str(column.type) in _LARGE:
        return _unviewed(column, _LARGE[str(column.type)])
    return column


def _longest(values: Any) -> int:
    """Return the most bytes that one of some values takes, or of nested ones, that all of them take."""
    kind = values.type
    if pa.types.is_nested(kind):
        return int(values.nbytes)
    if not _is_long(kind):
        return 0  # as short as what stands for it
    return int(pc.max(pc.binary_length(values)).as_py() or 0)


def _is_long(kind: Any) -> bool:
    of = pa.types
    return bool(of.is_string(kind) or of.is_large_string(kind) or of.is_binary(kind) or of.is_large_binary(kind))


def _require_room(shown: int) -> None:
    if shown > MOST_SHOWN_BYTES:
        raise Exceeded(f"a column shows up to {shown:,} bytes of rows that are shorter in their file", "write them out")


def _unviewed(column: Any, large: Any) -> Any:
    """Copy what the views show. Where a null stands, a view may lead anywhere, and Arrow follows it: there is none."""
    lengths = (
        np.frombuffer(column.buffers()[1], "<i4", 4 * len(column), column.offset * 16)[::4] if len(column) else None
    )
    _require_room(0 if lengths is None else int(np.where(_valid(column), lengths, 0).sum(dtype=np.int64)))
    if column.null_count:
        _, views, *shown = column.buffers()
        kept = np.frombuffer(views, "V16", len(column), column.offset * 16).copy()
        kept[~_valid(column)] = np.zeros((), "V16")
        column = pa.Array.from_buffers(column.type, len(column), [_bits(column), pa.py_buffer(kept), *shown])
    return column.cast(large)


def _bits(column: Any) -> Any:
    """Return the validity of a column as a buffer that begins with it."""
    return pa.py_buffer(np.packbits(_valid(column), bitorder="little"))


def _of(column: Any, tag: bytes, values: Any) -> _Slots:
    """Return slots of a column by its validity: `tag` and value, or null and zero."""
    if not column.null_count:
        return _Slots(np.uint8(tag[0]), values)
    valid = _valid(column)
    return _Slots(np.where(valid, np.uint8(tag[0]), np.uint8(0)), np.where(valid, values, np.int64(0)))


def _valid(column: Any) -> Any:
    return column.is_valid().to_numpy(zero_copy_only=False)


def _values(column: Any, kind: str) -> Any:
    """Return the values of a column of fixed width as NumPy sees them; what stands at a null is anything."""
    dtype = np.dtype(kind)
    buffer = column.buffers()[1]
    if buffer is None:
        return np.zeros(len(column), dtype)
    start = column.offset * dtype.itemsize
    return np.frombuffer(buffer, dtype, len(column), start)


def _null(column: Any) -> _Slots:

    return _Slots(np.zeros(len(column), "u1"), np.zeros(len(column), "i8"))


def _bool(column: Any) -> _Slots:

    return _of(column, b"\x01", _values(column.cast(pa.int8()), "i1"))


def _int(column: Any) -> _Slots:

    name = str(column.type)
    values = _values(column, f"{'u' if name[0] == 'u' else 'i'}{column.type.bit_width // 8}")
    if name != "uint64":
        return _of(column, b"i", values)
    slots = _of(column, b"i", values.view(np.int64))
    over = (values > _LAST) & (slots.tags != 0)
    return _Slots(np.where(over, np.uint8(ord("u")), slots.tags), slots.payloads)


def _float(column: Any) -> _Slots:

    values = _values(column, f"f{column.type.bit_width // 8}").astype(np.float64, copy=False)
    slots = _of(column, b"f", values.view(np.int64))
    nan = np.isnan(values)
    if not nan.any():
        return slots
    return _Slots(np.where(nan, np.uint8(0), slots.tags), np.where(nan, np.int64(0), slots.payloads))


def _date(column: Any) -> _Slots:
    width = column.type.bit_width // 8
    values = _values(column, f"i{width}")
    return _of(column, b"D", values if width == 4 else values // 86_400_000)


def _ticks(tag: bytes, over: bytes | None) -> Callable[[Any], _Slots]:
    """Return the encoder of ticks of a unit; without `over`, what nanoseconds do not hold has no encoding."""

    def slots(column: Any) -> _Slots:

        each = _TICKS[column.type.unit]
        values = _values(column, f"i{column.type.bit_width // 8}").astype(np.int64, copy=False)
        if each == 1:
            return _of(column, tag, values)
        most = _LAST // each
        fits = (values <= most) & (values >= -most)
        with np.errstate(over="ignore"):
            found = _of(column, tag, values * np.int64(each))
            if fits.all():
                return found
            wide = ~fits & _valid(column)
            last = 0 if over is None else _LAST // max(1, each // 1000)
            if ((values[wide] > last) | (values[wide] < -last - (each == 1000))).any():
                raise Malformed("a time that is more than 290,000 years away", "correct the value")
            coarse = values * np.int64(max(1, each // 1000))
        return _Slots(
            np.where(wide, np.uint8((over or tag)[0]), found.tags),
            np.where(wide, coarse, np.where(fits, found.payloads, 0)),
        )

    return slots


def _timestamp(column: Any) -> _Slots:
    return (_ticks(b"t", b"T") if column.type.tz is None else _ticks(b"z", b"Z"))(column)


def _tailed(column: Any, tag: bytes, tails: Any) -> _Slots:
    """Return slots that hold the length of each tail; a null has none."""
    tails = tails.cast(pa.large_binary())
    if tails.null_count:
        tails = pc.fill_null(tails, pa.scalar(b"", pa.large_binary()))
    lengths = np.diff(_of_binary(tails).offsets)
    return _Slots(_of(column, tag, lengths).tags, lengths, tails)


def _string(column: Any) -> _Slots:

    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise Malformed(f"a text that is no UTF-8: {error}", "write it again, or as binary") from None
    return _tailed(column, b"s", column)


def _bytes(column: Any) -> _Slots:
    return _tailed(column, b"b", column)


def _decimal(column: Any) -> _Slots:
    return _tailed(column, b"d", decimal_texts(column).cast(pa.large_binary()))


def decimal_texts(column: Any) -> Any:
    """Return the shortest plain text of each decimal number; errors as `decimals`."""
    values, indices = decimals(column)
    return pa.array([None if value is None else decimal_text(value).decode() for value in values], pa.string()).take(
        indices
    )


def decimals(column: Any) -> tuple[list[Any], Any]:
    """Return the decimal numbers of a column, each once, and an Arrow array of which is where.

    Raises:
        Malformed: bytes that are no number of the column's type.
    """
    if column.type.bit_width < 128:  # which Arrow makes no dictionary of
        column = column.cast(pa.decimal128(column.type.precision, column.type.scale))
    found = column.dictionary_encode()
    try:
        return found.dictionary.to_pylist(), found.indices
    except ArithmeticError:
        raise Malformed(f"a number that is no {column.type}", "write it again") from None


def decimal_text(value: Any) -> bytes:
    """Return the shortest plain text of a `Decimal`: no exponent, no zeros at the end, no minus before zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return b"0" if text in ("-0", "") else text.encode()


def _list(column: Any) -> _Slots:

    if pa.types.is_fixed_size_list(column.type):
        bounds = np.concatenate([[0], np.cumsum(np.where(_valid(column), column.type.list_size, 0))])
        return _nested(column, b"l", encode([column.flatten()], int(bounds[-1])), bounds)
    if hasattr(column, "sizes"):
        return _viewed(column)
    starts, first, many = _spanned(column)
    return _nested(column, b"l", encode([column.values.slice(first, many)], many), starts)


def _viewed(column: Any) -> _Slots:
    """Lists that are views show any piece of what is underneath, in any order and several times."""
    under = encode([column.values], len(column.values))
    sizes = np.where(_valid(column), np.asarray(column.sizes), 0).astype(np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    _require_shown(bounds[-1], len(under))
    numbers = np.arange(bounds[-1]) + np.repeat(np.asarray(column.offsets).astype(np.int64) - bounds[:-1], sizes)
    _require_shown(np.diff(under.offsets)[numbers].sum(), len(under.data))
    shown = _binary(under.offsets, under.data).take(pa.array(numbers))
    return _nested(column, b"l", _of_binary(shown), bounds)


def _require_shown(shown: int, there: int) -> None:
    if shown > max(there, _MOST_SHOWN):
        raise Malformed(f"lists that show {there} values or bytes as {shown}", "write each of them out")


def _map(column: Any) -> _Slots:

    keys, items = column.keys, column.items
    if len(keys) != len(items):
        raise Malformed(f"a map of {len(keys)} keys and {len(items)} values", "write it again")
    starts, first, many = _spanned(column)
    return _nested(column, b"m", encode([keys.slice(first, many), items.slice(first, many)], many), starts)


def _spanned(column: Any) -> tuple[Any, int, int]:
    """Return where each list begins among the elements of this piece of a column, where these begin, and how many."""
    starts = np.asarray(column.offsets).astype(np.int64)
    first = int(starts[0]) if len(starts) else 0
    return starts - first, first, int(starts[-1]) - first if len(starts) else 0


def _nested(column: Any, tag: bytes, inner: Encoded, starts: Any) -> _Slots:
    """Tails of a list are what lies between its first and its last element: the same bytes, with other offsets."""
    bounds = inner.offsets[starts]
    tails = _binary(bounds, inner.data)
    if column.null_count:  # a null may have elements underneath
        tails = _where(_valid(column), tails)
    lengths = np.diff(_of_binary(tails).offsets)
    return _Slots(_of(column, tag, lengths).tags, lengths, tails)


def _where(valid: Any, tails: Any) -> Any:

    return pc.if_else(pa.array(valid), tails, pa.scalar(b"", pa.large_binary()))


def _struct(column: Any) -> _Slots:
    fields = column.flatten()  # a null is one of its fields, too: what stands under it may lead nowhere
    inner = encode(fields, len(column))
    return _nested(column, b"r", inner, _every(len(column)))


def _every(rows: int) -> Any:

    return np.arange(rows + 1)


_OF: dict[str, Callable[[Any], _Slots]] = {
    "null": _null,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "date": _date,
    "time": _ticks(b"h", None),
    "timestamp": _timestamp,
    "instant": _timestamp,
    "duration": _ticks(b"e", b"E"),
    "decimal": _decimal,
    "string": _string,
    "binary": _bytes,
    "list": _list,
    "struct": _struct,
    "map": _map,
}
