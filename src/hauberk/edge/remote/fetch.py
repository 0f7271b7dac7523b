"""A whole file from another machine, as it comes: bounded, resumed where the line breaks, and never of two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.remote.client import Passing
from hauberk.edge.remote.hosts import shown
from hauberk.edge.remote.ranges import Pin
from hauberk.errors import Exceeded, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from hauberk.edge.remote.client import Answer, Client
    from hauberk.edge.remote.listing import RemoteFile

_MAX_BREAKS = 100
_ANSWERS = frozenset({200, 206, 412, 416})


def pieces(
    client: Client,
    file: RemoteFile,
    *,
    limit: int,
    answered: Callable[[Message], None] = lambda _: None,
    start: int = 0,
) -> Iterator[bytes]:
    """Yield the bytes of a file.

    Args:
        client: of the listing that holds the file.
        file: to be fetched.
        limit: the most bytes that are taken.
        answered: called with the headers of the first answer, before its bytes, where these are the first of the file.
        start: the place of the first byte that is wanted.

    Raises:
        Exceeded: more than `limit` bytes.
        Unavailable: the server does not give them, gives more or fewer than its listing says, or changes them.
    """
    got, pin, before = start, Pin("", ""), -1
    for _ in range(_MAX_BREAKS):
        with client.patiently(lambda: _open(client, file, got, pin)) as answer:  # noqa: B023 - called at once
            pin = _same(answer, got, pin, file)
            if before < 0 and not got:
                answered(answer.headers)
            try:
                for piece in answer.pieces():
                    got += len(piece)
                    if got - start > limit:
                        raise Exceeded(
                            f"{shown(file.url)} is longer than the {limit} bytes that are left to take in",
                            "its server lists fewer bytes than it gives, or it needs a higher limit",
                        )
                    yield piece
            except Passing as failure:
                if not pin.condition or got == before:  # nothing says that the rest is of the same file, or came
                    raise Unavailable(str(failure), "try again later") from None
                before = got
                continue
        if file.size is not None and got != file.size:
            raise Unavailable(
                f"{shown(file.url)} gave {got} bytes, where its listing says {file.size}",
                "try again; if it stays so, tell who runs the server: it is cut, or the list is wrong",
            )
        return
    raise Unavailable(f"{shown(file.url)}: the connection broke {_MAX_BREAKS} times", "try again later")


def _open(client: Client, file: RemoteFile, got: int, pin: Pin) -> Answer:
    more = {"Range": f"bytes={got}-", **pin.condition} if got else {}
    return client.open(file.url, headers={**file.headers, **more}, accept=_ANSWERS)


def _same(answer: Answer, got: int, pin: Pin, file: RemoteFile) -> Pin:
    """Return the pin of an answer that begins where the last one broke off."""
    now = Pin.of(answer.headers)
    begins = answer.headers.get("Content-Range", "").startswith(f"bytes {got}-")
    if (not got and answer.status == 200) or (got and answer.status == 206 and begins and (now == pin or not pin)):
        return now
    raise Unavailable(f"{shown(file.url)} changed while it was read", "let its writer finish, then try again")
