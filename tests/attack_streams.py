"""Instructions of pickle, written by hand: what no pickler writes, put together piece by piece."""

from __future__ import annotations

import struct

from hauberk.checks.model.examine import examine
from hauberk.finding import Outcome, Report
from hauberk.view import BytesView

HEAD = b"\x80\x04"
NONE, TRUE, FALSE = b"N", b"\x88", b"\x89"
NDARRAY = b"cnumpy\nndarray\n"
WRAPPER = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n"
MARKER = "echo hauberk"  # harmless, should it ever run


def report_of(stream: bytes) -> Report:
    """Return what a scan says of a file."""
    return examine(BytesView(stream), "attack").report


def is_passed(stream: bytes) -> bool:
    """Say whether a scan would pass a file: clean, and all of it looked at."""
    report = report_of(stream)
    return report.outcome is Outcome.CLEAN and report.complete


def rules_broken(stream: bytes) -> set[str]:
    """Return the ids of the rules that a file breaks."""
    return {finding.rule for finding in report_of(stream).findings}


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def data(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8b" + struct.pack("<I", len(raw)) + raw


def tuple_of(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def list_of(*items: bytes) -> bytes:
    return b"](" + b"".join(items) + b"e"


def dict_of(**items: bytes) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + tuple_of(*arguments) + b"R"


def new(cls: bytes) -> bytes:
    return cls + b")\x81"


def build(target: bytes, state: bytes) -> bytes:
    return target + state + b"b"


def put(place: int) -> bytes:
    return b"r" + struct.pack("<I", place)


def get(place: int) -> bytes:
    return b"j" + struct.pack("<I", place)


def dtype(code: str, *state: bytes) -> bytes:
    made = call(name("numpy", "dtype"), text(code), FALSE, TRUE)
    return build(made, tuple_of(*state)) if state else made


def plain_dtype(code: str, order: str = "<", size: int = -1, alignment: int = -1, flags: int = 0) -> bytes:
    numbers = (number(size), number(alignment), number(flags))
    return dtype(code, number(3), text(order), NONE, NONE, NONE, *numbers)


def objects_dtype() -> bytes:
    return plain_dtype("O8", order="|", flags=63)


def array(shape: tuple[int, ...], kind: bytes, contents: bytes) -> bytes:
    empty = call(name("numpy._core.multiarray", "_reconstruct"), NDARRAY, tuple_of(number(0)), data(b"b"))
    return build(empty, tuple_of(number(1), tuple_of(*map(number, shape)), kind, FALSE, contents))


def wrapper_state(length: int, kind: bytes | None = None) -> bytes:
    return dict_of(
        subclass=NDARRAY,
        shape=tuple_of(number(length)),
        order=text("C"),
        dtype=kind or plain_dtype("u1", order="|"),
        allow_mmap=FALSE,
    )


def partial(function: bytes, *arguments: bytes) -> bytes:
    made = call(name("functools", "partial"), function)
    return build(made, tuple_of(function, tuple_of(*arguments), NONE, NONE))


def runs(command: str = MARKER) -> bytes:
    return call(name("posix", "system"), text(command))
