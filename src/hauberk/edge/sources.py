"""Sources: files and trees, read so that what was hashed is what was looked at.

This is the door; one file is `hauberk.edge.files`, the walk over a directory, with its answer to every odd name and
kind of file, `hauberk.edge.walk`. A tree with anything odd has no digest: `Tree.digest` raises, so sign and gate
refuse, while a scan reports each odd thing as unchecked.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hauberk.digest import Digest, dir_hash
from hauberk.edge.files import (
    STATE,
    TOO_LONG_TO_LOAD,
    FileView,
    StrPath,
    check_output,
    hash_view,
    open_file,
    printable,
    read_file,
    read_whole,
    require_apart,
    require_local,
    write_atomic,
    write_output,
)
from hauberk.edge.walk import Odd, name_fault, open_in_tree, unread_code, walk_tree
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import UncheckedCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "STATE",
    "TOO_LONG_TO_LOAD",
    "FileView",
    "Odd",
    "Snapshot",
    "StrPath",
    "Tree",
    "TreeFile",
    "check_output",
    "digest_path",
    "hash_view",
    "name_fault",
    "open_file",
    "open_in_tree",
    "printable",
    "read_file",
    "read_tree",
    "require_apart",
    "require_local",
    "require_whole",
    "snapshot",
    "unread_code",
    "walk_tree",
    "write_atomic",
    "write_output",
]


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file of a tree: relative path with `/`, bytes, permission bits, hex SHA-256 of the content."""

    path: str
    size: int
    mode: int
    sha256: str


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
        require_whole(self.odd)
        return dir_hash((file.path, file.sha256) for file in self.files)


def require_whole(odd: Sequence[Odd]) -> None:
    """Raise as `Tree.digest` where anything of a tree was odd."""
    if odd:
        first = odd[0]
        more = f", and {len(odd) - 1} more" if len(odd) > 1 else ""
        name = printable(first.path)
        said = first.detail if first.detail.startswith(f"{name} ") else f"{name}: {first.detail}"
        error, hint = _ODD_ERRORS.get(first.code, (Malformed, "remove it or fix it"))
        raise error(f"{said}{more}", hint)


_ODD_ERRORS: dict[UncheckedCode, tuple[type[Malformed | Unavailable | Exceeded], str]] = {
    UncheckedCode.UNREADABLE: (Unavailable, "check its permissions, or remove it"),
    UncheckedCode.CHANGED: (Unavailable, "let its writer finish, then try again"),
    UncheckedCode.LIMIT: (Exceeded, "remove what does not belong to it"),
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
            odd.append(Odd(name, unread_code(view), error.message))
    return Tree(tuple(sorted(files, key=lambda file: file.path.encode())), tuple(odd))


def digest_path(path: StrPath, *, limits: Limits = DEFAULT_LIMITS) -> Digest:
    """Return the identity of what a person named: sha256 of a file, dirHash of a directory; errors as there."""
    if os.path.isdir(path):  # noqa: PTH112 - a path, as given
        tree = read_tree(path, limits=limits)
        if not (tree.files or tree.odd):
            raise Malformed(
                f"{printable(path)} holds no file, and an empty tree has no digest",
                "name a directory that holds at least one file",
            )
        return tree.digest
    with open_file(path) as view:
        return hash_view(view)


def snapshot(path: StrPath, *, limits: Limits = DEFAULT_LIMITS) -> Snapshot:
    """Copy a file, or every file of a tree, into private memory, once, and hash that memory.

    Raises:
        Exceeded: more than `max_load_bytes` in all.
        Malformed, Unavailable: as `Tree.digest` and `open_file`.
    """
    if not os.path.isdir(path):  # noqa: PTH112 - a path, as given
        data = read_file(path, limit=limits.max_load_bytes, hint=TOO_LONG_TO_LOAD)
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
        data = read_whole(view, left, printable(f"{os.fspath(path)}/{name}"), TOO_LONG_TO_LOAD)
        left -= len(data)
        copies[name] = data
        files.append(TreeFile(name, len(data), view.mode, hashlib.sha256(data).hexdigest()))
    tree = Tree(tuple(sorted(files, key=lambda file: file.path.encode())), tuple(odd))
    return Snapshot(tree, tree.digest, copies)
