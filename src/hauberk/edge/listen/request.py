"""One HTTP/1.1 request as bytes: what is read as one, and nothing that two readers could read in two ways.

A request is refused where another program on the way might have seen another one in the same bytes: a body without its
length or with two, a body in chunks, a header folded over lines or twice, a line that ends in half of CR LF. Sources:
RFC 9112 sections 2.2, 3, 5.2 and 6.3; RFC 9110 section 5.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

END: Final = b"\r\n\r\n"
MOST_HEAD_BYTES: Final = 16 << 10
TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
_MOST_HEADERS: Final = 64
_FIRST: Final = re.compile(r"([A-Z]{1,16}) (/[!-~]{0,2047}) HTTP/1\.([01])")
_HEADER: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}):[ \t]*([\t -~]*)")
_LENGTH: Final = re.compile("0|[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body of a request.

    Attributes:
        path: as it was sent, up to a question mark.
        query: what is behind that; empty for none.
        headers: by their names in lower case.
        length: of the body, bytes.
        keeps: whether another request may follow on this connection.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    length: int
    keeps: bool

    @classmethod
    def parse(cls, data: bytes) -> Head:
        """Read a head without the empty line that ends it; raise `Malformed` for anything that is not plainly one."""
        try:
            first, *lines = data.decode("ascii", "strict").split("\r\n")
        except UnicodeDecodeError:
            raise Malformed("the head of the request is not ASCII") from None
        found = _FIRST.fullmatch(first)
        if found is None:
            raise Malformed("the request does not begin with METHOD /path HTTP/1.1")
        headers = _headers(lines)
        if "transfer-encoding" in headers:
            raise Malformed("a body in chunks is not read here", "send it with its Content-Length")
        path, _, query = found[2].partition("?")
        keeps = found[3] == "1" and headers.get("connection", "").lower() != "close"
        return cls(found[1], path, query, headers, _length(headers), keeps)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, whole, and who was let in with its head, where somebody asked that."""

    head: Head
    body: bytes
    caller: object = None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: its status, its body, what that is, and headers besides."""

    status: int
    body: bytes = b""
    kind: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, *, keeps: bool, bodiless: bool = False) -> bytes:
        """Return the answer's bytes; `bodiless` for one to HEAD, whose length is said and whose body is not sent."""
        lines = {
            "Content-Type": self.kind,
            "Content-Length": str(len(self.body)),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            **({} if keeps else {"Connection": "close"}),
            **self.headers,
        }
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"
        head = "\r\n".join([first, *(f"{name}: {value}" for name, value in lines.items())])
        return head.encode("ascii") + END + (b"" if bodiless else self.body)


def _headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > _MOST_HEADERS:
        raise Malformed(f"the request has {len(lines)} headers, the most are {_MOST_HEADERS}")
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise Malformed("a header of the request is not NAME: VALUE in one line of ASCII")
        name = found[1].lower()
        if name in headers:
            raise Malformed(f"the request has the header {name} twice")
        headers[name] = found[2].rstrip(" \t")
    return headers


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(text):
        raise Malformed("the request's Content-Length is no number")
    return int(text)
