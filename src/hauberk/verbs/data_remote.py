"""Files of a data set that lie elsewhere: each fetched once, into a file without a name, hashed while it comes."""

from __future__ import annotations

import weakref
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from hauberk.dataset.manifest import Lock
from hauberk.edge.files import printable
from hauberk.edge.remote.address import Kind, object_address, parse
from hauberk.edge.remote.source import open_address
from hauberk.edge.remote.whole import fetch_whole
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.client import Client
    from hauberk.edge.remote.listing import Listing, RemoteFile
    from hauberk.edge.remote.stored import Stored
    from hauberk.view import View

_BUCKETS = (Kind.BUCKET, Kind.GCS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store keeps a file: the members of that name of `DataFile`."""

    address: str
    version: str | None = None
    lock: Lock | None = None


@dataclass(frozen=True, slots=True)
class There:
    """A file that lies elsewhere, as another process can fetch it.

    Attributes:
        address: that led to it, as it was written.
        listed_as: that address with the revision that it was resolved to.
        is_tree: whether the address is that of a directory, and not of this file.
        file: what the list says of it.
    """

    address: str
    listed_as: str
    is_tree: bool
    file: RemoteFile


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What lies at an address.

    Attributes:
        name: the last part of the address, which tells it apart from others.
        is_tree: whether a directory was named, and not one file.
        files: each file, and what fetches it.
    """

    name: str
    is_tree: bool
    files: tuple[tuple[There, Callable[[], AbstractContextManager[tuple[View, Place]]]], ...]


def fetched(address: str, *, limit: int, version: str | None = None) -> View:
    """Return the bytes of the one file at an address.

    Args:
        address: of the file.
        limit: the most bytes that are taken.
        version: the version that the store must give; None for whichever it gives.

    Raises:
        Misconfigured, Unavailable, Exceeded, NotVerified: as `open_address` and `fetch_whole`.
    """
    with open_address(address, as_machine=True) as listing:
        if listing.is_tree or len(listing.files) != 1:
            raise Misconfigured(f"{address:.200} names a folder", "name one file of it")
        return fetch_whole(listing.client, listing.files[0], limit=limit, version=version or "").view


def digest_at(address: str) -> str:
    """Return the SHA-256 in hex of the one file at an address, which is read whole; errors as of `fetched`."""
    with open_address(address, as_machine=True) as listing:
        if listing.is_tree or len(listing.files) != 1:
            raise Misconfigured(f"{address:.200} names a folder", "name one file of it")
        return fetch_whole(listing.client, listing.files[0], limit=DEFAULT_LIMITS.max_intake_bytes).digest.hex


def elsewhere(text: str, stack: ExitStack) -> Elsewhere:
    """List what lies at an address; the connections are closed by the stack.

    Raises:
        Malformed: a name in the list that no digest of a tree can hold, or a list that is cut.
        Misconfigured, Unavailable, Exceeded, NotVerified: as `open_address`.
    """
    address = parse(text)
    listing = stack.enter_context(open_address(text, as_machine=True))
    for odd in listing.odd:
        raise Malformed(
            f"{spoken(text)}: {printable(odd.path) or 'its list'}: {odd.detail}",
            "remove it or rename it: a data set's digest names each file",
        )
    found = [There(text, listing.address, listing.is_tree, file) for file in listing.files]
    files = tuple((there, partial(fetching, there, listing.client)) for there in found)
    return Elsewhere(_last_part(address, listing), listing.is_tree, files)


def spoken(text: str) -> str:
    """Return an address for a record: without the query of a web address, which may hold what lets somebody in."""
    address = parse(text)
    return urlsplit(address.place)._replace(query="").geturl() if address.kind is Kind.WEB else printable(text)


@contextmanager
def fetching(there: There, client: Client) -> Iterator[tuple[View, Place]]:
    """Fetch a file, and give a view over its bytes and what its store says of it; errors as of `fetch_whole`."""
    most = DEFAULT_LIMITS.max_intake_bytes if there.file.size is None else there.file.size
    whole = fetch_whole(client, there.file, limit=most)
    yield whole.view, _place(there, whole.stored)


class Lines:
    """Connections of a process that fetches files that another one listed: one for each place, as long as it lives."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._clients: dict[str, Client] = {}
        weakref.finalize(self, self._stack.close)

    def fetching(self, there: There) -> AbstractContextManager[tuple[View, Place]]:
        """Fetch a file, as the function of that name; credentials are those of this process and its machine."""
        address = parse(there.address)
        if there.is_tree and address.kind in _BUCKETS:
            known, text = (
                f"{address.kind}:{address.place}",
                object_address(address.place, _key(address, there), kind=address.kind),
            )
        else:
            known = text = there.address
        if known not in self._clients:
            self._clients[known] = self._stack.enter_context(open_address(text, as_machine=True)).client
        return fetching(there, self._clients[known])


def _place(there: There, stored: Stored) -> Place:
    address, file = parse(there.address), there.file
    if address.kind in _BUCKETS:
        lock = Lock(stored.mode, format_instant(stored.until)) if stored.mode else None
        pinned = object_address(address.place, _key(address, there), stored.version, kind=address.kind)
        return Place(pinned, stored.version or None, lock)
    if address.kind is Kind.WEB:
        return Place(spoken(address.text))
    return Place(f"{there.listed_as.rstrip('/')}/{quote(file.name)}" if there.is_tree else there.listed_as)


def _key(address: Address, there: There) -> str:
    return f"{address.path.rstrip('/')}/{there.file.name}".lstrip("/") if there.is_tree else address.path


def _last_part(address: Address, listing: Listing) -> str:
    """Return the name by which several places of a data set are told apart."""
    if not listing.is_tree and address.kind is not Kind.REGISTRY:
        return listing.files[0].name
    path = address.path.strip("/") or unquote(address.place).rstrip("/")
    return path.rpartition("/")[2]
