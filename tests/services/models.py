"""Model files for the servers: one that is bad, one that is clean, one of a gigabyte that takes no room on the disk."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Shell:
    """What a pickle is told to call when it is loaded; nothing here loads it."""

    def __reduce__(self):
        return os.system, ("true",)


CLEAN = pickle.dumps({"weights": [0.5] * 1000})
EVIL = pickle.dumps({"weights": [0.5] * 1000, "on_load": Shell()})


def array(floats: int) -> bytes:
    """Return the head of a NumPy file of that many floats (format 1.0)."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({floats},), }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()


def large(path: Path, size: int = 1 << 30) -> None:
    """Write a sparse array of that many bytes of floats."""
    head = array(size // 4)
    path.write_bytes(head)
    os.truncate(path, len(head) + size)
