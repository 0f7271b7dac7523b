"""`ledger.service`, in a ledger's folder: where the ledger's service is, and by what this machine asks it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from hauberk.edge.files import printable
from hauberk.edge.sources import read_file
from hauberk.errors import Misconfigured
from hauberk.formats.document import decode, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "urn:hauberk:ledger-service:v1"
MOST_SECONDS: Final = 5  # a ledger that nobody could look at for ten seconds is away
_MOST_BYTES: Final = 64 << 10
_URL: Final = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """`ledger.service`, member by member. Paths are relative to the project's folder.

    Attributes:
        url: what stands before the paths of the service.
        key: an Ed25519 key that trust lists, by which requests are signed; None where the service lets anybody read.
        ca: a PEM file of authorities for the service's certificate; None for the system's.
        tls_certificate: a PEM file of a certificate to show, where the service wants one.
        tls_key: its private key, not encrypted.
        every_seconds: how often a permit that is held has the service asked.
    """

    schema: Literal["urn:hauberk:ledger-service:v1"]
    url: str
    key: str | None = None
    ca: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None
    every_seconds: int = 2


def read_service_file(path: Path) -> Document:
    """Return what a `ledger.service` says.

    Raises:
        Misconfigured: it is wrong, or holds what is no address, or an address with a password.
        Unavailable, Exceeded: it cannot be read, or is too long.
    """
    name = printable(path)
    file = decode(read_yaml(read_file(path, limit=_MOST_BYTES), what=name), Document, what=name)
    if not _URL.fullmatch(file.url) or any(letter in file.url for letter in "?#@\\") or not _has_host(file.url):
        raise Misconfigured(
            f"{name}: the url is no address of a service", "write https://HOST/PREFIX, as its owner says"
        )
    if not 1 <= file.every_seconds <= MOST_SECONDS:
        raise Misconfigured(f"{name}: every_seconds is {file.every_seconds}", f"from 1 to {MOST_SECONDS}")
    return file


def _has_host(url: str) -> bool:
    """Say whether an address has a host, and its port is none or one that there is."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
