"""Replies and rules of a Redis server: what is kept is never more than the budget, and nothing but our errors comes."""

from __future__ import annotations

import contextlib
import io

from hauberk.errors import HauberkError
from hauberk.formats.text.redis_acl import parse_user
from hauberk.formats.text.redis_address import parse_address
from hauberk.formats.wire.resp import Budget, parse_reply

CATEGORIES = {"write": frozenset({"set", "flushall"}), "admin": frozenset({"config|set", "acl|setuser"})}
SEEDS = (
    b"+OK\r\n",
    b"*2\r\n$1\r\n0\r\n*2\r\n$6\r\nweek:a\r\n$6\r\nweek:b\r\n",
    b"-NOPERM this user has no permissions\r\n:12\r\n$-1\r\n",
    b"rediss://[::1]:6379/3",
    b"user default on nopass sanitize-payload ~* &* +@all",
    b"user bob on #00 ~week:* %R~[^a-z\\]]*?x resetchannels -@all +config|get +hset (%W~z resetchannels -@all +del)",
)


def seeds() -> list[bytes]:
    """Return replies, and lines of the access control list."""
    return list(SEEDS)


def one_input(data: bytes) -> None:
    """Read the bytes as both; a reply comes to nothing but an error or what the budget allows."""
    budget = Budget(1000, 1 << 16)
    try:
        parse_reply(io.BytesIO(data), budget)
    except HauberkError:
        pass
    else:
        assert budget.values >= 0
        assert budget.bytes >= 0
    text = data.decode("utf-8", "replace")
    for parse in (parse_address, lambda line: parse_user(line, prefix="week:", categories=CATEGORIES)):
        with contextlib.suppress(HauberkError):
            parse(text)
