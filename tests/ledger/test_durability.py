"""What was acknowledged is there, whatever happens to the process, the machine, the disk and the clock."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hauberk
from hauberk.errors import HauberkError, Malformed, NotVerified, Unavailable
from hauberk.ledger.admit import Admitted, admit
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.backup import restore
from hauberk.ledger.log import Log
from ledger_world import MODEL, START, World, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

CRASHING = Path(__file__).parents[1] / "crashing.py"
PATHS = [str(Path(hauberk.__file__).parents[1]), str(Path(__file__).parents[1])]


def audited(world: World, log: Log, *, now: int = START + 99) -> Audited:
    return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=now)


def stopped(work: str, how: str, folder: Path) -> list[tuple[World, list[list[object]]]]:
    """Do some work on a machine that stops at each call in turn; return what it left and what it had acknowledged."""
    done = subprocess.run(
        [sys.executable, CRASHING, work, how, folder], capture_output=True, text=True, timeout=120, check=False
    )
    if "sqlite3_vfs_find" in done.stderr:
        pytest.skip("SQLite's symbols are hidden in this build of Python")
    assert (done.returncode, done.stderr) == (0, "")
    left = []
    for number in range(1, int(done.stdout) + 2):
        said = json.loads((folder / f"{number}.json").read_text())
        left.append((World(folder / str(number)), [one for batch in said for one in batch]))
    assert len(left) > 30  # as many calls, or they are not counted
    assert left[-1][1], "the work came to its end"
    return left


HOWS = ["killed", "torn", "power"]


@pytest.mark.parametrize("how", HOWS)
def test_what_was_appended_outlives_the_machine(tmp_path: Path, how: str) -> None:
    made = 0
    for world, acknowledged in stopped("append", how, tmp_path):
        try:
            log = world.open()
        except (Malformed, Unavailable):
            assert not acknowledged
            log = world.create()  # its making was interrupted
        with log:
            made += bool(log.size)
            assert [[number, str(log.entry(int(str(number))).id)] for number, _ in acknowledged] == acknowledged
            assert log.size in (len(acknowledged), len(acknowledged) + 3)  # a batch is whole
            assert log.entries_about(MODEL) == list(range(log.size))
            assert audited(world, log).entries == log.size
            assert log.append_many([verified("later")], START + 1) == [log.size - 1]
    assert made > 20


@pytest.mark.parametrize("how", HOWS)
def test_what_was_published_outlives_the_machine(tmp_path: Path, how: str) -> None:
    for world, acknowledged in stopped("publish", how, tmp_path):
        try:
            log = world.open()
        except (Malformed, Unavailable):
            assert not acknowledged
            continue
        with log:
            assert [[number, str(log.entry(int(str(number))).id)] for number, _ in acknowledged] == acknowledged
            log.append_many([verified("later")], START + 1)
            size = world.publish(log, START + 2).attested.checkpoint.size
            assert audited(world, log).published == size == log.size


@pytest.mark.parametrize("how", HOWS)
def test_a_ledger_of_the_first_release_is_taken_over_or_stays(tmp_path: Path, how: str) -> None:
    formats, hints = set(), set()
    for world, acknowledged in stopped("migrate", how, tmp_path):
        try:
            log = world.open(read_only=True)
        except Unavailable as refused:
            assert (world.log_folder / "ledger.sqlite-journal").exists()
            hints.add(refused.hint)
        else:
            with log:
                formats.add(log.version)
                assert log.entries_about(MODEL)[:3] == [0, 2, 4]
                assert log.size == 5 + len(acknowledged) or (log.size == 6 and not acknowledged)
                assert audited(world, log).entries == log.size
        with world.open() as log:
            assert log.version == 2
            assert log.append_many([verified("e", MODEL)], START + 9) == [5]
            assert audited(world, log).entries == 6
    assert formats == {1, 2}
    assert hints == {"a write was interrupted: copy the folder, then open it once to write"}


def test_tables_that_are_computed_again_are_whole(tmp_path: Path) -> None:
    begun = [world for world, acknowledged in stopped("rebuild", "power", tmp_path) if len(acknowledged) == 9]
    assert len(begun) > 20
    for world in begun:
        with world.open() as log:
            assert audited(world, log).entries == 9


APPENDER = """
import sys
from ledger_world import START, World, verified
from pathlib import Path
from typing import TYPE_CHECKING
with World(Path(sys.argv[1])).open() as log:
    for i in range(8):
        print(*log.append_many([verified(f"{sys.argv[2]}-{i}"), verified(f"shared-{i}")], START), flush=True)
"""


def child(script: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.path[:0] = {PATHS!r}\n{script}", *map(str, arguments)]


def test_ten_processes_write_one_history_while_two_of_them_are_killed(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.create().close()
    children = [
        subprocess.Popen(child(APPENDER, tmp_path, name), stdout=subprocess.PIPE, text=True) for name in range(10)
    ]
    for one in children[:2]:
        assert one.stdout is not None
        one.stdout.readline()
        one.kill()
    printed = [one.communicate(timeout=120)[0].split() for one in children]
    assert [one.returncode for one in children[2:]] == [0] * 8
    with world.open() as log:
        own = [int(number) for numbers in printed[2:] for number in numbers[::2]]
        assert len(own) == len(set(own)) == 64
        assert len({tuple(numbers[1::2]) for numbers in printed[2:]}) == 1
        assert {int(number) for numbers in printed for number in numbers} <= set(range(log.size))
        assert audited(world, log).entries == log.size


FULL = """
import resource, sys
from ledger_world import START, World, verified
from hauberk.errors import Unavailable
from pathlib import Path
from typing import TYPE_CHECKING
room = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
done = 0
try:
    with World(Path(sys.argv[1])).open() as log:
        for i in range(400):
            done = log.append_many([verified(f"{i}")], START)[0]
except Unavailable as error:
    print(done, error.message)
"""


@pytest.mark.parametrize("room", [40_000, 66_000, 150_000, 400_000])
def test_a_disk_that_is_full_refuses_and_loses_nothing(tmp_path: Path, room: int) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("first")], START)
    said = subprocess.run(child(FULL, tmp_path, room), capture_output=True, text=True, timeout=60, check=True).stdout
    number, message = said.split(" ", 1)
    assert "disk" in message
    with world.open() as log:
        assert log.size > int(number)
        assert audited(world, log).entries == log.size
        assert log.append_many([verified("later")], START) == [log.size - 1]


FULL_COPY = """
import resource, sys
from ledger_world import World
from hauberk.errors import Unavailable
from hauberk.ledger.backup import restore
from pathlib import Path
with World(Path(sys.argv[1])).open(read_only=True) as log:
    log.copy_to(sys.argv[2] + "/good")
    room = int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    for use in (lambda: log.copy_to(sys.argv[2] + "/copy"), lambda: restore(sys.argv[2] + "/good", sys.argv[2] + "/new")):
        try:
            use()
        except Unavailable as error:
            print(error.message, "|", error.hint)
"""


@pytest.mark.parametrize("room", [0, 4096, 20_000])
def test_a_copy_for_which_there_is_no_room_is_named_and_leaves_nothing(tmp_path: Path, room: int) -> None:
    world = World(tmp_path / "world")
    with world.create() as log:
        log.append_many([verified(str(number)) for number in range(40)], START)
    (tmp_path / "to").mkdir()
    words = child(FULL_COPY, world.folder, tmp_path / "to", room)
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert len(said) == 2
    for line, target in zip(said, ("to/copy", "to/new/ledger.sqlite"), strict=True):
        assert f"copied to {tmp_path / target}: d" in line  # the database or disk is full, disk I/O error
        assert "on the disk" in line or "of this disk" in line
    assert sorted(path.name for path in (tmp_path / "to").rglob("*")) == ["good", "new"]
    restore(tmp_path / "to" / "good", tmp_path / "to" / "new")
    with Log.open(tmp_path / "to" / "new") as log:
        assert log.size == 40


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Let nobody write in a folder; root, whom no mode stops, becomes another user meanwhile."""
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_folder_that_is_read_only_refuses_and_loses_nothing() -> None:
    with tempfile.TemporaryDirectory() as name:  # which, unlike pytest's, another user may be let into
        world = World(Path(name) / "world")
        with world.create() as log:
            assert log.append_many([verified("a", MODEL)], START) == [0]
            world.publish(log, START)
            Path(name).chmod(0o755)
        with unwritable(world.folder):
            for use in (world.open, world.create, lambda: World(world.folder / "other").create()):
                with pytest.raises(Unavailable, match=r"ledger\.sqlite|other: Permission denied") as refused:
                    use()
                assert refused.value.hint
        with world.open() as log:
            assert log.entries_about(MODEL) == [0]
            assert log.append_many([verified("a", MODEL), verified("b")], START) == [0, 2]
            assert audited(world, log).entries == 3


def test_every_page_that_is_damaged_is_found(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    with world.create() as log:
        for start in range(0, 60, 20):
            log.append_many([verified(str(number), MODEL) for number in range(start, start + 20)], START)
            world.publish(log, START)
        honest = audited(world, log)
    file = world.log_folder / "ledger.sqlite"
    whole = file.read_bytes()
    found, kinds = 0, set[type[HauberkError]]()
    for place in range(0, len(whole), 1024):
        file.write_bytes(whole[:place] + bytes(byte ^ 0x5A for byte in whole[place : place + 64]) + whole[place + 64 :])
        try:
            with world.open(read_only=True) as log:
                assert audited(world, log) == honest  # what was damaged holds nothing
        except HauberkError as error:
            found += 1
            kinds.add(type(error))
    assert found > len(whole) // 1024 // 3
    assert kinds <= {Malformed, NotVerified, Unavailable}


def test_a_file_that_was_cut_is_no_shorter_ledger(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified(str(number), MODEL) for number in range(40)], START)
        world.publish(log, START)
    file = world.log_folder / "ledger.sqlite"
    whole = file.read_bytes()
    for size in [0, 50, 100, 511, *range(4096, len(whole), 4096), len(whole) - 1]:
        file.write_bytes(whole[:size])
        with pytest.raises((Malformed, NotVerified, Unavailable)), world.open() as log:
            audited(world, log)
    file.write_bytes(whole)
    with world.open() as log:
        assert audited(world, log).entries == 41


def test_a_clock_that_jumps_loses_nothing_and_is_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a")], START)
        log.append_many([verified("b")], START + 10**6)
        for now in (START + 10**6 - 1, START, 0):
            with pytest.raises(Unavailable, match=f"the clock says {now}, and the last entry"):
                log.append_many([verified("c")], now)
            assert log.append_many([verified("a"), verified("b")], now) == [0, 1]  # they are there
        with pytest.raises(NotVerified, match="time ahead"):
            audited(world, log, now=START)
        with pytest.raises(Unavailable, match="the clock says"):
            world.publish(log, START)
        assert log.size == 2
        assert log.append_many([verified("c")], START + 10**6) == [2]
        world.publish(log, START + 10**6 + 1)
        assert audited(world, log, now=START + 10**6 + 1).published == 4


def test_a_ledger_that_is_locked_for_long_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.edge.stores._BUSY_SECONDS", 0.1)
    world = World(tmp_path)
    world.create().close()
    other = sqlite3.connect(world.log_folder / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with world.open() as log:
        with pytest.raises(Unavailable, match="locked"):
            log.append_many([verified("a")], START)
        other.execute("ROLLBACK")
        assert log.append_many([verified("a")], START) == [0]
    other.close()


@pytest.mark.parametrize("after", ["nothing", "copy"])
def test_who_has_a_file_open_that_was_moved_away_appends_nothing(tmp_path: Path, after: str) -> None:
    world = World(tmp_path)
    with world.create() as log, world.open(read_only=True) as reader:
        log.append_many([verified("a")], START)
        log.copy_to(tmp_path / "good")
        world.log_folder.rename(tmp_path / "aside")
        if after == "copy":
            restore(tmp_path / "good", world.log_folder)
        assert reader.size == 1  # as it was
        for use in (lambda: log.append_many([verified("b")], START), lambda: log.size, log.rebuild):
            with pytest.raises(Unavailable, match="was moved away or replaced while it was open") as refused:
                use()
            assert "start what had it open again" in refused.value.hint
    with Log.open(tmp_path / "aside") as old:
        assert old.size == 1


def test_a_file_that_is_moved_away_during_a_write_takes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.create() as log:

        def moved() -> list[Admitted]:
            world.log_folder.rename(tmp_path / "aside")
            return [admit(verified("a"), START)]

        with pytest.raises(Unavailable, match="was moved away"):
            log.append_in_turn([moved])
        (tmp_path / "aside").rename(world.log_folder)
        assert log.size == 0
        assert log.append_many([verified("a")], START) == [0]
