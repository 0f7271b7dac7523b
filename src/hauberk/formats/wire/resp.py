"""Replies of a Redis server (RESP 2, redis.io/docs/latest/develop/reference/protocol-spec), read from a stream.

Every length is compared with what is left of a budget before anything is read or kept, so a server that answers with
4 GB, with arrays in arrays, or with very many short values, costs an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from hauberk.errors import Exceeded, Malformed

if TYPE_CHECKING:
    from typing import TypeAlias

    Reply: TypeAlias = "bytes | int | ErrorReply | list[Reply] | None"

VALUE_BYTES: Final = 64  # that a value takes in memory beside its own, with its place in a list
_LONGEST_LINE: Final = 4096
_LARGEST_TEXT: Final = 1 << 20
_LONGEST_ARRAY: Final = 1 << 20
_DEEPEST: Final = 4
_HINT: Final = "see whether that is a Redis server"


class Stream(Protocol):
    """Where bytes come from, as from a socket's file."""

    def readline(self, size: int, /) -> bytes:
        """Return bytes up to the end of a line, at most so many."""
        ...

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, fewer where the stream ends."""
        ...


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """A server's no: its first word says which, as in `NOPERM`."""

    text: str

    @property
    def code(self) -> str:
        """Return its first word."""
        return self.text.partition(" ")[0]


@dataclass(slots=True)
class Budget:
    """How many values of replies are still taken, and how many bytes of memory, with `VALUE_BYTES` for each value."""

    values: int
    bytes: int

    def spend(self, *, values: int = 0, size: int = 0) -> None:
        """Take them off; raise `Exceeded` where too few are left."""
        self.values -= values
        self.bytes -= size
        if self.values < 0 or self.bytes < 0:
            raise Exceeded("the server answers with more than is read", "read a smaller store")


def parse_reply(stream: Stream, budget: Budget) -> Reply:
    """Return the next reply; texts are bytes, and null is None.

    Raises:
        Malformed: what comes is no reply, or it ends midway.
        Exceeded: it is larger than the budget.
    """
    return _reply(stream, budget, 0)


def _reply(stream: Stream, budget: Budget, depth: int) -> Reply:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\r\n"):
        raise Malformed("the server's answer ends midway, or is none of Redis", _HINT)
    budget.spend(values=1, size=len(line) + VALUE_BYTES)
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return rest
    if kind == b"-":
        return ErrorReply(rest.decode("utf-8", "backslashreplace"))
    if kind == b":":
        return _number(rest)
    if kind not in (b"$", b"*"):
        raise Malformed("the server's answer is none of Redis", _HINT)
    length = _number(rest)
    if length == -1:
        return None
    if length < 0:
        raise Malformed("a reply of a negative length", _HINT)
    return _text(stream, budget, length) if kind == b"$" else _array(stream, budget, length, depth)


def _text(stream: Stream, budget: Budget, length: int) -> bytes:
    budget.spend(size=length)
    if length > _LARGEST_TEXT:
        raise Exceeded(f"the server answers with a text of {length} bytes, where {_LARGEST_TEXT} are read")
    data = stream.read(length + 2)
    if len(data) != length + 2 or not data.endswith(b"\r\n"):
        raise Malformed("the server's answer ends midway", _HINT)
    return data[:-2]


def _array(stream: Stream, budget: Budget, length: int, depth: int) -> Reply:
    if depth >= _DEEPEST:
        raise Malformed("replies nested too deeply", _HINT)
    if length > budget.values or length * VALUE_BYTES > budget.bytes:
        budget.spend(values=length, size=length * VALUE_BYTES)
    if length > _LONGEST_ARRAY:
        raise Exceeded(f"the server answers with a list of {length} values, where {_LONGEST_ARRAY} are read")
    return [_reply(stream, budget, depth + 1) for _ in range(length)]


def _number(text: bytes) -> int:
    digits = text.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > 19:
        raise Malformed("a number of a reply is none", _HINT)
    return int(text)
