"""Logical types: what a column means, whatever a writer stored it as.

The same table is written as `int64` by one program and as `int32` by another, as strings or as a dictionary of strings,
with microseconds or nanoseconds. None of that is a difference in the data. A logical type is a short text that all of
them share; nested ones are written out, as in `list<struct<name:string,at:instant>>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.types as of

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 16  # of lists in structs in maps
MAX_SCALE = 76  # of decimals, as many digits as the widest has: the plain text of one is not much longer than it
_UNQUOTED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/ ")


def logical_type(arrow: Any, column: str = "", depth: int = 0) -> str:
    """Return the logical type of an Arrow data type.

    Args:
        arrow: a `pyarrow.DataType`.
        column: where it stands, for messages.
        depth: how deep it is nested.

    Raises:
        Malformed: a type that has no canonical encoding, one that is nested deeper than `MAX_DEPTH`, or decimals with
            a scale beyond `MAX_SCALE`.
    """
    if depth > MAX_DEPTH:
        raise Malformed(f"the column {column!r} is nested deeper than {MAX_DEPTH} types", "flatten it")
    if hasattr(arrow, "storage_type"):  # an extension: the bytes are what it is stored as
        return logical_type(arrow.storage_type, column, depth)
    if of.is_dictionary(arrow) or of.is_run_end_encoded(arrow):
        return logical_type(arrow.value_type, column, depth)
    if of.is_map(arrow):
        key, item = (logical_type(part, column, depth + 1) for part in (arrow.key_type, arrow.item_type))
        return f"map<{key},{item}>"
    if of.is_struct(arrow):
        fields = [f"{quoted(_name(field, column))}:{logical_type(field.type, column, depth + 1)}" for field in arrow]
        return f"struct<{','.join(fields)}>"
    if of.is_nested(arrow) and not of.is_union(arrow):  # all kinds of lists
        return f"list<{logical_type(arrow.value_type, column, depth + 1)}>"
    if of.is_decimal(arrow) and abs(arrow.scale) > MAX_SCALE:
        raise Malformed(f"the column {column!r} has decimals of the scale {arrow.scale}", f"at most {MAX_SCALE}")
    for is_it, name in _SCALARS:
        if is_it(arrow):
            return "instant" if name == "timestamp" and arrow.tz is not None else name
    raise Malformed(
        f"the column {column!r} has the type {arrow}, which has no canonical encoding", "cast it before it is written"
    )


def _name(field: Any, column: str) -> str:
    try:
        return str(field.name)
    except UnicodeDecodeError:
        raise Malformed(f"the column {column!r} has a field whose name is no UTF-8", "write it again") from None


def quoted(name: str) -> str:
    """Return a field's name so that nothing in it can be taken for the syntax around it."""
    if name and set(name) <= _UNQUOTED:
        return name
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{{{ord(c):x}}}" for c in name) + '"'


_SCALARS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (of.is_null, "null"),
    (of.is_boolean, "bool"),
    (of.is_integer, "int"),
    (of.is_floating, "float"),
    (of.is_decimal, "decimal"),
    (lambda it: of.is_string(it) or of.is_large_string(it) or of.is_string_view(it), "string"),
    (
        lambda it: of.is_binary(it) or of.is_large_binary(it) or of.is_binary_view(it) or of.is_fixed_size_binary(it),
        "binary",
    ),
    (of.is_date, "date"),
    (of.is_time, "time"),
    (of.is_timestamp, "timestamp"),
    (of.is_duration, "duration"),
)
