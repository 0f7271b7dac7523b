"""Files that come from elsewhere, as a directory or a file that is there whole, or not at all.

    PLACE.<16 digits>.part/   0700, while files come; it stays where it ends early, and the next try goes on there
      lock
      tree/ or file           what comes
    PLACE                     the same, renamed, once all of it was hashed and is durable

What came is hashed while it is written. What was there from an earlier try is hashed again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hauberk.edge.durable import sync_files
from hauberk.edge.files import DIRECTORY, FLAGS, NO_FOLLOW, printable, unavailable
from hauberk.edge.lock import only_one
from hauberk.edge.sources import Odd, walk_tree
from hauberk.errors import Misconfigured, NotVerified, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from hashlib import _Hash as Hash
    from typing import BinaryIO

    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath

_TREE, _FILE, _LOCK = "tree", "file", "lock"
_PIECE = 1 << 20
_OLD = os.O_RDWR | os.O_CLOEXEC | NO_FOLLOW
_NEW = _OLD | os.O_CREAT | os.O_EXCL
_IS_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR})


class Arrival:
    """What is to come under a digest: a directory for a dirHash, else one file. Use it in a `with` statement."""

    def __init__(self, place: StrPath, digest: Digest) -> None:
        """Say where it comes to; nothing is made yet."""
        self._place = Path(place)
        self._is_tree = digest.algorithm == "dirHash"
        self._digest = digest
        self._part = Path(f"{os.fspath(place).rstrip('/')}.{digest.hex[:16]}.part")
        self._written: set[str] = set()
        self._lock: AbstractContextManager[None] | None = None

    def __enter__(self) -> Self:
        """Make the folder in which it comes, or go on in the one of an earlier try.

        Raises:
            Misconfigured: something is at its place already, or the folder is not ours alone.
            Unavailable: it cannot be made, or another process is at work there.
        """
        self._require_free()
        with _errors(self._part):
            with suppress(FileExistsError):
                self._part.mkdir(mode=0o700)
            seen = self._part.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o077:
            raise Misconfigured(
                f"{printable(self._part)} is there, and is no folder of ours alone", "remove it, and try again"
            )
        self._lock = only_one(self._part / _LOCK)
        self._lock.__enter__()
        if self._is_tree:
            with _errors(self._part), suppress(FileExistsError):
                (self._part / _TREE).mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.__exit__(None, None, None)

    def take(self, path: str, sha256: str, fetch: Callable[[int], Iterable[bytes]]) -> int:
        """Write a file as it comes, hashing it, unless an earlier try has; one that was cut is gone on with.

        Args:
            path: in the directory, which was found sound; for a single file, anything.
            sha256: that it must have, in hex.
            fetch: yields its bytes from a place on; what it raises goes through.

        Returns:
            how many bytes came; -1 where it was here.

        Raises:
            NotVerified: other bytes came; they are removed.
            Unavailable: the disk does not take it.
        """
        self._written.add(path)
        with _errors(self._part), self._folder(path) as (folder, name):
            file, is_old = _part_of(folder, name)
            with file:
                whole, had = _hashed(file) if is_old else (hashlib.sha256(), 0)
                if is_old and whole.hexdigest() == sha256:
                    return -1
                came, found = _fill(file, whole, had, fetch)
                if found != sha256 and had:  # what an earlier try left was not the beginning of it
                    came, found = _fill(file, hashlib.sha256(), 0, fetch)
            if found != sha256:
                os.unlink(name, dir_fd=folder)
                raise NotVerified(
                    f"{printable(path)} came as sha256:{found}, where sha256:{sha256} was asked for",
                    "the depot keeps, or gives, something else than was published: ask its owner",
                )
            return came

    def finish(self) -> None:
        """Give what came its place, once it is durable.

        Raises:
            Refused: there is something in the folder that did not come, or something that came is not there.
            Misconfigured: something took the place meanwhile.
            Unavailable: the disk does not take it.
        """
        came = self._part / (_TREE if self._is_tree else _FILE)
        if self._is_tree:
            self._check_all_of_it(came)
        with _errors(self._place):
            _sync_all(came if self._is_tree else self._part)
            try:
                if self._is_tree:
                    came.rename(self._place)  # over nothing, or over an empty directory
                else:
                    os.link(came, self._place)  # never over anything
            except OSError as error:
                raise (self._taken() if error.errno in _IS_TAKEN else error) from None
            sync_files([self._place.parent])
        shutil.rmtree(self._part, ignore_errors=True)

    def _require_free(self) -> None:
        if not os.path.lexists(self._place):
            return
        is_empty = self._is_tree and not self._place.is_symlink() and self._place.is_dir()
        with _errors(self._place):
            if not is_empty or any(self._place.iterdir()):
                raise self._taken()

    def _taken(self) -> Misconfigured:
        return Misconfigured(
            f"{printable(self._place)} is there, and is not {self._digest}", "name a place where nothing is"
        )

    def _check_all_of_it(self, came: Path) -> None:
        missing = set(self._written)  # also where a file system takes two of the names for one
        for found in walk_tree(came):
            path = found.path if isinstance(found, Odd) else found[0]
            if isinstance(found, Odd) or path not in self._written:
                raise Refused(
                    f"{printable(path)} in {printable(self._part)} was not fetched by us", "remove it, and try again"
                )
            missing.discard(path)
        if missing:
            raise Refused(
                f"{printable(min(missing))} in {printable(self._part)} is not there any more",
                "see who else writes there, and whether its file system tells capitals from small letters",
            )

    @contextmanager
    def _folder(self, path: str) -> Iterator[tuple[int, str]]:
        """Yield the descriptor of the folder that a file goes into, made on the way, and the file's own name."""
        *above, name = path.split("/") if self._is_tree else (_FILE,)
        folder = os.open(self._part / _TREE if self._is_tree else self._part, FLAGS | DIRECTORY | NO_FOLLOW)
        try:
            for part in above:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
                deeper = os.open(part, FLAGS | DIRECTORY | NO_FOLLOW, dir_fd=folder)
                os.close(folder)
                folder = deeper
            yield folder, name
        finally:
            os.close(folder)


def _part_of(folder: int, name: str) -> tuple[BinaryIO, bool]:
    """Return the file of that name, and whether it is one of an earlier try; what is no file of its own is removed."""
    with suppress(FileNotFoundError):
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1:
            return open(os.open(name, _OLD, dir_fd=folder), "r+b", _PIECE), True  # noqa: PTH123
        os.unlink(name, dir_fd=folder)
    return open(os.open(name, _NEW, 0o666, dir_fd=folder), "w+b", _PIECE), False  # noqa: PTH123


def _hashed(file: BinaryIO) -> tuple[Hash, int]:
    whole, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        whole.update(piece)
        size += len(piece)
    return whole, size


def _fill(file: BinaryIO, whole: Hash, had: int, fetch: Callable[[int], Iterable[bytes]]) -> tuple[int, str]:
    """Write what comes behind what is there, and return how much that was, and the SHA-256 of all in hex.

    Nothing is cut off before something else has come: a depot that does not answer costs nothing.
    """
    came = 0
    try:
        for piece in fetch(had):
            if not came:
                file.seek(had)
                file.truncate()
            file.write(piece)
            whole.update(piece)
            came += len(piece)
    except Unavailable:
        if came or not had:
            raise  # else it may give no file from a place on
        return 0, ""
    if not came:
        file.truncate(had)
    file.flush()
    return came, whole.hexdigest()


def _sync_all(top: Path) -> None:
    """Make all files in a directory and below durable, and all names."""
    sync_files(path for folder, _, names in os.walk(top) for path in (folder, *(f"{folder}/{name}" for name in names)))


@contextmanager
def _errors(path: StrPath) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
