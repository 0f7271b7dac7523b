"""One file at a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from hauberk.edge.remote.client import PATIENCE, Client
from hauberk.edge.remote.hosts import shown
from hauberk.edge.remote.listing import Listing, RemoteFile, name_fault

if TYPE_CHECKING:
    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.line import Patience
    from hauberk.limits import Limits


def listing(address: Address, _limits: Limits, patience: Patience = PATIENCE) -> Listing:
    """Return the one file that a URL names; nothing is asked yet, and no credentials are known for it."""
    parts = urlsplit(address.place)
    url = parts._replace(path=quote(parts.path, safe="/%:@!$&'()*+,;=~-._")).geturl()
    name = unquote(parts.path.rpartition("/")[2])
    file = RemoteFile("file" if not name or name_fault(name) else name, url)
    client = Client(url, hint="what needs a password is not fetched from a plain address", patience=patience)
    return Listing(shown(url), (file,), (), client, is_tree=False)
