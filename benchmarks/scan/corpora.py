"""The files that speed is measured on, written to a folder: the same ones in every run.

    python benchmarks/scan/corpora.py build/speed              # all of them, about 3.4 GB
    python benchmarks/scan/corpora.py build/speed dense tiny   # some

A file that is there already is left as it is. The weights in the large ones are one random MiB, again and again: no
scanner looks at weights, and a hash costs the same for any bytes.
"""

from __future__ import annotations

import json
import pickle
import random
import struct
import sys
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
DENSE_RECORDS = 700_000
FOREST_TREES = 112
SMALL_FILES = 2_000
TENSOR_MIB, TENSORS = 16, 64  # of the checkpoint and of the safetensors file: 1.07 GB
GGUF_TOKENS, GGUF_MIB = 100_000, 286


def write_dense(path: Path) -> None:
    """Write 61 MB of pickle, protocol 4, in 17.5 million instructions: a list of small dicts, tuples, ints, text."""
    path.write_bytes(pickle.dumps(_records(DENSE_RECORDS), protocol=4))


def write_dense_double(path: Path) -> None:
    """Write the same, twice as long."""
    path.write_bytes(pickle.dumps(_records(2 * DENSE_RECORDS), protocol=4))


def write_forest(path: Path) -> None:
    """Write 288 MB of joblib, not compressed: a random forest of scikit-learn, with its arrays between instructions."""
    import joblib  # noqa: PLC0415 - only this file needs it

    joblib.dump(_forest(FOREST_TREES), path)


def write_forest_zlib(path: Path) -> None:
    """Write a smaller forest, compressed by zlib as `joblib.dump(compress=3)` does."""
    import joblib  # noqa: PLC0415 - only this file needs it

    joblib.dump(_forest(FOREST_TREES // 4), path, compress=3)


def write_checkpoint(path: Path) -> None:
    """Write 1.07 GB of checkpoint as `torch.save` does: a zip of a pickle and one stored member a tensor."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_member("archive/data.pkl"), _state_dict())
        archive.writestr(_member("archive/byteorder"), b"little")
        for number in range(TENSORS):
            with archive.open(_member(f"archive/data/{number}"), "w") as file:
                _write_weights(file, TENSOR_MIB)
        archive.writestr(_member("archive/version"), b"3\n")


def write_safetensors(path: Path) -> None:
    """Write 1.07 GB of safetensors."""
    size = TENSOR_MIB * MIB
    header = {
        f"layer.{number}.weight": {
            "dtype": "F32",
            "shape": [size // 4],
            "data_offsets": [number * size, (number + 1) * size],
        }
        for number in range(TENSORS)
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        _write_weights(file, TENSOR_MIB * TENSORS)


def write_gguf(path: Path) -> None:
    """Write 300 MB of GGUF, version 3, with a vocabulary of 100,000 tokens."""
    values = [
        _gguf_text("general.architecture") + struct.pack("<I", 8) + _gguf_text("llama"),
        _gguf_text("general.alignment") + struct.pack("<II", 4, 32),
        _gguf_text("tokenizer.ggml.tokens")
        + struct.pack("<IIQ", 9, 8, GGUF_TOKENS)
        + b"".join(_gguf_text(f"token{number}") for number in range(GGUF_TOKENS)),
    ]
    tensor = _gguf_text("output.weight") + struct.pack("<IQIQ", 1, GGUF_MIB * MIB // 4, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(values)) + b"".join(values) + tensor
    with path.open("wb") as file:
        file.write(head + bytes(-len(head) % 32))
        _write_weights(file, GGUF_MIB)


def write_many(folder: Path) -> None:
    """Write 2,000 small files into a folder: pickles of every protocol, arrays, configurations, text, safetensors."""
    chance = random.Random(2)
    part = folder.with_name(f"{folder.name}.part")
    for number in range(SMALL_FILES):
        place = part / f"{number % 20:02}"
        place.mkdir(parents=True, exist_ok=True)
        name, write = _SMALL[number % len(_SMALL)]
        (place / f"{number:04}{name}").write_bytes(write(chance))
    part.rename(folder)


def write_tiny(path: Path) -> None:
    """Write the smallest file that somebody scans: a pickle of one dict."""
    path.write_bytes(pickle.dumps({"weights": [0.5, 0.25], "epoch": 3}, protocol=4))


CORPORA: dict[str, tuple[str, Callable[[Path], None]]] = {
    "dense": ("dense_60m.pkl", write_dense),
    "dense-double": ("dense_120m.pkl", write_dense_double),
    "forest": ("forest_300m.joblib", write_forest),
    "forest-zlib": ("forest_zlib.joblib", write_forest_zlib),
    "checkpoint": ("torch_1g.pt", write_checkpoint),
    "safetensors": ("weights_1g.safetensors", write_safetensors),
    "gguf": ("model.gguf", write_gguf),
    "many": ("many", write_many),
    "tiny": ("tiny.pkl", write_tiny),
}


def corpus(folder: Path, name: str) -> Path:
    """Return the path of a corpus, and write it first if it is not there."""
    file, write = CORPORA[name]
    path = folder / file
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if write is write_many:
            write(path)
        else:
            part = path.with_name(f"{file}.part")
            write(part)
            part.rename(path)
    return path


def _records(count: int) -> list[object]:
    chance = random.Random(1)
    return [
        {
            "id": number,
            "at": (chance.randrange(256), chance.randrange(256), chance.randrange(1 << 16)),
            "name": f"measurement {number:08} of the sensor {number % 9973:04}",
            "on": number % 3 == 0,
            "of": [chance.random(), None, (1, 2)],
        }
        for number in range(count)
    ]


def _forest(trees: int) -> object:
    """Return a forest whose trees are copies of one that was really grown, as deep as random answers make it."""
    import copy  # noqa: PLC0415 - only this needs them

    import numpy as np  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    chance = np.random.default_rng(3)
    rows = chance.standard_normal((60_000, 4), dtype=np.float32)
    forest = RandomForestClassifier(n_estimators=1, random_state=0, max_features=1)
    forest.fit(rows, chance.integers(0, 2, len(rows)))
    forest.estimators_ = [copy.deepcopy(forest.estimators_[0]) for _ in range(trees)]
    forest.n_estimators = trees
    return forest


def _state_dict() -> bytes:
    """Return the pickle of a state dict as `torch.save` writes it (protocol 2), one tensor a storage."""
    count = TENSOR_MIB * MIB // 4
    pieces = [b"\x80\x02ccollections\nOrderedDict\n)R("]
    for number in range(TENSORS):
        storage = b"(" + _text("storage") + b"ctorch\nFloatStorage\n" + _text(str(number)) + _text("cpu")
        storage += b"J" + struct.pack("<i", count) + b"tQ"
        shape = b"K\x00J" + struct.pack("<i", count) + b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)R"
        pieces.append(_text(f"layer.{number}.weight") + b"ctorch._utils\n_rebuild_tensor_v2\n(")
        pieces.append(storage + shape + b"tR")
    return b"".join([*pieces, b"u."])


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _gguf_text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


def _write_weights(file: IO[bytes], mebibytes: int) -> None:
    piece = random.Random(4).randbytes(MIB)
    for _ in range(mebibytes):
        file.write(piece)


def _small_pickle(protocol: int) -> Callable[[random.Random], bytes]:
    def write(chance: random.Random) -> bytes:
        values = {f"w{number}": [chance.random() for _ in range(8)] for number in range(4)}
        return pickle.dumps({"name": "model", "epoch": chance.randrange(100), "values": values}, protocol=protocol)

    return write


def _small_array(chance: random.Random) -> bytes:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (16, 8), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + chance.randbytes(16 * 8 * 8)


def _small_json(chance: random.Random) -> bytes:
    return json.dumps({"hidden": chance.randrange(999), "layers": [1, 2, 3], "act": "gelu"}, indent=2).encode()


def _small_text(chance: random.Random) -> bytes:
    return b"\n".join(b"A model, line %d." % chance.randrange(999) for _ in range(30)) + b"\n"


def _small_safetensors(chance: random.Random) -> bytes:
    header = b'{"w":{"dtype":"F32","shape":[64],"data_offsets":[0,256]}}'
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + chance.randbytes(256)


_SMALL: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    *((".pkl", _small_pickle(protocol)) for protocol in (2, 3, 4, 5)),
    (".npy", _small_array),
    ("_config.json", _small_json),
    ("_readme.md", _small_text),
    (".safetensors", _small_safetensors),
)


def main() -> None:
    """Write the corpora that the command line names, all if it names none."""
    folder, *names = sys.argv[1:]
    for name in names or CORPORA:
        path = corpus(Path(folder), name)
        size = sum(file.stat().st_size for file in path.rglob("*")) if path.is_dir() else path.stat().st_size
        print(f"{name:<14} {size / 1e6:9.1f} MB  {path}")


if __name__ == "__main__":
    main()
