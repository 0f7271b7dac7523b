"""The addresses outside that a sandboxed run may reach: as they are written, resolved once, and where they are inside.

| written                             | inside                                                                      |
|-------------------------------------|-----------------------------------------------------------------------------|
| `db.example:5432`                   | the name leads to a loopback address of its own, 127.0.0.2 and on; same port |
| `localhost:5432`, `127.0.0.1:5432`  | where it is written                                                         |

An address in numbers that is not of this machine cannot be led anywhere else inside, so it is refused: give it a name.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from hauberk.edge.files import printable
from hauberk.edge.remote.hosts import find
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST: Final = 32
_FIRST_INSIDE: Final = IPv4Address("127.0.0.2")
_HERE: Final = IPv4Address("127.0.0.1")
_LABEL: Final = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_FORM: Final = re.compile(rf"({_LABEL}(?:\.{_LABEL})*):([1-9][0-9]{{0,4}})", re.ASCII)
_LARGEST_PORT: Final = 0xFFFF
_LONGEST_NAME: Final = 253  # RFC 1035 2.3.4


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """A host and a port, as a person wrote them; `str` gives them back."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Way:
    """A destination that was resolved.

    Attributes:
        addresses: family and address of each, in the order in which they are tried.
        inside: the loopback address under which it is found inside.
    """

    destination: Destination
    addresses: tuple[tuple[int, tuple[object, ...]], ...]
    inside: str

    @property
    def resolved(self) -> tuple[str, ...]:
        """Return the addresses for people."""
        return tuple(str(address[0]) for _, address in self.addresses)


def destination(text: str) -> Destination:
    """Return what `HOST:PORT` names; raise `Misconfigured` where it names nothing that can be led to."""
    found = _FORM.fullmatch(text.lower())
    if found is None or int(found[4]) > _LARGEST_PORT or len(found[1]) > _LONGEST_NAME:
        raise Misconfigured(f"{printable(text)[:200]} is no address", "write HOST:PORT, as in `db.example:5432`")
    if (number := _number(found[1])) is not None and not (number.is_loopback and str(number) == found[1]):
        raise Misconfigured(
            f"{text} is an address in numbers, and inside only names and 127.0.0.1 lead anywhere",
            "name the host; /etc/hosts of this machine can give it a name",
        )
    return Destination(found[1], int(found[4]))


def ways(destinations: Iterable[Destination]) -> tuple[Way, ...]:
    """Resolve each destination, here and now.

    Raises:
        Unavailable: a name that does not resolve, or leads to a link-local address.
        Misconfigured: two that would be one inside, or more than `MOST`.
    """
    wanted = tuple(dict.fromkeys(destinations))
    if len(wanted) > MOST:
        raise Misconfigured(f"{len(wanted)} addresses to reach, and at most {MOST} are allowed", "name fewer")
    inside = _inside(wanted)
    doors = [(inside[one.host], one.port) for one in wanted]
    twice = [str(one) for one, door in zip(wanted, doors, strict=True) if doors.count(door) > 1]
    if twice:
        raise Misconfigured(f"{' and '.join(twice)} are one address inside", "keep one of them")
    found = [(one, find(one.host, one.port).addresses) for one in wanted]
    return tuple(
        Way(one, tuple((int(family), address) for family, address in addresses), inside[one.host])
        for one, addresses in found
    )


def hosts(led: Iterable[Way]) -> str:
    """Return the file of hosts inside."""
    names = {way.destination.host: way.inside for way in led if way.destination.host != way.inside}
    own = [name for name in ("localhost", "training") if name not in names]
    lines = [f"{_HERE} {' '.join(own)}"] if own else []
    return "\n".join([*lines, *(f"{inside} {name}" for name, inside in names.items()), "::1 localhost", ""])


def _inside(wanted: Iterable[Destination]) -> dict[str, str]:
    """Return the loopback address of each host."""
    found: dict[str, str] = {}
    free = _FIRST_INSIDE
    own = {_number(one.host) for one in wanted}
    for host in dict.fromkeys(one.host for one in wanted):
        if (number := _number(host)) is not None or host == "localhost":
            found[host] = str(number or _HERE)
            continue
        while free in own:
            free += 1
        found[host], free = str(free), free + 1
    return found


def _number(host: str) -> IPv4Address | None:
    """Return the address that a host is in numbers, also in the spellings that only resolvers understand."""
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
