"""A log as static files that any C2SP client reads: tiles of the tree, bundles of entries, and the checkpoint.

    checkpoint                       the newest published checkpoint
    tile/<L>/<N>                     256 hashes of level 8*L, from the left; N in groups of three digits: x001/x234/067
    tile/<L>/<N>.p/<W>               the rightmost, of which there are only W yet
    tile/entries/<N>[.p/<W>]         the entries below a tile of level 0: each its length in two bytes, then its bytes

A tile is what it is for ever, so it may be kept and copied by anybody. Hashes of leaves are computed from the entries.
Those above are read from the stored tree, which is not believed: a reader hashes them up to the checkpoint, and so does
`hauberk.ledger.tile_folder` before it writes a checkpoint.

Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.ledger.entry import MAX_ENTRY_BYTES
from hauberk.ledger.nodes import TAMPERED
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.ledger.log import Log

WIDTH: Final = 256
_HEIGHT: Final = 8  # levels of the tree in a tile
_MOST_LEVEL: Final = 7  # 256**8 leaves are more than any log has
_FORM: Final = re.compile(r"tile/(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LENGTH_BYTES: Final = 2  # of an entry in a bundle, big-endian


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of hashes, or, at level None, a bundle of entries: which, and how many are in it."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """Return where the tile is found, under the prefix of the log."""
        level = "entries" if self.level is None else self.level
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number(self.index)}{part}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Read a path; raise `Malformed` unless it is exactly what `path` gives."""
        found = _FORM.fullmatch(path)
        if found is None:
            raise Malformed(f"not the path of a tile: {path!r:.80}")
        index = int(found[2].replace("x", "").replace("/", ""))
        tile = cls(None if found[1] == "entries" else int(found[1]), index, int(found[3] or WIDTH))
        if tile.path != path or not 1 <= tile.width <= WIDTH or (tile.level or 0) > _MOST_LEVEL:
            raise Malformed(f"not the path of a tile: {path!r:.80}")
        return tile


@dataclass(frozen=True, slots=True)
class Published:
    """A log up to its newest checkpoint, whose stored tree gives the root that was signed."""

    log: Log
    note: str
    size: int
    root: bytes

    @classmethod
    def of(cls, log: Log) -> Published:
        """Return it.

        Raises:
            Unavailable: nothing is published yet.
            NotVerified: the stored tree is not that of the checkpoint.
        """
        note = log.latest_checkpoint()
        if note is None:
            raise Unavailable("the ledger has no checkpoint yet", "run `hauberk run`")
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        if checkpoint.size > log.size or log.tree().root(checkpoint.size) != checkpoint.root:
            raise NotVerified("the stored tree is not that of the checkpoint", "see `hauberk ledger verify`")
        return cls(log, note, checkpoint.size, checkpoint.root)

    def tiles(self, before: int = 0) -> Iterator[Tile]:
        """Yield the tiles of this size that a log of `before` entries did not have, leaves first."""
        for level in range(_MOST_LEVEL + 1):
            here, there = self.size >> _HEIGHT * level, before >> _HEIGHT * level
            if not here:
                return
            for index in range(there // WIDTH, -(-here // WIDTH)):
                width = min(WIDTH, here - index * WIDTH)
                if index * WIDTH + width > there:
                    yield from (Tile(None, index, width),) if level == 0 else ()
                    yield Tile(level, index, width)

    def read(self, tile: Tile) -> bytes:
        """Return a tile's bytes; raise `Unavailable` where this log has no such tile yet."""
        level = tile.level or 0
        start, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
        if end > self.size >> _HEIGHT * level:
            raise Unavailable(f"the ledger has published no {tile.path} yet", "read the checkpoint first")
        if tile.level is None:
            records = self.log.records(start, end)
            if any(len(record) > MAX_ENTRY_BYTES for record in records):
                raise NotVerified(f"rewritten entry: one of {tile.path} is longer than entries are", TAMPERED)
            return b"".join(len(record).to_bytes(_LENGTH_BYTES, "big") + record for record in records)
        if level == 0:
            return b"".join(map(merkle.leaf_hash, self.log.records(start, end)))
        return b"".join(self.log.tree().perfect([(_HEIGHT * level, place) for place in range(start, end)]))

    def rightmost(self) -> list[bytes]:
        """Return the partial tile of each level, from level 0 up; empty where there is none."""
        counts = [self.size >> _HEIGHT * level for level in range(_MOST_LEVEL + 1)]
        return [
            self.read(Tile(level, count // WIDTH, count % WIDTH)) if count % WIDTH else b""
            for level, count in enumerate(counts)
        ]


def tile_root(data: bytes) -> bytes:
    """Return the hash that a full tile of hashes has in the tile above it."""
    return merkle.Tree(hashes_in(data)).root()


def root_of(rightmost: Sequence[bytes]) -> bytes:
    """Return the root over a log by the hashes in the partial tile of each level, from level 0 up; empty for none."""
    peaks: list[bytes] = []
    for data in reversed(rightmost):
        tree = merkle.Tree(hashes_in(data))
        peaks += tree.perfect(merkle.perfect_parts(0, tree.size))
    return merkle.join(peaks)


def hashes_in(data: bytes) -> list[bytes]:
    """Return the hashes in a tile."""
    return [data[at : at + merkle.HASH_BYTES] for at in range(0, len(data), merkle.HASH_BYTES)]


def _number(index: int) -> str:
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
