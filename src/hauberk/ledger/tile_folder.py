"""A folder of tiles, brought up to a log's newest checkpoint: for a web server or a bucket, and any C2SP client.

Only what is new is written, below before above, and the checkpoint last: whoever reads meanwhile finds all that the
checkpoint needs. What is written is hashed up from the entries to the root that was signed. A partial tile stays until
the full one is there, because readers may still hold a checkpoint of its size.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.edge.files import is_taken, printable, unavailable, write_atomic
from hauberk.edge.sources import read_file
from hauberk.edge.stores import make_folder
from hauberk.errors import HauberkError, Misconfigured, NotVerified, Refused
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.ledger.nodes import REBUILD
from hauberk.ledger.tiles import WIDTH, Published, hashes_in, root_of, tile_root
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from hauberk.ledger.log import Log

CHECKPOINT: Final = "checkpoint"


@dataclass(frozen=True, slots=True)
class Exported:
    """What a folder holds now, and how many files were written for that."""

    size: int
    written: int


def export(log: Log, folder: str | os.PathLike[str], *, all_again: bool = False) -> Exported:
    """Write what a folder lacks of a log up to its newest checkpoint.

    Args:
        log: open for reading.
        folder: is made where absent; one with other things in it is refused.
        all_again: write every tile, also those that should be there.

    Raises:
        Unavailable: nothing is published yet, or the disk does not take it.
        NotVerified: the folder holds another history, or more of this one; or the stored tree lies.
        Misconfigured: the folder holds something else.
        Refused: a folder in it is a link, so that tiles would be written elsewhere.
    """
    place, published = Path(folder), Published.of(log)
    before = _size_before(place, published)
    written = _write_tiles(place, published, 0 if all_again else before)
    write_atomic(place / CHECKPOINT, published.note.encode())
    for tile in published.tiles(before):
        if tile.width == WIDTH:
            _drop_partial(place / f"{tile.path}.p")
    return Exported(published.size, written + 1)


def _write_tiles(place: Path, published: Published, before: int) -> int:
    """Write the tiles that a log of `before` entries did not have, hashed up to the root, and return how many."""
    written, below = 0, dict[tuple[int, int], bytes]()  # the hash that each new full tile has above it
    for tile in published.tiles(before):
        data = published.read(tile)
        _write(place, tile.path, data)
        written += 1
        if tile.level is None:
            continue
        for index, here in enumerate(hashes_in(data), tile.index * WIDTH):
            if below.pop((tile.level, index), here) != here:
                raise NotVerified(
                    f"lying table: a stored hash of level {8 * tile.level} is not that of its part", REBUILD
                )
        if tile.width == WIDTH:
            below[tile.level + 1, tile.index] = tile_root(data)
    if published.size and root_of(published.rightmost()) != published.root:
        raise NotVerified("lying table: the tiles do not give the root that was signed", REBUILD)
    return written


def _size_before(place: Path, published: Published) -> int:
    """Return how many entries the tiles of a folder cover, 0 for an empty or absent folder."""
    if not is_taken(place / CHECKPOINT):
        make_folder(place)
        if any(name != "tile" for name in _names(place)):
            raise Misconfigured(f"{printable(place)} holds other things than tiles", "name a folder of its own")
        return 0
    note = read_file(place / CHECKPOINT, limit=DEFAULT_LIMITS.max_note_bytes).decode("utf-8", "replace")
    try:
        there = Checkpoint.parse(Note.parse(note).text)
    except HauberkError:
        raise Misconfigured(f"{printable(place / CHECKPOINT)} is no checkpoint", "name a folder of tiles") from None
    if there.origin != Checkpoint.parse(Note.parse(published.note).text).origin:
        raise NotVerified(f"the folder holds the log {there.origin}", "name another folder")
    if there.size > published.size:
        raise NotVerified(
            f"rollback: the folder holds {there.size} entries, the ledger has published {published.size}",
            "keep the folder: it is evidence",
        )
    if published.log.tree().root(there.size) != there.root:
        raise NotVerified(
            f"fork: the folder holds another history of {there.size} entries", "keep the folder: it is evidence"
        )
    return there.size


def _names(place: Path) -> list[str]:
    try:
        return os.listdir(place)  # noqa: PTH208 - names only
    except OSError as error:
        raise unavailable(os.fspath(place), error) from None


def _write(place: Path, name: str, data: bytes) -> None:
    path = place / name
    for folder in path.parents:
        if folder == place:
            break
        if folder.is_symlink():
            raise Refused(f"{printable(folder)} is a symbolic link", "find out who made it, and remove it")
    make_folder(path.parent)
    write_atomic(path, data)


def _drop_partial(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)  # what is left of it is true, only not needed any more
