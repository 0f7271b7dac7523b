"""Tiles are what the standard says: a reader that knows nothing of Hauberk finds every entry under the signed root."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.ledger.tile_folder import export
from hauberk.ledger.tiles import Published, Tile
from ledger_world import LOG, START, World, verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hauberk.ledger.log import Log


class Reader:
    """A client written from the page of C2SP tlog-tiles alone: `get` fetches a path under the log's prefix."""

    def __init__(self, get: Callable[[str], bytes]) -> None:
        self.get = get
        origin, size, root = get("checkpoint").decode().split("\n")[:3]
        self.origin, self.size, self.root = origin, int(size), base64.b64decode(root)

    def tile(self, level: str, n: int) -> bytes:
        count = self.size // 256 ** (0 if level == "entries" else int(level))
        width = min(256, count - n * 256)
        text, parts = f"{n:03d}" if n < 1000 else str(n), []
        while len(text) % 3:
            text = "0" + text
        parts = [text[i : i + 3] for i in range(0, len(text), 3)]
        path = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
        return self.get(f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else ""))

    def entries(self) -> list[bytes]:
        found = []
        for n in range((self.size + 255) // 256):
            data, at = self.tile("entries", n), 0
            while at < len(data):
                length = int.from_bytes(data[at : at + 2], "big")
                found.append(data[at + 2 : at + 2 + length])
                at += 2 + length
        return found

    def hash_at(self, level: int, index: int) -> bytes:
        """The hash of the subtree of 2**level leaves that is number `index`, out of one tile."""
        tile_level, inside = level // 8, level % 8
        first = index << inside
        data = self.tile(str(tile_level), first // 256)
        row = [data[i : i + 32] for i in range(0, len(data), 32)][first % 256 : first % 256 + (1 << inside)]
        assert len(row) == 1 << inside
        while len(row) > 1:
            row = [node(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    def subtree(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self.hash_at(width.bit_length() - 1, start // width)
        cut = 1 << (width - 1).bit_length() - 1
        return node(self.subtree(start, start + cut), self.subtree(start + cut, end))

    def proves(self, index: int, entry: bytes) -> bool:
        """Check an inclusion proof that is made of tiles."""
        start, end, path = 0, self.size, []
        while end - start > 1:
            cut = start + (1 << (end - start - 1).bit_length() - 1)
            left = index < cut
            path.append((left, self.subtree(cut, end) if left else self.subtree(start, cut)))
            start, end = (start, cut) if left else (cut, end)
        here = hashlib.sha256(b"\0" + entry).digest()
        for left, other in reversed(path):
            here = node(here, other) if left else node(other, here)
        return here == self.root


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def read_whole(get: Callable[[str], bytes], log: Log) -> None:
    """Read all of a log as a monitor does, and prove some entries."""
    reader = Reader(get)
    entries = reader.entries()
    assert entries == log.records(0, reader.size)
    assert reader.subtree(0, reader.size) == reader.root
    for n in range((reader.size + 255) // 256):
        leaves = [hashlib.sha256(b"\0" + entry).digest() for entry in entries[n * 256 : n * 256 + 256]]
        assert reader.tile("0", n) == b"".join(leaves)
    for index in {0, reader.size // 2, reader.size - 1}:
        assert reader.proves(index, entries[index])
        assert not reader.proves(index, b"another")


def from_folder(folder: Path) -> Callable[[str], bytes]:
    return lambda path: (folder / path).read_bytes()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def grow(log: Log, number: int, world: World) -> None:
    """Append so many entries that the next checkpoint is over exactly that many."""
    log.append_many([verified(f"e{n}") for n in range(log.size, number - 1)], START)
    world.publish(log, START)
    assert log.size == number


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 600])
def test_a_reader_of_the_standard_reads_and_proves_everything(world: World, size: int) -> None:
    with world.create() as log:
        grow(log, size, world)
        assert export(log, world.folder / "tiles").size == size
        read_whole(from_folder(world.folder / "tiles"), log)


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_standards_example() -> None:
    tiles = list(Published(None, "", 70_000, b"").tiles())  # type: ignore[arg-type]
    full = [(tile.level, tile.width) for tile in tiles if tile.level is not None]
    assert full.count((0, 256)) == 273
    assert [one for one in full if one[1] < 256 or one[0]] == [(0, 112), (1, 256), (1, 17), (2, 1)]
    assert len([tile for tile in tiles if tile.level is None]) == 274


def test_a_full_tile_has_a_partial_one_above_it() -> None:
    tiles = list(Published(None, "", 256, b"").tiles())  # type: ignore[arg-type]
    assert [tile.path for tile in tiles] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]


def test_the_path_of_a_tile_is_in_groups_of_three() -> None:
    assert Tile(0, 1_234_067, 256).path == "tile/0/x001/x234/067"
    assert Tile(None, 5, 7).path == "tile/entries/005.p/7"


@pytest.mark.parametrize(
    "path", ["tile/0/x001/x234/067", "tile/3/999", "tile/entries/x001/000.p/255", "tile/7/000.p/1"]
)
def test_a_path_is_read_back(path: str) -> None:
    assert Tile.parse(path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1",
        "tile/0/x000/001",
        "tile/0/0001",
        "tile/00/000",
        "tile/64/000",
        "tile/8/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/../checkpoint",
        "tile/0/x001/x234/067/",
        "tile/data/000",
        "tile/-1/000",
        "tile/0/x1/000",
        "/tile/0/000",
        "tile/0/" + "x001/" * 6 + "000",
    ],
)
def test_another_path_is_none_of_a_tile(path: str) -> None:
    with pytest.raises(Malformed, match="path of a tile"):
        Tile.parse(path)


def test_only_what_is_new_is_written_and_partial_tiles_go_when_they_are_full(world: World) -> None:
    folder = world.folder / "tiles"
    with world.create() as log:
        grow(log, 300, world)
        export(log, folder)
        kept = (folder / "tile/0/000").stat().st_mtime_ns
        assert (folder / "tile/0/001.p/44").exists()
        grow(log, 400, world)
        assert export(log, folder).written == 3  # entries, hashes, checkpoint
        assert (folder / "tile/0/001.p/44").exists()  # a reader may still hold the checkpoint of 300
        read_whole(from_folder(folder), log)
        grow(log, 520, world)
        export(log, folder)
        assert not (folder / "tile/0/001.p").exists()
        assert (folder / "tile/0/000").stat().st_mtime_ns == kept
        read_whole(from_folder(folder), log)
        assert export(log, folder).written == 1


def test_an_export_that_was_interrupted_is_finished_by_the_next(world: World) -> None:
    folder = world.folder / "tiles"
    with world.create() as log:
        grow(log, 300, world)
        export(log, folder)
        old = (folder / "checkpoint").read_bytes()
        grow(log, 600, world)
        export(log, folder)
        (folder / "checkpoint").write_bytes(old)
        (folder / "tile/1/000.p/2").unlink()
        export(log, folder)
        read_whole(from_folder(folder), log)


def test_everything_is_written_again_where_that_is_asked(world: World) -> None:
    folder = world.folder / "tiles"
    with world.create() as log:
        grow(log, 300, world)
        export(log, folder)
        shutil.rmtree(folder / "tile" / "0")
        export(log, folder, all_again=True)
        read_whole(from_folder(folder), log)


def test_before_the_first_checkpoint_there_are_no_tiles(world: World) -> None:
    with world.create() as log, pytest.raises(Unavailable, match="no checkpoint"):
        export(log, world.folder / "tiles")


def test_a_tile_beyond_the_checkpoint_is_not_given(world: World) -> None:
    with world.create() as log:
        grow(log, 3, world)
        log.append_many([verified("later")], START)
        published = Published.of(log)
        assert len(published.read(Tile(0, 0, 3))) == 96
        for tile in (Tile(0, 0, 4), Tile(None, 0, 4), Tile(0, 1, 1), Tile(1, 0, 1)):
            with pytest.raises(Unavailable, match="published no"):
                published.read(tile)


def test_a_folder_with_other_things_is_left_alone(world: World) -> None:
    folder = world.folder / "precious"
    folder.mkdir()
    (folder / "thesis").write_text("x")
    with world.create() as log:
        grow(log, 3, world)
        with pytest.raises(Misconfigured, match="other things"):
            export(log, folder)
        (folder / "checkpoint").write_text("not one")
        with pytest.raises(Misconfigured, match="no checkpoint"):
            export(log, folder)
    assert (folder / "thesis").read_text() == "x"


@pytest.mark.parametrize("name", ["tile", "tile/0", "tile/entries"])
def test_a_folder_whose_tiles_lead_elsewhere_is_refused(world: World, tmp_path: Path, name: str) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    link = tmp_path / "public" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    with world.create() as log:
        grow(log, 5, world)
        with pytest.raises(Refused, match="is a symbolic link"):
            export(log, tmp_path / "public")
    assert list(elsewhere.iterdir()) == []


def test_a_folder_of_another_history_is_not_written_over(world: World, tmp_path: Path) -> None:
    folder = world.folder / "tiles"
    with world.create() as log:
        grow(log, 30, world)
        export(log, folder)
    before = (folder / "checkpoint").read_bytes()
    other = World(tmp_path / "other")
    with other.create() as fork:
        fork.append_many([verified("x")], START)
        other.publish(fork, START)
        with pytest.raises(NotVerified, match="rollback: the folder holds 30"):
            export(fork, folder)
        grow(fork, 40, other)
        with pytest.raises(NotVerified, match="fork"):
            export(fork, folder)
    (folder / "checkpoint").write_bytes(before.replace(LOG.name.encode() + b"\n", b"example.com/else\n", 1))
    with world.open() as log, pytest.raises(NotVerified, match=r"the log example\.com/else"):
        export(log, folder)


@pytest.mark.parametrize(
    ("size", "why"),
    [(300, "not that of the checkpoint"), (600, "stored hash of level 8"), (1100, "stored hash of level 8")],
)
def test_a_stored_tree_that_lies_is_not_published(world: World, size: int, why: str) -> None:
    """The hash over the first 256 entries stands at position 510; of 300 entries it is a part of the root itself."""
    with world.create() as log:
        grow(log, size, world)
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("UPDATE nodes SET hash = ? WHERE position = 510", (b"l" * 32,))
    database.close()
    with world.open() as log, pytest.raises(NotVerified, match=why):
        export(log, world.folder / "tiles")
    assert not (world.folder / "tiles" / "checkpoint").exists()


@pytest.mark.parametrize("number", [7, 299])
def test_an_entry_that_was_changed_is_not_published(world: World, number: int) -> None:
    with world.create() as log:
        grow(log, 300, world)
        changed = log.records(number, number + 1)[0].replace(b"1700000000", b"1700000001")
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("UPDATE entries SET record = ? WHERE number = ?", (changed, number))
    database.close()
    with world.open() as log, pytest.raises(NotVerified, match="lying table"):
        export(log, world.folder / "tiles")
    assert not (world.folder / "tiles" / "checkpoint").exists()
