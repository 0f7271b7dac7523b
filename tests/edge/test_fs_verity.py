"""What fs-verity measures, where the kernel has it: the contract with the ioctl, and what the cache makes of it.

No kernel of the tests' machines need have fs-verity, so the ioctl is played by one that computes what the kernel would:
the Merkle tree and descriptor of fsverity.rst, of which two digests are known that `fsverity digest` printed.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import struct

import pytest

from hauberk.edge import hash_cache
from hauberk.edge.fs_verity import MEASURE, measure
from hauberk.edge.hash_cache import HashCache
from hauberk.edge.hashing import Wanted, hash_tree, list_files

BLOCK = 4096


def verity_digest(data):
    """Return the fs-verity digest of a file: SHA-256, blocks of 4 KiB, no salt (fsverity.rst, Merkle tree)."""
    level = [data[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, len(data), BLOCK)]
    root = bytes(32)
    while level:
        hashes = b"".join(hashlib.sha256(block).digest() for block in level)
        root = hashes
        level = (
            [hashes[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, len(hashes), BLOCK)]
            if len(hashes) > 32
            else []
        )
    head = struct.pack("<BBBBIQ", 1, 1, 12, 0, 0, len(data))
    return hashlib.sha256(head + root.ljust(64, b"\0") + bytes(32 + 144)).digest()


class Kernel:
    """A kernel with fs-verity: `sealed` are the inodes that were enabled; it answers as `fsverity_ioctl_measure`."""

    def __init__(self):
        self.sealed = {}
        self.asked = 0

    def seal(self, path):
        self.sealed[path.stat().st_ino] = verity_digest(path.read_bytes())

    def ioctl(self, descriptor, request, answer):
        assert request == MEASURE
        assert isinstance(answer, bytearray)
        self.asked += 1
        digest = self.sealed.get(os.fstat(descriptor).st_ino)
        if digest is None:
            raise OSError(errno.ENODATA, "No data available")
        _, room = struct.unpack_from("=HH", answer)
        if room < len(digest):
            raise OSError(errno.EOVERFLOW, "Value too large")
        answer[: 4 + len(digest)] = struct.pack("=HH", 1, len(digest)) + digest
        return 0


@pytest.fixture
def kernel(monkeypatch):
    made = Kernel()
    monkeypatch.setattr(fcntl, "ioctl", made.ioctl)
    return made


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Make a model whose folder is taken for one of ext4."""
    (tmp_path / "model").mkdir()
    for name, data in {"a": b"first", "b": b"second"}.items():
        (tmp_path / "model" / name).write_bytes(data)
    monkeypatch.setattr(hash_cache, "_kinds", lambda: {tmp_path.stat().st_dev: "ext4"})
    return tmp_path


def run(place):
    """Hash the model with its cache; return the digests, and how many were taken from it."""
    cache = HashCache(place / "cache")
    files, _ = list_files(place / "model")
    hashed, odd = hash_tree(place / "model", files, Wanted(cache=cache))
    assert odd == []
    cache.save()
    return {file.path: file.digest for file in hashed}, cache.hits


def truth(place):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (place / "model").iterdir()}


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (b"", "3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95"),
        (b"hello world", "1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64"),
    ],
)
def test_the_played_kernel_measures_as_fsverity_does(data, known):
    assert verity_digest(data).hex() == known


@pytest.mark.parametrize("size", [0, 5, BLOCK, BLOCK + 1, 128 * BLOCK, 128 * BLOCK + 1])
def test_a_sealed_file_is_measured(tmp_path, kernel, size):
    (tmp_path / "f").write_bytes(b"x" * size)
    kernel.seal(tmp_path / "f")
    with (tmp_path / "f").open("rb") as file:
        assert measure(file.fileno()) == verity_digest(b"x" * size)


@pytest.mark.parametrize("code", [errno.ENODATA, errno.ENOTTY, errno.EOPNOTSUPP, errno.EOVERFLOW, errno.EIO])
def test_a_file_that_the_kernel_does_not_measure_has_no_digest(tmp_path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "ioctl", refuse)
    (tmp_path / "f").write_bytes(b"x")
    with (tmp_path / "f").open("rb") as file:
        assert measure(file.fileno()) is None


@pytest.mark.parametrize("answer", [(2, 64), (1, 64), (2, 32), (1, 0), (0, 64)], ids=str)
def test_another_hash_or_size_is_no_digest(tmp_path, monkeypatch, answer):
    monkeypatch.setattr(fcntl, "ioctl", lambda _, __, room: struct.pack_into("=HH", room, 0, *answer))
    (tmp_path / "f").write_bytes(b"x")
    with (tmp_path / "f").open("rb") as file:
        assert measure(file.fileno()) is None


def test_this_kernel_answers_for_an_ordinary_file_that_there_is_none(tmp_path):
    (tmp_path / "f").write_bytes(b"x")
    with (tmp_path / "f").open("rb") as file:
        assert measure(file.fileno()) is None


def test_a_sealed_file_is_not_hashed_again_though_it_is_young_and_has_another_inode(place, kernel):
    for name in ("a", "b"):
        kernel.seal(place / "model" / name)
    assert run(place) == (truth(place), 0)
    (place / "model" / "copy").write_bytes(b"first")
    (place / "model" / "copy").replace(place / "model" / "a")
    kernel.seal(place / "model" / "a")
    assert run(place) == (truth(place), 2)


def test_a_file_that_is_not_sealed_and_young_is_hashed_each_time(place, kernel):
    kernel.seal(place / "model" / "a")
    assert run(place) == (truth(place), 0)
    assert run(place) == (truth(place), 1)


def test_another_sealed_content_under_the_same_name_is_hashed(place, kernel):
    kernel.seal(place / "model" / "a")
    run(place)
    (place / "model" / "new").write_bytes(b"FIRST")
    (place / "model" / "new").replace(place / "model" / "a")
    kernel.seal(place / "model" / "a")
    assert run(place) == (truth(place), 0)


def test_a_file_that_is_sealed_no_longer_is_hashed(place, kernel):
    kernel.seal(place / "model" / "a")
    run(place)
    kernel.sealed.clear()
    assert run(place) == (truth(place), 0)


@pytest.mark.parametrize("kind", ["fuse.evil", "overlay", "9p", "nfs4", "tmpfs", "xfs", ""])
def test_a_file_system_that_may_say_anything_is_not_asked(place, kernel, monkeypatch, kind):
    monkeypatch.setattr(hash_cache, "_kinds", lambda: {place.stat().st_dev: kind})
    kernel.seal(place / "model" / "a")
    run(place)
    assert run(place) == (truth(place), 0)
    assert kernel.asked == 0


def test_a_measure_of_zeros_is_none(place, kernel):
    for name in ("a", "b"):
        kernel.sealed[(place / "model" / name).stat().st_ino] = bytes(32)
    run(place)
    assert run(place) == (truth(place), 0)


def test_a_row_about_a_sealed_file_is_under_the_mac(place, kernel):
    kernel.seal(place / "model" / "a")
    run(place)
    data = (place / "cache").read_bytes()
    (place / "cache").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "was not used" in HashCache(place / "cache").note
    assert run(place) == (truth(place), 0)
