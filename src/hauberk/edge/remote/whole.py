"""A whole file from another machine, hashed while it comes, against what its listing and its store say of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.digest import Digest
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


def fetch_whole(client: Client, file: RemoteFile, *, limit: int, version: str = "") -> Whole:
    """Fetch a file into memory, or into a file without a name where it is long.

    Args:
        client: of the listing that holds the file.
        file: to be fetched.
        limit: the most bytes that are taken.
        version: the version that it must be; empty for the one that the store gives.

    Raises:
        NotVerified: the store says another SHA-256 than that of the bytes, or gives another version.
        Unavailable: as `pieces`; or it is not what was listed any more.
        Exceeded: more than `limit` bytes.
    """
    told: list[Stored] = []
    digest, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    wants_md5 = file.listed is not None and bool(file.listed.md5)

    def answered(headers: Message) -> None:
        packed = headers.get("x-goog-stored-content-encoding", "identity")
        if packed != "identity":
            raise Unavailable(
                f"{shown(file.url)} is kept packed ({printable(packed)[:40]}), and unpacked by the store on the way",
                "store it without a content encoding: what comes is not what is kept",
            )
        told.append(_same(Stored.of(headers), file, version))

    def hashed() -> Iterator[bytes]:
        for piece in pieces(client, file, limit=limit, answered=answered):
            digest.update(piece)
            if wants_md5:
                md5.update(piece)
            yield piece

    view, stored = spool(hashed()), told[0]
    found = Digest("sha256", digest.hexdigest())
    for claimed in (stored.claimed, file.claimed):
        if claimed is not None and claimed.algorithm == found.algorithm and claimed != found:
            raise _lie(file, str(claimed), str(found))
    if file.listed is not None:
        if wants_md5 and md5.hexdigest() != file.listed.md5:
            raise _lie(file, f"md5:{file.listed.md5}", f"md5:{md5.hexdigest()}")
        stored = file.listed
    return Whole(view, found, stored)


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
