r"""Files and trees, read so that what was hashed is what was looked at.

A file is read by `pread` with `fstat` before and after: a file that changed in between is `Unavailable`, never half of
each. A tree is walked by directory descriptors, so that no rename under our feet leads out of it. The path that a
person gives may be a symbolic link, and its parents may; inside of a tree no link is followed:

| in a tree                               | answer                                                              |
|-----------------------------------------|---------------------------------------------------------------------|
| regular file, hard link, sparse file    | read, in constant memory                                            |
| directory without files                 | nothing: dirHash speaks of files                                    |
| newline in a name, name not UTF-8       | `Odd` NAME; the rest of an oddly named directory is not entered     |
| FIFO, socket, device                    | `Odd` FILE_KIND, without being opened: opening a device can act     |
| symbolic link                           | `Odd` SYMLINK; but a Hugging Face cache's link from `models--x/     |
|                                         | snapshots/REVISION/` to its own `../../blobs/HEX` is read as a file |
| not permitted, input/output error       | `Odd` UNREADABLE                                                    |
| changed or vanished while it was read   | `Odd` CHANGED                                                       |
| too many names, too deep                | `Odd` LIMIT                                                         |

Two names that differ only in Unicode normal form are two names. A tree with anything odd has no digest: `Tree.digest`
raises, so sign and gate refuse, while a scan reports each as unchecked.

Linux and macOS have what this needs. Windows has neither `pread` nor directory descriptors: reading is `Unavailable`
there, which is a refusal that names the platform, and never a weaker walk.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NoReturn, Self, TypeAlias

from hauberk.digest import Digest, dir_hash
from hauberk.errors import Exceeded, Malformed, Misconfigured, Unavailable
from hauberk.finding import UncheckedCode
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import Basis, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

StrPath: TypeAlias = str | os.PathLike[str]

_PIECE = 1 << 20
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO that took the file's place does not stop us
    | getattr(os, "O_NOCTTY", 0)
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
# huggingface_hub file_download.py: models--ORG--NAME/snapshots/REVISION/PATH -> ../../blobs/ETAG, where the tag is a
# Git SHA-1 or, for large files, a SHA-256.
_HUB_REPOSITORY = re.compile(r"(models|datasets|spaces)--.+")
_HUB_BLOB = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISDIR, "a directory"),
)


class FileView:
    """A regular file that is open; it owns the descriptor. Use it in a `with` statement."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._stat = os.fstat(descriptor)
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


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file of a tree: relative path with `/`, bytes, permission bits, hex SHA-256 of the content."""

    path: str
    size: int
    mode: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A name of a tree that is not read, and why; `path` is printable, and so only for people."""

    path: str
    code: UncheckedCode
    detail: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a directory, sorted by the bytes of their paths, and what is odd in it."""

    files: tuple[TreeFile, ...]
    odd: tuple[Odd, ...] = ()

    @property
    def digest(self) -> Digest:
        """Return the dirHash.

        Raises:
            Malformed: there is no file, or a name or file kind that a signed tree may not hold.
            Unavailable: a file could not be read, or changed meanwhile.
            Exceeded: the tree is larger than the limits.
        """
        if self.odd:
            first = self.odd[0]
            more = f", and {len(self.odd) - 1} more" if len(self.odd) > 1 else ""
            raise _ODD_ERRORS.get(first.code, Malformed)(f"{first.path}: {first.detail}{more}", "remove it or fix it")
        return dir_hash((file.path, file.sha256) for file in self.files)


_ODD_ERRORS: dict[UncheckedCode, type[Malformed | Unavailable | Exceeded]] = {
    UncheckedCode.UNREADABLE: Unavailable,
    UncheckedCode.CHANGED: Unavailable,
    UncheckedCode.LIMIT: Exceeded,
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A private copy: each file was read once, and `digest` is of the bytes in `files` (law 1).

    Attributes:
        tree: what a directory holds; None for a single file, whose only key in `files` is its name.
    """

    tree: Tree | None
    digest: Digest
    files: Mapping[str, bytes] = field(hash=False, repr=False)


def printable(name: str) -> str:
    """Return a name that is safe to show: what does not print, and bytes that are not UTF-8, as escapes."""
    return name if name.isprintable() else repr(name)[1:-1]


def open_file(path: StrPath) -> FileView:
    """Open a regular file that a person named; the name may be a symbolic link.

    Raises:
        Unavailable: it does not exist, is not permitted, or is not a regular file.
    """
    _require_descriptors()
    name = os.fspath(path)
    try:
        # Looked at before it is opened: opening a device can act, opening a FIFO can wait.
        _require_regular(os.stat(path), name)  # noqa: PTH116 - a path, as given
        return _opened(os.open(path, _FLAGS), name)
    except (OSError, ValueError) as error:
        raise _unavailable(name, error) from None


def open_in_tree(path: StrPath, relative: str) -> FileView:
    """Open a file of a tree by directory descriptors, as `walk_tree` does.

    Raises:
        Malformed: `relative` is empty, absolute, or has `..`, `.`, a newline, NUL or bytes that are not UTF-8.
        Unavailable: there is no such regular file in the tree.
    """
    parts = relative.split("/")
    if any(_name_fault(part) or part in ("", ".", "..") or "\0" in part for part in parts):
        raise Malformed(f"not a path inside a tree: {printable(relative)}")
    with ExitStack() as stack:
        place = stack.enter_context(_root(path))
        for part in parts[:-1]:
            found = _enter(place, part)
            if not isinstance(found, _Place):
                raise Unavailable(f"{printable(relative)}: {printable(part)} is not a directory of {_shown(path)}")
            stack.callback(os.close, found.descriptor)
            place = found
        last = _enter(place, parts[-1])
        if isinstance(last, FileView):
            return last
        if isinstance(last, Odd):
            raise Unavailable(f"{last.path} in {_shown(path)}: {last.detail}")
        os.close(last.descriptor)
        raise Unavailable(f"{printable(relative)} in {_shown(path)} is a directory")


def walk_tree(
    path: StrPath, *, limits: Limits = DEFAULT_LIMITS, exclude: frozenset[str] = frozenset()
) -> Iterator[tuple[str, FileView] | Odd]:
    """Yield each file of a tree, open until the next is asked for, and each odd name, directory by directory.

    Args:
        path: the directory; it may be a symbolic link to one.
        limits: `max_tree_files` counts every name, `max_tree_depth` the directories below `path`.
        exclude: relative paths of files or directories that are passed over.

    Raises:
        Unavailable: `path` is not a directory that can be opened.
    """
    with _root(path) as place:
        yield from _Walk(limits, exclude).below(place)


def read_tree(path: StrPath, *, limits: Limits = DEFAULT_LIMITS, exclude: frozenset[str] = frozenset()) -> Tree:
    """Return the files of a tree with their hashes; arguments and errors as in `walk_tree`."""
    files: list[TreeFile] = []
    odd: list[Odd] = []
    for found in walk_tree(path, limits=limits, exclude=exclude):
        if isinstance(found, Odd):
            odd.append(found)
            continue
        name, view = found
        try:
            files.append(TreeFile(name, view.size, view.mode, hash_view(view).hex))
        except Unavailable as error:
            odd.append(Odd(printable(name), unread_code(view), error.message))
    return Tree(tuple(sorted(files, key=lambda file: file.path.encode())), tuple(odd))


def unread_code(view: FileView) -> UncheckedCode:
    """Return why reading failed: the file changed, or it cannot be read."""
    return UncheckedCode.CHANGED if view.changed else UncheckedCode.UNREADABLE


def hash_view(view: View) -> Digest:
    """Return the SHA-256 of a view, in constant memory; a file must not have changed meanwhile (`Unavailable`)."""
    whole = hashlib.sha256()
    for offset in range(0, view.size, _PIECE):
        whole.update(view.read_at(offset, min(_PIECE, view.size - offset)))
    if isinstance(view, FileView):
        view.check_unchanged()
    return Digest("sha256", whole.hexdigest())


def digest_path(path: StrPath, *, limits: Limits = DEFAULT_LIMITS) -> Digest:
    """Return the identity of what a person named: sha256 of a file, dirHash of a directory; errors as there."""
    if os.path.isdir(path):  # noqa: PTH112 - a path, as given
        return read_tree(path, limits=limits).digest
    with open_file(path) as view:
        return hash_view(view)


def read_file(path: StrPath, *, limit: int) -> bytes:
    """Return all bytes of a small file; raise `Exceeded` above `limit` bytes, else as `open_file`."""
    with open_file(path) as view:
        return _read_whole(view, limit, _shown(path))


def snapshot(path: StrPath, *, limits: Limits = DEFAULT_LIMITS) -> Snapshot:
    """Copy a file, or every file of a tree, into private memory, once, and hash that memory.

    Raises:
        Exceeded: more than `max_load_bytes` in all.
        Malformed, Unavailable: as `Tree.digest` and `open_file`.
    """
    if not os.path.isdir(path):  # noqa: PTH112 - a path, as given
        data = read_file(path, limit=limits.max_load_bytes)
        digest = Digest("sha256", hashlib.sha256(data).hexdigest())
        return Snapshot(None, digest, {os.path.basename(os.fspath(path)): data})  # noqa: PTH119
    copies: dict[str, bytes] = {}
    files: list[TreeFile] = []
    odd: list[Odd] = []
    left = limits.max_load_bytes
    for found in walk_tree(path, limits=limits):
        if isinstance(found, Odd):
            odd.append(found)
            continue
        name, view = found
        data = _read_whole(view, left, _shown(path))
        left -= len(data)
        copies[name] = data
        files.append(TreeFile(name, len(data), view.mode, hashlib.sha256(data).hexdigest()))
    tree = Tree(tuple(sorted(files, key=lambda file: file.path.encode())), tuple(odd))
    return Snapshot(tree, tree.digest, copies)


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
    _require_descriptors()
    folder, name = os.path.split(os.fspath(path))
    try:
        directory = os.open(folder or ".", _FLAGS | _DIRECTORY)
    except (OSError, ValueError) as error:
        raise _unavailable(folder, error) from None
    temporary = f".{os.urandom(8).hex()}.part"
    try:
        _require_replaceable(name, directory, _shown(path))
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
        raise _unavailable(os.fspath(path), error) from None
    finally:
        os.close(directory)


@dataclass(frozen=True, slots=True)
class _Place:
    """An open directory: its path in the tree, and where it is in a Hugging Face repository folder, if in one."""

    descriptor: int
    path: tuple[str, ...]
    repository: int | None
    inside: tuple[str, ...]

    def shown(self, name: str) -> str:
        return printable("/".join((*self.path, name)))


class _Walk:
    """One walk: the budget of names is of the whole tree."""

    def __init__(self, limits: Limits, exclude: frozenset[str]) -> None:
        self._limits = limits
        self._exclude = exclude
        self._left = limits.max_tree_files

    def below(self, place: _Place) -> Iterator[tuple[str, FileView] | Odd]:
        if len(place.path) > self._limits.max_tree_depth:
            yield Odd(
                place.shown("")[:-1], UncheckedCode.LIMIT, f"deeper than {self._limits.max_tree_depth} directories"
            )
            return
        for name in self._names(place):
            if isinstance(name, Odd):
                yield name
                continue
            whole = "/".join((*place.path, name))
            found = None if whole in self._exclude else _enter(place, name)
            if isinstance(found, _Place):
                try:
                    yield from self.below(found)
                finally:
                    os.close(found.descriptor)
            elif isinstance(found, FileView):
                with found:
                    yield whole, found
            elif found is not None:
                yield found

    def _names(self, place: _Place) -> Iterator[str | Odd]:
        if self._left < 0:
            return
        try:
            with os.scandir(place.descriptor) as entries:
                names = [entry.name for entry in islice(entries, self._left + 1)]
        except OSError as error:
            yield Odd(place.shown("")[:-1] or ".", UncheckedCode.UNREADABLE, error.strerror or "cannot be listed")
            return
        self._left -= len(names)
        if self._left < 0:
            names.pop()
            detail = f"more than {self._limits.max_tree_files} names in the tree"
            yield Odd(place.shown("")[:-1] or ".", UncheckedCode.LIMIT, detail)
        yield from sorted(names, key=os.fsencode)


def _enter(place: _Place, name: str) -> _Place | FileView | Odd:
    """Open one name of a directory; the caller closes what it gets."""
    shown = place.shown(name)
    if fault := _name_fault(name):
        return Odd(shown, UncheckedCode.NAME, fault)
    try:
        seen = os.stat(name, dir_fd=place.descriptor, follow_symlinks=False)
        if stat.S_ISLNK(seen.st_mode):
            return _follow(place, name)
        if stat.S_ISDIR(seen.st_mode):
            descriptor = os.open(name, _FLAGS | _DIRECTORY | _NO_FOLLOW, dir_fd=place.descriptor)
            return _step(place, name, descriptor)
        if not stat.S_ISREG(seen.st_mode):
            return Odd(shown, UncheckedCode.FILE_KIND, f"{_kind(seen)}, not a regular file")
        return _opened(os.open(name, _FLAGS | _NO_FOLLOW, dir_fd=place.descriptor), shown)
    except OSError as error:
        # Seen a moment ago and gone, or another kind of thing: somebody is writing here.
        moved = error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO)
        code = UncheckedCode.CHANGED if moved else UncheckedCode.UNREADABLE
        return Odd(shown, code, error.strerror or "cannot be opened")
    except Unavailable as error:
        return Odd(shown, UncheckedCode.CHANGED, error.message)


def _step(place: _Place, name: str, descriptor: int) -> _Place:
    path = (*place.path, name)
    if _HUB_REPOSITORY.fullmatch(name):
        return _Place(descriptor, path, descriptor, ())
    return _Place(descriptor, path, place.repository, (*place.inside, name) if place.repository is not None else ())


def _follow(place: _Place, name: str) -> FileView | Odd:
    """Open the blob that a Hugging Face cache's link names; any other link is odd."""
    target = os.readlink(name, dir_fd=place.descriptor)
    up, _, blob = target.rpartition("/blobs/")
    expected = "/".join([".."] * len(place.inside))
    is_hub = place.repository is not None and len(place.inside) >= 2 and place.inside[0] == "snapshots"
    if not is_hub or up != expected or not _HUB_BLOB.fullmatch(blob):
        return Odd(place.shown(name), UncheckedCode.SYMLINK, f"a symbolic link to {printable(target)}")
    blobs = os.open("blobs", _FLAGS | _DIRECTORY | _NO_FOLLOW, dir_fd=place.repository)
    try:
        seen = os.stat(blob, dir_fd=blobs, follow_symlinks=False)
        _require_regular(seen, target)
        return _opened(os.open(blob, _FLAGS | _NO_FOLLOW, dir_fd=blobs), place.shown(name))
    except (FileNotFoundError, Unavailable):
        return Odd(place.shown(name), UncheckedCode.SYMLINK, f"a link to {printable(target)}, which is no file")
    finally:
        os.close(blobs)


@contextmanager
def _root(path: StrPath) -> Iterator[_Place]:
    """Open the directory that a person named; through its repository folder, where it lies in a Hugging Face cache."""
    _require_descriptors()
    with ExitStack() as stack:
        try:
            parts = os.path.realpath(path, strict=True).split("/")
            start = max((i for i, part in enumerate(parts) if _HUB_REPOSITORY.fullmatch(part)), default=None)
            top = path if start is None else "/".join(parts[: start + 1])
            descriptor = os.open(top, _FLAGS | _DIRECTORY)
            stack.callback(os.close, descriptor)
            place = _Place(descriptor, (), None if start is None else descriptor, ())
            for part in [] if start is None else parts[start + 1 :]:
                descriptor = os.open(part, _FLAGS | _DIRECTORY | _NO_FOLLOW, dir_fd=place.descriptor)
                stack.callback(os.close, descriptor)
                place = _Place(descriptor, (), place.repository, (*place.inside, part))
        except (OSError, ValueError) as error:
            raise _unavailable(os.fspath(path), error) from None
        yield place


def _opened(descriptor: int, name: str) -> FileView:
    try:
        _require_regular(os.fstat(descriptor), name)
    except BaseException:
        os.close(descriptor)
        raise
    return FileView(descriptor, name)


def _read_whole(view: FileView, limit: int, name: str) -> bytes:
    if view.size > limit:
        raise Exceeded(f"{name} is {view.size} bytes long, {limit} are allowed", "raise the limit if you trust it")
    data = view.read_at(0, view.size)
    view.check_unchanged()
    return data


def _fingerprint(seen: os.stat_result) -> tuple[int, ...]:
    return (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev)


def _name_fault(name: str) -> str:
    if "\n" in name:
        return "a newline in the name"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    return ""


def _require_regular(seen: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise Unavailable(f"{printable(name)} is {_kind(seen)}, not a regular file")


def _require_replaceable(name: str, directory: int, shown: str) -> None:
    with suppress(FileNotFoundError):
        seen = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if not stat.S_ISREG(seen.st_mode):
            raise Misconfigured(f"{shown} is {_kind(seen)}, and will not be written over", "name another file")


def _require_descriptors() -> None:
    if os.open not in os.supports_dir_fd or not hasattr(os, "pread"):
        raise Unavailable("this platform opens no files by directory descriptor", "use Linux or macOS")


def _kind(seen: os.stat_result) -> str:
    return next((name for test, name in _KINDS if test(seen.st_mode)), "a symbolic link or of unknown kind")


def _shown(path: StrPath) -> str:
    return printable(os.fspath(path))


def _unavailable(name: str, error: OSError | ValueError) -> Unavailable:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Unavailable(f"{printable(name) or 'the empty path'}: {reason}", "check the path and its permissions")
