"""Which files a data set is made of: their names in it, and where they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.sources import Odd, open_file, open_in_tree, printable, walk_tree
from hauberk.errors import Malformed, Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.files import FileView, StrPath


@dataclass(frozen=True, slots=True)
class DataPlace:
    """A file: `relative` to the directory `root`, or, where that is None, `root` itself."""

    name: str
    root: str
    relative: str | None

    def open(self) -> FileView:
        """Open it; no link is followed in a directory."""
        return open_file(self.root) if self.relative is None else open_in_tree(self.root, self.relative)


def places_of(paths: tuple[StrPath, ...]) -> list[DataPlace]:
    """Return the files of some paths, in the order of the bytes of their names; refuse two of one name."""
    found: dict[str, DataPlace] = {}
    for path in [os.fspath(one) for one in paths]:
        prefix = os.path.basename(os.path.normpath(path))  # noqa: PTH119 - a path, as given
        if not os.path.isdir(path):  # noqa: PTH112
            _add(found, DataPlace(prefix, path, None))
            continue
        for inside in names_in(path):
            _add(found, DataPlace(inside if len(paths) == 1 else f"{prefix}/{inside}", path, inside))
    return [found[name] for name in sorted(found, key=lambda name: name.encode("utf-8", "surrogateescape"))]


def _add(found: dict[str, DataPlace], place: DataPlace) -> None:
    if place.name in found:
        raise Misconfigured(
            f"two files would be named {printable(place.name)}", "name directories with different last names"
        )
    found[place.name] = place


def names_in(path: StrPath) -> Iterator[str]:
    """Yield the paths of the files in a directory; raise `Malformed` for a name that no digest of a tree can hold."""
    for found in walk_tree(path):
        if isinstance(found, Odd):
            where = printable(f"{os.fspath(path)}/{found.path}")
            raise Malformed(f"{where}: {found.detail}", "remove it or rename it: a data set's digest names each file")
        yield found[0]
