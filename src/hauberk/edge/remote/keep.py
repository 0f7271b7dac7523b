"""Objects that are kept: made where there is none, found where these bytes are there, and locked for long enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.files import printable
from hauberk.edge.remote.address import Kind
from hauberk.edge.remote.bucket_write import composite_sha256
from hauberk.errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from hauberk.edge.remote.store import Keeping, Store
    from hauberk.edge.remote.stored import Stored
    from hauberk.view import View

    Read = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be kept: under which key, its SHA-256 in hex, and what opens its bytes, as these were hashed."""

    key: str
    sha256: str
    open: Callable[[], AbstractContextManager[View]]


def is_same(store: Store, item: Item, there: Stored, read: Read) -> bool:
    """Return whether a store keeps the very bytes of an item.

    It says so by its checksum over them; Google's, that keeps no SHA-256, is read back. In S3, a store that keeps no
    such checksum has others.

    Args:
        store: that keeps them.
        item: that they are to be.
        there: what the store says of the version.
        read: returns the SHA-256 in hex of the bytes of a key's version.
    """
    if there.claimed is not None:
        return there.claimed.hex == item.sha256
    if store.kind is Kind.GCS:
        return read(item.key, there.version) == item.sha256
    if not there.composite:
        return False
    with item.open() as view:
        return composite_sha256(view) == there.composite


def keep(store: Store, item: Item, keeping: Keeping, *, there: Stored | None, read: Read) -> tuple[str, bool]:
    """Make an object, or lock the one that is there for long enough.

    Args:
        store: that keeps it.
        item: that it is to be.
        keeping: how it is kept.
        there: what the store has of its key, which `is_same` as the item; None for nothing.
        read: as of `is_same`.

    Returns:
        its version, and whether it was made now.

    Raises:
        Refused: somebody wrote other bytes meanwhile.
        Unavailable: the store does not take it, or keeps no versions.
    """
    if there is None:
        with item.open() as view:
            made = store.put(item.key, view, item.sha256, keeping)
            if hasattr(view, "check_unchanged"):
                view.check_unchanged()
        if made is not None:
            return made, True
        there = store.head(item.key)  # somebody was first, or our own request whose answer was lost
        if there is None or not is_same(store, item, there, read):
            raise Refused(f"{printable(item.key)} was written meanwhile, with other bytes", "publish to another prefix")
    if not there.version:
        raise Unavailable(f"{printable(item.key)} has no version", "enable versioning, and publish to another prefix")
    if there.mode != store.strictest or there.until < keeping.until:
        store.lengthen(item.key, there.version, keeping.until)
    return there.version, False
