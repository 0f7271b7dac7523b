"""CatBoost's `.cbm`: four letters, the length of a FlatBuffer, that buffer, and the parts that the buffer names.

All of it is numbers and names of features; a loader builds trees from them and calls nothing by name. The parts behind
the buffer are tables of category statistics, which only a model with such features has, and whose provider the buffer
names. Source: CatBoost `catboost/libs/model/model.cpp`, `flatbuffers/model.fbs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats import magics
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

MAGIC: Final = magics.CATBOOST
_HEAD_BYTES: Final = 8
_PROVIDER: Final = b"static_ctr_provider_v1"
_SMALLEST_BUFFER: Final = 32
_LARGEST_BUFFER: Final = 1 << 31  # offsets in a FlatBuffer have a sign
_CHUNK_BYTES: Final = 1 << 20


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:  # noqa: ARG001 - the reader's shape
    """Return what is in a CatBoost model: nothing but data, or why that is not known.

    Raises:
        Unavailable: the view cannot be read.
    """
    size = int.from_bytes(view.read_at(4, 4), "little")
    end = _HEAD_BYTES + size
    if size >= _LARGEST_BUFFER:
        return _fault(f"a buffer of {size} bytes, which no FlatBuffer can have", _HEAD_BYTES)
    if size >= _SMALLEST_BUFFER and (fault := _of_root(view, size)):
        return _fault(fault, _HEAD_BYTES)
    if end > view.size:
        return _fault(f"a buffer of {size} bytes, where {max(0, view.size - _HEAD_BYTES)} are left", _HEAD_BYTES)
    if end < view.size and not _names(view, end):
        return _fault(f"{view.size - end} bytes behind the model, which names no part there", end)
    return Described()


def _of_root(view: View, size: int) -> str:
    """Return what is wrong with the first table of the buffer; empty where it may be right, or the file ends before.

    FlatBuffers, "Internals": a table begins with how far back its list of fields is, and that with its length.
    """
    head = view.read_at(_HEAD_BYTES, 4)
    root = int.from_bytes(head, "little")
    if len(head) == 4 and not 4 <= root <= size - 4:
        return f"a buffer of {size} bytes whose first table is at {root}"
    back = view.read_at(_HEAD_BYTES + root, 4)
    listed = root - int.from_bytes(back, "little", signed=True)
    if len(back) == 4 and not 4 <= listed <= size - 4:
        return f"a buffer of {size} bytes whose first table has its fields listed at {listed}"
    length = view.read_at(_HEAD_BYTES + listed, 2) if len(back) == 4 else b""
    if len(length) == 2 and ((fields := int.from_bytes(length, "little")) < 4 or fields % 2 or listed + fields > size):
        return f"a buffer of {size} bytes whose first table has a list of {fields} bytes"
    return ""


def _names(view: View, end: int) -> bool:
    """Say whether the buffer names the provider of the parts behind it."""
    kept = b""
    for start in range(_HEAD_BYTES, end, _CHUNK_BYTES):
        piece = kept + view.read_at(start, min(_CHUNK_BYTES, end - start))
        if _PROVIDER in piece:
            return True
        kept = piece[-len(_PROVIDER) :]
    return False


def _fault(detail: str, offset: int) -> Described:
    return Described(unchecked=(Unchecked(UncheckedCode.MALFORMED, detail, Location(offset=offset)),))
