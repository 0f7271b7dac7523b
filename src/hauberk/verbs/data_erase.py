"""Erase a person from a data set: destroy the salt, record which rows are known by their hashes only, and prove it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.dataset import erasure as records
from hauberk.dataset.erasure import Erasure, restored
from hauberk.dataset.manifest import decode
from hauberk.dataset.rows import HASH_BYTES, Column, RowTree, commitment, hashes_after
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.persons import PersonStore
from hauberk.edge.sources import hash_view, printable, read_file, require_local, write_output
from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Misconfigured, NotVerified
from hauberk.evidence.instant import format_instant
from hauberk.formats.table import encoding
from hauberk.formats.table.logical import logical_type
from hauberk.ledger import merkle
from hauberk.limits import DEFAULT_LIMITS
from hauberk.verbs.data_found import found_files
from hauberk.verbs.data_manifest import Wanted, salts_for
from hauberk.verbs.data_rows_file import RowsFile, open_rows
from hauberk.verbs.data_salts import persons_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hauberk.dataset.manifest import Manifest, Rows
    from hauberk.edge.files import FileView, StrPath
    from hauberk.verbs.data_salts import Salts

_AT_ONCE = 1 << 13


@dataclass(frozen=True, slots=True)
class Secrets:
    """The salt of the set, and the file with those of persons."""

    salt: bytes
    persons: StrPath


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done.

    Attributes:
        persons: how many persons the rows belonged to.
        destroyed: how many of them still had a salt.
    """

    erasure: Erasure
    persons: int
    destroyed: int


def erase(
    manifest: StrPath,
    paths: tuple[StrPath, ...],
    output: StrPath,
    secrets: Secrets,
    *,
    persons: Sequence[str] = (),
    rows: Sequence[int] = (),
) -> Erased:
    """Record which rows are of persons, then destroy their salts.

    Args:
        manifest: the manifest, whose file of hashes lies beside it.
        paths: the data that it is about, as it was.
        output: where the record is written; it is on disk before a salt is destroyed.
        secrets: see there.
        persons: values of the column that names persons, as text.
        rows: numbers of rows, from 0; all rows of their persons are erased, since they have one salt.

    Raises:
        Misconfigured: the manifest names no persons, or has another salt; nobody is named.
        NotVerified: the data is not that of the manifest, or holds no row of a person.
    """
    data, record = _read(manifest)
    known = _salted(record, secrets)
    assert known.person is not None
    column = known.person.column
    chosen = set(persons) | _persons_at(record, paths, column, rows)
    if not chosen:
        raise Misconfigured("nobody is to be erased", "name persons, or rows of theirs")
    numbers, seen = _rows_of(record, paths, column, chosen)
    if missing := chosen - seen:
        raise NotVerified(f"{len(missing)} of {len(chosen)} persons have no row here", "look at how they are written")
    with open_rows(manifest, known) as view:
        hashes = np.ascontiguousarray(_picked(RowsFile(view, known), numbers)).view("u1").reshape(-1, HASH_BYTES)
    made = Erasure(
        sha256(data).hex,
        known.root,
        format_instant(clock.now()),
        known.count,
        tuple((number, bytes(one).hex()) for number, one in zip(numbers.tolist(), hashes, strict=True)),
    )
    with PersonStore(secrets.persons, secrets.salt, create=False) as store:
        _require_store(known, store)  # before anything says that these rows are erased
        _require_no_less(output, made)
        write_output(output, records.encode(made), recognise=is_erasure, inputs=(manifest, *paths))
        return Erased(made, len(chosen), store.destroy(sorted(chosen)))


def verify_erased(manifest: StrPath, paths: tuple[StrPath, ...], erasure: StrPath, secrets: Secrets) -> Erasure:
    """Return the record of an erasure after what remains was proven to be the rest of the manifest's rows.

    Args:
        manifest: of the set as it was; the hashes of its rows, where they lie beside it, say which row differs.
        paths: the data without the erased rows.
        erasure: the record.
        secrets: see there.

    Raises:
        NotVerified: a row is changed, added, gone, or in another place; one that is erased is still there, or has
            another hash than in the tree.
        Misconfigured: the manifest names no persons, or has another salt.
        Malformed: one of the documents is none.
    """
    data, record = _read(manifest)
    known = _salted(record, secrets)
    assert known.person is not None
    about = records.decode(read_file(erasure, limit=DEFAULT_LIMITS.max_document_bytes))
    if (about.manifest, about.root, about.count) != (sha256(data).hex, known.root, known.count):
        raise NotVerified(f"{printable(erasure)} is about another manifest", "name the record of this one")
    wanted = Wanted(record.name, secrets.salt, person=known.person.column, person_salts=secrets.persons)
    tree = RowTree()
    with salts_for(wanted, create=False) as salts:
        if salts.person != known.person:
            raise Misconfigured(f"{printable(secrets.persons)} holds other salts than the manifest's", "name its own")
        for piece in restored(about, _hashes(paths, known, salts)):
            tree.add(piece)
    if merkle.root(tree.blocks()).hex() != known.tree:
        raise NotVerified(
            "the rows that remain are not those of the manifest in their places",
            "a row was changed or moved, or another was erased than the record says",
        )
    return about


def _require_no_less(output: StrPath, made: Erasure) -> None:
    """Raise `Misconfigured` where an older record has rows that the new one has not: nobody could prove them then."""
    if not os.path.lexists(output):
        return
    data = read_file(output, limit=DEFAULT_LIMITS.max_document_bytes)
    older = records.decode(data) if is_erasure(data) else None
    if older is not None and (older.manifest != made.manifest or not set(older.rows) <= set(made.rows)):
        raise Misconfigured(
            f"{printable(output)} records rows that this does not: it would be lost",
            "name another file, or the persons of both: who was erased has a record again",
        )


def is_erasure(data: bytes) -> bool:
    """Return whether these bytes are the record of an erasure, so that it may be written over."""
    return data.startswith(b'{"count":') and b'"schema":"urn:hauberk:erasure:v1"' in data


def _read(manifest: StrPath) -> tuple[bytes, Manifest]:
    data = read_file(manifest, limit=DEFAULT_LIMITS.max_document_bytes)
    return data, decode(data)


def _salted(record: Manifest, secrets: Secrets) -> Rows:
    rows = record.rows
    if rows is None or rows.person is None:
        raise Misconfigured(
            f"the rows of {record.name} have one salt for all of them, so no single one can be erased",
            "make the manifest with --person",
        )
    if rows.salt != commitment(secrets.salt):
        raise Misconfigured(f"this is not the salt of {record.name}", "name the one that it was made with")
    return rows


def _require_store(rows: Rows, store: PersonStore) -> None:
    if rows.person is None or rows.person.salts != store.id:
        raise Misconfigured("these are other persons' salts than the manifest's", "name the file it was made with")


def _tables(paths: tuple[StrPath, ...], digests: dict[str, str] | None) -> Iterator[Iterator[Any]]:
    """Yield the batches of each table in the order of a manifest; digests, if given, must be those of the files."""
    for path in paths:
        require_local(path)
    with ExitStack() as stack:
        for file in found_files(paths, stack).files():
            with file.open_here() as view:
                yield from _batches(view, file.name, digests)


def _batches(view: FileView, name: str, digests: dict[str, str] | None) -> Iterator[Iterator[Any]]:
    shown, kind = printable(name), kind_of(view, name)
    if kind not in KINDS:
        if digests is not None:
            _require_same(hash_view(view).hex, digests, name)
        return
    with hashed(view) as digest, open_table(view, kind, shown) as table:
        yield table.batches()
        if digests is not None:
            _require_same(digest().hex, digests, name)
        digest()
        view.check_unchanged()


def _require_same(found: str, digests: dict[str, str], name: str) -> None:
    if digests.pop(name, None) != found:
        raise NotVerified(f"{printable(name)} is not as the manifest says", "erase with the data as it was approved")


def _persons(record: Manifest, paths: tuple[StrPath, ...], column: str) -> Iterator[tuple[int, Any]]:
    """Yield, for pieces of all rows, the number of the first and who each is about; the data must be the manifest's."""
    digests, at = {file.path: file.sha256 for file in record.files}, 0
    for batches in _tables(paths, digests):
        for batch in batches:
            yield at, persons_of(batch, column)
            at += batch.num_rows
    if digests:
        raise NotVerified(f"{printable(min(digests))} is not here", "erase with the data as it was approved")


def _rows_of(record: Manifest, paths: tuple[StrPath, ...], column: str, chosen: set[str]) -> tuple[Any, set[str]]:
    """Return the numbers of the rows that are about chosen persons, and who of them has any."""
    wanted, numbers, seen = pa.array(sorted(chosen), pa.string()), [np.empty(0, "i8")], set()
    for at, persons in _persons(record, paths, column):
        found = pc.is_in(persons, wanted)
        numbers.append(np.flatnonzero(found.to_numpy(zero_copy_only=False)) + at)
        seen.update(persons.filter(found).unique().to_pylist())
    return np.concatenate(numbers), seen


def _persons_at(record: Manifest, paths: tuple[StrPath, ...], column: str, rows: Sequence[int]) -> set[str]:
    if not rows:
        return set()
    assert record.rows is not None
    if not 0 <= min(rows) <= max(rows) < record.rows.count:
        raise Misconfigured(f"rows are numbered from 0 to {record.rows.count - 1}", "see `hauberk data diff`")
    found: list[str | None] = []
    for at, persons in _persons(record, paths, column):
        found += [persons[row - at].as_py() for row in set(rows) if at <= row < at + len(persons)]
    if None in found:
        raise Misconfigured("a row is about nobody, so its salt is the one of the whole set", "it cannot be erased")
    return {one for one in found if one is not None}


def _picked(records_: RowsFile, numbers: Any) -> Any:
    """Return the hashes of rows, read a piece of the file at a time."""
    pieces = []
    for start in range(0, len(records_), 1 << 16):
        end = min(start + (1 << 16), len(records_))
        low, high = np.searchsorted(numbers, [start, end])
        if high > low:
            pieces.append(records_.read(start, end)["hash"][numbers[low:high] - start])
    return np.concatenate(pieces)


def _hashes(paths: tuple[StrPath, ...], known: Rows, salts: Salts) -> Iterator[bytes]:
    """Yield the hashes of the rows that are there."""
    for batches in _tables(paths, None):
        for batch in batches:
            if (
                tuple(Column(field.name, logical_type(field.type, field.name)) for field in batch.schema)
                != known.columns
            ):
                raise NotVerified("the data has other columns than the manifest", "only rows are erased")
            yield from _pieces(batch, salts)


def _pieces(batch: Any, salts: Salts) -> Iterable[bytes]:
    for start in range(0, batch.num_rows, _AT_ONCE):
        some = batch.slice(start, _AT_ONCE)
        yield hashes_after(salts.starts(some).rows, encoding.encode(some.columns, some.num_rows))
