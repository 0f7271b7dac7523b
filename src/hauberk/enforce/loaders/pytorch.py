"""Files of PyTorch: `torch.save`, and TorchScript."""

from __future__ import annotations

import io
import pickle
from typing import Any

from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.enforce.loaders.strict import resolve

_TORCH_RENAMED = {"torch.tensor": "torch._tensor"}  # torch/serialization.py, load_module_mapping


class _TorchPickle:
    """What `torch.load` takes in the place of the module `pickle`: an unpickler that resolves the names given here.

    It derives a class from `Unpickler`, with hooks of its own for storages, and calls `load` for the parts of old files
    that have none. Names that PyTorch maps to newer ones before it asks are given as both.
    """

    def __init__(self, names: frozenset[tuple[str, str]]) -> None:
        known = names | {(_TORCH_RENAMED.get(module, module), name) for module, name in names}

        class Unpickler(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                return resolve(super().find_class, known, module, name)

        self.Unpickler = Unpickler
        self.__name__ = __name__  # which PyTorch compares with that of a package it knows

    def load(self, file: io.BytesIO, **options: Any) -> object:
        """Return what the next pickle of a file holds."""
        return self.Unpickler(file, **options).load()


def load_torch(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Let PyTorch put its tensors together, on the CPU, with no name but those that were reported."""
    torch = imported("torch")
    return opened(
        lambda: torch.load(
            io.BytesIO(data), map_location="cpu", pickle_module=_TorchPickle(names), weights_only=False, mmap=False
        )
    )


def load_script(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return a module of TorchScript: its reader in C++ resolves no name of Python; the scan read its operators."""
    torch = imported("torch")
    return opened(lambda: torch.jit.load(io.BytesIO(data), map_location="cpu"))
