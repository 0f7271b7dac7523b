"""The head of an HTTP request: read or refused by our error, and what is read leaves nothing open to a second reading."""

from __future__ import annotations

from contextlib import suppress

from hauberk.edge.listen.request import Head
from hauberk.errors import Malformed


def seeds() -> list[bytes]:
    """Return two heads that are read."""
    return [
        b"POST /add-checkpoint HTTP/1.1\r\nHost: example.com\r\nContent-Length: 12\r\nConnection: close",
        b'GET /tile/0/x001/067.p/3?a=b HTTP/1.1\r\nSignature-Input: a=("@method");created=1',
    ]


def one_input(data: bytes) -> None:
    """Read the bytes; a head that is read has one line a header, each name once, and no second length."""
    with suppress(Malformed):
        head = Head.parse(data)
        lines = data.split(b"\r\n")
        assert len(head.headers) == len(lines) - 1
        assert data.count(b"\n") == data.count(b"\r") == len(lines) - 1
        assert "transfer-encoding" not in head.headers
        assert head.length == int(head.headers.get("content-length", "0"))
