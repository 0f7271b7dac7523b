"""Files that exhaust whoever opens them: expansion by references, by repetition, by shapes, by archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from corpus.assemble import Call, Name, Raw, dump, text
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def laughs(depth: int, width: int, opener: bytes, closer: bytes) -> bytes:
    """Return values each of which refers `width` times to the one before; hashing or copying the last takes for ever."""
    body = text("lol", 2) + b"q\x00"
    for level in range(depth):
        body += (
            opener + b"h" + bytes([level]) + (b"h" + bytes([level])) * (width - 1) + closer + b"q" + bytes([level + 1])
        )
    return b"\x80\x02" + body


def samples() -> Iterator[Sample]:
    """Yield the bombs."""
    yield from _pickles()
    yield from _archives()
    yield from _shapes()


def _pickles() -> Iterator[Sample]:
    tuples = laughs(40, 2, b"(", b"t")
    rows = {
        "tuples-as-a-key": b"\x80\x02}" + tuples[2:] + b"Ns.",
        "tuples-ten-wide-as-a-key": b"\x80\x02}" + laughs(16, 10, b"(", b"t")[2:] + b"Ns.",
        "tuples-in-a-set": b"\x80\x04\x8f(" + tuples[2:] + b"\x90.",
        "tuples-in-a-frozenset": b"\x80\x04(" + tuples[2:] + b"\x91.",
        "billion-laughs-lists": laughs(12, 10, b"(", b"l") + b".",
        "billion-laughs-lists-deep": laughs(30, 10, b"(", b"l") + b".",
        "global-laughs": _global_laughs(),
        "frozenset-of-a-tuple": b"\x80\x02" + tuples[2:] + b"\x85q\xf0cbuiltins\nfrozenset\nh\xf0R.",
        "repr-of-laughs": dump(Call("builtins", "repr", (Raw(laughs(30, 10, b"(", b"l")[2:]),)), 2),
    }
    for name, stream in rows.items():
        yield file(
            "bomb-pickle", name, "bomb.pkl", stream, "expansion", static="would exhaust the machine that proves it"
        )
    calls = {
        "bytes-of-an-integer": Call("builtins", "bytes", (1 << 42,)),
        "bytearray-of-an-integer": Call("builtins", "bytearray", (1 << 42,)),
        "list-of-a-range": Call("builtins", "list", (Call("builtins", "range", (1 << 50,)),)),
        "set-of-a-range": Call("builtins", "set", (Call("builtins", "range", (1 << 50,)),)),
        "shift": Call("operator", "lshift", (1, 1 << 40)),
        "power": Call("operator", "pow", (7, 1 << 30)),
        "repeated-text": Call("operator", "mul", ("x", 1 << 42)),
        "count-consumed": Call("collections", "deque", (Call("itertools", "count"), 1)),
        "product-consumed": Call("collections", "deque", (Call("itertools", "product", ([1] * 20,) * 20), 1)),
        "regex": Call("re", "match", ("(a+)+$", "a" * 60 + "b")),
        "json-deep": Call("json", "loads", ("[" * 100_000,)),
        "decimal-power": Call("operator", "pow", (Call("decimal", "Decimal", ("9" * 20,)), 1 << 40)),
        "numpy-zeros": Call("numpy", "zeros", (1 << 45,)),
        "numpy-ones": Call("numpy", "ones", (1 << 40,)),
        "numpy-arange": Call("numpy", "arange", (1 << 42,)),
        "bytes-join": Call("builtins", "bytes", (Call("itertools", "repeat", (0,)),)),
        "format-width": Call("builtins", "format", ("x", "1000000000000")),
        "fraction-power": Call("operator", "pow", (Call("fractions", "Fraction", ("3/7",)), 1 << 30)),
        "deep-copy-of-laughs": Call("copy", "deepcopy", (Raw(laughs(28, 10, b"(", b"l")[2:]),)),
        "string-zfill": Call("builtins", "str.zfill", ("1", 1 << 42)),
    }
    for name, value in calls.items():
        yield file(
            "bomb-call", name, "bomb.pkl", dump(value), "expansion", static="would exhaust the machine that proves it"
        )


def _global_laughs() -> bytes:
    """Return a set of sets, each hashed by hashing all below: what fickling calls globalLaughs, with frozensets."""
    body = b"\x80\x04(" + text("lol") + b"\x91q\x00"
    for level in range(60):
        body += (
            b"(h" + bytes([level]) + text(str(level)) + b"\x86h" + bytes([level]) + b"\x86\x91q" + bytes([level + 1])
        )
    return body + b"."


def _zip(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _archives() -> Iterator[Sample]:
    zeros = bytes(40 << 20)
    static = {"static": "would exhaust the machine that proves it"}
    deflated = _zip([("data.pkl", zeros)])
    rows = {
        "flat.zip": _zip([(f"{place}.bin", zeros) for place in range(4)]),
        "deep.zip": deflated,
        "bomb.pkl.gz": gzip.compress(gzip.compress(bytes(96 << 20), mtime=0), mtime=0),
        "bomb.bz2": bz2.compress(bytes(96 << 20)),
        "bomb.pkl.xz": lzma.compress(bytes(96 << 20), preset=0),
        "bomb.joblib": zlib.compress(bytes(96 << 20)),
    }
    for _ in range(20):
        deflated = _zip([("model.zip", deflated)])
    rows["deep.zip"] = deflated
    rows["quoted-overlap.zip"] = _overlapping()
    for name, data in rows.items():
        yield file("bomb-archive", name, name, data, "CWE-409", **static)


def _overlapping() -> bytes:
    """Return a zip whose directory lists one member a thousand times (Fifield's bomb, its plain form)."""
    once = _zip([("data.pkl", bytes(1 << 20))])
    directory_at = struct.unpack_from("<I", once, len(once) - 6)[0]
    record = once[directory_at : len(once) - 22]
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1000, 1000, len(record) * 1000, directory_at, 0)
    return once[:directory_at] + record * 1000 + end


def _shapes() -> Iterator[Sample]:
    static = {"static": "allocates what no machine has"}
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }" % (1 << 30, 1 << 30)
    header += b" " * (117 - len(header)) + b"\n"
    yield file(
        "bomb-shape", "npy-shape", "x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header, **static
    )
    big = Call("numpy", "ndarray", ((1 << 40,),))
    yield file("bomb-shape", "ndarray-by-call", "x.pkl", dump(big), **static)
    yield file("bomb-shape", "empty-by-call", "x.pkl", dump(Call("numpy", "empty", ((1 << 20, 1 << 20),))), **static)
    storage = Call("torch", "FloatStorage", (1 << 45,))
    yield file("bomb-shape", "torch-storage", "x.pkl", dump(storage), **static)
    view = Call("numpy.lib.stride_tricks", "as_strided", (Call("numpy", "zeros", (1,)), (1 << 30, 1 << 30), (0, 0)))
    yield file("bomb-shape", "strides-outside-the-buffer", "x.pkl", dump(view), **static)
    yield file("bomb-shape", "name", "x.pkl", dump(Call("numpy", "full", ((1 << 42,), 1))), **static)


_ = Name  # part of the vocabulary of bombs
