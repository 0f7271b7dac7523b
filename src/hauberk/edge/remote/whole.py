"""A whole file from another machine, hashed while it comes, against what its listing and its store say of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hauberk.digest import Digest
from hauberk.edge.extras import require_extra
from hauberk.edge.files import printable
from hauberk.edge.remote.fetch import pieces
from hauberk.edge.remote.hosts import shown
from hauberk.edge.remote.stored import Stored
from hauberk.edge.spool import spool
from hauberk.errors import NotVerified, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from hauberk.edge.remote.client import Client
    from hauberk.edge.remote.listing import RemoteFile
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that was fetched, once: a view over its bytes, their digest, and what its store says of this version."""

    view: View
    digest: Digest
    stored: Stored


class _Sum(Protocol):
    """Computes a checksum."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Claim:
    """A checksum that the store says, in hex, and what computes it of the bytes that come."""

    name: str
    value: str
    made: _Sum


def fetch_whole(client: Client, file: RemoteFile, *, limit: int, version: str = "") -> Whole:
    """Fetch a file into memory, or into a file without a name where it is long.

    Args:
        client: of the listing that holds the file.
        file: to be fetched.
        limit: the most bytes that are taken.
        version: the version that it must be; empty for the one that the store gives.

    Raises:
        NotVerified: the store says another checksum than that of the bytes, or gives another version.
        Unavailable: as `pieces`; or it is not what was listed any more, or a checksum needs what is not installed.
        Exceeded: more than `limit` bytes.
    """
    told: list[Stored] = []
    digest, claims = hashlib.sha256(), list[_Claim]()

    def answered(headers: Message) -> None:
        packed = headers.get("x-goog-stored-content-encoding", "identity")
        if packed != "identity":
            raise Unavailable(
                f"{shown(file.url)} is kept packed ({printable(packed)[:40]}), and unpacked by the store on the way",
                "store it without a content encoding: what comes is not what is kept",
            )
        told.append(_same(Stored.of(headers), file, version))
        claims.extend(_claims(told[0], *(() if file.listed is None else (file.listed,))))

    def hashed() -> Iterator[bytes]:
        for piece in pieces(client, file, limit=limit, answered=answered):
            digest.update(piece)
            for claim in claims:
                claim.made.update(piece)
            yield piece

    view, stored = spool(hashed()), told[0]
    found = Digest("sha256", digest.hexdigest())
    for claimed in (stored.claimed, file.claimed):
        if claimed is not None and claimed.algorithm == found.algorithm and claimed != found:
            raise _lie(file, str(claimed), str(found))
    for claim in claims:
        if claim.value != claim.made.digest().hex():
            raise _lie(file, f"{claim.name}:{claim.value}", f"{claim.name}:{claim.made.digest().hex()}")
    return Whole(view, found, stored if file.listed is None else file.listed)


def _claims(*said: Stored) -> Iterator[_Claim]:
    """Yield each checksum that a store claims of a whole object, but for its SHA-256, with what computes it."""
    for md5 in {one.md5 for one in said if one.md5}:
        yield _Claim("md5", md5, hashlib.md5(usedforsecurity=False))
    values = {one.crc32c for one in said if one.crc32c}
    if values:
        require_extra("data", "google_crc32c")
        from google_crc32c import Checksum  # noqa: PLC0415 - an extra

        for value in values:
            yield _Claim("crc32c", value, Checksum())


def _lie(file: RemoteFile, claimed: str, found: str) -> NotVerified:
    return NotVerified(
        f"{shown(file.url)}: the store says that its digest is {claimed}, and its bytes have {found}",
        "this store keeps, or says, something else than it was given: do not use it before its owner knows why",
    )


def _same(stored: Stored, file: RemoteFile, version: str) -> Stored:
    """Return what a store says of a version, if it is the one that was asked for and that was listed."""
    wanted = version or file.version
    if wanted and stored.version != wanted:
        raise NotVerified(
            f"{shown(file.url)} is the version {printable(stored.version) or '(none)'}, not {printable(wanted)}",
            "the object was written again: get the version that was approved, or have this one approved",
        )
    if file.tag and stored.tag and file.tag != stored.tag:
        raise Unavailable(
            f"{shown(file.url)} changed between listing and reading", "let its writer finish, then try again"
        )
    return stored
