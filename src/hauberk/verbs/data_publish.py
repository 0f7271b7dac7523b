"""Publish a data set: each file an object that nobody can delete or write over before a date, and prove that it is so.

Everything that can be refused is refused before the first byte is sent, since what is locked in COMPLIANCE stays.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from hauberk.dataset.manifest import Lock, encode, is_manifest
from hauberk.edge import clock
from hauberk.edge.remote.address import Kind, is_address, object_address, parse
from hauberk.edge.remote.bucket_write import Bucket
from hauberk.edge.remote.gcs_write import GoogleBucket
from hauberk.edge.remote.keep import Item, is_same, keep
from hauberk.edge.remote.store import Keeping
from hauberk.edge.salt import HEAD as SALT_HEAD
from hauberk.edge.sources import hash_view, open_in_tree, printable, write_output
from hauberk.errors import Misconfigured, NotVerified, Refused, Unavailable
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.verbs.data_found import files_in
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_remote import digest_at
from hauberk.verbs.store_claims import Claim, Kept, joined, of_bucket, of_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hauberk.dataset.manifest import DataFile, Manifest
    from hauberk.edge.remote.store import Store
    from hauberk.edge.remote.stored import Stored
    from hauberk.edge.sources import StrPath
    from hauberk.view import View

STORES: Mapping[Kind, Callable[[str], Bucket | GoogleBucket]] = {Kind.BUCKET: Bucket, Kind.GCS: GoogleBucket}


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published, and what is proven of it.

    Attributes:
        claims: about the store; where one does not hold before anything was sent, nothing was.
        sent, found: how many files were sent, and how many were there already, with the same bytes.
        until: the instant until which all are locked.
    """

    claims: tuple[Claim, ...]
    sent: int
    found: int
    until: str

    @property
    def disproven(self) -> tuple[Claim, ...]:
        """Return the claims that do not hold."""
        return tuple(claim for claim in self.claims if claim.holds is False)

    def unproven(self, allowed: Iterable[str]) -> tuple[Claim, ...]:
        """Return the claims that the store did not answer for, but for those that a person lets go."""
        return tuple(claim for claim in self.claims if claim.holds is None and claim.name not in set(allowed))


@dataclass(frozen=True, slots=True)
class Asked:
    """How a data set is to be published.

    Attributes:
        retain_until: Unix seconds; None for the date of the manifest.
        manifest: what the files must be those of; it is written again with the address of each.
        encryption: the algorithm that the store is asked to encrypt by; empty for its own.
        allowed: names of claims that need not be answered.
    """

    retain_until: int | None
    manifest: StrPath | None = None
    encryption: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Local:
    """A file that is to be published, and what the store has of its name already.

    `seen` is its fingerprint when it was hashed: what is sent later is that file, or nothing is locked for years.
    """

    path: str
    sha256: str
    seen: tuple[int, ...]
    key: str
    there: Stored | None


def publish(
    folder: StrPath, address: str, asked: Asked, *, seen: Callable[[str], None] = lambda _: None
) -> Publication:
    """Put every file of a directory into a bucket, locked, and ask the store afterwards what it has.

    Args:
        folder: of the data set.
        address: `s3://bucket/prefix/` or `gs://bucket/prefix/`.
        asked: see there.
        seen: called with the path of a file that is sent, for progress.

    Raises:
        Refused: an object of a file's name is there, and has other bytes.
        NotVerified: the files are not those of the manifest.
        Malformed, Unavailable, Misconfigured: as for a manifest; the store does not take a file; no date is named.
    """
    record = None if asked.manifest is None else read_manifest(asked.manifest)
    until = _until(asked.retain_until, record)
    kind, bucket_name, prefix = _target(address)
    hashed = _hashed(folder, record)
    with STORES[kind](bucket_name) as bucket:
        before = Publication(of_bucket(bucket, encryption=asked.encryption), 0, 0, format_instant(until))
        if before.disproven or before.unproven(asked.allowed):
            return before
        files = _files(folder, hashed, prefix, bucket)
        kept = []
        for file in files:
            seen(file.path)
            keeping, read = Keeping(until, asked.encryption), partial(_read_version, bucket)
            version, _ = keep(bucket, _item(folder, file), keeping, there=file.there, read=read)
            kept.append(Kept(file.key, file.sha256, version, until))
        proven = of_files(bucket, kept, partial(_read_back, bucket))
        claims = joined(of_bucket(bucket, encryption=""), proven)
        if record is not None and asked.manifest is not None:
            if read_manifest(asked.manifest) != record:
                raise Unavailable(
                    f"{printable(asked.manifest)} changed meanwhile", "publish again: nothing is sent twice"
                )
            made = _placed(record, bucket, dict(zip((file.path for file in files), kept, strict=True)), until)
            write_output(asked.manifest, encode(made), recognise=is_manifest)
    found = sum(file.there is not None for file in files)
    return Publication(claims, len(files) - found, found, format_instant(until))


def check_store(manifest: StrPath) -> Publication:
    """Ask again, for each file of a manifest that was published, what `publish` asked afterwards.

    Raises:
        Misconfigured: the manifest names no address and version of a file, or no date.
        Unavailable: the store does not answer or let us in.
    """
    record = read_manifest(manifest)
    places = [_stored(file) for file in record.files]
    until = _until(None, record)
    claims: list[tuple[Claim, ...]] = []
    by_bucket: dict[tuple[Kind, str], list[Kept]] = {}
    for (kind, bucket_name, key, version), file in zip(places, record.files, strict=True):
        by_bucket.setdefault((kind, bucket_name), []).append(Kept(key, file.sha256, version, until))
    for (kind, bucket_name), kept in by_bucket.items():
        with STORES[kind](bucket_name) as bucket:
            claims += [of_bucket(bucket), of_files(bucket, kept, partial(_read_back, bucket))]
    return Publication(joined(*claims), 0, len(record.files), format_instant(until))


def _stored(file: DataFile) -> tuple[Kind, str, str, str]:
    """Return store, bucket, key and version of a file; raise `Misconfigured` where the manifest names none."""
    place = parse(file.address) if file.address is not None else None
    if place is None or place.kind not in STORES or not file.version:
        raise Misconfigured(
            f"the manifest names no version of {printable(file.path)} in a store", "publish it: hauberk data publish"
        )
    return place.kind, place.place, place.path, file.version


def _until(asked: int | None, record: Manifest | None) -> int:
    noted = record.retain_until if record is not None else None
    if asked is None and noted is None:
        raise Misconfigured("nothing says until when it is kept", "name it: --retain 7y")
    until = parse_instant(noted) if noted is not None else 0
    if asked is not None and asked < until:
        raise Misconfigured(f"the manifest says that it is kept until {noted}", "leave --retain out, or name more")
    until = until if asked is None else asked
    if until <= clock.now():
        raise Misconfigured(
            f"the date until which it is kept has passed: {format_instant(until)}", "name one: --retain"
        )
    return until


def _target(address: str) -> tuple[Kind, str, str]:
    found = parse(address) if is_address(address) else None
    if found is None or found.kind not in STORES or found.revision:
        raise Misconfigured(
            f"{printable(address)}: nothing is published there", "write s3://bucket/prefix/ or gs://bucket/prefix/"
        )
    return found.kind, found.place, f"{found.path.rstrip('/')}/" if found.path else ""


def _hashed(folder: StrPath, record: Manifest | None) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Hash every file, and compare all with the manifest; return digest and fingerprint of each, by path."""
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    for path, view in files_in(folder):
        if view.read_at(0, len(SALT_HEAD)) == SALT_HEAD:
            raise Misconfigured(
                f"{printable(path)} in {printable(folder)} is a salt, and would be public for good", "keep it elsewhere"
            )
        found[path] = hash_view(view).hex, view.fingerprint
    if not found:
        raise Misconfigured(f"no file in {printable(folder)}", "name what holds the data")
    if record is not None:
        _compare({path: sha256 for path, (sha256, _) in found.items()}, record)
    return found


def _files(folder: StrPath, hashed: dict[str, tuple[str, tuple[int, ...]]], prefix: str, bucket: Store) -> list[_Local]:
    """Look what the store has of the files' names; other bytes are refused."""
    files = []
    for path, (sha256, seen) in sorted(hashed.items(), key=lambda item: item[0].encode()):
        file = _Local(path, sha256, seen, f"{prefix}{path}", bucket.head(f"{prefix}{path}"))
        read = partial(_read_version, bucket)
        if file.there is not None and not is_same(bucket, _item(folder, file), file.there, read):
            raise Refused(f"{printable(file.key)} is there already, and has other bytes", "publish to another prefix")
        files.append(file)
    return files


def _compare(digests: dict[str, str], record: Manifest) -> None:
    named = {file.path: file.sha256 for file in record.files}
    for path in sorted(digests.keys() | named.keys()):
        if digests.get(path) != named.get(path):
            is_there = "is another file than" if path in digests and path in named else ""
            said = is_there or ("is not in" if path in digests else "is missing, and is in")
            raise NotVerified(f"{printable(path)} {said} the manifest {record.name}", "make the manifest again")


def _item(folder: StrPath, file: _Local) -> Item:
    return Item(file.key, file.sha256, partial(_opened, folder, file))


@contextmanager
def _opened(folder: StrPath, file: _Local) -> Iterator[View]:
    """Open a file, if it is the one that was hashed."""
    with open_in_tree(folder, file.path) as view:
        if view.fingerprint != file.seen:
            raise Unavailable(f"{printable(file.path)} changed since it was hashed", "let nobody write meanwhile")
        yield view


def _placed(record: Manifest, bucket: Store, kept: dict[str, Kept], until: int) -> Manifest:
    """Return the manifest with address, version and lock of each file, as the store says them."""

    def placed(file: DataFile) -> DataFile:
        mine = kept[file.path]
        said = bucket.head(mine.key, mine.version)
        lock = Lock(said.mode, format_instant(said.until)) if said is not None and said.mode else None
        address = object_address(bucket.name, mine.key, mine.version, kind=bucket.kind)
        return replace(file, address=address, version=mine.version, lock=lock)

    return replace(record, files=tuple(map(placed, record.files)), retain_until=format_instant(until))


def _read_back(bucket: Store, kept: Kept) -> str:
    return _read_version(bucket, kept.key, kept.version)


def _read_version(bucket: Store, key: str, version: str) -> str:
    return digest_at(object_address(bucket.name, key, version, kind=bucket.kind))
