"""Whether anything below a path was written to, also if it was put back as it was before.

The system sets the time of a file's last change, and nobody else can: a file that was changed and changed back has the
same bytes and another time.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Marks: TypeAlias = "Mapping[str, tuple[int, ...]]"


def marks(path: Path) -> Marks:
    """Return for a file, or a folder and all in it, which it is and when it was last changed."""
    place = os.path.realpath(path)
    found = {place: _mark(place)}
    for folder, folders, names in os.walk(place):
        for name in (*folders, *names):
            found[f"{folder}/{name}"] = _mark(f"{folder}/{name}")
    return found


def _mark(path: str) -> tuple[int, ...]:
    try:
        seen = os.lstat(path)
    except OSError:
        return ()
    return (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
