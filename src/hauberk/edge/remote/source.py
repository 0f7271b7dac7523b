"""The door to other machines: what lies at an address, whatever kind of server answers there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.remote import bucket, gcs, hub, mlflow, registry, web
from hauberk.edge.remote.address import Kind, parse
from hauberk.edge.remote.client import PATIENCE
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.line import Patience
    from hauberk.edge.remote.listing import Listing

# Those whose credentials a machine in their cloud has of its own.
_CLOUDS: Mapping[Kind, Callable[..., Listing]] = {Kind.BUCKET: bucket.listing, Kind.GCS: gcs.listing}
_OTHERS: Mapping[Kind, Callable[[Address, Limits, Patience], Listing]] = {
    Kind.WEB: web.listing,
    Kind.HUB: hub.listing,
    Kind.REGISTRY: registry.listing,
    Kind.MLFLOW: mlflow.listing,
}


def open_address(
    text: str, *, limits: Limits = DEFAULT_LIMITS, patience: Patience = PATIENCE, as_machine: bool = False
) -> Listing:
    """Return what lies at an address, pinned; nothing of the files has been read. Close it, or use it in a `with`.

    Args:
        text: the address.
        limits: of what is listed.
        patience: how slow a server may be.
        as_machine: whether a cloud is let know who this machine is: its own credentials are asked for, where there are
            no others. For a job's own data, not for addresses that come from strangers.

    Raises:
        Misconfigured: not an address, or a server that it needs is not named.
        Unavailable: the server does not answer, does not let us in, or has no such thing.
        Exceeded: its list is longer than is allowed.
        NotVerified: a manifest is not the one that its digest names.
    """
    address = parse(text)
    if address.kind in _CLOUDS:
        return _CLOUDS[address.kind](address, limits, patience, as_machine=as_machine)
    return _OTHERS[address.kind](address, limits, patience)
