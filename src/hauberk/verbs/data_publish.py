"""Publish a data set: each file an object that nobody can delete or write over before a date, and prove that it is so.

Everything that can be refused is refused before the first byte is sent, since what is locked in COMPLIANCE stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from hauberk.dataset.manifest import Lock, encode, is_manifest
from hauberk.edge import clock
from hauberk.edge.remote.address import Kind, is_address, parse
from hauberk.edge.remote.bucket_write import Bucket, composite_sha256
from hauberk.edge.remote.gcs_write import GoogleBucket
from hauberk.edge.remote.store import Keeping
from hauberk.edge.salt import HEAD as SALT_HEAD
from hauberk.edge.sources import hash_view, open_in_tree, printable, write_output
from hauberk.errors import Misconfigured, NotVerified, Refused, Unavailable
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.verbs.data_found import files_in
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_remote import digest_at, object_address
from hauberk.verbs.store_claims import Claim, Kept, joined, of_bucket, of_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hauberk.dataset.manifest import DataFile, Manifest
    from hauberk.edge.remote.store import Store
    from hauberk.edge.remote.stored import Stored
    from hauberk.edge.sources import StrPath

_STORES: Mapping[Kind, Callable[[str], Bucket | GoogleBucket]] = {Kind.BUCKET: Bucket, Kind.GCS: GoogleBucket}


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
    with _STORES[kind](bucket_name) as bucket:
        before = Publication(of_bucket(bucket, encryption=asked.encryption), 0, 0, format_instant(until))
        if before.disproven or before.unproven(asked.allowed):
            return before
        files = _files(folder, hashed, prefix, bucket)
        kept = []
        for file in files:
            seen(file.path)
            version = _put(bucket, folder, file, Keeping(until, asked.encryption))
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
        with _STORES[kind](bucket_name) as bucket:
            claims += [of_bucket(bucket), of_files(bucket, kept, partial(_read_back, bucket))]
    return Publication(joined(*claims), 0, len(record.files), format_instant(until))


def _stored(file: DataFile) -> tuple[Kind, str, str, str]:
    """Return store, bucket, key and version of a file; raise `Misconfigured` where the manifest names none."""
    place = parse(file.address) if file.address is not None else None
    if place is None or place.kind not in _STORES or not file.version:
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
    if found is None or found.kind not in _STORES or found.revision:
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
        if file.there is not None and not _is_same(bucket, folder, file, file.there):
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


def _is_same(bucket: Store, folder: StrPath, file: _Local, there: Stored) -> bool:
    """Return whether the store keeps the very bytes of a file: by its checksum over them, or read back from Google's.

    One that keeps no such checksum in S3 has others.
    """
    if there.claimed is not None:
        return there.claimed.hex == file.sha256
    if bucket.kind is Kind.GCS:
        return _read_back(bucket, Kept(file.key, file.sha256, there.version, 0)) == file.sha256
    if not there.composite:
        return False
    with open_in_tree(folder, file.path) as view:
        return composite_sha256(view) == there.composite


def _put(bucket: Store, folder: StrPath, file: _Local, keeping: Keeping) -> str:
    """Make the object, or lock the one that is there for long enough; return its version."""
    if (there := file.there) is None:
        with open_in_tree(folder, file.path) as view:
            if view.fingerprint != file.seen:
                raise Unavailable(f"{printable(file.path)} changed since it was hashed", "let nobody write meanwhile")
            made = bucket.put(file.key, view, file.sha256, keeping)
            view.check_unchanged()
        if made is not None:
            return made
        there = bucket.head(file.key)  # somebody was first, or our own request whose answer was lost
        if there is None or not _is_same(bucket, folder, file, there):
            raise Refused(f"{printable(file.key)} was written meanwhile, with other bytes", "publish to another prefix")
    if not there.version:
        raise Unavailable(f"{printable(file.key)} has no version", "enable versioning, and publish to another prefix")
    if there.mode != bucket.strictest or there.until < keeping.until:
        bucket.lengthen(file.key, there.version, keeping.until)
    return there.version


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
    return digest_at(object_address(bucket.name, kept.key, kept.version, kind=bucket.kind))
