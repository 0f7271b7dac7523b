"""Packs a TensorFlow graph that is written as text, so that the reader of the packed form follows its paths.

Only fields that the reader asks for are kept: names, operators, inputs, texts in constants and attributes, functions,
assets, and the metadata of Keras. Numbers are left out; of types, only that of a text matters. A text that is not well
formed is packed as far as it goes, for TensorFlow refuses it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    Schema = Mapping[str, tuple[int, Any]]

_TOKEN: Final = re.compile(rb"[A-Za-z_]\w*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[{}<>\[\],;]")
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))")
_SIMPLE: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_DEEPEST: Final = 64
_BYTES: Final = 2
_TEXT: Final = b"\x08\x07"  # the field `dtype`, and DT_STRING
_NAME: Final = {"name": (1, None)}
_FUNC: Final[Schema] = {"name": (1, None)}
_TENSOR: Final[Schema] = {"dtype": (1, None), "tensor_content": (4, None), "string_val": (8, None)}
_LIST: Final[Schema] = {"s": (2, None), "tensor": (8, _TENSOR), "func": (9, _FUNC)}
_VALUE: Final[Schema] = {"list": (1, _LIST), "s": (2, None), "tensor": (8, _TENSOR), "func": (10, _FUNC)}
_ENTRY: Final[Schema] = {"key": (1, None), "value": (2, _VALUE)}
_NODE: Final[Schema] = {"name": (1, None), "op": (2, None), "input": (3, None), "attr": (5, _ENTRY)}
_PAIR: Final[Schema] = {"key": (1, None), "value": (2, None)}
_ARGUMENT: Final[Schema] = {"name": (1, None), "type_list_attr": (6, None), "number_attr": (5, None)}
_SIGNATURE: Final[Schema] = {"name": (1, None), "input_arg": (2, _ARGUMENT), "output_arg": (3, _ARGUMENT)}
_FUNCTION: Final[Schema] = {"signature": (1, _SIGNATURE), "node_def": (3, _NODE), "ret": (4, _PAIR)}
_GRAPH: Final[Schema] = {"node": (1, _NODE), "library": (2, {"function": (1, _FUNCTION)})}
_ASSET: Final[Schema] = {"tensor_info": (1, _NAME), "filename": (2, None)}
_USER: Final[Schema] = {"identifier": (1, None), "metadata": (3, None)}
_OBJECTS: Final[Schema] = {"nodes": (1, {"user_object": (4, _USER)})}
_META: Final[Schema] = {"graph_def": (2, _GRAPH), "asset_file_def": (6, _ASSET), "object_graph_def": (7, _OBJECTS)}
# A SavedModel, a meta graph and a graph have no field in common.
_ROOTS: Final[Mapping[str, Schema]] = {"saved": {"meta_graphs": (2, _META)}, "meta": _META, "graph": _GRAPH}


class _Open(NamedTuple):
    """A message whose end was not met: which fields it has, its own field, and what was packed of it."""

    schema: Schema
    number: int
    data: bytearray


def packed(text: bytes) -> tuple[str, bytes]:
    """Return what a text without comments is (`saved`, `meta` or `graph`) and the same thing packed."""
    everything = {name: row for schema in _ROOTS.values() for name, row in schema.items()}
    opened = [_Open(everything, 0, bytearray())]
    kinds: set[str] = set()
    name, strings = "", b""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token[0] in b"\"'":
            strings += unescaped(token[1:-1])
            continue
        if strings:
            _put(opened[-1], name, strings)
            strings = b""
        if token in (b"{", b"<"):
            if len(opened) > _DEEPEST:
                break
            if len(opened) == 1:
                kinds.add(name)
            number, inner = opened[-1].schema.get(name, (0, None))
            opened.append(_Open(inner or {}, number, bytearray()))
        elif token in (b"}", b">"):
            if len(opened) == 1:
                break
            _close(opened)
        elif token == b"DT_STRING" and name == "dtype" and opened[-1].schema is _TENSOR:
            opened[-1].data.extend(_TEXT)
        elif token[0] not in b"[],;":
            name = token.decode("ascii")
    while len(opened) > 1:
        _close(opened)
    return next((kind for kind, schema in _ROOTS.items() if not kinds.isdisjoint(schema)), ""), bytes(opened[0].data)


def unescaped(text: bytes) -> bytes:
    """Return a literal's value."""
    return _ESCAPE.sub(_one, text) if b"\\" in text else text


def _one(match: re.Match[bytes]) -> bytes:
    if match[1] or match[2]:
        return bytes([int(match[1] or match[2], 16 if match[1] else 8) & 255])
    return _SIMPLE.get(match[3], match[3])


def _close(opened: list[_Open]) -> None:
    done = opened.pop()
    if done.number:
        _field(opened[-1].data, done.number, done.data)


def _put(message: _Open, name: str, value: bytes) -> None:
    number, inner = message.schema.get(name, (0, {}))
    if number and inner is None:
        _field(message.data, number, value)


def _field(data: bytearray, number: int, value: bytes | bytearray) -> None:
    data.append(number << 3 | _BYTES)
    length = len(value)
    while length > 127:
        data.append(length & 127 | 128)
        length >>= 7
    data.append(length)
    data.extend(value)
