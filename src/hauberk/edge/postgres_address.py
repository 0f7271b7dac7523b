"""Where a PostgreSQL is: an address `postgresql://USER@HOST/DATABASE` with few parameters, strictly read.

Whatever else an address can hold elsewhere is refused, not passed over: a word that is not understood may be the one
that was to protect the connection. No refusal shows any part of an address, which can be a part of the password.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from hauberk.errors import Misconfigured

SCHEMES: Final = ("postgresql://", "postgres://")
PASSWORD: Final = "PGPASSWORD"  # the only variable that is looked at  # noqa: S105 - its name
_PARAMETERS = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert")
_MODES = ("disable", "verify-full")
_HERE = ("localhost", "127.0.0.1", "::1")
_PORT = "5432"
_MOST_PORTS = 65535
_HINT = "write postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Address:
    """A database on a server. A host that begins with `/` is the folder of a socket on this machine."""

    host: str
    port: int
    user: str
    dbname: str
    sslmode: str
    sslrootcert: str = ""
    password: str = field(default="", repr=False)

    @property
    def secret(self) -> str:
        """Return the password, of the address or of the environment; empty where there is none."""
        return self.password or os.environ.get(PASSWORD, "")

    def context(self) -> ssl.SSLContext | None:
        """Return what a server's certificate is verified with, None where none is asked for."""
        if self.sslmode == "disable":
            return None
        try:
            return ssl.create_default_context(cafile=self.sslrootcert or None)
        except OSError as error:  # ssl.SSLError is one
            raise Misconfigured(
                f"the certificates in {self.sslrootcert!r} cannot be used: {error.strerror or error}",
                "correct sslrootcert where the server is named",
            ) from None


def read_address(text: str, name: str) -> Address:
    """Return what an address says; one on another machine has to show a certificate, unless it says otherwise.

    Args:
        text: the address.
        name: what a message calls the place that it was read from.

    Raises:
        Misconfigured: it is no address, or has a parameter that is not understood.
    """
    given = _given(text, name)
    for needed in ("user", "dbname"):
        if needed not in given:
            raise _no_server(name, f"no {needed}")
    host, port = given.get("host", "localhost"), given.get("port", _PORT)
    if "," in host:
        raise _no_server(name, "several hosts")
    if not (port.isascii() and port.isdecimal() and len(port) <= len(_PORT) + 1 and 0 < int(port) <= _MOST_PORTS):
        raise _no_server(name, "no such port")
    return Address(
        host, int(port), given["user"], given["dbname"], *_protection(host, given, name), given.get("password", "")
    )


def _protection(host: str, given: dict[str, str], name: str) -> tuple[str, str]:
    """Return how a server proves who it is, and the file of certificates that it is verified with."""
    certificates = given.get("sslrootcert", "")
    mode = given.get("sslmode") or ("disable" if _is_here(host) and not certificates else "verify-full")
    if mode not in _MODES:
        raise _no_server(name, f"sslmode is {' or '.join(_MODES)}")
    if mode == "disable" and certificates:
        raise _no_server(name, "sslrootcert says nothing with sslmode=disable")
    if mode == "verify-full" and host.startswith("/"):
        raise _no_server(name, "a socket of this machine shows no certificate")
    return mode, certificates


def _is_here(host: str) -> bool:
    return host in _HERE or host.startswith("/")


def _given(text: str, name: str) -> dict[str, str]:
    """Return the parts of an address that are there and not empty, by the names of the parameters."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:  # whose text holds all of the address
        raise _no_server(name, "no such address") from None
    if not text.startswith(SCHEMES) or parts.fragment or "#" in text:
        raise _no_server(name, "no such address")
    _, _, port = parts.netloc.rpartition("@")[2].rpartition("]")[2].partition(":")
    said = [
        ("host", host),
        ("port", port),
        ("user", parts.username or ""),
        ("password", parts.password or ""),
        ("dbname", parts.path.removeprefix("/")),
        *((key, value) for key, _, value in (one.partition("=") for one in parts.query.split("&") if one)),
    ]
    given: dict[str, str] = {}
    for key, value in said:
        if key not in _PARAMETERS:
            raise _no_server(name, f"its parameters are {', '.join(_PARAMETERS)}, and it has another")
        if value and given.setdefault(key, unquote(value)) != unquote(value):
            raise _no_server(name, f"{key} is there twice")
    if not all(value.isprintable() for value in given.values()):
        raise _no_server(name, "it has a character that cannot be printed")
    return given


def _no_server(name: str, why: str) -> Misconfigured:
    return Misconfigured(f"{name} names no server: {why}", _HINT)
