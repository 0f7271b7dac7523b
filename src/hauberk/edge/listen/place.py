"""Where a service listens, and by which certificate: plain HTTP is for this machine only."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.edge.files import printable
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath

_FORM: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(0|[1-9][0-9]{0,4})", re.ASCII)
_LARGEST_PORT: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port of this machine, and how connections there are secured."""

    host: str
    port: int
    tls: ssl.SSLContext | None


def place(text: str, *, certificate: StrPath | None, key: StrPath | None, clients: StrPath | None = None) -> Place:
    """Return where to listen.

    Args:
        text: `HOST:PORT`, or `[ADDRESS]:PORT`; the port 0 for any that is free.
        certificate: a PEM file with the server's certificate and those between it and its authority.
        key: a PEM file with its private key, not encrypted.
        clients: a PEM file of authorities; who has no certificate of theirs is not let in.

    Raises:
        Misconfigured: no address, half of what TLS needs, or plain HTTP for other machines.
        Unavailable: the name does not resolve.
    """
    found = _FORM.fullmatch(text)
    if found is None or int(found[3]) > _LARGEST_PORT:
        raise Misconfigured(f"{printable(text)[:200]} is no address to listen on", "write HOST:PORT: 127.0.0.1:8443")
    host, port = found[1] or found[2], int(found[3])
    tls = _tls(certificate, key, clients)
    if tls is None and not _is_here_only(host, port):
        raise Misconfigured(
            f"{host} is reached from other machines, and plain HTTP can be changed on the way",
            "give --tls-certificate and --tls-key, or listen on 127.0.0.1 behind a proxy that does TLS",
        )
    return Place(host, port, tls)


def _is_here_only(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a name"
        raise Unavailable(f"{host}: {reason}", "listen on an address of this machine") from None
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


def _tls(certificate: StrPath | None, key: StrPath | None, clients: StrPath | None) -> ssl.SSLContext | None:
    if certificate is None and key is None and clients is None:
        return None
    if certificate is None or key is None:
        raise Misconfigured("TLS needs a certificate and its key", "give --tls-certificate and --tls-key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
        if clients is not None:
            context.load_verify_locations(clients)
            context.verify_mode = ssl.CERT_REQUIRED
    except ssl.SSLError as error:
        names = _named(certificate, key, clients)
        raise Misconfigured(
            f"{names}: {error.reason or 'no certificate or key in PEM is in it'}",
            "name the PEM files of the certificate, of its key, and of the authorities of clients",
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unavailable(f"{_named(certificate, key, clients)}: {reason}", "check the paths") from None
    return context


def _named(*paths: StrPath | None) -> str:
    return " or ".join(dict.fromkeys(printable(path) for path in paths if path is not None))


def _no_password() -> str:
    raise Misconfigured("the key of the TLS certificate is encrypted", "give one that is not, readable by us only")
