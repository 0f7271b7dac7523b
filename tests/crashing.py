"""A machine that stops at the n-th write: SQLite over files that lose what was not synced, or half of a write.

    python tests/crashing.py WORK HOW FOLDER

does WORK once for each n in a process of its own, in FOLDER/n, and ends that process at its n-th call that writes, syncs,
cuts or removes a file, until it comes to its end. What was acknowledged is in FOLDER/n.json. HOW is

    killed   the process ends before the call, as by SIGKILL; what it wrote is kept by the kernel
    torn     half of the write is done
    power    the machine stops: every write that was not followed by a sync of its file is undone

It wraps SQLite's own file system through ctypes, so that the ledger's code knows nothing of it.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from hauberk.ledger.log import Log  # noqa: E402 - found first
from ledger_world import MODEL, START, World, verified  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_RELEASE = Path(__file__).parent / "ledger" / "first_release"
_INT, _PLACE, _POINTER, _TEXT = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p, ctypes.c_char_p
_DONE = 0  # SQLITE_OK

# sqlite.org/c3ref/vfs.html and io_methods.html: the places of members, in pointers from the start
_OPEN, _DELETE = 5, 6
_WRITE, _TRUNCATE, _SYNC = 3, 4, 5
_METHODS, _VFS = 19, 22
_ON_OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
_ON_DELETE = ctypes.CFUNCTYPE(_INT, _POINTER, _TEXT, _INT)
_ON_WRITE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _PLACE)
_ON_TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _PLACE)
_ON_SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class Machine:
    """SQLite's default file system, counted, until the call at which the machine stops."""

    def __init__(self, stop_at: int, how: str) -> None:
        self._left, self._how = stop_at, how
        self._files: dict[int, int] = {}  # descriptors of our own, by SQLite's file; never closed, which would unlock
        self._unsynced: dict[int, list[tuple[int, bytes, int]]] = {}
        self._kept: list[object] = []  # what C points to
        self._install()

    def _install(self) -> None:
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = _POINTER
        library.sqlite3_vfs_register.argtypes = (_POINTER, _INT)
        real = library.sqlite3_vfs_find(None)
        copy = (_POINTER * _VFS).from_buffer_copy((_POINTER * _VFS).from_address(real))
        name = ctypes.create_string_buffer(b"crashing")
        first = ctypes.sizeof(_INT) * 4 // ctypes.sizeof(_POINTER)  # iVersion, szOsFile, mxPathname
        copy[first + 1] = ctypes.addressof(name)
        opens, deletes = _ON_OPEN(copy[first + 3]), _ON_DELETE(copy[first + 4])

        def on_open(_: int, path: int, file: int, flags: int, out: int) -> int:
            done = opens(real, path, file, flags, out)
            if done == _DONE and path:
                self._wrap(file, ctypes.string_at(path))
            return done

        def on_delete(_: int, path: bytes, sync: int) -> int:
            self._count()
            return deletes(real, path, sync)

        ours = _ON_OPEN(on_open), _ON_DELETE(on_delete)
        copy[first + 3], copy[first + 4] = (ctypes.cast(one, _POINTER).value for one in ours)
        self._kept += [copy, name, opens, deletes, *ours]
        library.sqlite3_vfs_register(ctypes.addressof(copy), 1)

    def _wrap(self, file: int, path: bytes) -> None:
        """Put our methods before those of an open file, whose first member points to them."""
        place = _POINTER.from_address(file)
        methods = (_POINTER * _METHODS).from_buffer_copy((_POINTER * _METHODS).from_address(place.value or 0))
        writes, truncates, syncs = (
            _ON_WRITE(methods[_WRITE]),
            _ON_TRUNCATE(methods[_TRUNCATE]),
            _ON_SYNC(methods[_SYNC]),
        )
        self._files[file] = os.open(path, os.O_RDWR)
        self._unsynced[file] = []

        def on_write(which: int, data: int, size: int, offset: int) -> int:
            self._count(lambda: writes(which, data, size // 2, offset))
            self._remember(which, offset, size)
            return writes(which, data, size, offset)

        def on_truncate(which: int, size: int) -> int:
            self._count()
            self._remember(which, size, os.fstat(self._files[which]).st_size - size)
            return truncates(which, size)

        def on_sync(which: int, flags: int) -> int:
            self._count()
            self._unsynced[which].clear()
            return syncs(which, flags)

        ours = _ON_WRITE(on_write), _ON_TRUNCATE(on_truncate), _ON_SYNC(on_sync)
        methods[_WRITE], methods[_TRUNCATE], methods[_SYNC] = (ctypes.cast(one, _POINTER).value for one in ours)
        self._kept += [methods, writes, truncates, syncs, *ours]
        place.value = ctypes.addressof(methods)

    def _remember(self, file: int, offset: int, size: int) -> None:
        descriptor = self._files[file]
        before = os.fstat(descriptor).st_size
        self._unsynced[file].append((offset, os.pread(descriptor, max(0, size), offset), before))

    def _count(self, tear: Callable[[], object] = lambda: None) -> None:
        self._left -= 1
        if self._left:
            return
        if self._how == "torn":
            tear()
        if self._how == "power":
            for file, writes in self._unsynced.items():
                for offset, data, size in reversed(writes):
                    os.pwrite(self._files[file], data, offset)
                    os.ftruncate(self._files[file], size)
        os.kill(os.getpid(), signal.SIGKILL)


def append(folder: Path, say: Callable[[object], None]) -> None:
    """Make a log, append to it three times, and say each time which entries are durable."""
    with Log.create(folder / "log") as log:
        for name in "abc":
            several = [verified(f"{name}{number}", MODEL) for number in range(3)]
            numbers = log.append_many(several, START)
            say([[number, str(one.id)] for number, one in zip(numbers, several, strict=True)])


def publish(folder: Path, say: Callable[[object], None]) -> None:
    """Append and publish twice; the witness is another machine."""
    world = World(folder)
    with world.create() as log:
        for name in "ab":
            one = verified(name, MODEL)
            say([[log.append_many([one], START)[0], str(one.id)]])
            world.publish(log, START)


def migrate(folder: Path, say: Callable[[object], None]) -> None:
    """Take a ledger of the first release over, and append to it."""
    shutil.copytree(FIRST_RELEASE, folder / "log")
    with Log.open(folder / "log") as log:
        one = verified("e", MODEL)
        say([[log.append_many([one], START + 9)[0], str(one.id)]])


def rebuild(folder: Path, say: Callable[[object], None]) -> None:
    """Append, and compute the tables again."""
    append(folder, say)
    with Log.open(folder / "log") as log:
        log.rebuild()


WORK = {one.__name__: one for one in (append, publish, migrate, rebuild)}


def stop_at(number: int, work: str, how: str, folder: Path) -> bool:
    """Do the work in a process that stops at the n-th call; return whether it did, and write down what it said."""
    folder.mkdir(parents=True)
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            machine = Machine(number, how)
            WORK[work](folder, lambda said: os.write(writes, json.dumps(said).encode() + b"\n"))
            machine._how = "ended"
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is no success
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as heard:
        said = [json.loads(line) for line in heard]
    _, status = os.waitpid(child, 0)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL) and status:
        raise SystemExit(f"call {number}: the process ended with {status}")
    folder.with_suffix(".json").write_text(json.dumps(said))
    return bool(status)


def main(work: str, how: str, folder: str) -> int:
    """Stop at each call in turn, until the work comes to its end."""
    number = 1
    while stop_at(number, work, how, Path(folder) / str(number)):
        number += 1
    print(number - 1)  # noqa: T201 - for whoever started this
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
