"""Which depot a person means: a directory, or an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.folder_shelf import FolderShelf
from hauberk.edge.remote.address import is_address
from hauberk.edge.shelf import ShelfDepot
from hauberk.edge.sources import printable, require_local
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from hauberk.edge.depot import Depot


def open_depot(text: str) -> Depot:
    """Return the depot at a path or an address; raise `Misconfigured` where there can be none."""
    if is_address(text):
        raise Misconfigured(f"{printable(text)}: no model is published there", "name a directory")
    require_local(text)
    return ShelfDepot(FolderShelf(text))
