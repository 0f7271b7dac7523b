"""Tiles of logs that are very short, very long, or not what they were, and folders that are not what they seem."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.errors import NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.tile_folder import export
from hauberk.ledger.tiles import WIDTH, Published, Tile, tile_root
from ledger.two_publications import change
from ledger_world import START, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LONGEST = 2**53  # as many entries as a log may have


@dataclass
class Long:
    """A log that is too long to be made, whose stored tree is asked for its hashes."""

    asked: list[tuple[int, int]] = field(default_factory=list)

    def tree(self) -> Long:
        return self

    def perfect(self, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        self.asked += parts
        return [merkle.leaf_hash(b"%d %d" % part) for part in parts]


def published(log: Any, size: int) -> Published:
    return Published(log, "", size, b"")


# which tiles there are, and what is in them


def test_a_log_of_one_entry_has_one_tile_of_it() -> None:
    assert [tile.path for tile in published(None, 1).tiles()] == ["tile/entries/000.p/1", "tile/0/000.p/1"]


def test_the_last_entry_of_the_longest_log_is_below_a_tile_of_each_level() -> None:
    last = list(published(None, LONGEST).tiles(LONGEST - 1))
    assert [tile.level for tile in last] == [None, *range(7)]
    assert {tile.width for tile in last[:-1]} == {WIDTH}
    assert last[-1] == Tile(6, 0, 32)


def test_a_tile_holds_the_hashes_of_its_level() -> None:
    log = Long()
    data = published(log, LONGEST).read(Tile(2, 1, WIDTH))
    assert log.asked == [(16, place) for place in range(256, 512)]
    assert data[:32] == merkle.leaf_hash(b"16 256")


def test_the_rightmost_tiles_are_those_of_all_levels() -> None:
    log = Long()
    found = published(log, LONGEST + (3 << 16)).rightmost()
    assert [len(data) // 32 for data in found] == [0, 0, 3, 0, 0, 0, 32, 0]
    assert log.asked == [*((16, place) for place in range(1 << 37, (1 << 37) + 3)), *((48, n) for n in range(32))]


@pytest.mark.parametrize("number", [0, 4])
def test_an_entry_that_became_longer_than_a_bundle_can_say_is_refused(world: World, number: int) -> None:
    change(world, "UPDATE entries SET record = zeroblob(65535) WHERE number = ?", number)
    with world.open(read_only=True) as log:
        assert b"\xff\xff" + bytes(65_535) in Published.of(log).read(Tile(None, 0, 5))
    change(world, "UPDATE entries SET record = zeroblob(65536) WHERE number = ?", number)
    with (
        world.open(read_only=True) as log,
        pytest.raises(NotVerified, match=r"entries/000\.p/5 is longer than entries"),
    ):
        Published.of(log).read(Tile(None, 0, 5))


# what is written of them


class Few(Published):
    """The tiles of a log that has too many, but for a full one and the one above it, which lies."""

    def tiles(self, before: int = 0) -> Iterator[Tile]:
        level, index = self.size, before or 1
        yield Tile(level, index * WIDTH, WIDTH)
        yield Tile(level + 1, index, 1)

    def read(self, tile: Tile) -> bytes:
        return b"h" * 32 * tile.width


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_hash_that_lies_anywhere_in_the_tree_is_told_by_its_level(
    world: World, monkeypatch: pytest.MonkeyPatch, level: int
) -> None:
    assert tile_root(b"h" * 32 * WIDTH) != b"h" * 32
    monkeypatch.setattr(Published, "of", lambda log: Few(log, "", level, b""))
    with (
        world.open(read_only=True) as log,
        pytest.raises(NotVerified, match=f"a stored hash of level {8 * (level + 1)} is not that of its part"),
    ):
        export(log, world.folder / "tiles")
    assert not (world.folder / "tiles" / "checkpoint").exists()


def test_the_only_tiles_of_a_short_log_are_written_again_where_that_is_asked(tmp_path: Path) -> None:
    short = World(tmp_path / "short")
    with short.create() as log:
        short.publish(log, START)
        export(log, tmp_path / "tiles")
        shutil.rmtree(tmp_path / "tiles" / "tile")
        assert export(log, tmp_path / "tiles", all_again=True).written == 3
    assert (tmp_path / "tiles/tile/0/000.p/1").exists()


def test_a_folder_that_is_reached_by_a_link_is_written_to(world: World, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "mounted").symlink_to(tmp_path / "disk")
    with world.open(read_only=True) as log:
        assert export(log, tmp_path / "mounted" / "tiles").size == 5
    assert (tmp_path / "disk/tiles/tile/entries/000.p/5").exists()


def test_a_folder_that_cannot_be_listed_is_unavailable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refused)
    with world.open(read_only=True) as log, pytest.raises(Unavailable, match="Permission denied"):
        export(log, world.folder / "tiles")


class Full(Published):
    """A full tile and nothing else."""

    def tiles(self, before: int = 0) -> Iterator[Tile]:
        assert not before
        yield Tile(0, 0, WIDTH)

    def read(self, tile: Tile) -> bytes:
        return b"h" * 32 * tile.width


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_partial_tile_that_cannot_be_removed_hinders_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, is_busy: bool
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise OSError(16, "Device or resource busy")

    partial = world.folder / "tiles/tile/0/000.p"
    partial.mkdir(parents=True)
    (partial / "255").write_bytes(b"h" * 32 * 255)
    with monkeypatch.context() as patch, world.open(read_only=True) as log:
        patch.setattr(Published, "of", lambda log: Full(log, "note", 0, b""))
        if is_busy:
            patch.setattr(os, "rmdir", busy)
        assert export(log, world.folder / "tiles").written == 2
    assert partial.exists() is is_busy
    assert (world.folder / "tiles" / "checkpoint").read_text() == "note"
