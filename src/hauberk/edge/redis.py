"""Hashes of a Redis server, and who else may write to them.

A reader of our own, as clients take replies of any length; this one asks for seven commands only. Plain `redis://` is
for this machine.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

from hauberk.edge.clock import stopwatch
from hauberk.edge.files import printable
from hauberk.edge.online_limits import MAX_BYTES, MAX_ROWS, MAX_SECONDS
from hauberk.edge.remote.hosts import Closeness, Origin, reach
from hauberk.edge.remote.line import Line, Patience, open_line, tls_context
from hauberk.edge.secrets.redaction import Redactor
from hauberk.errors import Exceeded, Malformed, Misconfigured, Unavailable
from hauberk.formats.text.redis_acl import RedisUser, glob_of, parse_user
from hauberk.formats.text.redis_address import parse_address
from hauberk.formats.wire.resp import Budget, ErrorReply, parse_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hauberk.edge.files import StrPath
    from hauberk.formats.text.redis_address import RedisAddress
    from hauberk.formats.wire.resp import Reply

_PATIENCE: Final = Patience(connect_seconds=10, silence_seconds=30, grace_seconds=60)
_MOST_VALUES: Final = 1 << 31
_BATCH: Final = 1000
_MOST_CATEGORIES: Final = 100


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """Where a Redis server is and how it is entered; the password is a value, so this is never shown."""

    url: str
    user: str = "default"
    password: str | None = None
    ca: StrPath | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What hashes hold: their keys, and for each field that was asked for its values; a missing field is None."""

    keys: list[bytes]
    columns: tuple[list[bytes | None], ...]


class Redis:
    """A connection to a Redis server, entered and on its database."""

    def __init__(self, access: Access) -> None:
        """Connect.

        Raises:
            Misconfigured: no address, or one of another machine without TLS.
            Unavailable: nobody answers, or the server does not let us in.
        """
        address = parse_address(access.url)
        self.name = printable(access.url)
        self._hide = Redactor()
        self._hide.add(access.password or "", "the password")
        self._budget = Budget(_MOST_VALUES, MAX_BYTES)
        self._ends = stopwatch() + MAX_SECONDS
        self._line = _connected(address, self.name, access.ca)
        self._stream = self._line.makefile("rb")
        try:
            if access.password is not None:
                self._must("AUTH", access.user, access.password)
            self._must("SELECT", str(address.database))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self._line.close()

    def ask(self, *commands: Sequence[str | bytes]) -> list[Reply]:
        """Return the replies to commands that are sent together; to none, none.

        Raises:
            Unavailable: the server is away or too slow; of the time for all that is asked, nothing is left.
            Malformed, Exceeded: as `parse_reply`.
        """
        left = self._ends - stopwatch()
        if left <= 0:
            raise Unavailable(f"{self.name}: not read after {MAX_SECONDS} s", "see whether the server is well")
        with _failures(self.name):
            self._line.begin(left)
            self._line.sendall(b"".join(map(_encoded, commands)))
            return [parse_reply(self._stream, self._budget) for _ in commands]

    def _must(self, *command: str | bytes) -> Reply:
        (reply,) = self.ask(command)
        return self._answer(reply, str(command[0]))

    def _answer(self, reply: Reply, command: str, key: str = "") -> Reply:
        """Return a reply; raise `Malformed` for a key of another type, `Unavailable` for any other no."""
        if not isinstance(reply, ErrorReply):
            return reply
        if reply.code == "WRONGTYPE":
            raise Malformed(f"{self.name}: {key} is no hash", "a view's keys are hashes, one for each entity")
        said = printable(self._hide(reply.text))[:200]
        raise Unavailable(
            f"{self.name}: the server refuses {command} and says: {said}", "see the user, its password and its rules"
        )

    def hashes(
        self,
        fields: Sequence[bytes],
        *,
        prefix: bytes,
        suffix: bytes = b"",
        shared: bool = False,
        is_ours: Callable[[bytes], bool] = lambda _: True,
    ) -> Held:
        """Return fields of each hash whose key begins and ends so; errors as `ask`.

        Args:
            fields: of each hash.
            prefix: of the keys.
            suffix: of the keys.
            shared: whether hashes that have none of the fields are somebody else's, and left out.
            is_ours: whether a key that begins and ends so is one that is read.

        Raises:
            Malformed: a key is no hash.
            Exceeded: more keys than `MAX_ROWS`.
        """
        held = Held([], tuple([] for _ in fields))
        met: set[bytes] = set()
        cursor = "0"
        while True:
            cursor, keys = self._scanned(cursor, prefix, suffix)
            fresh = [key for key in dict.fromkeys(keys) if key not in met and is_ours(key)]
            met.update(fresh)
            if len(met) > MAX_ROWS:
                raise Exceeded(f"{self.name}: more than {MAX_ROWS} keys of the view")
            self._read(fresh, fields, held, shared=shared)
            if cursor == "0":
                return held

    def _scanned(self, cursor: str, prefix: bytes, suffix: bytes) -> tuple[str, list[bytes]]:
        pattern = glob_of(prefix) + b"*" + glob_of(suffix)
        match self._must("SCAN", cursor, "MATCH", pattern, "COUNT", str(_BATCH)):
            case [bytes() as following, list() as keys] if following.isdigit():
                if all(isinstance(key, bytes) and key.startswith(prefix) and key.endswith(suffix) for key in keys):
                    return following.decode(), keys
        raise Malformed(f"{self.name} does not answer as Redis does", "see whether that is a Redis server")

    def _read(self, keys: list[bytes], fields: Sequence[bytes], held: Held, *, shared: bool) -> None:
        commands: list[Sequence[str | bytes]] = [("HMGET", key, *fields) for key in keys]
        for key, reply in zip(keys, self.ask(*commands), strict=True):
            values = self._answer(reply, "HMGET", printable(key.decode("utf-8", "replace"))[:200])
            if not isinstance(values, list) or len(values) != len(fields):
                raise Malformed(f"{self.name} does not answer as Redis does", "see whether that is a Redis server")
            if all(value is None for value in values) and (shared or self._must("EXISTS", key) == 0):
                continue  # of another view, or it went between the two commands
            held.keys.append(key)
            for into, value in zip(held.columns, values, strict=True):
                if not isinstance(value, bytes | None):
                    raise Malformed(f"{self.name} does not answer as Redis does", "see whether that is a Redis server")
                into.append(value)

    def users(self, prefix: bytes) -> tuple[RedisUser, ...]:
        """Return every user, and whether it may write to keys that begin so.

        Raises:
            Unavailable: the server does not let us see that.
            Malformed: what it says is no such list.
        """
        reply = self._must("ACL", "LIST")
        lines = [line for line in reply if isinstance(line, bytes)] if isinstance(reply, list) else []
        if not lines or len(lines) != len(reply if isinstance(reply, list) else ()):
            raise Malformed(f"{self.name} lists no users", "see whether that is a Redis server")
        categories, begins = self._categories(), prefix.decode("latin-1")  # patterns are of bytes, not of letters
        found = (parse_user(str(line, "latin-1"), prefix=begins, categories=categories) for line in lines)
        return tuple(replace(user, name=user.name.encode("latin-1").decode("utf-8", "replace")) for user in found)

    def _categories(self) -> Mapping[str, frozenset[str]]:
        names = _texts(self._must("ACL", "CAT"), self.name)
        if "write" not in names or len(names) > _MOST_CATEGORIES:
            raise Malformed(f"{self.name} lists no commands that write", "see whether that is a Redis server")
        replies = self.ask(*(("ACL", "CAT", name) for name in names))
        return {
            name: frozenset(_texts(self._answer(reply, "ACL"), self.name))
            for name, reply in zip(names, replies, strict=True)
        }


def _connected(address: RedisAddress, name: str, ca: StrPath | None) -> Line:
    """Return a line to the server; the scheme `https` is what asks for TLS there."""
    origin = Origin("https" if address.tls else "http", address.host, address.port)
    reached = reach(Origin("https", address.host, address.port), within=Closeness.LOOPBACK)
    if not address.tls and reached.all_of_it != {Closeness.LOOPBACK}:
        raise Misconfigured(
            f"{name} is asked without TLS, which anybody on the way can read and change",
            "use rediss://; plain redis:// is for this machine only",
        )
    with _failures(name):
        return open_line(origin, reached, _PATIENCE, tls_context(ca))


@contextmanager
def _failures(name: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        said = printable(error.verify_message)
        raise Unavailable(
            f"{name}: its certificate does not hold: {said}", "name a private authority by `ca`"
        ) from None
    except TimeoutError:
        raise Unavailable(f"{name}: too slow, or no answer", "see whether the server is well") from None
    except OSError as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unavailable(f"{name}: {printable(str(reason))}", "see whether the server is up") from None


def _encoded(command: Sequence[str | bytes]) -> bytes:
    words = [word.encode() if isinstance(word, str) else word for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def _text(data: Any, name: str) -> str:
    try:
        return str(data, "utf-8")
    except (TypeError, UnicodeDecodeError):
        raise Malformed(f"{name}: a key or value is no UTF-8 text", "write numbers and texts") from None


def _texts(reply: Reply, name: str) -> list[str]:
    return [_text(one, name) for one in reply] if isinstance(reply, list) else [_text(reply, name)]
