"""Signing and verifying a model at the prompt: Hauberk and model-signing 1.1.1 in turns, and the least it can cost.

The floor of large files is two threads that hash the same pages, that of small ones a loop that opens, reads and hashes
each. What is a ratio has no unit; a process is measured from its start to its end, with its start-up.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from row import Row, show

from hauberk.edge.hashing import Wanted, hash_tree, list_files
from hauberk.signature.manifest import Hashing

if TYPE_CHECKING:
    from collections.abc import Callable

GIB, ROUNDS = 1 << 30, 5
PROGRAMS = Path(sys.executable).parent
OURS = [str(PROGRAMS / "hauberk")]
PEER = [str(PROGRAMS / "model_signing")]
SCRIPT = "sign_verify"
SHARD_BYTES = 64 << 20


@dataclass(frozen=True)
class Cost:
    """How long something took, by the clock on the wall and by those of the processors."""

    wall: float
    cpu: float


def make_models(place: Path) -> None:
    """Write the three models, and a pair of keys. What the bytes are changes nothing."""
    block = os.urandom(16 << 20)
    for folder, files, size in (("eight", 8, 2 * GIB), ("one", 1, 2 * GIB), ("tiny", 1, 1)):
        (place / folder).mkdir()
        for number in range(files):
            with (place / folder / f"shard-{number}.bin").open("wb") as file:
                left = size // files
                while left:
                    left -= file.write(block[: min(left, len(block))])
    for number in range(5000):
        folder = place / "small" / f"{number % 50:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.bin").write_bytes(block[number : number + 10_000])
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    (place / "k.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    (place / "p.pem").write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def ours(verb: str, model: str, *more: str, signature: str = "ours") -> list[str]:
    """Return our command."""
    key = ["--key", "k.pem"] if verb == "sign" else ["--public-key", "p.pem"]
    return [*OURS, verb, model, *key, "--signature", f"{model}.{signature}.sig", *more]


def theirs(verb: str, model: str) -> list[str]:
    """Return the peer's command; each verifies what the other signed, so that a run is also a proof."""
    key = ["--private_key", "k.pem"] if verb == "sign" else ["--public_key", "p.pem"]
    return [*PEER, verb, "key", model, *key, "--signature", f"{model}.{'peer' if verb == 'sign' else 'ours'}.sig"]


def process(command: list[str], place: Path) -> Cost:
    """Run a command to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def here(work: Callable[[], object]) -> Cost:
    """Do something in this process."""
    before, began = time.process_time(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - began, time.process_time() - before)


def in_turns(*works: Callable[[], Cost]) -> list[Cost]:
    """Do each in turn, `ROUNDS` times; return the medians, so that what else the machine does is shared."""
    runs = [[work() for work in works] for _ in range(ROUNDS)]
    return [
        Cost(median(run.wall for run in column), median(run.cpu for run in column))
        for column in zip(*runs, strict=True)
    ]


def hash_large(path: Path) -> None:
    """Hash a file as fast as one thread can."""
    whole, room = hashlib.sha256(), memoryview(bytearray(1 << 20))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(room):
            whole.update(room[:count])


def hash_with_two_threads(folder: Path) -> None:
    """Hash the files of a folder, the floor of large ones."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(hash_large, folder.iterdir()))


def hash_small(folder: Path) -> None:
    """Open, read and hash each file, the floor of small ones."""
    for base, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(base, name), "rb") as file:  # noqa: PTH118, PTH123 - the fastest form
                hashlib.sha256(file.read()).hexdigest()


def our_hashing(folder: Path, shard_bytes: int | None = None) -> None:
    """Hash a model as the verbs do, without the start of a process."""
    files, _ = list_files(folder)
    hash_tree(folder, files, Wanted(Hashing(shard_size=shard_bytes), identify=False))


def large(place: Path) -> list[Row]:
    """Measure 2 GiB in 8 files against two threads."""
    rows = []
    for verb in ("sign", "verify"):
        command = ours(verb, "eight", signature="ours" if verb == "sign" else "peer")
        floor, mine, peer = in_turns(
            lambda: here(lambda: hash_with_two_threads(place / "eight")),
            lambda command=command: process(command, place),  # type: ignore[misc]
            lambda verb=verb: process(theirs(verb, "eight"), place),  # type: ignore[misc]
        )
        what = f"`hauberk {verb}`, 2 GiB in 8 files"
        said = f"model-signing 1.1.1: {peer.cpu / floor.cpu:.3g}"
        rows.append(Row(f"{what}: CPU over two threads of SHA-256", mine.cpu / floor.cpu, "x", SCRIPT, 1.10, said))
        said = f"{mine.wall:.3g} s; model-signing 1.1.1: {peer.wall / floor.wall:.3g}, {peer.wall:.3g} s"
        rows.append(Row(f"{what}: wall over the same", mine.wall / floor.wall, "x", SCRIPT, 1.25, said))
    return rows


def small(place: Path) -> list[Row]:
    """Measure 5,000 files of 10 KB against the loop, and whole processes against the peer."""
    floor, mine = in_turns(
        lambda: here(lambda: hash_small(place / "small")), lambda: here(lambda: our_hashing(place / "small"))
    )
    rows = [Row("hashing 5,000 files of 10 KB: CPU over open, read, hash", mine.cpu / floor.cpu, "x", SCRIPT, 1.5)]
    for verb in ("sign", "verify"):
        command = ours(verb, "small", signature="ours" if verb == "sign" else "peer")
        mine, peer = in_turns(
            lambda command=command: process(command, place),  # type: ignore[misc]
            lambda verb=verb: process(theirs(verb, "small"), place),  # type: ignore[misc]
        )
        what = f"`hauberk {verb}`, 5,000 files of 10 KB: wall over that of model-signing 1.1.1"
        said = f"{mine.wall:.3g} s of {peer.wall:.3g} s"
        rows.append(Row(what, mine.wall / peer.wall, "x", SCRIPT, round(1 / 6, 3), said))
    return rows


def sharded(place: Path) -> list[Row]:
    """Measure one file of 2 GiB in shards against one thread."""
    floor, mine = in_turns(
        lambda: here(lambda: hash_large(place / "one" / "shard-0.bin")),
        lambda: here(lambda: our_hashing(place / "one", SHARD_BYTES)),
    )
    what = "hashing one file of 2 GiB in shards of 64 MiB: wall over one thread"
    return [Row(what, mine.wall / floor.wall, "x", SCRIPT, round(1 / 1.6, 3))]


def unchanged(place: Path) -> list[Row]:
    """Measure the second verification of 2 GiB with a cache against that of one byte."""
    cache = ["--cache", "cache"]
    process(ours("sign", "tiny"), place)
    for model in ("eight", "tiny"):
        process(ours("verify", model, *cache), place)
    start, mine, full = in_turns(
        lambda: process(ours("verify", "tiny", *cache), place),
        lambda: process(ours("verify", "eight", *cache), place),
        lambda: process(ours("verify", "eight"), place),
    )
    what = "`hauberk verify --cache`, 2 GiB that did not change: over start-up"
    said = f"without the cache {full.wall:.3g} s"
    return [Row(what, (mine.wall - start.wall) * 1000, "ms", SCRIPT, 50, said)]


def measure() -> list[Row]:
    """Return the rows of this benchmark."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("HAUBERK_BENCH_FOLDER")) as folder:
        place = Path(folder)
        make_models(place)
        time.sleep(2.1)  # the cache keeps nothing younger
        return [*large(place), *small(place), *sharded(place), *unchanged(place)]


if __name__ == "__main__":
    show(measure())
