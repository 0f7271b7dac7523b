"""The services that give a machine or a container its own credentials, each asked at its fixed address.

| address                            | who answers there                                                             |
|------------------------------------|-------------------------------------------------------------------------------|
| 169.254.170.2                      | the agent of Amazon's containers: ECS, SageMaker                              |
| 169.254.170.23, fd00:ec2::23       | the agent of pods in Amazon's EKS                                             |
| 169.254.169.254                    | the metadata service of a machine, Amazon's (only its version 2) or Google's  |

`hosts.reach` refuses these to every address that a person or a server names, and goes on doing so. Only what asks for
credentials comes here: no name is resolved, no redirect followed, no proxy used. An answer takes seconds and 64 KiB at
most, and is asked for twice.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import TYPE_CHECKING

from hauberk.edge.remote.client import Client, Fetched
from hauberk.edge.remote.hosts import Closeness, Origin, Reached
from hauberk.edge.remote.line import Patience

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTAINERS = frozenset({"169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
METADATA = "http://169.254.169.254"
BRIEF = Patience(
    connect_seconds=1, silence_seconds=2, grace_seconds=3, retries=1, backoff_seconds=0.1, longest_wait_seconds=1
)
_MAX_BYTES = 1 << 16
_OK = frozenset({200})


def at_fixed_address(url: str, hint: str) -> Client:
    """Return what asks one of the services above, and no other server."""
    origin = Origin.of(url)
    family = socket.AF_INET if ipaddress.ip_address(origin.host).version == 4 else socket.AF_INET6
    reached = Reached(((family, (origin.host, origin.port)),), frozenset({Closeness.LOOPBACK}))
    return Client(url, hint=hint, patience=BRIEF, reached=reached)


def told(
    client: Client, url: str, headers: Mapping[str, str], *, method: str = "GET", accept: frozenset[int] = _OK
) -> Fetched:
    """Return a whole answer; errors as of `Client.send`, `Exceeded` where it is long."""

    def once() -> Fetched:
        with client.send(url, method=method, headers=headers, accept=accept) as answer:
            return Fetched(answer.url, answer.status, answer.headers, answer.read(_MAX_BYTES))

    return client.patiently(once)


def is_switched_off(variable: str) -> bool:
    """Return whether the environment forbids to ask the metadata service, by the variable of the cloud's own tools."""
    return os.environ.get(variable, "").lower() in ("true", "1")
