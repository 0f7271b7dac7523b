"""The cache of digests: used for what is the same, and for nothing that somebody made look the same."""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from hauberk.edge import hash_cache
from hauberk.edge.hash_cache import MAGIC, HashCache
from hauberk.edge.hashing import Wanted, hash_one, hash_tree, list_files
from hauberk.errors import Misconfigured, Unavailable
from hauberk.signature.manifest import WHOLE_FILES, Hashing, HashType

SHARDS = Hashing(HashType.BLAKE2B, 3)


def good_folder(tmp_path):
    """Yield a folder on a file system that the cache works on: that of the tests, or one on a disk; None without."""
    for parent in (tmp_path, Path(__file__).parents[2], Path("/var/tmp")):
        if hash_cache._kinds().get(parent.stat().st_dev) in hash_cache.FILE_SYSTEMS and os.access(parent, os.W_OK):
            with tempfile.TemporaryDirectory(dir=parent, prefix=".hash-cache-") as folder:
                yield Path(folder)
            return
    yield None


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Make a small model on a file system that the cache works on, with a margin that is soon over."""
    monkeypatch.setattr(hash_cache, "MARGIN_SECONDS", 0.05)
    with contextlib.closing(good_folder(tmp_path)) as folders:
        folder = next(folders)
        if folder is None:
            pytest.skip(f"no folder here is on one of {', '.join(sorted(hash_cache.FILE_SYSTEMS))}")
        (folder / "model").mkdir()
        for name, data in {"a": b"first", "b": b"second", "empty": b""}.items():
            (folder / "model" / name).write_bytes(data)
        settle()
        yield folder


def settle():
    time.sleep(0.08)


def run(place, hashing=WHOLE_FILES, *, identify=True):
    """Hash the model with its cache; return the digests, how many were taken from it, and what was noted."""
    cache = HashCache(place / "cache")
    files, _ = list_files(place / "model")
    hashed, odd = hash_tree(place / "model", files, Wanted(hashing, identify, cache))
    assert odd == []
    cache.save()
    return {file.path: (file.digest, file.sha256) for file in hashed}, cache.hits, cache.note


def truth(place, hashing=WHOLE_FILES, *, identify=True):
    files, _ = list_files(place / "model")
    hashed, _ = hash_tree(place / "model", files, Wanted(hashing, identify))
    return {file.path: (file.digest, file.sha256) for file in hashed}


@pytest.mark.parametrize("hashing", [Hashing(), Hashing(HashType.BLAKE2B), SHARDS], ids=["files", "blake2b", "shards"])
@pytest.mark.parametrize("identify", [True, False])
def test_what_is_the_same_is_not_read_again(place, monkeypatch, hashing, identify):
    first = run(place, hashing, identify=identify)
    nothing_to_read = 1 if hashing is SHARDS and not identify else 0  # an empty file has no shard
    assert first == (truth(place, hashing, identify=identify), nothing_to_read, "")
    monkeypatch.setattr(os, "pread", None)
    monkeypatch.setattr(hash_cache, "_key", lambda _: (place / "cache.key").read_bytes())
    monkeypatch.setattr(hash_cache, "read_file", lambda path, limit: (place / "cache").read_bytes())
    assert run(place, hashing, identify=identify) == (first[0], 3, "")


def test_a_file_is_kept_for_each_way_of_hashing_apart(place):
    run(place)
    assert run(place, SHARDS)[1] == 1  # of the empty file: it has no shards, and SHA-256 is there
    assert run(place, Hashing(shard_size=3))[1] == 1
    assert run(place, SHARDS)[:2] == (truth(place, SHARDS), 3)


def test_a_single_file_is_kept(place):
    for hits in (0, 1):
        cache = HashCache(place / "cache")
        assert hash_one(place / "model" / "a", Wanted(cache=cache)).sha256 == truth(place)["a"][1]
        assert cache.hits == hits
        cache.save()


def test_a_large_file_is_kept(place):
    (place / "model" / "large").write_bytes(os.urandom((3 << 20) + 1))
    settle()
    assert run(place) == (truth(place), 0, "")
    assert run(place) == (truth(place), 4, "")


def changed(place, change):
    """Fill the cache, change the model, and return how many digests were used again; all must be true."""
    run(place)
    change(place / "model")
    found, hits, _ = run(place)
    assert found == truth(place)
    return hits


def test_a_change_of_the_same_size_with_mtime_set_back_is_seen(place):
    def spoof(model):
        before = (model / "a").stat()
        (model / "a").write_bytes(b"FIRST")
        os.utime(model / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (model / "a").stat().st_mtime_ns == before.st_mtime_ns

    assert changed(place, spoof) == 2


def test_a_file_that_takes_the_place_of_another_is_seen(place):
    def replace(model):
        before = (model / "a").stat()
        (model / "new").write_bytes(b"FIRST")
        os.utime(model / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
        (model / "new").replace(model / "a")

    assert changed(place, replace) == 2


def test_an_inode_that_is_used_again_is_seen(place):
    def reuse(model):
        before = (model / "a").stat()
        (model / "a").unlink()
        for number in range(200):  # until the file system gives the same number again
            (model / "a").write_bytes(b"FIRST")
            if (model / "a").stat().st_ino == before.st_ino:
                break
            (model / "a").rename(model.parent / f"kept-{number}")
        else:
            pytest.skip("the file system does not use the number of an inode again")
        os.utime(model / "a", ns=(before.st_atime_ns, before.st_mtime_ns))

    assert changed(place, reuse) == 2


def test_two_files_that_change_names_keep_their_own_digests(place):
    def swap(model):
        (model / "a").rename(model / "x")
        (model / "b").rename(model / "a")
        (model / "x").rename(model / "b")

    assert changed(place, swap) == 1  # a rename is a new ctime


def test_a_write_in_the_tick_of_the_reading_is_seen(place, monkeypatch):
    """A file that was just written is not kept: what comes in the same tick of the clock has the same times."""
    monkeypatch.setattr(hash_cache, "MARGIN_SECONDS", 2.0)
    (place / "model" / "a").write_bytes(b"FIRST")
    run(place)
    assert run(place)[1] == 0  # all of them are younger than the margin
    monkeypatch.setattr(hash_cache, "MARGIN_SECONDS", 0.05)
    settle()
    run(place)
    assert run(place)[1] == 3


def test_a_file_from_the_future_is_not_kept(place, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    run(place)
    assert run(place)[1] == 0


def test_a_write_through_a_mapping_that_was_there_before_is_seen(place):
    with (place / "model" / "a").open("r+b") as file, mmap.mmap(file.fileno(), 5) as mapped:
        mapped[0] = ord("F")  # the page is dirty, and stays writable
        settle()
        run(place)
        assert run(place)[1] == 3
        mapped[1] = ord("I")
        found, hits, _ = run(place)
        assert (found, hits) == (truth(place), 2)


def test_a_file_that_changes_while_it_is_hashed_is_not_kept(place, monkeypatch):
    real = hash_cache.HashCache.settle

    def write_after(cache, view):
        state = real(cache, view)
        if view.size == 5:
            (place / "model" / "a").write_bytes(b"FIRST")
        return state

    monkeypatch.setattr(hash_cache.HashCache, "settle", write_after)
    cache = HashCache(place / "cache")
    files, _ = list_files(place / "model")
    _, odd = hash_tree(place / "model", files, Wanted(cache=cache))
    assert [one.path for one in odd] == ["a"]
    cache.save()
    monkeypatch.undo()
    assert run(place)[0] == truth(place)


NOT_USED = {
    "another key": lambda place: (place / "cache.key").write_bytes(bytes(32)),
    "no key": lambda place: (place / "cache.key").unlink(),
    "cut in a row": lambda place: os.truncate(place / "cache", (place / "cache").stat().st_size - 1),
    "cut by a row": lambda place: os.truncate(place / "cache", (place / "cache").stat().st_size - hash_cache._ROW.size),
    "only its head": lambda place: os.truncate(place / "cache", len(MAGIC)),
    "a row twice": lambda place: (place / "cache").write_bytes(
        (place / "cache").read_bytes() + (place / "cache").read_bytes()[-hash_cache._ROW.size :]
    ),
    "a changed digest": lambda place: (place / "cache").write_bytes((place / "cache").read_bytes()[:-40] + bytes(40)),
}


@pytest.mark.parametrize("case", NOT_USED)
def test_a_cache_that_somebody_touched_is_not_used(place, case):
    run(place)
    NOT_USED[case](place)
    found, hits, note = run(place)
    assert (found, hits) == (truth(place), 0)
    assert "was not used" in note
    assert run(place) == (truth(place), 3, "")


def test_no_bit_of_a_cache_can_change(place):
    run(place)
    good = (place / "cache").read_bytes()
    for at in range(len(MAGIC), len(good)):
        (place / "cache").write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        cache = HashCache(place / "cache")
        assert "was not used" in cache.note
        assert cache._rows == {}


def test_a_cache_of_another_boot_is_not_used(place, monkeypatch):
    run(place)
    monkeypatch.setattr(hash_cache, "_boot", lambda: b"another")
    assert run(place)[1] == 0


def test_a_copied_cache_without_its_key_is_not_used(place):
    run(place)
    (place / "copy").write_bytes((place / "cache").read_bytes())
    assert "was not used" in HashCache(place / "copy").note


@pytest.mark.parametrize("kind", ["tmpfs", "overlay", "nfs4", "fuse.sshfs", "9p", ""])
def test_files_of_a_file_system_that_keeps_ctime_loosely_are_not_kept(place, monkeypatch, kind):
    monkeypatch.setattr(hash_cache, "_kinds", lambda: {place.stat().st_dev: kind})
    for _ in range(2):
        assert run(place) == (truth(place), 0, "")


def test_the_same_inode_of_another_file_system_is_not_the_same_file(place, monkeypatch):
    run(place)
    real = os.statvfs

    class Other:
        f_fsid = 7

    monkeypatch.setattr(os, "statvfs", lambda _: Other)
    assert run(place)[1] == 0
    monkeypatch.setattr(os, "statvfs", real)


def test_the_same_inode_of_another_device_is_not_the_same_file(place, monkeypatch):
    run(place)
    cache = HashCache(place / "cache")
    seen = (place / "model" / "a").stat()
    state = cache.state(seen, str(place / "model" / "a"))
    assert cache.find(state, 0, 5, HashType.SHA256) is not None
    assert cache.find(state._replace(device=state.device + 1), 0, 5, HashType.SHA256) is None


MOUNTED = """
import sys
from hauberk.edge import hash_cache
from hauberk.edge.hash_cache import HashCache
from hauberk.edge.hashing import Wanted, hash_tree, list_files
hash_cache.MARGIN_SECONDS = 0.05
for tree in sys.argv[2:]:
    cache = HashCache(sys.argv[1])
    files, _ = list_files(tree)
    hashed, odd = hash_tree(tree, files, Wanted(cache=cache))
    cache.save()
    print(cache.hits, len(odd), hashed[0].digest)
"""


def mounted(place, command, *trees):
    """Run in a name space of mounts of its own, after a command that mounts; return what was printed, by line."""
    script = f'{command} && exec "$@"'
    words = ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-c", MOUNTED, str(place / "cache"), *trees]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"nothing is mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare")
def test_a_bind_mount_shows_the_same_files_and_those_over_them_are_others(place):
    (place / "bound").mkdir()
    (place / "other").mkdir()
    (place / "other" / "a").write_bytes(b"FIRST")
    settle()
    same = mounted(place, "mount --bind model bound", "model", "bound")
    assert [hits for hits, _, _ in same] == ["0", "3"]
    assert same[0][2] == same[1][2] == truth(place)["a"][0]
    over = mounted(place, "mount --bind other model", "model")
    assert over == [["0", "0", hashlib.sha256(b"FIRST").hexdigest()]]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare")
def test_nothing_of_an_overlay_is_kept(place):
    for name in ("upper", "work", "merged"):
        (place / name).mkdir()
    options = "lowerdir=model,upperdir=upper,workdir=work"
    found = mounted(place, f"mount -t overlay overlay -o {options} merged", "merged", "merged")
    assert found == [["0", "0", truth(place)["a"][0]]] * 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key.chmod(0o640),
        lambda key: key.chmod(0o604),
        lambda key: key.write_bytes(b"short"),
        lambda key: os.link(key, key.with_name("other")),
        lambda key: os.chown(key, 12345, -1),
    ],
    ids=["group", "others", "short", "linked", "of-another"],
)
def test_a_key_that_others_may_know_is_refused(place, spoil):
    run(place)
    if os.geteuid():
        pytest.skip("only root gives a file away")
    spoil(place / "cache.key")
    with pytest.raises(Misconfigured, match="no key that only you can read"):
        run(place)


def test_a_key_that_is_a_link_is_refused(place):
    (place / "elsewhere").write_bytes(bytes(32))
    (place / "elsewhere").chmod(0o600)
    (place / "cache.key").symlink_to("elsewhere")
    with pytest.raises(Unavailable):
        run(place)


def test_a_folder_that_others_can_write_holds_no_cache(place):
    (place / "open").mkdir()
    (place / "open").chmod(0o777)
    with pytest.raises(Misconfigured, match="can be written by others"):
        HashCache(place / "open" / "cache")
    assert not (place / "open" / "cache.key").exists()


def test_what_is_no_cache_is_not_written_over(place):
    (place / "cache").write_bytes(b"a report")
    with pytest.raises(Misconfigured, match="no cache of ours"):
        run(place)
    assert (place / "cache").read_bytes() == b"a report"


def test_only_the_owner_reads_a_cache_and_its_key(place):
    run(place)
    assert {(place / name).stat().st_mode & 0o777 for name in ("cache", "cache.key")} == {0o600}


def test_later_states_of_a_file_take_the_place_of_earlier_ones(place):
    run(place)
    before = (place / "cache").stat().st_size
    for number in range(3):
        (place / "model" / "a").write_bytes(b"%5d" % number)
        settle()
        run(place)
    assert (place / "cache").stat().st_size == before


def test_a_cache_that_cannot_be_written_is_a_note(place, monkeypatch):
    def refuse(*_, **__):
        raise Unavailable("No space left on device")

    HashCache(place / "cache")  # the key is there
    monkeypatch.setattr(hash_cache, "write_atomic", refuse)
    found, _, note = run(place)
    assert found == truth(place)
    assert note == "the cache was not written: No space left on device"
