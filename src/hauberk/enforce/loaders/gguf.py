"""GGUF through the package `gguf`, whose reader wants a path: it gets one to sealed memory, which nobody can change."""

from __future__ import annotations

from hauberk.edge.sealed import sealed
from hauberk.enforce.loaders.attempt import imported, opened


def load_gguf(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return a `GGUFReader`, with the fields and tensors of the file."""
    gguf = imported("gguf")

    def read() -> object:
        with sealed(data) as path:  # the reader maps the memory, which outlives its descriptor
            return gguf.GGUFReader(path)

    return opened(read)
