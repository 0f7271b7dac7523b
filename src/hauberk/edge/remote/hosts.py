"""Where a connection may lead: a public server sends nobody into a private network, and nobody reaches link-local.

A person may name a server anywhere: on the internet, in a private network, on this machine. What a server answers may
lead only as far inside as the server itself stands: from the internet to the internet. Link-local addresses, among them
169.254.169.254 from which clouds give out a machine's credentials, are refused to every address; what asks for these
credentials knows it by itself (`machine`). The address that was
judged is the address that is connected to, so a name that resolves differently a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import SplitResult, urlsplit

from hauberk.edge.files import printable
from hauberk.errors import Misconfigured, Unavailable

_PORTS = {"https": 443, "http": 80}
# NAT64 (RFC 6052 2.1) and 6to4 (RFC 3056 2): an IPv4 address in the last, or the second and third, 16-bit words.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")  # RFC 6598: carriers' and clouds' insides; not private by RFC 1918


class Closeness(IntEnum):
    """How far inside an address is."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what credentials belong to (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Return the origin of a URL; raise `Unavailable` where it has none, or names a user."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            parts, port = SplitResult("", "", "", "", ""), 0
        if not parts.hostname or not port or parts.username is not None:
            raise Unavailable(f"{shown(url)}: not an address that is asked over HTTP", "write https://host/path")
        return cls(parts.scheme, parts.hostname, port)


@dataclass(frozen=True, slots=True)
class Reached:
    """The addresses of a host that was judged, for `socket.connect`, and how far inside they are."""

    addresses: tuple[tuple[socket.AddressFamily, tuple[object, ...]], ...]
    all_of_it: frozenset[Closeness]

    @property
    def closeness(self) -> Closeness:
        """Return how far inside the innermost is."""
        return max(self.all_of_it)


def reach(origin: Origin, *, within: Closeness, is_named: bool = False) -> Reached:
    """Resolve a host and judge what it resolves to.

    Args:
        origin: the server.
        within: how far inside it may be.
        is_named: whether a person named it, so that what is wrong with it is a wrong address.

    Raises:
        Unavailable: the name does not resolve, or leads where it may not, or is asked over plain HTTP.
        Misconfigured: plain HTTP to another machine, where a person named it.
    """
    found = find(origin.host, origin.port)
    if found.closeness > within:
        raise Unavailable(
            f"{printable(origin.host)} is on a {found.closeness.name.lower()} network, where the server that was named "
            f"may lead nobody",
            "name that address itself, if it is meant",
        )
    if origin.scheme != "https" and found.all_of_it != {Closeness.LOOPBACK}:
        raise (Misconfigured if is_named else Unavailable)(
            f"{printable(origin.host)} is asked over plain HTTP, which anybody on the way can change",
            "use https://; plain http:// is for this machine only",
        )
    return found


def find(host: str, port: int) -> Reached:
    """Resolve a host; raise `Unavailable` where its name does not, or leads to no address of a server."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a name"
        raise Unavailable(f"{printable(host)}: {reason}", "check the name and the network") from None
    all_of_it = frozenset(_closeness(str(address[0]), host) for _, _, _, _, address in found)
    return Reached(
        tuple((family, address) for family, _, _, _, address in found), all_of_it or frozenset({Closeness.PUBLIC})
    )


def shown(url: str) -> str:
    """Return a URL for people: without its query, which may hold a signature, and without user and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that cannot be read"
    return printable(f"{parts.scheme}://{host}{parts.path}")[:300]


def _closeness(text: str, host: str) -> Closeness:
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_loopback:
        return Closeness.LOOPBACK
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        raise Unavailable(
            f"{printable(host)} leads to {address}, which is no address of a server",
            "link-local addresses give out a cloud machine's credentials, so none is asked",
        )
    return Closeness.PUBLIC if address.is_global and address not in _SHARED else Closeness.PRIVATE


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that an IPv6 address carries, if it does."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
