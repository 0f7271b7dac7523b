"""One regular file: read by `pread`, with `fstat` before and after, and written whole or not at all.

A file that changed while it was read is `Unavailable`, never half of each. The path that a person gives may be a
symbolic link, and its parents may; what is opened is what is read, whatever happens to the name later.

Windows has no `pread`: reading is `Unavailable` there, a refusal that names the platform.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, Self, TypeAlias

from hauberk.digest import sha256_view
from hauberk.errors import Exceeded, Misconfigured, Unavailable
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hauberk.digest import Digest
    from hauberk.view import View

StrPath: TypeAlias = str | os.PathLike[str]

FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO that took the file's place does not stop us
    | getattr(os, "O_NOCTTY", 0)
)
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
DIRECTORY = getattr(os, "O_DIRECTORY", 0)
STATE = ".hauberk"  # of a project: its keys and its ledger
TOO_LONG = "is it the file that you meant? no option allows more"
TOO_LONG_TO_LOAD = "no option allows more; in Python, limits=hauberk.limits.Limits(max_load_bytes=…) does"
_MAX_OUTPUT_BYTES = 64 << 20  # of an older output that is looked at before it is replaced
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.ASCII | re.IGNORECASE)
_BY_DESCRIPTOR = os.open in os.supports_dir_fd and hasattr(os, "pread")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ROOM = "make room on the disk, then try again"
_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISDIR, "a directory"),
)


class FileView:
    """A regular file that is open; it owns the descriptor. Use it in a `with` statement."""

    def __init__(self, descriptor: int, name: str, seen: os.stat_result | None = None) -> None:
        self._descriptor = descriptor
        self._stat = seen or os.fstat(descriptor)
        self._name = printable(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Return the number of bytes when the file was opened."""
        return self._stat.st_size

    @property
    def basis(self) -> Basis:
        """Return `computed`: these are the bytes themselves."""
        return Basis.COMPUTED

    @property
    def mode(self) -> int:
        """Return the permission bits, with set-user-id, set-group-id and sticky."""
        return stat.S_IMODE(self._stat.st_mode)

    def fileno(self) -> int:
        """Return the descriptor, which this view owns."""
        return self._descriptor

    @property
    def seen(self) -> os.stat_result:
        """Return the state of the file when it was opened."""
        return self._stat

    @property
    def fingerprint(self) -> tuple[int, ...]:
        """Return size, times and identity when the file was opened."""
        return _fingerprint(self._stat)

    @property
    def changed(self) -> bool:
        """Return whether size, times or identity differ from when the file was opened."""
        return _fingerprint(os.fstat(self._descriptor)) != _fingerprint(self._stat)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, `length` of them or as many as there are.

        Raises:
            Unavailable: the file cannot be read, or became shorter since it was opened.
        """
        wanted = max(0, min(length, self.size - offset))
        pieces: list[bytes] = []
        while wanted:
            try:
                piece = os.pread(self._descriptor, wanted, offset)
            except OSError as error:
                raise Unavailable(f"{self._name} cannot be read: {error.strerror}") from None
            if not piece:
                self._raise_changed()
            pieces.append(piece)
            offset, wanted = offset + len(piece), wanted - len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill a buffer with the bytes from `offset`, as far as there are; return how many. Errors as `read_at`."""
        wanted = max(0, min(len(buffer), self.size - offset))
        have = 0
        while have < wanted:
            try:
                count = os.preadv(self._descriptor, [buffer[have:wanted]], offset + have)
            except OSError as error:
                raise Unavailable(f"{self._name} cannot be read: {error.strerror}") from None
            if not count:
                self._raise_changed()
            have += count
        return have

    def check_unchanged(self) -> None:
        """Raise `Unavailable` if the file is not what it was when it was opened."""
        if self.changed:
            self._raise_changed()

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _raise_changed(self) -> NoReturn:
        raise Unavailable(f"{self._name} changed while it was read", "let its writer finish, then try again")


def printable(path: StrPath) -> str:
    """Return a name that is safe to show: what does not print, and bytes that are not UTF-8, as escapes."""
    name = os.fspath(path)
    return name if name.isprintable() else repr(name)[1:-1]


def is_taken(path: StrPath) -> bool:
    """Say whether something has that name, a symbolic link to nothing too; raise `Unavailable` where that is hidden."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(path), error) from None
    return True


def require_local(path: StrPath) -> None:
    """Raise `Misconfigured` for an address, such as https://…, unless a file of that very name is here."""
    if (found := _ADDRESS.match(os.fspath(path))) and not os.path.lexists(path):
        raise Misconfigured(
            f"{printable(path)}: nothing is fetched from {found[1]} addresses",
            "get the files here first, name their path; `scan` and `intake` take some addresses",
        )


def require_apart(path: StrPath, inputs: Iterable[StrPath]) -> None:
    """Raise `Misconfigured` where a file that is written lies among what is read: it would change meanwhile."""
    whole = os.path.realpath(path)
    for given in inputs:
        root = os.path.realpath(given)
        if whole == root or whole.startswith(os.path.join(root, "")):  # noqa: PTH118 - a path, as given
            raise Misconfigured(f"{printable(path)} lies in {printable(given)}, which is read", "name it elsewhere")


def open_file(path: StrPath) -> FileView:
    """Open a regular file that a person named; the name may be a symbolic link.

    Raises:
        Unavailable: it does not exist, is not permitted, or is not a regular file.
    """
    require_descriptors()
    name = os.fspath(path)
    try:
        # Looked at before it is opened: opening a device can act, opening a FIFO can wait.
        require_regular(os.stat(path), name)  # noqa: PTH116 - a path, as given
        return opened(os.open(path, FLAGS), name)
    except (OSError, ValueError) as error:
        raise unavailable(name, error) from None


def hash_view(view: View) -> Digest:
    """Return the SHA-256 of a view, in constant memory; a file must not have changed meanwhile (`Unavailable`)."""
    digest = sha256_view(view)
    if isinstance(view, FileView):
        view.check_unchanged()
    return digest


def read_file(path: StrPath, *, limit: int, hint: str = TOO_LONG) -> bytes:
    """Return all bytes of a small file; raise `Exceeded` above `limit` bytes, else as `open_file`."""
    with open_file(path) as view:
        return read_whole(view, limit, printable(path), hint)


def write_atomic(path: StrPath, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a machine that loses power, sees the old or the new bytes and nothing else.

    Args:
        path: the target; a symbolic link or anything else that is no regular file is refused, not followed.
        data: all of the new content.
        mode: permission bits, less the process's umask.

    Raises:
        Misconfigured: the target is there and is not a regular file.
        Unavailable: the directory is missing, or the disk does not take it.
    """
    require_descriptors()
    folder, name = os.path.split(os.fspath(path))
    try:
        directory = os.open(folder or ".", FLAGS | DIRECTORY)
    except (OSError, ValueError) as error:
        raise unavailable(folder, error) from None
    temporary = f".{os.urandom(8).hex()}.part"
    try:
        _require_replaceable(name, directory, printable(path))
        with open(  # noqa: PTH123 - by descriptor
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode, dir_fd=directory), "wb"
        ) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
    except (OSError, ValueError) as error:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=directory)
        raise unavailable(os.fspath(path), error) from None
    finally:
        os.close(directory)


def write_output(
    path: StrPath, data: bytes, *, recognise: Callable[[bytes], bool], inputs: Iterable[StrPath] = ()
) -> None:
    """Write an answer where a person wants it: a new file, or over an empty one or an older answer of the same kind.

    Args:
        path: the target, as for `write_atomic`.
        data: all of the new content.
        recognise: says whether the bytes of a file are an older answer of this kind.
        inputs: what the answer is about; none of them is ever written over.

    Raises:
        Misconfigured: the target is something else, an input, or in a project's `.hauberk`.
        Unavailable: as `write_atomic`.
    """
    check_output(path, recognise=recognise, inputs=inputs)
    write_atomic(path, data)


def check_output(path: StrPath, *, recognise: Callable[[bytes], bool], inputs: Iterable[StrPath] = ()) -> None:
    """Raise as `write_output` would for this target, before the work that makes the answer."""
    shown = printable(path)
    folder, name = os.path.split(os.fspath(path))
    whole = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 - a path, as given
    if STATE in whole.casefold().split(os.sep):  # noqa: PTH206 - a path, as given
        raise Misconfigured(f"{shown} is in {STATE}, which holds keys and the ledger", "name a file outside of it")
    try:
        seen = os.lstat(whole)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise unavailable(os.fspath(path), error) from None
    _require_file(seen, shown)
    if any(_is_same(seen, given) for given in inputs):
        raise Misconfigured(f"{shown} is what is read here, and will not be written over", "name another file")
    if seen.st_size and not (seen.st_size <= _MAX_OUTPUT_BYTES and recognise(read_file(whole, limit=seen.st_size))):
        raise Misconfigured(
            f"{shown} is there and is no older output of this kind, so it will not be written over",
            "name another file, or move this one away",
        )


def opened(descriptor: int, name: str) -> FileView:
    """Return the view of an open descriptor; close it and raise `Unavailable` if it is no regular file."""
    try:
        seen = os.fstat(descriptor)
        require_regular(seen, name)
    except BaseException:
        os.close(descriptor)
        raise
    return FileView(descriptor, name, seen)


def read_whole(view: FileView, limit: int, name: str, hint: str = TOO_LONG) -> bytes:
    """Return all bytes of a file that did not change meanwhile; raise `Exceeded` with a hint above `limit` bytes."""
    if view.size > limit:
        raise Exceeded(f"{name} is {view.size} bytes long, {limit} are allowed", hint)
    data = view.read_at(0, view.size)
    view.check_unchanged()
    return data


def require_regular(seen: os.stat_result, name: str) -> None:
    """Raise `Unavailable` unless this is a regular file."""
    if not stat.S_ISREG(seen.st_mode):
        raise Unavailable(
            f"{printable(name)} is {kind(seen)}, not a regular file", "name a file with the bytes themselves"
        )


def require_descriptors() -> None:
    """Raise `Unavailable` where the platform cannot read by descriptor."""
    if not _BY_DESCRIPTOR:
        raise Unavailable("this platform opens no files by directory descriptor", "use Linux or macOS")


def kind(seen: os.stat_result) -> str:
    """Return what this is, if not a regular file, in words."""
    return next((name for test, name in _KINDS if test(seen.st_mode)), "a symbolic link or of unknown kind")


def unavailable(name: str, error: OSError | ValueError) -> Unavailable:
    """Return our error for one of the operating system's; a `ValueError` is a NUL in a name."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    if name == "-" and isinstance(error, FileNotFoundError):
        return Unavailable("-: no file has that name, and standard input is not read", "write it into a file first")
    hint = _ROOM if isinstance(error, OSError) and error.errno in _FULL else "check the path and its permissions"
    return Unavailable(f"{printable(name) or 'the empty path'}: {reason}", hint)


def _fingerprint(seen: os.stat_result) -> tuple[int, ...]:
    return (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev)


def _require_replaceable(name: str, directory: int, shown: str) -> None:
    with suppress(FileNotFoundError):
        seen = os.stat(name, dir_fd=directory, follow_symlinks=False)
        _require_file(seen, shown)


def _require_file(seen: os.stat_result, shown: str) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise Misconfigured(f"{shown} is {kind(seen)}, and will not be written over", "name another file")


def _is_same(seen: os.stat_result, path: StrPath) -> bool:
    with suppress(OSError, ValueError):
        return os.path.samestat(seen, os.stat(path))  # noqa: PTH116 - a path, as given
    return False
