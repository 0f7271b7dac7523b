"""How samples are opened by those whom they attack. For the sandbox of `prove.py` alone: everything here runs payloads.

`LOADERS` maps a name to a maker that takes what follows the colon (`zip:data.pkl`) and returns a function of the path.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import pickletools
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Loader = Callable[[Path], object]


def _pickle(_: str) -> Loader:
    return lambda path: pickle.Unpickler(io.BytesIO(path.read_bytes())).load()


def _python_pickle(_: str) -> Loader:
    return lambda path: pickle._Unpickler(io.BytesIO(path.read_bytes())).load()  # type: ignore[attr-defined]


def _streams(_: str) -> Loader:
    def load(path: Path) -> None:
        data = path.read_bytes()
        file = io.BytesIO(data)
        while file.tell() < len(data):
            pickle.Unpickler(file).load()

    return load


def _offset(start: str) -> Loader:
    return lambda path: pickle.loads(path.read_bytes()[int(start) :])


def _zip(member: str) -> Loader:
    def load(path: Path) -> object:
        with zipfile.ZipFile(path) as archive:
            return pickle.loads(archive.read(member))

    return load


def _tar(member: str) -> Loader:
    def load(path: Path) -> object:
        with tarfile.open(path) as archive:
            return pickle.loads(archive.extractfile(member).read())  # type: ignore[union-attr]

    return load


def _unpacked(codec: str) -> Loader:
    unpack = {"gzip": gzip.decompress, "bz2": bz2.decompress, "lzma": lzma.decompress, "zlib": zlib.decompress}

    def load(path: Path) -> object:
        return pickle.loads(unpack[codec](path.read_bytes()) if codec in unpack else _foreign(codec, path.read_bytes()))

    return load


def _foreign(codec: str, data: bytes) -> bytes:
    if codec == "lz4":
        import lz4.frame  # noqa: PLC0415

        return lz4.frame.decompress(data)
    import zstandard  # noqa: PLC0415

    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _joblib(_: str) -> Loader:
    import joblib  # noqa: PLC0415

    return joblib.load


def _numpy(_: str) -> Loader:
    import numpy as np  # noqa: PLC0415

    def load(path: Path) -> object:
        found = np.load(path, allow_pickle=True)
        return [found[name] for name in found.files] if hasattr(found, "files") else found

    return load


def _torch(_: str) -> Loader:
    import torch  # noqa: PLC0415

    return lambda path: torch.load(path, weights_only=False)


def _python(_: str) -> Loader:
    return lambda path: exec(compile(path.read_text(), str(path), "exec"), {"__name__": "module"})


def _member_code(member: str) -> Loader:
    def load(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            exec(archive.read(member), {"__name__": "module"})

    return load


def _yaml(_: str) -> Loader:
    import yaml  # noqa: PLC0415

    return lambda path: yaml.unsafe_load(path.read_text())


def _json_template(_: str) -> Loader:
    import json  # noqa: PLC0415

    import jinja2  # noqa: PLC0415

    return lambda path: jinja2.Template(json.loads(path.read_text())["chat_template"]).render(messages=[])


def _keras(_: str) -> Loader:
    import keras  # noqa: PLC0415

    def load(path: Path) -> object:
        keras.config.enable_unsafe_deserialization()
        return keras.models.load_model(path)

    return load


LOADERS: dict[str, Callable[[str], Loader]] = {
    "pickle": _pickle,
    "python-pickle": _python_pickle,
    "streams": _streams,
    "offset": _offset,
    "zip": _zip,
    "tar": _tar,
    "unpacked": _unpacked,
    "joblib": _joblib,
    "numpy": _numpy,
    "torch": _torch,
    "python": _python,
    "member-code": _member_code,
    "yaml": _yaml,
    "template": _json_template,
    "keras": _keras,
}


def names_of(loader: str, path: Path) -> list[str]:
    """Return the modules that a plain pickle names, as far as they are told without following it."""
    if loader.partition(":")[0] not in ("pickle", "streams", "python-pickle") or path.stat().st_size > 1 << 20:
        return []
    texts: list[str] = []
    found: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(path.read_bytes()):
            if opcode.name in ("GLOBAL", "INST"):
                found.append(argument.split(" ")[0])
            elif isinstance(argument, str):
                texts.append(argument)
            elif opcode.name == "STACK_GLOBAL" and len(texts) > 1:
                found.append(texts[-2])
    except Exception:  # noqa: BLE001 - a broken tail names no more
        pass
    return [name for name in found if name and all(part.isidentifier() for part in name.split("."))]
