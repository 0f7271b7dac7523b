"""Where each tensor of a safetensors file lies, for whoever reads the numbers. Files in doubt are refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.formats.model.safetensors import LENGTH_BYTES, METADATA, describe
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor: its type, its shape, the offset of its first byte in the file, and how many bytes it has."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    size: int


def places(view: View, limits: Limits = DEFAULT_LIMITS) -> dict[str, Place]:
    """Return where the tensors of a file lie, by name; only the header is read.

    Raises:
        Malformed: the file contradicts itself, or something in it could not be understood.
        Unavailable: the view cannot be read.
    """
    described = describe(view, limits)
    for seen in (*(one.seen for one in described.contradictions), *(one.detail for one in described.unchecked)):
        raise Malformed(f"the safetensors file has {seen}", "see what `hauberk scan` says of it")
    length = int.from_bytes(view.read_at(0, LENGTH_BYTES), "little")
    header = json.loads(view.read_at(LENGTH_BYTES, length))  # every key of it was read, and is there once
    front = LENGTH_BYTES + length
    found = {}
    for name, one in header.items():
        if name != METADATA:
            start, stop = one["data_offsets"]
            found[name] = Place(one["dtype"], tuple(one["shape"]), front + start, stop - start)
    return found
