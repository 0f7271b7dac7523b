"""Addresses of Redis databases, as a person writes them: `redis://HOST[:PORT][/DATABASE]`, with TLS `rediss://`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hauberk.errors import Misconfigured

_PORT: Final = 6379
_MOST_PORT: Final = 0xFFFF
_ADDRESS: Final = re.compile(
    r"redis(?P<tls>s?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?(/(?P<database>\d{1,5})?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a database of a Redis server is."""

    host: str
    port: int
    database: int
    tls: bool


def parse_address(text: str) -> RedisAddress:
    """Return what an address says; raise `Misconfigured` for none, without repeating it: it may hold a password."""
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"] or _PORT) <= _MOST_PORT:
        raise Misconfigured(
            "the address of the online store is none of Redis (not shown)",
            "as in redis://localhost:6379/0; user and password stand under `login`",
        )
    host, port = found["host"].strip("[]"), int(found["port"] or _PORT)
    return RedisAddress(host, port, int(found["database"] or 0), bool(found["tls"]))
