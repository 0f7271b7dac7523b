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
from hauberk.edge.files import DIRECTORY, FLAGS, NO_FOLLOW, hash_view, opened, printable, unavailable
from hauberk.edge.lock import only_one
from hauberk.edge.sources import Odd, walk_tree
from hauberk.errors import Misconfigured, NotVerified, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath

_TREE, _FILE, _LOCK = "tree", "file", "lock"
_PIECE = 1 << 20
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

    def take(self, path: str, sha256: str, fetch: Callable[[], Iterable[bytes]]) -> int:
        """Write a file as it comes, hashing it, unless it is here from an earlier try.

        Args:
            path: in the directory, which was found sound; for a single file, anything.
            sha256: that it must have, in hex.
            fetch: yields its bytes; what it raises goes through.

        Returns:
            how many bytes came; -1 where it was here.

        Raises:
            NotVerified: other bytes came; they are removed.
            Unavailable: the disk does not take it.
        """
        self._written.add(path)
        with _errors(self._part), self._folder(path) as (folder, name):
            if _is_here(folder, name, sha256):
                return -1
            whole, size = hashlib.sha256(), 0
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | NO_FOLLOW
            with open(os.open(name, flags, 0o666, dir_fd=folder), "wb", _PIECE) as file:  # noqa: PTH123 - by descriptor
                for piece in fetch():
                    file.write(piece)
                    whole.update(piece)
                    size += len(piece)
            if whole.hexdigest() != sha256:
                os.unlink(name, dir_fd=folder)
                raise NotVerified(
                    f"{printable(path)} came as sha256:{whole.hexdigest()}, where sha256:{sha256} was asked for",
                    "the depot keeps, or gives, something else than was published: ask its owner",
                )
            return size

    def finish(self) -> None:
        """Give what came its place, once it is durable.

        Raises:
            Refused: there is something in the folder that did not come.
            Misconfigured: something took the place meanwhile.
            Unavailable: the disk does not take it.
        """
        came = self._part / (_TREE if self._is_tree else _FILE)
        if self._is_tree:
            self._check_nothing_else(came)
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

    def _check_nothing_else(self, came: Path) -> None:
        for found in walk_tree(came):
            path = found.path if isinstance(found, Odd) else found[0]
            if isinstance(found, Odd) or path not in self._written:
                raise Refused(
                    f"{printable(path)} in {printable(self._part)} was not fetched by us", "remove it, and try again"
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


def _is_here(folder: int, name: str, sha256: str) -> bool:
    """Say whether a file of an earlier try has these bytes; one that has others is removed: it was cut."""
    try:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1:
        with opened(os.open(name, FLAGS | NO_FOLLOW, dir_fd=folder), name) as view:
            if hash_view(view).hex == sha256:
                return True
    os.unlink(name, dir_fd=folder)
    return False


def _sync_all(top: Path) -> None:
    """Make all files in a directory and below durable, and all names."""
    sync_files(path for folder, _, names in os.walk(top) for path in (folder, *(f"{folder}/{name}" for name in names)))


@contextmanager
def _errors(path: StrPath) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
