"""The file of hashes beside a manifest: records that are read a piece at a time, and proven to be the manifest's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hauberk.dataset.manifest import ROWS_SUFFIX
from hauberk.dataset.rows import BLOCK_ROWS, HASH_BYTES, RowTree
from hauberk.edge.sources import hash_view, open_file, printable
from hauberk.errors import NotVerified, Unavailable
from hauberk.ledger import merkle

if TYPE_CHECKING:
    from hauberk.dataset.manifest import Rows
    from hauberk.edge.files import FileView, StrPath
    from hauberk.view import View

_PIECE_RECORDS = BLOCK_ROWS * 64


def fields_of(rows: Rows, key: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Return the fields of a record of a row, as NumPy names them."""
    fields: list[tuple[Any, ...]] = [("hash", "<u8", (4,))]
    fields += [("key", "<u8")] if key else []
    fields += [("source", "<u4")] if rows.source is not None else []
    return fields


@dataclass(frozen=True, slots=True)
class HashesAt:
    """A file of hashes: where it is, how it is laid out, and how it was when the asker opened it."""

    path: str
    count: int
    record_bytes: int
    size: int
    changed: int


class RowsFile:
    """The file of hashes beside a manifest, as `Records`."""

    def __init__(self, view: View, rows: Rows) -> None:
        fields = fields_of(rows, rows.key)
        self.rows = rows
        self.fields = tuple(str(field[0]) for field in fields)
        self._dtype = np.dtype(fields)
        self._view = view
        self._count = rows.count

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, end: int) -> Any:
        """Return the records of the rows from `start` to before `end`."""
        size = self._dtype.itemsize
        return np.frombuffer(self._view.read_at(start * size, (end - start) * size), self._dtype)


def hashes_at(path: StrPath, rows: Rows, view: FileView) -> HashesAt:
    """Return, for another process, where a manifest's hashes are, and how they are now."""
    whole = os.path.abspath(rows_path(path))  # noqa: PTH100 - nodes have other working directories
    return HashesAt(whole, rows.count, rows.record_bytes, *view.fingerprint[:2])


def open_told(told: HashesAt) -> FileView:
    """Open a file of hashes that another process has proven; raise `Unavailable` where it is not as it was then."""
    view = open_file(told.path)
    if view.fingerprint[:2] != (told.size, told.changed):
        view.close()
        raise Unavailable(f"{printable(told.path)} changed while it was read", "let nobody write to it meanwhile")
    return view


class RowHashes:
    """The hashes alone of such a file, as `Records`."""

    fields: tuple[str, ...] = ("hash",)

    def __init__(self, view: View, count: int, record_bytes: int) -> None:
        self._view, self._count, self._size = view, count, record_bytes
        found: Any = {"names": ["hash"], "formats": [("<u8", (4,))], "offsets": [0], "itemsize": record_bytes}
        self._dtype = np.dtype(found)

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, end: int) -> Any:
        """Return the hashes of the rows from `start` to before `end`."""
        return np.frombuffer(self._view.read_at(start * self._size, (end - start) * self._size), self._dtype)


def open_rows(manifest: StrPath, rows: Rows) -> FileView:
    """Open the file of hashes that lies beside a manifest, and prove that it is that of the manifest's tree."""
    view = open_unproven(manifest, rows)
    try:
        tree = merkle.root(blocks_of(view, rows.record_bytes, 0, rows.count)).hex()
        require_proven(manifest, rows, hash_view(view).hex, tree)
    except BaseException:
        view.close()
        raise
    return view


def open_unproven(manifest: StrPath, rows: Rows) -> FileView:
    """Open the file of hashes that lies beside a manifest, of which nothing is proven but its length."""
    view = open_file(rows_path(manifest))
    wanted = rows.count * rows.record_bytes
    if view.size != wanted:
        view.close()
        raise NotVerified(
            f"{printable(rows_path(manifest))} holds {view.size} bytes, where {rows.count} rows have {wanted}",
            "it is of another manifest: make both again",
        )
    return view


def rows_path(manifest: StrPath) -> str:
    """Return where the hashes of a manifest's rows are."""
    return f"{os.fspath(manifest)}{ROWS_SUFFIX}"


def require_proven(manifest: StrPath, rows: Rows, sha256: str, tree: str) -> None:
    """Raise `NotVerified` unless a file of hashes has the digest, and its tree the root, that a manifest says."""
    if (sha256, tree) != (rows.sha256, rows.tree):
        raise NotVerified(
            f"the hashes in {printable(rows_path(manifest))} are not those of {printable(manifest)}",
            "one of them was changed: make both again from the data",
        )


def blocks_of(view: View, record_bytes: int, start: int, end: int) -> list[bytes]:
    """Return the leaves of the blocks of some rows, from `start`, which begins a block, to before `end`."""
    tree = RowTree()
    for at in range(start, end, _PIECE_RECORDS):
        piece = view.read_at(at * record_bytes, min(_PIECE_RECORDS, end - at) * record_bytes)
        if record_bytes != HASH_BYTES:
            piece = np.frombuffer(piece, "u1").reshape(-1, record_bytes)[:, :HASH_BYTES].tobytes()
        tree.add(piece)
    return tree.blocks()
