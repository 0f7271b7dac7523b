"""Verify while loading: all tensors of safetensors shards asked for, over hashing the same files alone.

Hashing alone reads into 1 MiB that is used again and keeps nothing, so the difference is the price of memory that holds
the tensors: the kernel clears each page, on the second processor. Both are one process, in turns; the files are in the
page cache.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from row import Row, show
from sign_verify import hash_large, here, in_turns

from hauberk.digest import dir_hash, sha256
from hauberk.edge.hashing import Wanted, hash_tree, list_files
from hauberk.enforce.load import load
from hauberk.subject import Subject
from hauberk.verdict import Permit

SCRIPT = "load_tensors"
SHARDS, SHARD_BYTES, TENSORS = 4, 256 << 20, 16
INDEX = "model.safetensors.index.json"


def make_checkpoint(folder: Path) -> None:
    """Write a checkpoint of 1 GiB in shards. What the numbers are changes nothing."""
    block = os.urandom(SHARD_BYTES // TENSORS)
    weights = {}
    for shard in range(SHARDS):
        name = f"model-{shard}.safetensors"
        places = {
            f"layer.{shard}.{tensor}": [tensor * len(block), (tensor + 1) * len(block)] for tensor in range(TENSORS)
        }
        header = json.dumps(
            {key: {"dtype": "F32", "shape": [len(block) // 4], "data_offsets": place} for key, place in places.items()}
        ).encode()
        header += b" " * (-len(header) % 8)
        with (folder / name).open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            for _ in range(TENSORS):
                file.write(block)
        weights.update(dict.fromkeys(places, name))
    (folder / INDEX).write_text(json.dumps({"weight_map": weights}))


def measure() -> list[Row]:
    """Return the rows of this benchmark."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("HAUBERK_BENCH_FOLDER")) as place:
        folder = Path(place)
        make_checkpoint(folder)
        listed, _ = list_files(folder)
        files = {file.path: file.digest for file in hash_tree(folder, listed, Wanted())[0]}
        permit = Permit(
            gate="load",
            subject=Subject("model", "m", dir_hash(files.items())),
            policy=sha256(b""),
            checkpoint_size=1,
            not_after=int(time.time()) + 3600,
        )

        def use() -> None:
            tensors = load(folder, permit=permit, entry=INDEX, files=files)
            assert sum(array.size for array in tensors.values()) * 4 == SHARDS * SHARD_BYTES  # type: ignore[attr-defined]

        use()
        alone, loaded = in_turns(
            lambda: here(lambda: [hash_large(folder / path) for path in files]),
            lambda: here(use),
        )
    what = "safetensors of 1 GiB in 4 shards, verified while they are loaded"
    said = f"{loaded.cpu:.3g} s of {alone.cpu:.3g} s"
    return [
        Row(f"{what}: wall over hashing alone", loaded.wall / alone.wall, "x", SCRIPT, 1.15),
        Row(f"{what}: CPU over hashing alone", loaded.cpu / alone.cpu, "x", SCRIPT, None, said),
    ]


if __name__ == "__main__":
    show(measure())
