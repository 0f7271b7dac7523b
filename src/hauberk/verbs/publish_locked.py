"""Publish a model into a bucket, where its store lets nobody delete it or write over it, and ask whether that is so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.edge.remote.bucket_shelf import BucketShelf
from hauberk.edge.remote.store import Keeping
from hauberk.edge.shelf import ShelfDepot
from hauberk.errors import Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.verbs.data_publish import STORES, Publication
from hauberk.verbs.publish import publish
from hauberk.verbs.store_claims import Kept, joined, of_bucket, of_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.files import StrPath
    from hauberk.edge.remote.address import Address
    from hauberk.verbs.publish import Beside, Published


@dataclass(frozen=True, slots=True)
class Locking:
    """How a model is kept.

    Attributes:
        until: Unix seconds until which nobody can delete it.
        encryption: the algorithm that the store is asked to encrypt by; empty for its own.
        allowed: names of claims for which the store need not answer.
    """

    until: int
    encryption: str = ""
    allowed: tuple[str, ...] = ()


def publish_locked(
    path: StrPath, address: Address, locking: Locking, *, beside: Beside, seen: Callable[[str], None] = lambda _: None
) -> tuple[Published | None, Publication]:
    """Put a model into a bucket, and ask its store afterwards what it has.

    Returns:
        what was published, None where the bucket is not what it must be, and nothing was sent; and what is proven.

    Raises:
        Misconfigured: the date has passed.
        HauberkError: as of `publish`.
    """
    if locking.until <= clock.now():
        raise Misconfigured(
            f"the date until which it is kept has passed: {format_instant(locking.until)}", "name one: --retain"
        )
    keeping = Keeping(locking.until, locking.encryption)
    with BucketShelf(address, STORES[address.kind](address.place), keeping) as shelf:
        store, until = shelf.store, format_instant(locking.until)
        before = Publication(of_bucket(store, encryption=locking.encryption), 0, 0, until)
        if before.disproven or before.unproven(locking.allowed):
            return None, before
        done = publish(path, ShelfDepot(shelf), beside=beside, seen=seen)
        kept = [Kept(found.key, found.sha256, found.version, locking.until) for found in shelf.lying]
        proven = of_files(store, kept, lambda one: shelf.read(one.key, one.version))
        return done, Publication(joined(of_bucket(store), proven), done.sent, done.found, until)
