"""Small files of a project's own state: kept whole, forgotten together, and lines that are added to the end of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hauberk.edge.files import unavailable, write_atomic
from hauberk.edge.stores import make_folder

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE = 0o600


def keep(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads, with its folder; raise `Unavailable` where it cannot be written."""
    make_folder(path.parent)
    write_atomic(path, data, mode=_PRIVATE)


def forget_all(folder: Path) -> None:
    """Remove every file of a folder, if it is there; raise `Unavailable` where one stays.

    Only what `keep` could have written: a folder in it stays, and of a link in its place the link itself is removed.
    """
    try:
        if folder.is_symlink():
            folder.unlink()
            return
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
        for name in names:
            (folder / name).unlink(missing_ok=True)
    except (FileNotFoundError, NotADirectoryError):
        return  # nothing can lie in it
    except OSError as error:
        raise unavailable(os.fspath(folder), error) from None


def add_line(path: Path, line: str) -> None:
    """Add a line to a file that only its owner reads, durably; raise `Unavailable` where it cannot be added.

    It never waits: a pipe in the file's place that nobody reads is refused.
    """
    make_folder(path.parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, _PRIVATE)
        try:
            os.write(descriptor, f"{line}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
