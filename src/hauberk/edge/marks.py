"""Whether anything below a path was written to, or led elsewhere, also if it was put back as it was before.

The system sets the time of a file's last change, and nobody else can: a file that was changed and changed back has the
same bytes and another time, and so has a symbolic link. The folders above a path are not looked at: the time of each
changes with every file that is made in it, be it the output.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_STEPS: Final = 4096  # links may lead in a circle
Marks: TypeAlias = "Mapping[str, tuple[int, ...]]"


def marks(path: Path) -> Marks:
    """Return for a file, or a folder and all in it, and each link that leads there, which it is and when it changed."""
    place = os.path.realpath(path)
    found = {name: _mark(name) for name in (*_links(path), place)}
    for folder, folders, names in os.walk(place):
        for name in (*folders, *names):
            found[f"{folder}/{name}"] = _mark(f"{folder}/{name}")
    return found


def _links(path: Path) -> Iterator[str]:
    """Yield each symbolic link on the way to where a path leads."""
    left, place = [*reversed(path.absolute().parts)], Path("/")
    for _ in range(_MOST_STEPS):
        if not left:
            return
        step = place.parent if (name := left.pop()) == ".." else place / name
        try:
            target = step.readlink()
        except OSError:  # it is no link
            place = step
            continue
        yield str(step)
        left += reversed(target.parts)


def _mark(path: str) -> tuple[int, ...]:
    try:
        seen = os.lstat(path)
    except OSError:
        return ()
    return (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
