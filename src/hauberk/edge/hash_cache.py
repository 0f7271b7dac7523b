"""Digests of files that were hashed before, for as long as the kernel says that a file is the same.

A digest is kept under device, file system, inode, size, mtime and ctime, and is used again only where all of them are
as they were. What makes that sound, and what it is worth:

| what happens                                    | answer                                                            |
|-------------------------------------------------|-------------------------------------------------------------------|
| mtime is set back (`utimes`)                    | ctime tells: no program can set it                                |
| a write in the tick in which it was read        | what changed `MARGIN_SECONDS` before is not kept (git's rule)     |
| a write through a mapping                       | pages are written out before hashing: the next write is seen      |
| another file in its place                       | another inode, or the same with another ctime                     |
| the cache is written, copied or cut by somebody | it is under a MAC, with a key that only its owner can read        |
| the machine starts again                        | a cache is of one boot: device numbers are good for no longer     |
| ctime is kept loosely: network, FUSE, overlay,  | files of such a system are not kept                               |
| memory                                          |                                                                   |
| root sets the clock, or writes to the device    | no answer: it could as well change this program                   |

A file that is sealed by fs-verity cannot change, so its digests are kept under what the kernel measures instead: it is
the same content under any name, inode and time, and no margin is waited for. That the two digests belong together is
our own word: the bytes were hashed here, while the kernel compared each page with its tree, and the row is under the
MAC. Bytes that somebody changes on the device itself are then refused by the kernel when they are read.

So a cache is of one user on one machine, and is used where a person names it, never by itself.

File: a line, 32 bytes of HMAC-SHA-256 over all else and the boot's id, then rows. The key is beside it, in `FILE.key`.
"""

from __future__ import annotations

import ctypes
import hmac
import os
import stat
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from hauberk.edge.files import FLAGS, NO_FOLLOW, check_output, printable, read_file, unavailable, write_atomic
from hauberk.edge.fs_verity import DIGEST_BYTES, measure
from hauberk.errors import Exceeded, Misconfigured, Unavailable
from hauberk.signature.manifest import HashType

if TYPE_CHECKING:
    from hauberk.edge.files import FileView, StrPath

MAGIC = b"hauberk-hashes/1\n"
MARGIN_SECONDS = 2.0  # the coarsest clock of the file systems below is ext3's second
FILE_SYSTEMS = frozenset({"ext2", "ext3", "ext4", "f2fs", "xfs"})  # ctime is the kernel's, mapped writes are seen
SEALING = frozenset({"ext4", "f2fs"})  # of these, fs-verity is the kernel's own

_MAC_BYTES = 32
_KEY_BYTES = 32
_ROW = struct.Struct(">QQQQqq32sQQB64s")
_MAX_ROWS = 1 << 18
_CODES = {HashType.SHA256: 1, HashType.BLAKE2B: 2, HashType.BLAKE3: 3}
_BOOT = "/proc/sys/kernel/random/boot_id"
_MOUNTS = "/proc/self/mountinfo"
_WRITE_AND_WAIT = 1 | 2 | 4  # SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE, _WAIT_AFTER (Linux, fs.h)


_NOT_SEALED = bytes(DIGEST_BYTES)


class State(NamedTuple):
    """A file as the kernel knows it; the same state is the same content.

    Of one that is sealed only size and `sealed` are said, which is what fs-verity measures; else that is zeros.
    """

    device: int
    file_system: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    sealed: bytes = _NOT_SEALED


class Span(NamedTuple):
    """A run of bytes of a file, and the hash that was made of it."""

    start: int
    end: int
    code: int


class HashCache:
    """The digests of one run: read at its begin, written at its end. `note` says why an older file was not used."""

    def __init__(self, path: StrPath) -> None:
        self.note = ""
        self.hits = 0
        self._path = os.fspath(path)
        self._boot = _boot()
        self._key = _key(f"{self._path}.key")
        self._rows: dict[State, dict[Span, bytes]] = {}
        self._is_new = False
        self._devices: dict[int, int | None] = {}
        self._kinds = _kinds()
        self._load()

    def state(self, seen: os.stat_result, descriptor: int | str) -> State | None:
        """Return the state of a file, or None where its file system's word is not good enough.

        Args:
            seen: its state.
            descriptor: the file, or its path, to ask for its file system.
        """
        device = seen.st_dev
        if device not in self._devices:
            is_known = self._kinds.get(device, "") in FILE_SYSTEMS
            self._devices[device] = os.statvfs(descriptor).f_fsid if is_known else None
        file_system = self._devices[device]
        if file_system is None:
            return None
        return State(device, file_system, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)

    def sealed(self, view: FileView) -> State | None:
        """Return the state of an open file that fs-verity keeps from ever changing; None for any other."""
        if self._kinds.get(view.seen.st_dev, "") not in SEALING:
            return None
        measured = measure(view.fileno())
        return State(0, 0, 0, view.size, 0, 0, measured) if measured not in (None, _NOT_SEALED) else None

    def find(self, state: State, start: int, end: int, hash_type: HashType) -> str | None:
        """Return the hex digest of a run of bytes, if it was kept."""
        digest = self._rows.get(state, _NONE).get(Span(start, end, _CODES[hash_type]))
        return digest[: hash_type.digits // 2].hex() if digest is not None else None

    def settle(self, view: FileView) -> tuple[State, ...]:
        """Make a file ready to be kept, before its first byte is read; return under what, nothing where it cannot be.

        What was written through a mapping and is not yet on the disk can be written again without a word to anybody;
        once it is, the next write is a new ctime.
        """
        now = time.time_ns()
        state, sealed = self.state(view.seen, view.fileno()), self.sealed(view)
        found = () if sealed is None else (sealed,)
        if state is None or state.ctime_ns > now - int(MARGIN_SECONDS * 1e9) or not _write_out(view.fileno()):
            return found
        return (state, *found)

    def keep(self, states: tuple[State, ...], start: int, end: int, hash_type: HashType, digest: str) -> None:
        """Keep the digest of a run of bytes of a file that was settled, and did not change since."""
        for state in states:
            self._rows.setdefault(state, {})[Span(start, end, _CODES[hash_type])] = bytes.fromhex(digest)
            self._is_new = True

    def save(self) -> None:
        """Write what is new; a cache that cannot be written is a note."""
        if not self._is_new:
            return
        rows = b"".join(self._encoded())
        try:
            check_output(self._path, recognise=lambda data: data.startswith(MAGIC))
            write_atomic(self._path, MAGIC + self._mac(rows) + rows, mode=0o600)
        except Unavailable as error:
            self.note = f"the cache was not written: {error.message}"

    def _encoded(self) -> list[bytes]:
        """Return the rows, the newest first, without those of a file that is there in a later state."""
        found: list[bytes] = []
        seen = set()
        for state, spans in reversed(self._rows.items()):
            where = (state.device, state.file_system, state.inode, state.sealed)
            if where not in seen:
                seen.add(where)
                found += [_ROW.pack(*state, *span, digest) for span, digest in spans.items()]
        return found[:_MAX_ROWS][::-1]

    def _load(self) -> None:
        shown = printable(self._path)
        if not os.path.lexists(self._path):
            return
        try:
            data = read_file(self._path, limit=len(MAGIC) + _MAC_BYTES + _MAX_ROWS * _ROW.size)
        except Exceeded:
            data = b""
        if data and not data.startswith(MAGIC):
            raise Misconfigured(f"{shown} is there and is no cache of ours", "name another file, or move this one away")
        rows = data[len(MAGIC) + _MAC_BYTES :]
        mac = data[len(MAGIC) : len(MAGIC) + _MAC_BYTES]
        if len(rows) % _ROW.size or not hmac.compare_digest(self._mac(rows), mac):
            self.note = f"the cache {shown} was not used: it is of another boot or key, or was changed"
            return
        for *state, start, end, code, digest in _ROW.iter_unpack(rows):
            self._rows.setdefault(State(*state), {})[Span(start, end, code)] = digest

    def _mac(self, rows: bytes) -> bytes:
        return hmac.digest(self._key, MAGIC + self._boot + rows, "sha256")


_NONE: dict[Span, bytes] = {}


def _boot() -> bytes:
    try:
        return read_small(_BOOT)
    except OSError:
        raise Unavailable("a cache needs to know the boot, which this platform does not tell", "use Linux") from None


def _kinds() -> dict[int, str]:
    """Return the kind of file system of each device that is mounted."""
    found: dict[int, str] = {}
    for line in read_small(_MOUNTS).decode(errors="replace").splitlines():
        fields, _, kind = line.partition(" - ")
        major, _, minor = fields.split()[2].partition(":")
        found[os.makedev(int(major), int(minor))] = kind.split()[0]
    return found


def read_small(path: str) -> bytes:
    """Return a file of the kernel, whose size it does not tell."""
    with open(path, "rb") as file:  # noqa: PTH123 - of the kernel
        return file.read()


def _key(path: str) -> bytes:
    """Return the key, which is made where there is none; only its owner may read it, and change where it lies."""
    shown = printable(path)
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - a path, as given
    try:
        place = os.stat(folder)  # noqa: PTH116
        if place.st_mode & 0o022 and not place.st_mode & stat.S_ISVTX:
            raise Misconfigured(f"{printable(folder)} can be written by others", "keep the cache in a folder of yours")
        if not os.path.lexists(path):
            write_atomic(path, os.urandom(_KEY_BYTES), mode=0o600)
        descriptor = os.open(path, FLAGS | NO_FOLLOW)
    except (OSError, ValueError) as error:
        raise unavailable(path, error) from None
    try:
        seen = os.fstat(descriptor)
        is_ours = stat.S_ISREG(seen.st_mode) and seen.st_uid == os.geteuid() and seen.st_nlink == 1
        if not is_ours or seen.st_mode & 0o077 or seen.st_size != _KEY_BYTES:
            raise Misconfigured(f"{shown} is no key that only you can read", f"remove it, or: chmod 600 {shown}")
        return os.pread(descriptor, _KEY_BYTES, 0)
    finally:
        os.close(descriptor)


def _write_out(descriptor: int) -> bool:
    """Write all changed pages of a file to its device, which takes the right to write away from every mapping."""
    with suppress(OSError, AttributeError):
        return bool(_library().sync_file_range(descriptor, 0, 0, _WRITE_AND_WAIT) == 0)
    return False


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return library
