"""An estimator as a skops file, made from stand-ins: its classes are named, its parts are nodes, nothing is called.

Only classes that the tables hold are written, so that whoever opens the file imports nothing that a scan would not call
clean. What the nodes here cannot hold makes the whole estimator stay behind: half an estimator is none. Source: skops
0.16 `skops/io/_general.py`, `_numpy.py`, `_sklearn.py`.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Final

from hauberk.callables.table import allows
from hauberk.enforce.disarm.arrays import Array, Left, Tensor, array_of, tensor_of
from hauberk.enforce.disarm.element import element
from hauberk.enforce.disarm.stand import Stand, is_name, name_of
from hauberk.errors import Malformed
from hauberk.symbol import Global

PROTOCOL: Final = 2
_TREE: Final = "sklearn.tree._tree.Tree"
_NUMPY_DTYPES: Final = {
    "BOOL": "|b1", "I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8", "U8": "|u1", "U16": "<u2", "U32": "<u4",
    "U64": "<u8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
_DEEPEST: Final = 100
_MOST_BITS: Final = 8192  # of a whole number, as text


def skops_of(root: Any) -> bytes:
    """Return the bytes of a skops file that holds an object as `inert.read` gives it.

    Raises:
        Malformed: something in it has no node here, or a class that no table holds; the message names it.
    """
    writer = _Writer()
    schema = writer.node(root, 0) | {"protocol": PROTOCOL, "_skops_version": "0.16.0"}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (*writer.files.items(), ("schema.json", json.dumps(schema, indent=2).encode())):
            archive.writestr(zipfile.ZipInfo(name), data)
    return whole.getvalue()


class _Writer:
    """Makes nodes; `files` are the members that they name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._nodes: dict[int, int] = {}

    def node(self, value: Any, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            raise Malformed("an object that is nested too deep")
        depth += 1
        if type(value) is int and value.bit_length() > _MOST_BITS:
            raise Malformed(f"a number of {value.bit_length()} bits")
        if value is None or type(value) in (bool, int, float, str):
            return _json(value)
        if isinstance(value, dict):
            return self._dict(value, depth)
        for kind, name, loader in _SEQUENCES:
            if type(value) is kind:
                return _named("builtins", name, loader) | {"content": [self.node(item, depth) for item in value]}
        if is_name(value):
            return self._name(value)
        if isinstance(value, Stand):
            return self._stand(value, depth)
        raise Malformed(f"{type(value).__name__}, which has no node")

    def _dict(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        if not all(isinstance(key, str) for key in value):
            raise Malformed("a dict with keys that are no text")
        content = {key: self.node(item, depth) for key, item in value.items()}
        types = _named("builtins", "list", "ListNode") | {"content": [_type("builtins", "str") for _ in content]}
        return _named("builtins", "dict", "DictNode") | {"content": content, "key_types": types}

    def _name(self, value: Any) -> dict[str, Any]:
        module, _, name = name_of(value).rpartition(".")
        _require(module, name, "import")
        return (
            _type(module, name) if name[:1].isupper() or module == "builtins" else _named(module, name, "FunctionNode")
        )

    def _stand(self, value: Stand, depth: int) -> dict[str, Any]:
        if data := _columns(value):
            return self._file(data)
        tensor = tensor_of(value, _no_storage)
        if isinstance(tensor, Tensor):
            scalar = name_of(value).endswith(".scalar")
            return _named("numpy", "ndarray" if not scalar else _SCALARS[tensor.dtype], "NdArrayNode") | {
                "type": "numpy", "file": self._array(tensor),
            }  # fmt: skip
        if isinstance(tensor, Left):
            return self._file(_records(value))
        made = _class_of(value)
        module, _, name = made.rpartition(".")
        _require(module, name, "new" if made != _TREE else "call")
        if made == _TREE:
            return self._tree(value, depth)
        if not isinstance(value.state, dict):
            raise Malformed(f"{made} without a dict of attributes")
        attributes = {key: item for key, item in value.state.items() if key != "_sklearn_version"}
        return _named(module, name, "ObjectNode") | {"content": self.node(attributes, depth)}

    def _tree(self, value: Stand, depth: int) -> dict[str, Any]:
        if not isinstance(value.state, dict):
            raise Malformed("a tree without a state")
        return _named("sklearn.tree._tree", "Tree", "TreeNode") | {
            "__reduce__": {"args": self.node(value.arguments, depth)},
            "content": self.node(value.state, depth),
        }

    def _file(self, data: bytes) -> dict[str, Any]:
        self.files[name := f"{len(self.files)}.npy"] = data
        return _named("numpy", "ndarray", "NdArrayNode") | {"type": "numpy", "file": name}

    def _array(self, tensor: Tensor) -> str:
        name = f"{len(self.files)}.npy"
        self.files[name] = _npy(tensor)
        return name


_SEQUENCES: Final = ((list, "list", "ListNode"), (tuple, "tuple", "TupleNode"), (set, "set", "SetNode"))
_SCALARS: Final = {
    "BOOL": "bool_", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64", "U8": "uint8", "U16": "uint16",
    "U32": "uint32", "U64": "uint64", "F16": "float16", "F32": "float32", "F64": "float64", "C64": "complex64",
}  # fmt: skip


def _class_of(value: Stand) -> str:
    """Return the class of an object: the name that was called, or the first argument of copyreg's reconstructor."""
    made = name_of(value)
    if made in ("copyreg._reconstructor", "copy_reg._reconstructor") and value.arguments:
        return name_of(value.arguments[0])
    return made


def _require(module: str, name: str, use: str) -> None:
    if not allows(Global(module, name), use):
        raise Malformed(f"{module}.{name}, which no table holds for this")


def _named(module: str, name: str, loader: str) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader}


def _type(module: str, name: str) -> dict[str, Any]:
    return _named(module, name, "TypeNode")


def _json(value: Any) -> dict[str, Any]:
    return _named("builtins", "str", "JsonNode") | {"content": json.dumps(value), "is_json": True}


def _no_storage(key: str) -> bytes:
    raise Malformed(f"a storage {key[:20]!r} of PyTorch in an estimator")


def _records(value: Stand) -> bytes:
    """Return the `.npy` file of an array of records, such as the nodes of a tree; raise `Malformed` for another one."""
    match array_of(value):
        case Array(dtype=Stand() as dtype, shape=(int() as count,), data=bytes() as data):
            descr, size = _fields(dtype)
        case _:
            raise Malformed("an array that is no plain list of records")
    if size * count != len(data):
        raise Malformed(f"records of {size * count} bytes that have {len(data)}")
    return _file(repr(descr), f"({count},)", data)


def _columns(value: Stand) -> bytes:
    """Return the `.npy` file of an array whose columns follow each other, in that order; nothing for another one.

    What computes with such an array may round differently when its order changes, so it is kept.
    """
    match array_of(value):
        case Array(dtype=Stand() as dtype, shape=(_, _, *_) as shape, data=bytes() as data, fortran=True):
            letter, size, order = element(dtype)
            if letter in "biufc" and order != ">":
                return _file(repr(f"{'|' if size == 1 else '<'}{letter}{size}"), repr(shape), data, fortran=True)
    return b""


def _fields(dtype: Stand) -> tuple[list[tuple[str, str]], int]:
    """Return the fields of a record type, with its gaps as fields without a name, and its size."""
    state = dtype.state
    if (
        not isinstance(state, tuple)
        or len(state) < 8
        or not isinstance(state[3], tuple)
        or not isinstance(state[4], dict)
    ):
        raise Malformed("an array of a type that has no node")
    descr: list[tuple[str, str]] = []
    at = 0
    for name in state[3]:
        match state[4].get(name):
            case (Stand() as field, int() as offset) if isinstance(name, str) and name.isidentifier() and offset >= at:
                letter, size, order = element(field)
            case _:
                raise Malformed("a record type whose fields overlap or have odd names")
        if letter not in "biufc" or order == ">":
            raise Malformed(f"a record type with a field of the type {letter}{size}")
        if offset > at:
            descr.append(("", f"|V{offset - at}"))
        descr.append((name, f"{'|' if size == 1 else '<'}{letter}{size}"))
        at = offset + size
    if type(state[5]) is not int or state[5] < at:
        raise Malformed("a record type that is shorter than its fields")
    return descr + ([("", f"|V{state[5] - at}")] if state[5] > at else []), state[5]


def _npy(tensor: Tensor) -> bytes:
    shape = f"({', '.join(map(str, tensor.shape))}{',' if len(tensor.shape) == 1 else ''})"
    return _file(repr(_NUMPY_DTYPES[tensor.dtype]), shape, tensor.data)


def _file(descr: str, shape: str, data: bytes | memoryview, *, fortran: bool = False) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(data)
