"""The digest under which the kernel keeps a file that can never change again (fs-verity).

Such a file has a Merkle tree beside it, and every page that is read is compared with it; the ioctl returns SHA-256 over
a descriptor that holds the tree's root and the file's size. It is the kernel's word, and as good as the kernel that
gives it: of file systems whose answer comes from another program (FUSE) or machine, it is not asked.

Source: Linux, `include/uapi/linux/fsverity.h` and `Documentation/filesystems/fsverity.rst`.
"""

from __future__ import annotations

import struct

MEASURE = 0xC0046686  # FS_IOC_MEASURE_VERITY, _IOWR('f', 134, struct fsverity_digest)
DIGEST_BYTES = 32
_HEAD = struct.Struct("=HH")  # digest_algorithm, digest_size: on call, how much room there is
_SHA256 = 1
_ROOM = 64


def measure(descriptor: int) -> bytes | None:
    """Return the SHA-256 of the verity descriptor of an open file; None where there is none, or another hash's."""
    try:
        from fcntl import ioctl  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    answer = bytearray(_HEAD.pack(0, _ROOM) + bytes(_ROOM))
    try:
        ioctl(descriptor, MEASURE, answer)
    except OSError:  # ENODATA: an ordinary file; ENOTTY, EOPNOTSUPP: not here; EOVERFLOW: a larger digest
        return None
    algorithm, size = _HEAD.unpack_from(answer)
    if (algorithm, size) != (_SHA256, DIGEST_BYTES):
        return None
    return bytes(answer[_HEAD.size : _HEAD.size + size])
