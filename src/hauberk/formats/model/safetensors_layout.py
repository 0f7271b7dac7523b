"""The header of a safetensors file, for tensors that somebody is about to write.

The length, then JSON padded with spaces to a multiple of eight, then the tensors one behind the other, the widest types
first, so that each begins where its type is aligned. Source: `safetensors/src/tensor.rs`, `prepare`, 0.8.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hauberk.formats.model.safetensors import BITS

if TYPE_CHECKING:
    from collections.abc import Mapping

ALIGNMENT_BYTES = 8


def layout(tensors: Mapping[str, tuple[str, tuple[int, ...], int]]) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes in front of the tensors, and the names in the order in which their bytes follow.

    Args:
        tensors: the type, shape and size in bytes of each, by name.
    """
    order = sorted(tensors, key=lambda name: (-BITS[tensors[name][0]], name))
    header: dict[str, object] = {}
    at = 0
    for name in order:
        dtype, shape, size = tensors[name]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    text += b" " * (-len(text) % ALIGNMENT_BYTES)
    return len(text).to_bytes(8, "little") + text, tuple(order)
