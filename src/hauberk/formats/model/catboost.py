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
_CHUNK_BYTES: Final = 1 << 20


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:  # noqa: ARG001 - the reader's shape
    """Return what is in a CatBoost model: nothing but data, or why that is not known.

    Raises:
        Unavailable: the view cannot be read.
    """
    size = int.from_bytes(view.read_at(4, 4), "little")
    end = _HEAD_BYTES + size
    if end > view.size:
        return _fault(f"a buffer of {size} bytes, where {max(0, view.size - _HEAD_BYTES)} are left", _HEAD_BYTES)
    root = int.from_bytes(view.read_at(_HEAD_BYTES, 4), "little")
    if size >= _SMALLEST_BUFFER and not 4 <= root <= size - 4:
        return _fault(f"a buffer of {size} bytes whose first table is at {root}", _HEAD_BYTES)
    if end < view.size and not _names(view, end):
        return _fault(f"{view.size - end} bytes behind the model, which names no part there", end)
    return Described()


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
