"""Make the rows of a manifest again while somebody reads its data, so that nobody signs rows that nobody has seen.

A manifest whose files are right can still tell of other rows: those of last week, say, so that a comparison finds
nothing new. Only who hashes the rows again, with the salt, knows better.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.dataset.rows import commitment
from hauberk.edge.salt import read_salt
from hauberk.edge.sources import printable
from hauberk.edge.tables import KINDS
from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.refused_for import RefusedFor
from hauberk.verbs.data_manifest import Wanted, salts_for
from hauberk.verbs.data_writer import RowWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hauberk.dataset.manifest import DataFile, Manifest
    from hauberk.edge.files import StrPath


@dataclass(frozen=True, slots=True)
class SaltFiles:
    """The files of the set's salt and of those of persons, read where a manifest has any."""

    salt: StrPath
    persons: StrPath


class _Unkept:
    """What would be the file of hashes: its digest alone."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        self._hash.update(data)


@contextmanager
def hashing_again(manifest: Manifest, files: SaltFiles) -> Iterator[RowWriter]:
    """Give the writer that makes the rows of a manifest from its data.

    Raises:
        Misconfigured: this is not the salt that the manifest was made with, or not the salts of its persons.
        Unavailable: there is none.
    """
    rows = manifest.rows
    salt = None if rows is None or rows.salt is None else _read_salt(manifest, files.salt)
    if rows is not None and commitment(salt) != rows.salt:
        raise Misconfigured(
            f"{printable(files.salt)} is not the salt of {manifest.name}", "name the one that it was made with: --salt"
        )
    person = None if rows is None else rows.person
    column = None if person is None else person.column
    wanted = Wanted(manifest.name, salt, person=column, person_salts=files.persons)
    with salts_for(wanted, create=False) as salts:
        if salts.person != person:
            raise Misconfigured(f"{printable(files.persons)} holds other salts than the manifest's", "name its own")
        yield RowWriter(_Unkept(), salts, rows.key if rows else (), rows.source if rows else None)


def _read_salt(manifest: Manifest, path: StrPath) -> bytes:
    try:
        return read_salt(path)
    except Unavailable as error:
        said = f"the rows of {manifest.name} are hashed again, with their salt, and {error.message}"
        raise Unavailable(said, "name the salt that the manifest was made with: --salt FILE") from None


def require_rows(manifest: Manifest, writer: RowWriter, files: Iterable[DataFile]) -> None:
    """Raise `NotVerified` unless what was read is what a manifest says of files and rows.

    Args:
        manifest: see there; where its files lie in a store is not looked at.
        writer: has seen all rows.
        files: what was read.
    """
    found, said = writer.rows(), manifest.rows
    parts = [
        name
        for name in ("columns", "count", "root", "sha256", "sources")
        if getattr(found, name, None) != getattr(said, name, None)
    ]
    if parts or [*map(_known, files)] != [*map(_known, manifest.files)]:
        raise NotVerified(
            f"the rows are not those of the manifest {manifest.name}: other {', '.join(parts) or 'files'}",
            "make the manifest again from the data; nothing was approved",
            refused_for=RefusedFor.DATA_DIFFER,
        )


def _known(file: DataFile) -> tuple[object, ...]:
    return file.path, file.size, file.sha256, file.kind, file.rows if file.kind in KINDS else None
