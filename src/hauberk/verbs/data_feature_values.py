"""Which values of a feature are the same in two tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.errors import Malformed
from hauberk.verbs.data_feature_rows import NANOSECONDS, nanoseconds_of, parsed_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.checks.features.document import Feature

_WHOLE = "^-?[0-9]+$"
_FLOAT_NANOSECONDS = 1000  # of today's times, floating seconds are 240 nanoseconds apart


def same_values(one: Any, other: Any, feature: Feature) -> Any:
    """Return which values are the same: numbers within the tolerance, others as text; null and NaN are the same.

    A text beside a number, as in CSV or Redis, is read as one, and is another value where it is none. Whole numbers
    without a tolerance are compared in full. True and false are 1 and 0, and texts beside them may be the words. Beside
    a timestamp, numbers are seconds since 1970 and texts ISO 8601; beside whole seconds its fraction is cut, as stores
    cut it; the tolerance is in seconds.

    Raises:
        Malformed: a feature that is neither number nor text.
    """
    one, other = _as_number(one, other), _as_number(other, one)
    if any(pa.types.is_timestamp(column.type) for column in (one, other)):
        same = _same_times(one, other, feature)
        if same is not None:
            return same
    if not feature.tolerance:
        one, other = _whole(one, other), _whole(other, one)
    kinds = [column.type for column in (one, other)]
    if not any(map(_is_number, kinds)) or (all(map(pa.types.is_integer, kinds)) and not feature.tolerance):
        return _same_texts(one, other, feature.name)
    if not all(_is_number(kind) or _is_text(kind) for kind in kinds):
        return _same_texts(one, other, feature.name)
    first, second = _numbers(one), _numbers(other)
    none = np.asarray(pc.and_(_is_none(one), _is_none(other)).to_numpy(zero_copy_only=False))
    with np.errstate(invalid="ignore"):  # infinity less infinity
        near = np.abs(first - second) <= feature.tolerance
    return none | near | (first == second)


def _as_number(column: Any, beside: Any) -> Any:
    """Return true and false as 1 and 0; beside such, the words as texts of these."""
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8())
    if not _is_text(column.type) or not pa.types.is_boolean(beside.type):
        return column
    lower = pc.utf8_lower(column)
    one, none = (pa.scalar(digit, column.type) for digit in "10")
    return pc.if_else(pc.equal(lower, "true"), one, pc.if_else(pc.equal(lower, "false"), none, column))


def _same_times(one: Any, other: Any, feature: Feature) -> Any:
    """Return which times are the same, null and null too; None where a column holds none."""
    try:
        columns = [parsed_times(column) if _is_text(column.type) else column for column in (one, other)]
        whole, floating = (
            any(map(is_such, (column.type for column in columns)))
            for is_such in (pa.types.is_integer, pa.types.is_floating)
        )
        times = [nanoseconds_of(column) for column in columns]
    except pa.ArrowException:
        return None
    nulls = [np.asarray(column.is_null().to_numpy(zero_copy_only=False), "?") for column in times]
    first, second = (column.fill_null(0).to_numpy(zero_copy_only=False) for column in times)
    if whole:
        first, second = first // NANOSECONDS, second // NANOSECONDS
    apart = (np.maximum(first, second) - np.minimum(first, second)).view("u8")  # also where it is over 2 ** 63
    borne = feature.tolerance if whole else feature.tolerance * NANOSECONDS + floating * _FLOAT_NANOSECONDS
    return np.where(nulls[0] | nulls[1], nulls[0] & nulls[1], apart <= borne)


def _whole(texts: Any, beside: Any) -> Any:
    """Return texts as whole numbers where they stand beside whole numbers, and all are some, in decimal digits."""
    if not _is_text(texts.type) or not pa.types.is_integer(beside.type):
        return texts
    if not pc.all(pc.match_substring_regex(texts, _WHOLE), min_count=0).as_py():
        return texts
    try:
        return texts.cast(beside.type)
    except pa.ArrowException:
        return texts


def _numbers(column: Any) -> Any:
    """Return floating numbers; what is none is NaN."""
    try:
        return column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException:
        return np.array([_number(text) for text in column.to_pylist()], "f8")


def _number(value: Any) -> float:
    """Return a number, or what a text says; Python alone takes `1_0`, blanks and other digits for numbers."""
    if isinstance(value, str) and not (value.isascii() and value.isprintable() and not {"_", " "} & set(value)):
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _is_none(column: Any) -> Any:
    """Return which values are null or NaN; a text that is no number is neither."""
    if _is_text(column.type):
        return pc.or_(column.is_null(), pc.fill_null(pc.equal(pc.utf8_lower(column), "nan"), fill_value=False))
    return column.is_null(nan_is_null=True)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _same_texts(one: Any, other: Any, name: str) -> Any:
    try:
        texts: Sequence[Any] = [column.cast(pa.string()) for column in (one, other)]
    except pa.ArrowException:
        raise Malformed(f"the feature {name} is nested, or is no number or text", "leave it out of the view") from None
    alike = pc.fill_null(pc.equal(*texts), fill_value=False)
    none = pc.and_(texts[0].is_null(), texts[1].is_null())
    return pc.or_(alike, none).to_numpy(zero_copy_only=False)
