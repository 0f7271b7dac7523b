"""Which depot a person means: a directory, or an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.folder_shelf import FolderShelf
from hauberk.edge.remote.address import Kind, is_address, parse
from hauberk.edge.shelf import ShelfDepot
from hauberk.edge.sources import printable, require_local
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from hauberk.edge.depot import Depot
    from hauberk.edge.remote.address import Address

BUCKETS = (Kind.BUCKET, Kind.GCS)
FORMS = "name a directory, s3://bucket/prefix/, gs://bucket/prefix/ or oci://host/name"


def open_depot(text: str) -> Depot:
    """Return the depot at a path or an address; raise `Misconfigured` where there can be none."""
    address = address_of(text)
    if address is None:
        return ShelfDepot(FolderShelf(text))
    if address.kind is Kind.REGISTRY:
        from hauberk.edge.remote.registry_depot import RegistryDepot  # noqa: PLC0415 - only when used

        return RegistryDepot(address)
    from hauberk.edge.remote.bucket_shelf import BucketReader  # noqa: PLC0415 - the network's modules, only when used

    return ShelfDepot(BucketReader(address))


def address_of(text: str) -> Address | None:
    """Return the address of a depot elsewhere, None for a directory; raise `Misconfigured` where there can be none."""
    if not text:
        raise Misconfigured("the empty path names no depot", FORMS)
    if not is_address(text):
        require_local(text)
        return None
    address = parse(text)
    is_named = address.revision not in ("", "latest") if address.kind is Kind.REGISTRY else bool(address.revision)
    if address.kind not in (*BUCKETS, Kind.REGISTRY) or is_named:
        raise Misconfigured(f"{printable(text)}: no model is published there", FORMS)
    return address
