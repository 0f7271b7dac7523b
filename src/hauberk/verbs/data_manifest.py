"""Make the manifest of a data set: hash every file, and every row of its tables, in constant memory."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hauberk.dataset.manifest import NAME, ROWS_SUFFIX, DataFile, Manifest, decode, digest_of, encode, is_manifest
from hauberk.edge import clock
from hauberk.edge.part_file import PartFile
from hauberk.edge.persons import PersonStore
from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import check_output, hash_view, open_file, printable, require_apart, write_output
from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.verbs.data_found import found_files
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_pool import hash_files, pool_of
from hauberk.verbs.data_salts import PersonSalts, SetSalts
from hauberk.verbs.data_wire import How
from hauberk.verbs.data_writer import RowWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.edge.files import StrPath
    from hauberk.verbs.data_found import Opener
    from hauberk.verbs.data_pool import By
    from hauberk.verbs.data_remote import Place
    from hauberk.verbs.data_salts import Salts
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a manifest is to hold beside the files.

    Attributes:
        name: of the data set, as in `fraud-train`.
        salt: 32 bytes, or None for hashes without one.
        key: columns by whose values a row is found again although it changed.
        source: the column that says where a row came from.
        retain_until: an instant, or None.
        person: the column that names persons, each of whom gets a salt; needs `salt` and `person_salts`.
        person_salts: the file of these salts, made where there is none.
    """

    name: str
    salt: bytes | None
    key: tuple[str, ...] = ()
    source: str | None = None
    retain_until: str | None = None
    person: str | None = None
    person_salts: StrPath | None = None


def make_manifest(
    paths: tuple[StrPath, ...],
    output: StrPath,
    wanted: Wanted,
    *,
    by: By | None = None,
    seen: Callable[[str, int], None] = lambda *_: None,
) -> Manifest:
    """Write the manifest of files and directories to `output`, and the hashes of its rows to `output`.rows.

    Args:
        paths: a file, a directory, an address, or several of them, which are then told apart by their last names.
        output: must not lie in what is read.
        wanted: see there.
        by: who hashes, if it is not this process alone; the manifest is the same.
        seen: called with a file's path and the rows read so far, for progress.

    Raises:
        Malformed: a file that cannot be read as what it is, tables of different columns, a key or source that is no
            column, a name that no digest of a tree can hold.
        Unavailable: a file that cannot be read, or that changed while it was, or since it was listed.
        NotVerified: a store that says another digest, or gives another version, than there is.
        Misconfigured: nothing to read, two paths with one name, an output that is something else, or a name that no
            data set may have.
    """
    require_outputs(output, local(paths))
    _require_name(wanted.name)
    with PartFile(f"{os.fspath(output)}{ROWS_SUFFIX}") as record, ExitStack() as stack:
        writer = RowWriter(record, stack.enter_context(salts_for(wanted, create=True)), wanted.key, wanted.source)
        files: list[DataFile] = []
        found = found_files(paths, stack)
        if by is None:
            files.extend(_opened(file.opener, file.name, writer, seen) for file in found.files())
        else:
            pool = pool_of(by, _how(wanted), fetches=local(paths) != paths)
            files = hash_files(found.files(), writer, pool, output, seen)
        if not files:
            raise Misconfigured(f"no file in {', '.join(map(printable, paths))}", "name what holds the data")
        if writer.columns is None:
            files = writer.of_files(files)
        single = len(paths) == 1 and not found.is_tree
        manifest = Manifest(
            wanted.name,
            digest_of(tuple(files), single=single),
            format_instant(clock.now()),
            tuple(map(_written, paths)),
            tuple(files),
            writer.rows(),
            wanted.retain_until,
        )
        data = encode(manifest)
        decode(data)  # what nobody could read is not written
        if manifest.rows is not None:
            record.keep()
    write_output(output, data, recognise=is_manifest, inputs=local(paths))
    return manifest


def _require_name(name: str) -> None:
    if not re.fullmatch(NAME, name):
        like = re.sub("[^a-z0-9._-]+", "-", name.lower()).strip("._-")[:128]
        raise Misconfigured(
            f"{name!r:.140} is no name of a data set: small letters of ASCII, digits and . _ -",
            f"--name {like or 'week47'}",
        )


def require_outputs(output: StrPath, inputs: tuple[StrPath, ...]) -> None:
    """Raise `Misconfigured` unless a manifest and its file of hashes may be written here, over older ones of both.

    A file of hashes says nothing of what it is: it is one if it is as long as the manifest beside it says.
    """
    hashes = f"{os.fspath(output)}{ROWS_SUFFIX}"
    check_output(output, recognise=is_manifest, inputs=inputs)
    for path in (output, hashes):
        require_apart(path, inputs)
    if not os.path.lexists(hashes):
        return
    rows = read_manifest(output).rows if os.path.lexists(output) else None
    with open_file(hashes) as view:
        if os.path.islink(hashes) or view.size not in (0, 0 if rows is None else rows.count * rows.record_bytes):  # noqa: PTH114
            raise Misconfigured(
                f"{printable(hashes)} is there and is not the hashes of {printable(output)}, so it stays",
                "name another output, or remove this file if its manifest is gone",
            )


def _how(wanted: Wanted) -> How:
    salts = None if wanted.person_salts is None else os.path.abspath(wanted.person_salts)  # noqa: PTH100
    return How(wanted.salt, wanted.key, wanted.source, wanted.person, salts)


@contextmanager
def salts_for(wanted: Wanted, *, create: bool) -> Iterator[Salts]:
    """Open the salts that rows are hashed with; raise `Misconfigured` where persons are named, and no salt."""
    if wanted.person is None:
        yield SetSalts(wanted.salt)
        return
    if wanted.salt is None or wanted.person_salts is None:
        raise Misconfigured("rows of persons are hashed with salts", "leave out --unsalted, or --person")
    with PersonStore(wanted.person_salts, wanted.salt, create=create) as store:
        yield PersonSalts(wanted.salt, wanted.person, store, create=create)


def local(paths: tuple[StrPath, ...]) -> tuple[StrPath, ...]:
    """Return those of some paths and addresses that are here."""
    return tuple(path for path in paths if not is_address(os.fspath(path)))


def _members(place: Place | None) -> dict[str, Any]:
    return {} if place is None else {"address": place.address, "version": place.version, "lock": place.lock}


def _written(path: StrPath) -> str:
    """Return a path or an address as the manifest says where it was made from."""
    if not is_address(os.fspath(path)):
        return printable(path)
    from hauberk.verbs.data_remote import spoken  # noqa: PLC0415 - only for what lies elsewhere

    return spoken(os.fspath(path))


def _opened(opener: Opener, name: str, writer: RowWriter, seen: Callable[[str, int], None]) -> DataFile:
    with opener() as (view, place):  # in a frame of its own: a file without a name goes with its view
        return replace(_read(view, name, writer, seen), **_members(place))


def _read(view: View, name: str, writer: RowWriter, seen: Callable[[str, int], None]) -> DataFile:
    kind = kind_of(view, name)
    if kind not in KINDS:
        return DataFile(name, view.size, hash_view(view).hex, kind, 0)
    before = writer.tree.count
    with ExitStack() as stack:
        digest = stack.enter_context(hashed(view))
        table = stack.enter_context(open_table(view, kind, printable(name)))
        writer.begin(printable(name), table.names, table.types)
        for batch in table.batches():
            writer.add(batch)
            seen(name, writer.tree.count)
        sha256 = digest().hex
    if hasattr(view, "check_unchanged"):
        view.check_unchanged()  # which one of hashing and decoding ended last is not known
    return DataFile(name, view.size, sha256, kind, writer.tree.count - before)
