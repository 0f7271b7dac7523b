"""JSON lines as a table: one object a line, strict; columns are all keys, in the order in which they first occur."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import pyarrow as pa

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROWS = 1 << 13
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def json_schema(lines: Iterable[bytes], name: str) -> Any:
    """Return the Arrow schema that all lines share; raise `Malformed` where two lines cannot share one."""
    found = pa.schema([])
    for number, rows in _parsed(lines, name, _ROWS):
        try:
            found = pa.unify_schemas([found, _schema_of(rows)], promote_options="permissive")
        except (pa.ArrowException, OverflowError) as error:
            said = str(error).partition("\n")[0]
            raise Malformed(
                f"{name}: the lines up to {number} have values of different types: {said:.200}", "write one type"
            ) from None
    return found


def _schema_of(rows: list[dict[str, Any]]) -> Any:
    """Return the schema of some objects; what Arrow does itself looks at the keys of the first one only."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.schema([(name, pa.array([row.get(name) for row in rows]).type) for name in names])


def json_batches(lines: Iterable[bytes], schema: Any, name: str, *, rows: int) -> Iterator[Any]:
    """Yield record batches of at most `rows` lines."""
    for _, some in _parsed(lines, name, rows):
        yield pa.RecordBatch.from_pylist(some, schema)


def _parsed(lines: Iterable[bytes], name: str, rows: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield lists of objects, each with the number of its last line."""
    numbered = iter(enumerate(lines, 1))
    while some := list(islice(numbered, rows)):
        yield some[-1][0], [_object(line, number, name) for number, line in some if line.strip()]


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
