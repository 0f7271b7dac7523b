"""CPython's own unpicklers, in a process of their own with little memory, that say what they would import and make.

Run as a program: reads streams from standard input and answers each with one line of JSON. Nothing that a stream names
is ever imported: every name is a new class that accepts everything and does nothing.

    request: one byte for the unpickler (c; b for the same with a file that it can peek into; p for the one in Python;
             j for joblib's), four bytes of length, the stream
    answer:  [["import", module, name], ["make", module, name], ...]
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import resource
import signal
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

MEMORY_BYTES = 3 << 29
SECONDS = 0.5
UNPICKLERS = "cbp"
Event = tuple[str, str, str]


class Recording:
    """Asks a child for what an unpickler does with a stream; a child that dies is started again."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.communicate()
            self._child = None

    def events(self, stream: bytes, unpickler: str = "c") -> list[Event]:
        """Return what the unpickler asked for until it ended; nothing where it took the child with it."""
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # CPython itself complains where memory runs out
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        line = b""
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.write(unpickler.encode() + struct.pack("<I", len(stream)) + stream)
            self._child.stdin.flush()
            line = self._child.stdout.readline()
        if not line:
            with contextlib.suppress(BrokenPipeError):
                self._child.communicate()
            self._child = None
            return []
        return [(kind, module, name) for kind, module, name in json.loads(line)]


class _Inert:
    """Takes the place of everything that a stream names."""

    events: list[Event]
    spelled = ("", "")

    def __new__(cls, *_arguments: object, **_keywords: object) -> Any:
        if cls.spelled[0]:
            cls.events.append(("make", *cls.spelled))
        return object.__new__(cls)

    def __init__(self, *_arguments: object, **_keywords: object) -> None:
        pass

    def __call__(self, *_arguments: object, **_keywords: object) -> _Inert:
        return _Inert()

    def __setstate__(self, _state: object) -> None:
        pass

    def __setitem__(self, _key: object, _value: object) -> None:
        pass

    def append(self, _item: object) -> None:
        pass

    def extend(self, _items: object) -> None:
        pass

    def add(self, _item: object) -> None:
        pass


def _inert(events: list[Event], module: str, name: str) -> type:
    events.append(("import", module, name))
    return type("Inert", (_Inert,), {"spelled": (module, name), "events": events})


def record(stream: bytes, unpickler: str, encoding: str) -> list[Event]:
    """Return what one unpickler asks for; the process must be one that may die of it."""
    events: list[Event] = []
    file = io.BufferedReader(io.BytesIO(stream)) if unpickler == "b" else io.BytesIO(stream)  # type: ignore[arg-type]
    base: Any = pickle._Unpickler if unpickler == "p" else pickle.Unpickler  # type: ignore[attr-defined]

    class Recorder(base):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            return _inert(events, module, name)

        def persistent_load(self, _pid: object) -> object:
            return _Inert()

    def load() -> None:
        while file.tell() < len(stream):
            Recorder(file, encoding=encoding, buffers=iter([b"1", bytearray(b"2")])).load()

    _until_it_ends(load)
    return events


def _run_joblib(stream: bytes) -> list[Event]:
    import numpy as np  # noqa: PLC0415 - the other unpicklers start without them
    from joblib import numpy_pickle  # noqa: PLC0415

    events: list[Event] = []
    real = {
        ("joblib.numpy_pickle", "NumpyArrayWrapper"): numpy_pickle.NumpyArrayWrapper,
        ("numpy", "dtype"): np.dtype,
        ("numpy", "ndarray"): np.ndarray,
    }

    class Recorder(numpy_pickle.NumpyUnpickler):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            found = _inert(events, module, name)
            return real.get((module, name), found)

    _until_it_ends(Recorder("", io.BytesIO(stream), ensure_native_byte_order=False).load)
    return events


def _until_it_ends(load: Callable[[], object]) -> None:
    """Let an unpickler run until it ends, fails or has had its time; whatever it recorded by then counts."""
    with contextlib.suppress(BaseException):
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            load()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def wake(_signal: int, _frame: FrameType | None) -> None:
    """End what takes too long."""
    raise TimeoutError


def _serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, wake)
    while head := sys.stdin.buffer.read(5):
        unpickler, length = chr(head[0]), struct.unpack("<I", head[1:])[0]
        stream = sys.stdin.buffer.read(length)
        if unpickler == "j":
            events = _run_joblib(stream)
        else:
            events = [event for encoding in ("ASCII", "latin1") for event in record(stream, unpickler, encoding)]
        sys.stdout.write(json.dumps(events) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    _serve()
