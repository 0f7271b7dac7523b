"""What a column holds, in constant memory: counts of all rows, and the values of a sample of rows that `chosen` picks.

The rows of a sample are picked by the hashes that a manifest holds of them, mixed with their numbers: anyone who has
the manifest picks the same rows, a row that occurs often is picked as often as it occurs, and whoever writes a data set
without knowing its salt does not know which of its rows are looked at.
"""

from __future__ import annotations

import functools
import hashlib
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.formats.table.encoding import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE_ROWS = 1 << 16
_SMALLEST = 1024  # hashes kept for the number of distinct values: about 3 % off
_SHOWN_TEXT = 64  # characters of a text that are kept
_TICKS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_DAY = 86_400

# How the values of a logical type are compared: as numbers, as categories, by their lengths, or by nulls alone.
_TAKEN: Final = {
    "bool": "value",
    "int": "value",
    "float": "value",
    "decimal": "value",
    "date": "value",
    "time": "value",
    "timestamp": "value",
    "instant": "value",
    "duration": "value",
    "string": "text",
    "binary": "length",
    "list": "length",
    "map": "length",
    "struct": "null",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a column of one data set holds.

    Attributes:
        taken: `value`, `text`, `length` or `null`: what of a row the rest is about. For text, numbers are of lengths.
        nulls: with NaN, as a row's encoding has it; `infinite` counts infinities, which are in no mean.
        least, most, mean: None where there is no value; exact for integers, times in ISO 8601.
        distinct: about how many values differ (3 %); None where that is not counted.
        numbers: of the sample, float64, NaN at a null; of text its lengths.
        texts: of the sample, Arrow strings, shortened; None but for text.
    """

    name: str
    type: str
    taken: str
    rows: int
    nulls: int
    infinite: int
    least: Any
    most: Any
    mean: Any
    distinct: int | None
    numbers: Any
    texts: Any = None


@dataclass(frozen=True, slots=True)
class Profiled:
    """The columns of one data set, and the number of the source of each row of the sample; None without a source."""

    columns: tuple[Profile, ...]
    sources: Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What a profiler has seen of some rows, for another one that goes on from there.

    Attributes:
        rows, nulls, infinite, finite: how many.
        sums: of each batch; added one after the other, as whoever saw all batches would.
        least, most: exact; None where there is no value.
        smallest: of the hashes of the values, ascending.
        numbers, texts: of the sample, as a profile has them.
    """

    rows: int
    nulls: int
    infinite: int
    finite: int
    sums: tuple[float, ...]
    least: Any
    most: Any
    smallest: Any
    numbers: Any
    texts: Any = None


def chosen(hashes: Any, first: int, rows: int) -> Any:
    """Return which rows of a batch are in the sample, as positions in it.

    Args:
        hashes: the first u64 of the hash of each row of the batch.
        first: the number of the batch's first row.
        rows: how many there are in all; at most `SAMPLE_ROWS` are a sample as they are.
    """
    if rows <= SAMPLE_ROWS:
        return np.arange(len(hashes))
    numbers = np.arange(first, first + len(hashes), dtype="u8")
    share = np.uint64((SAMPLE_ROWS << 64) // rows)
    return np.flatnonzero(mixed(hashes ^ mixed(numbers)) < share)


def mixed(values: Any) -> Any:
    """Return a u64 for each u64, each bit of which depends on all of its bits (splitmix64)."""
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))


class Profiler:
    """Takes the batches of one column."""

    def __init__(self, name: str, kind: str) -> None:
        self._name, self._type = name, kind
        self._taken = _TAKEN[kind.partition("<")[0]]
        self._rows = self._nulls = self._infinite = self._finite = 0
        self._sums: list[float] = []
        self._least: Any = None
        self._most: Any = None
        self._seen = Distinct()
        self._numbers: list[Any] = []
        self._texts: list[Any] = []

    def add(self, column: Any, picked: Any) -> None:
        """Take a batch; `picked` are the positions of the rows in it that are in the sample.

        Raises:
            pyarrow.ArrowException, UnicodeDecodeError: text that is no UTF-8.
        """
        column = plain(column)
        numbers, exact = self._values(column)
        self._rows += len(column)
        held = ~np.isnan(numbers)
        self._nulls += int(len(column) - held.sum())
        if held.any():
            self._count(numbers[held], exact[held])
        self._numbers.append(numbers[picked])
        if self._taken == "text":
            self._texts.append(_short(column.take(pa.array(picked)).cast(pa.large_string())))

    def _values(self, column: Any) -> tuple[Any, Any]:
        """Return a number for each row, NaN at a null, and the same exactly."""
        if self._taken == "text":
            column = column.cast(pa.large_string())
            self._seen.add(_text_hashes(column))
            return _with_nulls(column, pc.utf8_length(column))
        if self._taken == "length":
            return _with_nulls(column, _lengths(column))
        if self._taken == "null":
            return np.where(_valid(column), 0.0, np.nan), np.zeros(len(column), "i8")
        return _numbers(column, self._type)

    def _count(self, numbers: Any, exact: Any) -> None:
        finite = np.isfinite(numbers)
        self._infinite += int(len(numbers) - finite.sum())
        self._finite += int(finite.sum())
        with np.errstate(over="ignore", invalid="ignore"):
            self._sums.append(float(numbers[finite].sum()))
        low, high = (found.item() if isinstance(found, np.generic) else found for found in (exact.min(), exact.max()))
        self._reach(low, high)
        if self._taken == "value":
            whole = exact.dtype.kind in "iu"
            self._seen.add(mixed(exact.astype("i8").view("u8") if whole else numbers.view("u8")))

    def _reach(self, low: Any, high: Any) -> None:
        self._least = low if self._least is None else min(self._least, low)
        self._most = high if self._most is None else max(self._most, high)

    def seen(self) -> Seen:
        """Return what was seen, for another profiler of this column."""
        return Seen(
            self._rows,
            self._nulls,
            self._infinite,
            self._finite,
            tuple(self._sums),
            self._least,
            self._most,
            self._seen.smallest,
            np.concatenate([np.zeros(0), *self._numbers]),
            self._all_texts() if self._taken == "text" else None,
        )

    def fits(self, seen: Seen, rows: int, sampled: int) -> bool:
        """Return whether so many rows, of which so many are in the sample, can have been seen as this."""
        texts = None if seen.texts is None else len(seen.texts)
        return (
            (seen.rows, len(seen.numbers), texts) == (rows, sampled, sampled if self._taken == "text" else None)
            and seen.nulls + seen.infinite + seen.finite == rows
            and (seen.least is None) == (seen.most is None) == (seen.nulls == rows)
        )

    def take(self, seen: Seen) -> None:
        """Go on from what another profiler saw of the rows that come next."""
        self._rows += seen.rows
        self._nulls += seen.nulls
        self._infinite += seen.infinite
        self._finite += seen.finite
        self._sums += seen.sums
        if seen.least is not None:
            self._reach(seen.least, seen.most)
        self._seen.add(seen.smallest)
        self._numbers.append(seen.numbers)
        if self._taken == "text":
            self._texts.append(seen.texts)

    def _all_texts(self) -> Any:
        return pa.chunked_array(self._texts, pa.large_string()).combine_chunks()

    def profile(self) -> Profile:
        """Return what was seen."""
        mean = functools.reduce(operator.add, self._sums, 0.0) / self._finite if self._finite else None
        return Profile(
            self._name,
            self._type,
            self._taken,
            self._rows,
            self._nulls,
            self._infinite,
            self._told(self._least),
            self._told(self._most),
            None if mean is None else number_text(mean, self._type) if self._type in _TIMES else self._told(mean),
            self._seen.count if self._taken in ("value", "text") else None,
            np.concatenate([np.zeros(0), *self._numbers]),
            self._all_texts() if self._taken == "text" else None,
        )

    def _told(self, exact: Any) -> Any:
        if exact is None or self._taken == "null" or (isinstance(exact, float) and not np.isfinite(exact)):
            return None if exact is None or self._taken == "null" else str(exact)
        return time_text(exact, self._type) if self._type in _TIMES else exact


# How many of the units that are counted exactly are in one of those of `numbers`: days, and nanoseconds in a second.
_TIMES = {"date": 1, "time": 10**9, "timestamp": 10**9, "instant": 10**9, "duration": 10**9}


def time_text(exact: int, kind: str) -> str:
    """Return days or nanoseconds as people write them."""
    if kind == "date":
        return str(np.datetime64(exact, "D"))
    if kind == "duration":
        return f"{exact / 10**9:g} s"
    if abs(exact) >= 2**63 * 1000:
        return f"{exact / 10**9:g} s"
    text = str(np.datetime64(exact // 1000, "us"))
    short = text.removesuffix(".000000")
    return short.partition("T")[2] if kind == "time" else short + ("Z" if kind == "instant" else "")


def number_text(number: float, kind: str) -> str:
    """Return a value of a sample's numbers as people write it."""
    if kind in _TIMES and np.isfinite(number) and abs(number) < 9e11:
        whole = round(number) if abs(number) >= 1 or kind == "date" else number
        return time_text(round(whole * _TIMES[kind]), kind)
    return f"{number:.6g}"


class Distinct:
    """About how many values differ: the smallest of their hashes are kept."""

    def __init__(self) -> None:
        self._smallest = np.zeros(0, "u8")

    @property
    def smallest(self) -> Any:
        """Return the hashes that are kept, ascending."""
        return self._smallest

    def add(self, hashes: Any) -> None:
        """Take hashes of values, u64."""
        if len(self._smallest) == _SMALLEST:
            hashes = hashes[hashes < self._smallest[-1]]
        if len(hashes):
            self._smallest = np.union1d(self._smallest, hashes)[:_SMALLEST]

    @property
    def count(self) -> int:
        """Return the number, exact below 1,024."""
        if len(self._smallest) < _SMALLEST:
            return len(self._smallest)
        return round((_SMALLEST - 1) / (int(self._smallest[-1]) / 2**64))


def _valid(column: Any) -> Any:
    return column.is_valid().to_numpy(zero_copy_only=False)


def _with_nulls(column: Any, exact: Any) -> tuple[Any, Any]:
    """Return whole numbers as floating ones with NaN at a null, and as they are, with zero at a null."""
    if not isinstance(exact, np.ndarray):
        exact = exact.fill_null(0).to_numpy(zero_copy_only=False)
    numbers = exact.astype(np.float64)
    return (np.where(_valid(column), numbers, np.nan) if column.null_count else numbers), exact


def _numbers(column: Any, kind: str) -> tuple[Any, Any]:
    if kind in ("float", "decimal"):
        values = column.cast(pa.float64(), safe=False)
        numbers = values.fill_null(np.nan).to_numpy(zero_copy_only=False)
        return numbers, numbers
    if kind == "bool":
        return _with_nulls(column, column.cast(pa.int8()))
    if kind == "int":
        return _with_nulls(column, column)
    wide = column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())
    numbers, exact = _with_nulls(column, wide)
    if kind == "date":
        return (numbers, exact) if column.type.bit_width == 32 else (numbers // (_DAY * 1000), exact // (_DAY * 1000))
    tick = _TICKS[column.type.unit]
    # Python's integers hold what does not fit: a time in seconds may be further away than nanoseconds reach.
    far = len(exact) and max(-int(exact.min()), int(exact.max())) > (2**63 - 1) // tick
    return numbers * (tick / 1e9), exact.astype(object) * tick if far else exact.astype("i8") * tick


def _lengths(column: Any) -> Any:
    if pa.types.is_map(column.type):
        return np.diff(np.asarray(column.offsets)).astype("i8")
    if pa.types.is_nested(column.type):
        return pc.list_value_length(column)
    return pc.binary_length(column if "view" not in str(column.type) else column.cast(pa.large_binary()))


def _text_hashes(column: Any) -> Any:
    found = column.dictionary_encode().dictionary.cast(pa.large_binary()).to_pylist()
    # SHA-1 is the fastest here, and nothing rests on it: whoever makes two texts collide is one distinct value short.
    digests = [hashlib.sha1(text, usedforsecurity=False).digest()[:8] for text in found if text is not None]
    return np.frombuffer(b"".join(digests), "u8")


def _short(texts: Any) -> Any:
    """Return texts cut to what is shown; those cut stay apart by a part of their hash."""
    if not pc.any(pc.greater(pc.utf8_length(texts), _SHOWN_TEXT)).as_py():
        return texts
    cut: Sequence[str | None] = [
        text
        if text is None or len(text) <= _SHOWN_TEXT
        else f"{text[: _SHOWN_TEXT - 14]}…{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        for text in texts.to_pylist()
    ]
    return pa.array(cut, pa.large_string())
