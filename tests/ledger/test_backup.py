"""A copy of a ledger holds what the ledger held, and what was lost with an older one is seen."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.backup import Compared, check_copy, restore
from hauberk.ledger.log import Log
from hauberk.ledger.places import is_there
from hauberk.ledger.witness import read_head
from ledger_world import LOG, MODEL, START, WITNESS, World, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = START + 99


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A log of three entries and their index, published, and a copy of it from before two more."""
    made = World(tmp_path / "world")
    with made.create() as log:
        log.append_many([verified("a", MODEL), verified("b"), verified("c")], START)
        made.publish(log, START)
        log.copy_to(tmp_path / "early.copy")
        log.append_many([verified("d", MODEL)], START + 1)
        made.publish(log, START + 1)
        log.copy_to(tmp_path / "late.copy")
    return made


def checked(world: World, name: str, *, remembered: bool = True, live: bool = False) -> Compared:
    state = world.folder / WITNESS.name.replace("/", "-")
    head = read_head(state, LOG.name) if remembered else None
    how = {"key": world.key, "witness_keys": world.witness_keys, "quorum": 1, "now": NOW, "remembered": head}
    file = world.folder.parent / name
    if not live:
        return check_copy(file, **how)
    with world.open(read_only=True) as log:
        return check_copy(file, **how, live=log)


def lost(world: World) -> None:
    shutil.rmtree(world.log_folder)


def test_a_copy_is_one_file_that_holds_the_whole_ledger(world: World, tmp_path: Path) -> None:
    assert sorted(path.name for path in tmp_path.iterdir()) == ["early.copy", "late.copy", "world"]
    found = checked(world, "late.copy")
    assert (found.audited.entries, found.audited.published, found.behind) == (6, 6, 0)
    assert checked(world, "late.copy", live=True) == found
    assert (tmp_path / "late.copy").stat().st_mode & 0o077 == 0


def test_a_copy_is_made_while_another_appends(world: World, tmp_path: Path) -> None:
    with world.open() as writer, world.open(read_only=True) as reader:
        writer.append_many([verified("e")], START + 2)
        reader.copy_to(tmp_path / "copy")
        writer.append_many([verified("f")], START + 2)
        assert writer.size == 8
    assert checked(world, "copy").audited.entries == 7
    assert checked(world, "copy", live=True).behind == 1


def test_a_copy_replaces_nothing(world: World, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link").symlink_to("nowhere")
    with world.open(read_only=True) as log:
        for name in ("precious", "link"):
            with pytest.raises(Misconfigured, match="is there already"):
                log.copy_to(tmp_path / name)
        with pytest.raises(Unavailable):
            log.copy_to(tmp_path / "absent" / "copy")
    assert (tmp_path / "precious").read_text() == "precious"
    assert not list(tmp_path.glob(".*.part"))


def test_a_ledger_of_the_first_release_is_not_copied_in_part(tmp_path: Path) -> None:
    made = World(tmp_path)
    shutil.copytree(Path(__file__).parent / "first_release", made.log_folder)
    with made.open(read_only=True) as log, pytest.raises(Unavailable, match="format 1"):
        log.copy_to(tmp_path / "copy")


def test_the_latest_copy_is_restored_and_goes_on(world: World, tmp_path: Path) -> None:
    lost(world)
    assert checked(world, "late.copy").behind == 0
    restore(tmp_path / "late.copy", world.log_folder)
    with world.open() as log:
        assert log.entries_about(MODEL) == [0, 4]
        assert log.append_many([verified("e")], START + 2) == [6]
        assert world.publish(log, START + 2).attested.checkpoint.size == 8


def test_an_older_copy_that_was_restored_is_a_rollback_to_the_witness(world: World, tmp_path: Path) -> None:
    lost(world)
    assert checked(world, "early.copy").behind == 2
    assert checked(world, "early.copy", remembered=False).behind == 0  # nobody is there to say so
    restore(tmp_path / "early.copy", world.log_folder)
    with (
        world.open() as log,
        pytest.raises(Unavailable, match="rollback: the witness has seen 6 entries, the log has 4"),
    ):
        world.publish(log, START + 2)
    with world.open() as log:
        log.append_many([verified(name) for name in "efgh"], START + 2)
        with pytest.raises(Unavailable, match="fork"):  # nor does it help to fill the gap with other entries
            world.publish(log, START + 2)


def test_a_ledger_in_place_is_not_replaced(world: World, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is there") as refused:
        restore(tmp_path / "early.copy", world.log_folder)
    assert "replaces nothing" in refused.value.hint
    for left in ("ledger.sqlite-wal", "ledger.sqlite-journal"):  # what an interrupted writer left is its ledger's
        lost(world)
        world.log_folder.mkdir()
        (world.log_folder / left).touch()
        with pytest.raises(Misconfigured, match=left):
            restore(tmp_path / "early.copy", world.log_folder)


def test_a_copy_of_another_history_is_a_fork(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    with other.create() as log:
        log.append_many([verified("x")], START)
        log.copy_to(tmp_path / "other.copy")
    with pytest.raises(NotVerified, match="fork: the copy and the ledger have different entries among the first 1"):
        checked(world, "other.copy", remembered=False, live=True)


def test_a_copy_that_was_changed_is_not_put_back(world: World, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "late.copy") as database:
        database.execute("DELETE FROM entries WHERE number = 2")
    database.close()
    with pytest.raises(NotVerified, match="missing entry: number 2"):
        checked(world, "late.copy")


@pytest.mark.parametrize("data", [b"", b"not a database" * 99])
def test_a_file_that_is_no_copy_is_not_put_back(world: World, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "junk").write_bytes(data)
    with pytest.raises(Malformed) as refused:
        checked(world, "junk")
    assert refused.value.hint.startswith("name a file that `hauberk ledger backup` made")
    lost(world)
    with pytest.raises(Malformed):
        restore(tmp_path / "junk", world.log_folder)
    assert not (world.log_folder / "ledger.sqlite").exists()


@pytest.fixture
def shelf(world: World) -> Iterator[Path]:
    """A folder in which this process may not write, with a live ledger and a copy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(world.log_folder, folder / "log")
        shutil.copy(world.folder.parent / "late.copy", folder / "copy")
        root = os.geteuid() == 0
        for path in (*folder.rglob("*"), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        if root:
            os.seteuid(65534)  # nobody, for whom a folder of root is read-only
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            for path in (folder, folder / "log"):
                path.chmod(0o700)


def test_a_copy_is_read_where_nothing_can_be_written(world: World, shelf: Path) -> None:
    with Log.open_file(shelf / "copy", read_only=True) as log:
        assert log.size == 6
        assert len(log.envelopes(0, 6)) == 6


def test_a_ledger_in_a_folder_that_cannot_be_written_is_refused_by_name(world: World, shelf: Path) -> None:
    for read_only in (False, True):
        with pytest.raises(Unavailable, match=r"ledger.sqlite: (unable to open|attempt to write a readonly)"):
            Log.open(shelf / "log", read_only=read_only)
    with pytest.raises(Unavailable):
        Log.create(shelf / "new")
    with Log.open_file(shelf / "copy", read_only=True) as log, pytest.raises(Unavailable):
        log.copy_to(shelf / "another")


def test_a_link_to_nothing_is_a_ledger_in_place(world: World, tmp_path: Path) -> None:
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"):
        lost(world)
        world.log_folder.mkdir()
        (world.log_folder / name).symlink_to("nowhere")
        with pytest.raises(Misconfigured, match=f"{name} is there") as refused:
            restore(tmp_path / "late.copy", world.log_folder)
        assert "aside, and keep it" in refused.value.hint


def test_where_the_name_of_a_server_is_not_mounted_no_file_takes_its_place(world: World, tmp_path: Path) -> None:
    lost(world)
    world.log_folder.mkdir()
    (world.log_folder / "ledger.postgresql").symlink_to("nowhere")
    for use in (world.open, world.create, lambda: restore(tmp_path / "late.copy", world.log_folder)):
        with pytest.raises(Unavailable, match=r"ledger\.postgresql: No such file"):
            use()
    assert [path.name for path in world.log_folder.iterdir()] == ["ledger.postgresql"]


def test_a_folder_that_hides_what_is_in_it_is_unavailable() -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name) / "world")
        world.create().close()
        Path(name).chmod(0o755)
        world.log_folder.chmod(0o000)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            for use in (world.open, world.create, lambda: is_there(world.log_folder)):
                with pytest.raises(Unavailable, match="Permission denied"):
                    use()
            with pytest.raises(Unavailable, match="Permission denied"):
                restore(Path(name) / "copy", world.log_folder)
        finally:
            if root:
                os.seteuid(0)
            world.log_folder.chmod(0o700)


@pytest.mark.parametrize("name", ["file/copy", "n" * 300, "file\0copy", "loop/copy"])
def test_a_name_that_no_copy_can_have_is_named(world: World, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with world.open(read_only=True) as log, pytest.raises(Unavailable) as refused:
        log.copy_to(tmp_path / name)
    assert refused.value.hint


@pytest.mark.parametrize(("name", "what"), [("file", "a file"), ("pipe", "a FIFO"), ("link", "a symbolic link")])
def test_what_is_no_folder_is_no_place_for_a_ledger(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    for place in (tmp_path / name, tmp_path / name / "below"):
        with pytest.raises(Unavailable, match=rf"{name}( is {what}|/below/ledger\.postgresql: Not a directory)"):
            Log.create(place)


def test_a_copy_is_made_where_there_are_no_hard_links(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("hauberk.edge.stores.os.link", none)
    with world.open(read_only=True) as log:
        log.copy_to(tmp_path / "stick")
        with pytest.raises(Misconfigured, match="is there already"):
            log.copy_to(tmp_path / "stick")
    assert checked(world, "stick").audited.entries == 6
    assert not list(tmp_path.glob(".*"))


def test_a_copy_that_is_in_place_and_cannot_be_written_is_told_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(world)

    def full(*_: object, **__: object) -> None:
        raise Unavailable("ledger.sqlite: database or disk is full", "make room on the disk, then try again")

    monkeypatch.setattr(Log, "open", full)
    with pytest.raises(Unavailable, match="the copy is in place, and cannot be written yet") as refused:
        restore(tmp_path / "late.copy", world.log_folder)
    assert refused.value.hint.startswith("make room")
    monkeypatch.undo()
    with world.open() as log:
        assert log.size == 6
