"""The files of a data set, wherever they lie: how each is named, in which order they stand, and what opens it.

Whoever makes a manifest and whoever checks the same data must name and order them alike, or they would speak of other
digests.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import open_file, open_in_tree, printable
from hauberk.errors import Misconfigured
from hauberk.verbs.data_places import names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager, ExitStack

    from hauberk.edge.files import FileView
    from hauberk.verbs.data_remote import Place
    from hauberk.view import View

    Opener = Callable[[], AbstractContextManager[tuple[View, Place | None]]]


class FoundFiles:
    """The files of several paths and addresses, each with what opens it; two of one name are refused."""

    def __init__(self, stack: ExitStack, *, are_several: bool) -> None:
        self.is_tree = False
        self._stack = stack
        self._are_several = are_several
        self._files: dict[str, Opener] = {}

    def files(self) -> list[tuple[str, Opener]]:
        """Return all, in the order of the bytes of their names."""
        return sorted(self._files.items(), key=lambda item: item[0].encode("utf-8", "surrogateescape"))

    def look(self, path: str) -> None:
        """Add what lies at a path or an address."""
        if is_address(path):
            from hauberk.verbs.data_remote import elsewhere  # noqa: PLC0415 - only for what lies elsewhere

            there = elsewhere(path, self._stack)
            for inside, opener in there.files:
                self._add(there.name, inside if there.is_tree else "", opener)
            self.is_tree = self.is_tree or there.is_tree
            return
        prefix = os.path.basename(os.path.normpath(path))  # noqa: PTH119 - a path, as given
        if not os.path.isdir(path):  # noqa: PTH112
            self._add(prefix, "", partial(_here, partial(open_file, path)))
            return
        self.is_tree = True
        for inside in names_in(path):
            self._add(prefix, inside, partial(_here, partial(open_in_tree, path, inside)))

    def _add(self, prefix: str, inside: str, opener: Opener) -> None:
        name = inside if inside and not self._are_several else "/".join(filter(None, (prefix, inside)))
        if name in self._files:
            raise Misconfigured(
                f"two files would be named {printable(name)}", "name directories with different last names"
            )
        self._files[name] = opener


@contextmanager
def _here(opened: Callable[[], FileView]) -> Iterator[tuple[View, None]]:
    with opened() as view:
        yield view, None
