"""The files of a data set, wherever they lie: how each is named, in which order they stand, and what opens it.

Whoever makes a manifest and whoever checks the same data must name and order them alike, or they would speak of other
digests.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import STATE, Odd, name_fault, open_file, open_in_tree, printable, walk_tree
from hauberk.errors import Malformed, Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager, ExitStack

    from hauberk.edge.files import FileView, StrPath
    from hauberk.verbs.data_remote import Place, There
    from hauberk.view import View

    Opener = Callable[[], AbstractContextManager[tuple[View, Place | None]]]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a data set.

    Attributes:
        name: in the data set.
        opener: opens it, and says where a store keeps it, None for a file that is here.
        where: the path or the address under which it was found.
        inside: its path in the directory `where`; None where `where` is the file.
        there: what another process needs to fetch it; None for a file that is here.
    """

    name: str
    opener: Opener
    where: str
    inside: str | None = None
    there: There | None = None

    def open_here(self) -> FileView:
        """Open a file that is here; no link is followed in a directory."""
        assert self.there is None
        return _here(self.where, self.inside)


class FoundFiles:
    """The files of several paths and addresses, each with what opens it; two of one name are refused."""

    def __init__(self, stack: ExitStack, *, are_several: bool) -> None:
        self.is_tree = False
        self._stack = stack
        self._are_several = are_several
        self._files: dict[str, FoundFile] = {}

    def files(self) -> list[FoundFile]:
        """Return all, in the order of the bytes of their names."""
        return sorted(self._files.values(), key=lambda file: file.name.encode("utf-8", "surrogateescape"))

    def look(self, path: str) -> None:
        """Add what lies at a path or an address."""
        if is_address(path):
            from hauberk.verbs.data_remote import elsewhere  # noqa: PLC0415 - only for what lies elsewhere

            place = elsewhere(path, self._stack)
            for there, opener in place.files:
                name = self._name(place.name, there.file.name if place.is_tree else "")
                self._add(FoundFile(name, opener, path, there=there))
            self.is_tree = self.is_tree or place.is_tree
            return
        prefix = os.path.basename(os.path.normpath(path))  # noqa: PTH119 - a path, as given
        if not os.path.isdir(path):  # noqa: PTH112
            self._add(FoundFile(prefix, partial(_opened, path, None), path))
            return
        self.is_tree = True
        for inside, _ in files_in(path):
            self._add(FoundFile(self._name(prefix, inside), partial(_opened, path, inside), path, inside))

    def _name(self, prefix: str, inside: str) -> str:
        return inside if inside and not self._are_several else "/".join(filter(None, (prefix, inside)))

    def _add(self, file: FoundFile) -> None:
        if fault := name_fault(file.name):
            raise Malformed(f"{printable(file.name)}: {fault}", "rename it: a data set's digest names each file")
        if file.name in self._files:
            raise Misconfigured(
                f"two files would be named {printable(file.name)}", "name directories with different last names"
            )
        self._files[file.name] = file


def found_files(paths: tuple[StrPath, ...], stack: ExitStack) -> FoundFiles:
    """Return the files of some paths and addresses; connections are closed by the stack.

    Raises:
        Malformed: a name that no digest of a tree can hold.
        Misconfigured: two files of one name, or as `files_in`; else, with what an address raises, as `elsewhere`.
    """
    found = FoundFiles(stack, are_several=len(paths) > 1)
    for path in paths:
        found.look(os.fspath(path))
    return found


def files_in(path: StrPath) -> Iterator[tuple[str, FileView]]:
    """Yield the files in a directory, each open until the next is asked for.

    Raises:
        Malformed: a name that no digest of a tree can hold.
        Misconfigured: the keys and the ledger of a project are among them, which belong to no data set.
    """
    for found in walk_tree(path):
        if isinstance(found, Odd):
            where = printable(f"{os.fspath(path)}/{found.path}")
            raise Malformed(f"{where}: {found.detail}", "remove it or rename it: a data set's digest names each file")
        if STATE in found[0].casefold().split("/"):
            raise Misconfigured(
                f"{printable(path)} holds {STATE}, where keys and the ledger are", "name the folder of the data alone"
            )
        yield found


def _here(path: str, inside: str | None) -> FileView:
    return open_file(path) if inside is None else open_in_tree(path, inside)


@contextmanager
def _opened(path: str, inside: str | None) -> Iterator[tuple[View, None]]:
    with _here(path, inside) as view:
        yield view, None
