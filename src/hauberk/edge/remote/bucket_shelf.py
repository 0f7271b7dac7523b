"""A shelf that is a prefix of a bucket: each object made once, checked by its store, and locked until an instant.

Written by conditional requests with checksums (`bucket_write`, `gcs_write`), read without believing any of it.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Self

from hauberk.digest import sha256_view
from hauberk.edge.files import printable
from hauberk.edge.remote.address import Kind, object_address
from hauberk.edge.remote.bucket_write import Bucket
from hauberk.edge.remote.fetch import pieces
from hauberk.edge.remote.keep import Item, is_same, keep
from hauberk.edge.remote.source import open_address
from hauberk.edge.remote.stored import Stored, claimed_sha256
from hauberk.errors import Exceeded, Misconfigured, Refused, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.listing import Listing
    from hauberk.edge.remote.store import Keeping, Store
    from hauberk.view import View


_HEX = 64
_MAX_VERSIONS = 16


class _AnotherError(Exception):
    """The store says that the bytes that it is about to give are others, or does not say what they are."""


@dataclass(frozen=True, slots=True)
class Lying:
    """An object that lies in the bucket: its key, its SHA-256 in hex, and its version."""

    key: str
    sha256: str
    version: str


class BucketReader:
    """A shelf that is only read. What the store says of an object's bytes is left to who hashes them."""

    def __init__(self, address: Address) -> None:
        """Take the address of a prefix; nothing is asked yet."""
        self.where = printable(address.text.rstrip("/"))
        self._kind: Kind = address.kind
        self._bucket = address.place
        self._prefix = f"{address.path.rstrip('/')}/" if address.path.strip("/") else ""
        self._is_silent = False  # the store keeps no checksums

    def put(self, _name: str, _sha256: str, _view: View) -> bool:
        """Refuse: nothing says how what is put there is kept."""
        raise Misconfigured("nothing says until when it is kept", "name it: --retain 7y")

    def settle(self) -> None:
        """Do nothing: an object is there, and durable, when its store says so."""

    def pieces(self, name: str, *, limit: int, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes of a key: the newest version, or the one that the store says to be what its name says.

        A lock keeps what was published, and keeps nobody from putting something else over it.
        """
        key, sha256, begun = self._key(name), name[-_HEX:], False
        try:
            for piece in self._of(key, limit=limit, start=start, answered=partial(self._judge, sha256)):
                begun = True
                yield piece
        except (_AnotherError, Unavailable) as error:
            if begun:
                raise
            why, version = error, self._held(key, sha256)
        else:
            return
        if not version and isinstance(why, Unavailable):
            raise why
        self._is_silent = self._is_silent or not version
        yield from self._of(key, version=version, limit=limit, start=start)

    def names(self, folder: str, *, most: int) -> list[str]:
        """Return the last parts of the keys in a folder."""
        limits = Limits(max_tree_files=most + 1)
        try:
            with self._listing(f"{self._key(folder)}/", limits) as listing:
                found = [file.name for file in listing.files]
                is_cut = len(found) + len(listing.odd) > most
        except Misconfigured:  # there is nothing under that prefix
            return []
        if is_cut:
            raise Exceeded(f"{self.where}/{folder} holds more than {most} names", "ask who may write there")
        return [name for name in found if "/" not in name]

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _of(
        self,
        key: str,
        *,
        limit: int,
        start: int,
        version: str = "",
        answered: Callable[[Message], None] = lambda _: None,
    ) -> Iterator[bytes]:
        with self._listing(key, version=version) as listing:
            if listing.is_tree or len(listing.files) != 1:
                raise Unavailable(f"{printable(listing.address)} is no object", "is it published there?")
            yield from pieces(listing.client, listing.files[0], limit=limit, start=start, answered=answered)

    def _judge(self, sha256: str, headers: Message) -> None:
        """Raise `_AnotherError` where the store in S3 says that it gives something else, or says nothing."""
        if self._kind is not Kind.BUCKET or Stored.of(headers).composite:
            return
        claimed = claimed_sha256(headers)
        if claimed.hex != sha256 if claimed is not None else not self._is_silent:
            raise _AnotherError

    def _held(self, key: str, sha256: str) -> str:
        """Return the version of an object that the store in S3 says to have this SHA-256; empty for none."""
        if self._kind is not Kind.BUCKET:
            return ""
        with suppress(Misconfigured, Unavailable), Bucket(self._bucket) as bucket:
            own = (version for found, version in bucket.versions(key) if found == key)
            for version in islice(own, _MAX_VERSIONS):
                said = bucket.head(key, version)
                if said is not None and said.claimed is not None and said.claimed.hex == sha256:
                    return version
        return ""

    def _listing(self, key: str, limits: Limits = DEFAULT_LIMITS, *, version: str = "") -> Listing:
        address = object_address(self._bucket, key, version, kind=self._kind)
        try:
            return open_address(address, limits=limits, as_machine=True)
        except Misconfigured as error:
            if key.endswith("/"):
                raise
            raise Unavailable(
                f"{self.where} has no {key.removeprefix(self._prefix)}: {error.message}", "is it published there?"
            ) from None


class BucketShelf(BucketReader):
    """A shelf that is written as well. It owns the store's connections: use it in a `with` statement.

    Attributes:
        store: of the bucket.
        lying: each object that was put or found there.
    """

    def __init__(self, address: Address, store: Store, keeping: Keeping) -> None:
        """Take the address of a prefix, the store of its bucket, and how each object is kept."""
        super().__init__(address)
        self.store = store
        self.lying: list[Lying] = []
        self._keeping = keeping
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.store)  # type: ignore[arg-type]
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def put(self, name: str, sha256: str, view: View) -> bool:
        """Make an object, or lock the same bytes that are there for long enough; return whether it was made."""
        item = Item(self._key(name), sha256, lambda: nullcontext(view))
        there = self.store.head(item.key)
        if there is not None and not is_same(self.store, item, there, self.read):
            raise Refused(f"{printable(item.key)} is there already, and has other bytes", "publish to another prefix")
        # Again, over the very view that is sent: what goes in parts, and to Google, bears no SHA-256 of the whole.
        if there is None and sha256_view(view).hex != sha256:
            raise Unavailable("a file changed since it was hashed", "let its writer finish, then try again")
        version, made = keep(self.store, item, self._keeping, there=there, read=self.read)
        self.lying.append(Lying(item.key, sha256, version))
        return made

    def read(self, key: str, version: str) -> str:
        """Return the SHA-256 in hex of the bytes that the store gives for a version."""
        address, digest = object_address(self._bucket, key, version, kind=self._kind), hashlib.sha256()
        with open_address(address, as_machine=True) as listing:
            for piece in pieces(listing.client, listing.files[0], limit=DEFAULT_LIMITS.max_intake_bytes):
                digest.update(piece)
        return digest.hexdigest()
