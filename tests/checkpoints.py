"""A PyTorch checkpoint of any size, written without PyTorch and, where it is a file, without taking room on the disk.

The pickle is the one that `torch.save` writes for a dict of float tensors (protocol 2), the archive a ZIP file of stored
members; the weights are zeros.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ZEROS = bytes(1 << 20)


class _Sparse(io.FileIO):
    """A file in which the zeros of a storage are a hole."""

    def write(self, data) -> int:
        if data is _ZEROS:
            self.seek(len(data), io.SEEK_CUR)
            return len(data)
        return super().write(data)


def write_checkpoint(path: Path, *, tensors: int, mebibytes: int) -> None:
    """Write a checkpoint of so many tensors of so many MiB each to a sparse file."""
    with _Sparse(path, "w") as file:
        _write(file, tensors, mebibytes)


def checkpoint(*, tensors: int, mebibytes: int) -> bytes:
    """Return a checkpoint of so many tensors of so many MiB each."""
    file = io.BytesIO()
    _write(file, tensors, mebibytes)
    return file.getvalue()


def _write(file, tensors: int, mebibytes: int) -> None:
    floats = mebibytes * len(_ZEROS) // 4
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("m/data.pkl", _pickle(tensors, floats))
        archive.writestr("m/byteorder", "little")
        for key in range(tensors):
            with archive.open(f"m/data/{key}", "w") as storage:
                for _ in range(mebibytes):
                    storage.write(_ZEROS)
        archive.writestr("m/version", "3\n")


def _pickle(tensors: int, floats: int) -> bytes:
    items = b"".join(_text(f"layer{key}.weight") + _tensor(str(key), floats) for key in range(tensors))
    return b"\x80\x02}(" + items + b"u."


def _tensor(key: str, floats: int) -> bytes:
    """Return the call that rebuilds a tensor of one dimension over the storage of this key."""
    count = b"J" + struct.pack("<i", floats)
    storage = b"(" + _text("storage") + b"ctorch\nFloatStorage\n" + _text(key) + _text("cpu") + count + b"tQ"
    shape = b"(" + count + b"t(K\x01t"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + shape + b"\x89ccollections\nOrderedDict\n)RtR"


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()
