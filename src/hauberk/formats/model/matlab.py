"""MATLAB's files of version 5, which SciPy reads and writes: named arrays, each in a tag with its length.

Arrays of numbers, texts, cells and structures are data. Objects and function handles are made by whoever loads them, so
a file with one is unchecked. Source: "MAT-File Format", MathWorks.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Literal

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

MAGIC: Final = b"MATLAB 5.0 MAT-file"
_HEAD_BYTES: Final = 128
_MATRIX, _COMPRESSED = 14, 15
_ACTING: Final = {3: "an object", 16: "a function handle", 17: "an object of a class of its own"}
_CLASS_AT: Final = 16  # of an array's first tag: its class, behind the tag of its flags
_MOST: Final = 1 << 16


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return which arrays are more than data. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    del limits
    order: Literal["little", "big"] = "big" if view.read_at(126, 2) == b"MI" else "little"
    at, count = _HEAD_BYTES, 0
    notes: list[Unchecked] = []
    while at < view.size and count < _MOST and len(notes) < 8:
        tag = view.read_at(at, 8)
        kind, size = int.from_bytes(tag[:4], order), int.from_bytes(tag[4:], order)
        if len(tag) < 8 or kind not in (_MATRIX, _COMPRESSED) or size > view.size - at - 8:
            notes.append(_note(UncheckedCode.MALFORMED, f"an element of type {kind} and {size} bytes", at))
            break
        head = view.read_at(at, 64) if kind == _MATRIX else _unpacked(view.read_at(at + 8, min(size, 4096)))
        place = _CLASS_AT if order == "little" else _CLASS_AT + 3
        acting = _ACTING.get(head[place]) if len(head) > place else "an array that cannot be unpacked"
        if acting:
            notes.append(_note(UncheckedCode.FORMAT_NOT_READ, acting, at))
        at += 8 + size + (-size % 8 if kind == _MATRIX else 0)
        count += 1
    if count == _MOST:
        notes.append(_note(UncheckedCode.LIMIT, f"more than {_MOST} arrays", at))
    return Described(unchecked=tuple(notes))


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, 64)
    except zlib.error:
        return b""


def _note(code: UncheckedCode, detail: str, offset: int) -> Unchecked:
    return Unchecked(code, detail, Location(offset=offset))
