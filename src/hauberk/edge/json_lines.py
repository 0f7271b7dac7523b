"""JSON lines as a table: one object a line, strict; columns are all keys, in the order in which they first occur."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import pyarrow as pa

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROWS = 1 << 13
_BYTES = 16 << 20  # of lines that are objects in memory at once, which take several times as much
_WRONG = (pa.ArrowException, OverflowError, UnicodeEncodeError)  # what Arrow raises for values; it may tell them
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def json_schema(lines: Iterable[bytes], name: str) -> Any:
    """Return the Arrow schema that all lines share.

    Raises:
        Malformed: a line is no object, two lines cannot share a schema, or there are rows and no column. No value of
            a line is in the message.
    """
    found, count = pa.schema([]), 0
    for number, rows in _parsed(lines, name, _ROWS):
        try:
            found = pa.unify_schemas([found, _schema_of(rows, name, number)], promote_options="permissive")
        except pa.ArrowException as error:
            said = str(error).partition("\n")[0]
            raise _mixed(name, number, said) from None
        count += len(rows)
    if count and not found.names:
        raise Malformed(f"{name}: its objects have no key", "write one JSON object a line, with the columns as keys")
    return found


def _schema_of(rows: list[dict[str, Any]], name: str, number: int) -> Any:
    """Return the schema of some objects; what Arrow does itself looks at the keys of the first one only."""
    fields = []
    for key in dict.fromkeys(key for row in rows for key in row):
        try:
            fields.append(pa.field(key, pa.array([row.get(key) for row in rows]).type))
        except _WRONG:
            raise _mixed(name, number, f"those of {key!a} have no type in common") from None
    return pa.schema(fields)


def _mixed(name: str, number: int, why: str) -> Malformed:
    return Malformed(f"{name}: the lines up to {number} have values of different types: {why:.200}", "write one type")


def json_batches(lines: Iterable[bytes], schema: Any, name: str, *, rows: int) -> Iterator[Any]:
    """Yield record batches of at most `rows` lines; raise `Malformed` where a value does not fit the schema."""
    for number, some in _parsed(lines, name, rows):
        try:
            batch = pa.RecordBatch.from_pylist(some, schema)
        except _WRONG:
            raise _mixed(name, number, "one does not fit the others") from None
        yield batch


def _parsed(lines: Iterable[bytes], name: str, rows: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield lists of objects, at most `rows` of them and `_BYTES` of lines, each with the number of its last line."""
    some: list[dict[str, Any]] = []
    number = held = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            some.append(_object(line, number, name))
            held += len(line)
        if len(some) == rows or held >= _BYTES:
            yield number, some
            some, held = [], 0
    if some:
        yield number, some


def _object(line: bytes, number: int, name: str) -> dict[str, Any]:
    try:
        found = json.loads(line.decode(), object_pairs_hook=_unique, parse_constant=_refused)
        if _SURROGATE.search(line):
            json.dumps(found, ensure_ascii=False).encode()  # raises for half of a pair, which no text holds
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name}: line {number}: {error}", "write one JSON object a line") from None
    if not isinstance(found, dict):
        raise Malformed(f"{name}: line {number} is no object", "write one JSON object a line")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
