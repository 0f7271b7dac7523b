"""A quarantine: a directory made anew, for nobody but its owner, in which what was fetched lies until it is judged.

    q/             0700
      unverified/  while it is fetched, verified and scanned; after a refusal by the scan it is `refused/`
      model/       the same, once it was accepted: this name exists for nothing else
      intake.json  the record
      REFUSED.txt  why it was refused

Files are 0400 and nothing opens them. What does not verify is removed: it is not what was asked for.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.files import DIRECTORY, FLAGS, NO_FOLLOW, printable, require_descriptors, unavailable, write_atomic
from hauberk.edge.sources import TreeFile
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hauberk.edge.files import StrPath

UNVERIFIED, REFUSED, ACCEPTED = "unverified", "refused", "model"
RECORD, NOTICE = "intake.json", "REFUSED.txt"


class Quarantine:
    """The directory; made by `make`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls, path: StrPath) -> Quarantine:
        """Make the directory, or take an empty one.

        Raises:
            Misconfigured: something is there already.
            Unavailable: it cannot be made.
        """
        require_descriptors()
        place = Path(path)
        try:
            with suppress(FileExistsError):
                place.mkdir(mode=0o700)
            if place.is_symlink() or not place.is_dir() or any(place.iterdir()):
                raise Misconfigured(f"{printable(path)} is there and not an empty directory", "name a new one")
            place.chmod(0o700)
            (place / UNVERIFIED).mkdir(mode=0o700)
        except OSError as error:
            raise unavailable(os.fspath(path), error) from None
        return cls(place)

    @property
    def unverified(self) -> Path:
        """Return where the files are before they are judged."""
        return self.path / UNVERIFIED

    def write(self, relative: str, pieces: Iterable[bytes]) -> TreeFile:
        """Write a file as it comes, hashing it.

        Args:
            relative: its name, which was found sound; folders on the way are made.
            pieces: its bytes; what they raise goes through.

        Raises:
            Unavailable: the disk does not take it, or the name is taken.
        """
        whole, size = hashlib.sha256(), 0
        with _errors(relative), self._folder(relative) as (folder, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | NO_FOLLOW
            with open(os.open(name, flags, 0o600, dir_fd=folder), "wb") as file:  # noqa: PTH123 - by descriptor
                for piece in pieces:
                    file.write(piece)
                    whole.update(piece)
                    size += len(piece)
                file.flush()
                os.fchmod(file.fileno(), 0o400)
                os.fsync(file.fileno())
        return TreeFile(relative, size, 0o400, whole.hexdigest())

    def drop(self, relative: str) -> None:
        """Remove one file."""
        with _errors(relative), self._folder(relative) as (folder, name):
            os.unlink(name, dir_fd=folder)

    def accept(self, record: bytes) -> Path:
        """Give the files the name of an accepted model, and write the record; return where they are."""
        with _errors(str(self.path)):
            self.unverified.rename(self.path / ACCEPTED)
        write_atomic(self.path / RECORD, record, mode=0o600)
        return self.path / ACCEPTED

    def refuse(self, record: bytes, why: str, *, keep: bool) -> None:
        """Mark the files as refused, or remove them; write the record and why."""
        with _errors(str(self.path)):
            if keep:
                self.unverified.rename(self.path / REFUSED)
            else:
                shutil.rmtree(self.unverified)
        write_atomic(self.path / NOTICE, f"Refused. Do not use what lies here.\n\n{why}\n".encode(), mode=0o600)
        write_atomic(self.path / RECORD, record, mode=0o600)

    def remove(self) -> None:
        """Remove all of it: the intake did not come to an end."""
        with _errors(str(self.path)):
            shutil.rmtree(self.path)

    @contextmanager
    def _folder(self, relative: str) -> Iterator[tuple[int, str]]:
        """Yield the descriptor of the folder that a file goes into, made on the way, and the file's own name."""
        *above, name = relative.split("/")
        folder = os.open(self.unverified, FLAGS | DIRECTORY | NO_FOLLOW)
        try:
            for part in above:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=folder)
                deeper = os.open(part, FLAGS | DIRECTORY | NO_FOLLOW, dir_fd=folder)
                os.close(folder)
                folder = deeper
            yield folder, name
        finally:
            os.close(folder)


@contextmanager
def _errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unavailable(name, error) from None
