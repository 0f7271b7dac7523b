"""The head of an HTTP request: read or refused by our error, and what is read leaves nothing open to a second reading."""

from __future__ import annotations

from contextlib import suppress

from hauberk.edge.listen.request import Head
from hauberk.errors import HauberkError, Malformed
from hauberk.ledger.tiles import Tile
from hauberk.signature.request import SignedRequest, sign_request
from signers import SeedSigner


def seeds() -> list[bytes]:
    """Return heads that are read, one of them signed."""
    signed = sign_request(
        "GET", "/checkpoint", body=b"", signer=SeedSigner("pod"), origin="example.com", created=1, nonce=b"n" * 16
    )
    return [
        "\r\n".join(["GET /checkpoint HTTP/1.1", *(f"{name}: {value}" for name, value in signed.items())]).encode(),
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
        with suppress(HauberkError):
            SignedRequest.read(head.method, head.path, head.query, head.headers)
        with suppress(Malformed):
            assert Tile.parse(head.path.removeprefix("/")).path == head.path.removeprefix("/")
