"""What is asked of a process that profiles the columns of one file, and what it answers: JSON, and arrays behind it.

An answer is a line, with how many bytes each array has, and the arrays: of each column the smallest hashes, the numbers
and, for text, the texts of the sample.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hauberk.dataset.profile import Seen
from hauberk.dataset.rows import Column
from hauberk.digest import sha256
from hauberk.verbs.data_rows_file import HashesAt
from hauberk.verbs.data_wire import decode_error
from hauberk.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHOLE = ("rows", "nulls", "infinite", "finite")


@dataclass(frozen=True, slots=True)
class SideAt:
    """One side: its manifest and the digest of it, where its data is, and its hashes."""

    manifest: str
    sha256: str
    places: tuple[str, ...]
    hashes: HashesAt


class NoAnswer(Exception):  # noqa: N818 - as the errors of this project: what is, not that it is an error
    """The bytes are no answer. A worker may well answer that data is `Malformed`, so this is none of our errors."""


def encode_sides(sides: tuple[SideAt, SideAt], common: tuple[Column, ...]) -> bytes:
    """Return, for a process to hear once, which data sets and columns are looked at."""
    columns = [[column.name, column.type] for column in common]
    return json.dumps({"version": VERSION, "sides": list(map(asdict, sides)), "columns": columns}).encode()


def decode_sides(data: bytes) -> tuple[list[SideAt], tuple[Column, ...]] | str:
    """Return which data sets and columns are looked at, or why this release does not know."""
    told = json.loads(data)
    if told["version"] != VERSION:
        return f"a worker of release {VERSION} was asked by one of {told['version']}"
    sides = [
        SideAt(one["manifest"], one["sha256"], tuple(one["places"]), HashesAt(**one["hashes"])) for one in told["sides"]
    ]
    return sides, tuple(Column(*column) for column in told["columns"])


def encode_seen(columns: list[Seen]) -> bytes:
    """Return an answer; its digest is in it, so that a cut one is none."""
    heads, arrays = [], []
    for one in columns:
        held = [one.smallest.astype("<u8").tobytes(), one.numbers.astype("<f8").tobytes()]
        held += [] if one.texts is None else [_packed(one.texts)]
        told = [getattr(one, name) for name in _WHOLE]
        heads.append([*told, list(one.sums), one.least, one.most, list(map(len, held))])
        arrays += held
    body = b"".join(arrays)
    return json.dumps({"columns": heads, "sha256": sha256(body).hex}).encode() + b"\n" + body


def decode_seen(said: bytes) -> list[Seen]:
    """Return what was seen of each column.

    Raises:
        HauberkError: that the process tells.
        NoAnswer: the bytes are none.
    """
    head, _, body = said.partition(b"\n")
    try:
        value = json.loads(head)
        if "error" not in value:
            if value["sha256"] != sha256(body).hex:
                raise NoAnswer("an answer that is cut")
            return list(_seen(value["columns"], body))
        error = decode_error(value)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, pa.ArrowException):
        raise NoAnswer("no answer") from None
    raise error


def _seen(heads: Any, body: bytes) -> Iterator[Seen]:
    at = 0
    for *told, sums, least, most, lengths in heads:
        held = []
        for length in lengths:
            held.append(body[at : at + length])
            at += length
        if len(told) != len(_WHOLE) or any(type(one) is not int or one < 0 for one in told):
            raise ValueError
        texts = _unpacked(held[2]) if len(held) == 3 else None
        arrays = np.frombuffer(held[0], "<u8"), np.frombuffer(held[1], "<f8")
        rows, nulls, infinite, finite = told
        yield Seen(rows, nulls, infinite, finite, tuple(map(float, sums)), least, most, *arrays, texts)
    if at != len(body):
        raise ValueError


def _packed(texts: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([("t", pa.large_string())])) as stream:
        stream.write_batch(pa.record_batch([texts], names=["t"]))
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _unpacked(data: bytes) -> Any:
    table = pa.ipc.open_stream(data).read_all()
    if table.schema.types != [pa.large_string()]:
        raise ValueError
    found = table.column(0).combine_chunks()
    found.validate(full=True)
    return found if not hasattr(found, "chunks") else pa.array([], pa.large_string())
