"""A tree, walked by directory descriptors: no rename under our feet leads out of it, and no link inside is followed.

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
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Self

from hauberk.edge.files import (
    DIRECTORY,
    FLAGS,
    NO_FOLLOW,
    FileView,
    kind,
    opened,
    printable,
    require_descriptors,
    require_regular,
    unavailable,
)
from hauberk.errors import Malformed, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import UncheckedCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import StrPath

# huggingface_hub file_download.py: models--ORG--NAME/snapshots/REVISION/PATH -> ../../blobs/ETAG, where the tag is a
# Git SHA-1 or, for large files, a SHA-256.
_HUB_REPOSITORY = re.compile(r"(models|datasets|spaces)--.+")
_HUB_BLOB = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
# Stores that name a file by its digest, and link to it from where it is used: huggingface_hub before 0.23 with a
# `local_dir`, DVC with `cache.type symlink`, git-annex.
_STORES = (  # not compiled before it is used, which is seldom, and half of what this module costs at the start
    r"(?:.*/)?(?:(?:models|datasets|spaces)--[^/]+/blobs/[0-9a-f]{40}(?:[0-9a-f]{24})?|"
    r"cache/(?:files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}|"
    r"\.git/annex/objects/(?:[^/.]+/){2}(?P<key>[A-Z0-9_]+-[^/]+)/(?P=key))"
)


@dataclass(frozen=True, slots=True)
class Odd:
    """A name of a tree that is not read, and why; `path` is printable, and so only for people.

    `leads_out`: it is a symbolic link to a place outside of the tree and of the Hugging Face repository around it, and
    not into a store that names files by their digests.
    """

    path: str
    code: UncheckedCode
    detail: str
    leads_out: bool = False


def open_in_tree(path: StrPath, relative: str) -> FileView:
    """Open a file of a tree by directory descriptors, as `walk_tree` does.

    Raises:
        Malformed: `relative` is empty, absolute, or has `..`, `.`, a newline, NUL or bytes that are not UTF-8.
        Unavailable: there is no such regular file in the tree.
    """
    parts = relative.split("/")
    if any(name_fault(part) or part in ("", ".", "..") or "\0" in part for part in parts):
        raise Malformed(f"not a path inside a tree: {printable(relative)}")
    with ExitStack() as stack:
        place = stack.enter_context(_root(path))
        for part in parts[:-1]:
            found = _enter(place, part)
            if not isinstance(found, _Place):
                raise Unavailable(f"{printable(relative)}: {printable(part)} is not a directory of {printable(path)}")
            stack.callback(os.close, found.descriptor)
            place = found
        last = _enter(place, parts[-1])
        if isinstance(last, FileView):
            return last
        if isinstance(last, Odd):
            raise Unavailable(f"{printable(last.path)} in {printable(path)}: {last.detail}")
        os.close(last.descriptor)
        raise Unavailable(f"{printable(relative)} in {printable(path)} is a directory")


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


def list_tree(
    path: StrPath, *, limits: Limits = DEFAULT_LIMITS, exclude: frozenset[str] = frozenset()
) -> Iterator[tuple[str, os.stat_result] | Odd]:
    """Yield what `walk_tree` would, with the state of each file instead of the file: none is opened."""
    with _root(path) as place:
        yield from _Walk(limits, exclude).listed(place)


class Descent:
    """Opens files of one tree, as `walk_tree` does, in any order; fast where the order is that of a walk."""

    def __init__(self, path: StrPath) -> None:
        self._stack = ExitStack()
        self._places = [self._stack.enter_context(_root(path))]
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(0)
        self._stack.close()

    def open(self, relative: str) -> FileView | Odd:
        """Return an open file, which the caller closes, or why there is none any more."""
        *folders, name = relative.split("/")
        if folders != self._names:
            shared = 0
            for ours, theirs in zip(self._names, folders, strict=False):
                if ours != theirs:
                    break
                shared += 1
            self._leave(shared)
            for folder in folders[shared:]:
                found = _enter(self._places[-1], folder)
                if not isinstance(found, _Place):
                    return _gone(relative, found)
                self._places.append(found)
                self._names.append(folder)
        place = self._places[-1]
        try:  # a walk has looked at it; what took its place is refused by the kernel, or by what is opened
            return opened(os.open(name, FLAGS | NO_FOLLOW, dir_fd=place.descriptor), relative)
        except (OSError, Unavailable):
            found = _enter(place, name)
        if isinstance(found, _Place):
            os.close(found.descriptor)
            return _gone(relative, None)
        return found

    def _leave(self, depth: int) -> None:
        while len(self._names) > depth:
            self._names.pop()
            os.close(self._places.pop().descriptor)


def _gone(path: str, found: FileView | Odd | None) -> Odd:
    if isinstance(found, FileView):
        found.close()
    return found if isinstance(found, Odd) else Odd(path, UncheckedCode.CHANGED, "another kind of thing than before")


def unread_code(view: FileView) -> UncheckedCode:
    """Return why reading failed: the file changed, or it cannot be read."""
    return UncheckedCode.CHANGED if view.changed else UncheckedCode.UNREADABLE


@dataclass(frozen=True, slots=True)
class _Place:
    """An open directory: its path in the tree, and where it is in a Hugging Face repository folder, if in one.

    `top` is the real path of the outermost folder whose links are its own: the tree, or the repository around it.
    """

    descriptor: int
    path: tuple[str, ...]
    repository: int | None
    inside: tuple[str, ...]
    top: str = ""

    def within(self, name: str) -> str:
        return "/".join((*self.path, name))

    @property
    def label(self) -> str:
        return "/".join(self.path) or "."


class _Walk:
    """One walk: the budget of names is of the whole tree."""

    def __init__(self, limits: Limits, exclude: frozenset[str]) -> None:
        self._limits = limits
        self._exclude = exclude
        self._left = limits.max_tree_files

    def below(self, place: _Place) -> Iterator[tuple[str, FileView] | Odd]:
        if len(place.path) > self._limits.max_tree_depth:
            yield Odd(place.label, UncheckedCode.LIMIT, f"deeper than {self._limits.max_tree_depth} directories")
            return
        for name in self._names(place):
            if isinstance(name, Odd):
                yield name
                continue
            whole = place.within(name)
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

    def listed(self, place: _Place) -> Iterator[tuple[str, os.stat_result] | Odd]:
        if len(place.path) > self._limits.max_tree_depth:
            yield Odd(place.label, UncheckedCode.LIMIT, f"deeper than {self._limits.max_tree_depth} directories")
            return
        for name in self._names(place):
            if isinstance(name, Odd):
                yield name
                continue
            whole = place.within(name)
            if whole in self._exclude:
                continue
            if (seen := _look(place, name)) is not None:
                yield whole, seen
                continue
            found = _enter(place, name)
            if isinstance(found, _Place):
                try:
                    yield from self.listed(found)
                finally:
                    os.close(found.descriptor)
            elif isinstance(found, FileView):
                with found:
                    yield whole, found.seen
            else:
                yield found

    def _names(self, place: _Place) -> Iterator[str | Odd]:
        if self._left < 0:
            return
        try:
            with os.scandir(place.descriptor) as entries:
                names = [entry.name for entry in islice(entries, self._left + 1)]
        except OSError as error:
            yield Odd(place.label, UncheckedCode.UNREADABLE, error.strerror or "cannot be listed")
            return
        self._left -= len(names)
        if self._left < 0:
            names.pop()
            detail = f"more than {self._limits.max_tree_files} names in the tree"
            yield Odd(place.label, UncheckedCode.LIMIT, detail)
        yield from sorted(names, key=os.fsencode)


def _look(place: _Place, name: str) -> os.stat_result | None:
    """Return the state of a regular file with an ordinary name, without opening it; None for anything else."""
    if name_fault(name):
        return None
    try:
        seen = os.stat(name, dir_fd=place.descriptor, follow_symlinks=False)
    except OSError:
        return None
    return seen if stat.S_ISREG(seen.st_mode) else None


def _enter(place: _Place, name: str) -> _Place | FileView | Odd:
    """Open one name of a directory; the caller closes what it gets."""
    whole = place.within(name)
    if fault := name_fault(name):
        return Odd(whole, UncheckedCode.NAME, fault)
    try:
        seen = os.stat(name, dir_fd=place.descriptor, follow_symlinks=False)
        if stat.S_ISLNK(seen.st_mode):
            return _follow(place, name)
        if stat.S_ISDIR(seen.st_mode):
            descriptor = os.open(name, FLAGS | DIRECTORY | NO_FOLLOW, dir_fd=place.descriptor)
            return _step(place, name, descriptor)
        if not stat.S_ISREG(seen.st_mode):
            return Odd(whole, UncheckedCode.FILE_KIND, kind(seen))
        return opened(os.open(name, FLAGS | NO_FOLLOW, dir_fd=place.descriptor), whole)
    except OSError as error:
        # Seen a moment ago and gone, or another kind of thing: somebody is writing here.
        moved = error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO)
        code = UncheckedCode.CHANGED if moved else UncheckedCode.UNREADABLE
        return Odd(whole, code, error.strerror or "cannot be opened")
    except Unavailable as error:
        return Odd(whole, UncheckedCode.CHANGED, error.message)


def _step(place: _Place, name: str, descriptor: int) -> _Place:
    path = (*place.path, name)
    if _HUB_REPOSITORY.fullmatch(name):
        return _Place(descriptor, path, descriptor, (), place.top)
    inside = (*place.inside, name) if place.repository is not None else ()
    return _Place(descriptor, path, place.repository, inside, place.top)


def _follow(place: _Place, name: str) -> FileView | Odd:
    """Open the blob that a Hugging Face cache's link names; any other link is odd."""
    target = os.readlink(name, dir_fd=place.descriptor)
    up, _, blob = target.rpartition("/blobs/")
    expected = "/".join([".."] * len(place.inside))
    is_hub = place.repository is not None and len(place.inside) >= 2 and place.inside[0] == "snapshots"
    if not is_hub or up != expected or not _HUB_BLOB.fullmatch(blob):
        detail = f"a symbolic link to {printable(target)}"
        return Odd(place.within(name), UncheckedCode.SYMLINK, detail, leads_out=_leads_out(place, target))
    with ExitStack() as stack:
        try:
            blobs = os.open("blobs", FLAGS | DIRECTORY | NO_FOLLOW, dir_fd=place.repository)
            stack.callback(os.close, blobs)
            require_regular(os.stat(blob, dir_fd=blobs, follow_symlinks=False), target)
            return opened(os.open(blob, FLAGS | NO_FOLLOW, dir_fd=blobs), place.within(name))
        except (FileNotFoundError, NotADirectoryError, Unavailable):
            return Odd(place.within(name), UncheckedCode.SYMLINK, f"a link to {printable(target)}, which is no file")


def _leads_out(place: _Place, target: str) -> bool:
    """Say whether the text of a link leads out of the tree, and not into a store; what lies there is not asked."""
    if re.fullmatch(_STORES, target, re.ASCII):
        return False
    if target.startswith("/"):
        return os.path.commonpath((place.top, os.path.normpath(target))) != place.top
    depth = max(len(place.path), len(place.inside))
    for part in target.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False


@contextmanager
def _root(path: StrPath) -> Iterator[_Place]:
    """Open the directory that a person named; through its repository folder, where it lies in a Hugging Face cache."""
    require_descriptors()
    with ExitStack() as stack:
        try:
            parts = os.path.realpath(path, strict=True).split("/")
            start = max((i for i, part in enumerate(parts) if _HUB_REPOSITORY.fullmatch(part)), default=None)
            top = "/".join(parts if start is None else parts[: start + 1]) or "/"
            descriptor = os.open(path if start is None else top, FLAGS | DIRECTORY)
            stack.callback(os.close, descriptor)
            place = _Place(descriptor, (), None if start is None else descriptor, (), top)
            for part in [] if start is None else parts[start + 1 :]:
                descriptor = os.open(part, FLAGS | DIRECTORY | NO_FOLLOW, dir_fd=place.descriptor)
                stack.callback(os.close, descriptor)
                place = _Place(descriptor, (), place.repository, (*place.inside, part), top)
        except (OSError, ValueError) as error:
            raise unavailable(os.fspath(path), error) from None
        yield place


def name_fault(name: str) -> str:
    """Return why no digest of a tree holds a file of this name, or nothing."""
    if "\n" in name:
        return "a newline in the name"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    return ""
