"""EC P-256 keys for tests, made from a number; and every single-bit flip of some bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from hauberk.edge.keys import FileSigner

if TYPE_CHECKING:
    from collections.abc import Iterator


def producer(number: int = 1) -> FileSigner:
    return FileSigner(ec.derive_private_key(number, ec.SECP256R1()))


def bit_flips(data: bytes) -> Iterator[bytes]:
    """Yield all 8n copies of the data with one bit changed."""
    for at in range(len(data)):
        for bit in range(8):
            yield data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
