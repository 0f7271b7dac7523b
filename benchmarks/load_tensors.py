"""Verify while loading: all tensors of safetensors shards asked for, over hashing the same files alone.

Hashing alone reads into 1 MiB that is used again and keeps nothing, so the difference is the price of memory that holds
the tensors. Where each shard is done with before the next, as when it goes to another device, its memory is used again;
where all are kept, the kernel clears every page. All is one process, in turns; the files are in the page cache.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from row import Row, show
from sign_verify import hash_large, here, in_turns

from hauberk.digest import dir_hash, sha256
from hauberk.edge.hashing import Wanted, hash_tree, list_files
from hauberk.enforce.load import load
from hauberk.subject import Subject
from hauberk.verdict import Permit

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = "load_tensors"
SHARDS, SHARD_BYTES, TENSORS = 8, 256 << 20, 16
INDEX = "model.safetensors.index.json"


def make_checkpoint(folder: Path) -> None:
    """Write a checkpoint of 2 GiB in shards. What the numbers are changes nothing."""
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

        def tensors() -> Mapping[str, Any]:
            return cast("Mapping[str, Any]", load(folder, permit=permit, entry=INDEX, files=files))

        def use() -> None:
            found = tensors()
            assert sum(found[name].size for name in found) * 4 == SHARDS * SHARD_BYTES

        use()
        alone, used, kept = in_turns(
            lambda: here(lambda: [hash_large(folder / path) for path in files]),
            lambda: here(use),
            lambda: here(lambda: dict(tensors())),
        )
    what = "safetensors of 2 GiB in 8 shards, verified while they are loaded, one shard at a time"
    said = f"all kept: {kept.wall / alone.wall:.3g}"
    return [
        Row(f"{what}: wall over hashing alone", used.wall / alone.wall, "x", SCRIPT, 1.15, said),
        Row(
            f"{what}: CPU over hashing alone",
            used.cpu / alone.cpu,
            "x",
            SCRIPT,
            None,
            f"all kept: {kept.cpu / alone.cpu:.3g}",
        ),
    ]


if __name__ == "__main__":
    show(measure())
