"""Access control lists of Redis, as `ACL LIST` prints them: which users may write to keys that begin in some way?

A user may if a rule of its own, or one of its selectors in parentheses, allows a command that writes, on a pattern that
some such key fits; or a command that writes to everything without naming a key; or one by which it can give itself the
rest. Which commands a category has, the server itself says (`ACL CAT`). What is not understood counts as allowed.
Source: redis.io/docs/latest/operate/oss_and_stack/management/security/acl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Categories = Mapping[str, frozenset[str]]

_SPECIAL: Final = frozenset(b"*?[]\\")
LONGEST_LINE: Final = 1 << 16
ALL: Final = "*"  # stands for every command of the server
# Write without naming a key, or lead to all the rest: other rules, another file, another server's data, native code.
_POWERS: Final = frozenset(
    {
        *("flushall", "flushdb", "swapdb"),
        *("acl", "acl|setuser", "acl|load", "acl|deluser"),
        *("config", "config|set", "debug", "module", "module|load", "module|loadex"),
        *("replicaof", "slaveof", "sync", "psync", "failover"),
        *("cluster", "cluster|replicate", "cluster|meet", "cluster|failover", "cluster|reset"),
    }
)
_PATTERN: Final = re.compile(r"(?:~|%(?P<access>[RWrw]+)~)(?P<pattern>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RedisUser:
    """A user of a Redis server.

    Attributes:
        is_on: whether anybody can log in as this user.
        is_open: whether no password is needed for that.
        may_write: whether it may write to the keys that were asked about.
    """

    name: str
    is_on: bool
    is_open: bool
    may_write: bool


@dataclass(slots=True)
class _Rules:
    """What one selector allows so far."""

    allowed: set[str]
    reaches: bool = False


def parse_user(line: str, *, prefix: str, categories: Categories) -> RedisUser:
    """Return what a line of the list says.

    Args:
        line: as in `user default on nopass ~* &* +@all`.
        prefix: how the keys begin.
        categories: the commands of each category, of which `write` is needed.

    Raises:
        Malformed: it is no such line.
    """
    words = [word for word in line.split(" ") if word]  # patterns hold other blanks of Unicode, as bytes
    if len(line) > LONGEST_LINE or len(words) < 3 or words[0] != "user":
        raise Malformed("a line of the access control list is none", "see whether that is a Redis server")
    root, *selectors = _selectors(words[2:])
    may_write = any(_may_write(rules, prefix, categories) for rules in (root, *selectors))
    return RedisUser(words[1], "on" in root, "nopass" in root, may_write)


def _selectors(words: Iterable[str]) -> list[list[str]]:
    """Return the rules of the user itself, then those of each selector in parentheses, which ends with a command."""
    found: list[list[str]] = [[]]
    into = found[0]
    for word in words:
        if word.startswith("("):
            into = []
            found.append(into)
        is_last = into is not found[0] and word.endswith(")") and word.lstrip("(").startswith(("+", "-"))
        into.append(word.removeprefix("(").removesuffix(")" if is_last else ""))
        if is_last:
            into = found[0]
    return found


def _may_write(words: Iterable[str], prefix: str, categories: Categories) -> bool:
    rules = _Rules(set())
    for word in words:
        _apply(rules, word, prefix, categories)
    if rules.allowed & _powers(categories):
        return True
    return rules.reaches and bool(rules.allowed & (categories["write"] | {ALL}))


def _powers(categories: Categories) -> frozenset[str]:
    """Return the commands of power that a server has: of one whose parts it lists (Redis 7), the parts alone.

    Redis 6 lists no parts, and allows them all the same, as `+config|set`.
    """
    known = frozenset().union(*categories.values())
    parted = {command.partition("|")[0] for command in known if "|" in command}
    heads = known - parted
    return frozenset(one for one in _POWERS if one.partition("|")[0] in heads or (one in known and one not in parted))


def _apply(rules: _Rules, word: str, prefix: str, categories: Categories) -> None:
    """Take one rule into account; they hold from left to right."""
    lower = word.lower()
    if lower in ("allkeys", "resetkeys"):
        rules.reaches = lower == "allkeys"
    elif lower in ("allcommands", "nocommands"):
        _apply(rules, "+@all" if lower == "allcommands" else "-@all", prefix, categories)
    elif (pattern := _PATTERN.fullmatch(word)) is not None:
        access = (pattern["access"] or "w").lower()
        rules.reaches |= "w" in access and fits_some(pattern["pattern"], prefix)
    elif lower.startswith("+"):
        rules.allowed |= _commands(lower[1:], categories, known=False)
    elif lower.startswith("-"):
        rules.allowed -= _commands(lower[1:], categories, known=True)


def _commands(name: str, categories: Categories, *, known: bool) -> frozenset[str]:
    """Return the commands that a rule is about; of a category that the server does not list, all, or none to take."""
    if name == "@all":
        whole = frozenset().union(*categories.values()) | _POWERS
        return whole | {ALL} if known else whole
    if name.startswith("@"):
        return categories.get(name[1:], frozenset() if known else frozenset({ALL}))
    command, _, part = name.partition("|")
    subcommands = {one for one in (*_POWERS, *categories["write"]) if one.startswith(f"{command}|")}
    if not part:
        return frozenset({command, *subcommands})
    if subcommands or known:  # what is taken is that part only
        return frozenset({name})
    return frozenset({command})  # the first argument of a command, as Redis 6 allows them


def fits_some(pattern: str, prefix: str) -> bool:
    """Say whether a glob pattern of Redis fits some text that begins with the prefix."""
    tokens = _tokens(pattern)
    at = _skipped(tokens, {0})
    for letter in prefix:
        reached = set()
        for place in at:
            if place < len(tokens) and (tokens[place] is None or _is_fit(tokens[place] or "", letter)):
                reached.add(place if tokens[place] is None else place + 1)
        at = _skipped(tokens, reached)
    return bool(at)


def glob_of(data: bytes) -> bytes:
    """Return a pattern of Redis that fits these bytes only."""
    return b"".join(bytes([92, byte]) if byte in _SPECIAL else bytes([byte]) for byte in data)


def _skipped(tokens: list[str | None], at: set[int]) -> set[int]:
    """Return the places that are reached without a letter: behind each star."""
    found, waiting = set(at), list(at)
    while waiting:
        place = waiting.pop()
        if place < len(tokens) and tokens[place] is None and place + 1 not in found:
            found.add(place + 1)
            waiting.append(place + 1)
    return found


def _tokens(pattern: str) -> list[str | None]:
    """Return the parts of a pattern: None for a star, `?`, a letter behind a backslash, or a class in brackets."""
    found: list[str | None] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "*":
            found += [None] if not found or found[-1] is not None else []
        elif letter == "?":
            found.append("?")
        elif letter == "[":
            end = _end_of_class(pattern, at + 1)
            found.append("[" + pattern[at + 1 : end])
            at = end
        else:
            at += letter == "\\" and at + 1 < len(pattern)
            found.append("\\" + pattern[at])
        at += 1
    return found


def _end_of_class(pattern: str, at: int) -> int:
    """Return where a class in brackets is closed, or the pattern's end."""
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return min(at, len(pattern))


def _is_fit(token: str, letter: str) -> bool:
    if token == "?":  # noqa: S105 - a letter of a pattern
        return True
    if token[0] == "\\":
        return token[1] == letter
    body = token[1:]
    negated = body.startswith("^")
    return _in_class(body[negated:], letter) != negated


def _in_class(body: str, letter: str) -> bool:
    at = 0
    while at < len(body):
        if body[at] == "\\" and at + 1 < len(body):
            at += 1
        elif at + 2 < len(body) and body[at + 1] == "-":
            low, high = sorted((body[at], body[at + 2]))
            if low <= letter <= high:
                return True
            at += 3
            continue
        if body[at] == letter:
            return True
        at += 1
    return False
