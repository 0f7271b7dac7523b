"""Files of a data set that lie elsewhere: fetched into a file without a name, then read as one that lies here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.remote.fetch import pieces
from hauberk.edge.remote.source import open_address
from hauberk.edge.spool import spool
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from hauberk.view import View


def fetched(address: str, *, limit: int) -> View:
    """Return the bytes of the one file at an address; errors as of `open_address` and `pieces`."""
    with open_address(address) as listing:
        if listing.is_tree or len(listing.files) != 1:
            raise Misconfigured(f"{address:.200} names a folder", "name one file of it")
        return spool(pieces(listing.client, listing.files[0], limit=limit))
