"""A network of its own for a program under test: addresses that no test can listen at lead to fakes, others to nobody.

LINK_LOCAL is `address:port=port,…`: the second port is of 127.0.0.1. Python imports a file of this name when it starts;
tests in this process use `rerouted`.
"""

import os
import socket

_plain = socket.socket.connect


def rerouted(routes, log=None):
    """Return a `connect` that knows these routes, and this machine; whatever else is tried is logged and unreachable."""

    def connect(self, address):
        host, port = address[:2]
        if log is not None:
            log.append((host, port))
        if (host, port) in routes:
            return _plain(self, ("127.0.0.1", routes[host, port]))
        if host != "127.0.0.1":
            raise OSError(101, "Network is unreachable")
        return _plain(self, address)

    return connect


if os.environ.get("LINK_LOCAL"):
    _routes = {}
    for _row in os.environ["LINK_LOCAL"].split(","):
        _where, _, _there = _row.partition("=")
        _host, _, _port = _where.rpartition(":")
        _routes[_host, int(_port)] = int(_there)
    socket.socket.connect = rerouted(_routes)
